"""Freezing what an evaluation reads, so that nothing arriving later changes the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import connection, transaction

from agencies.bulk import query_tables
from agencies.enums import EntryKind, ViolationState
from scoring.enums import EvaluationState, Step
from scoring.evaluation.assess import AgencyInput
from scoring.evaluation.attempt import fence, fenced
from scoring.models import Evaluation, FactPart, RulebookVersion
from scoring.months import last_day, previous_month

KEPT_UNNAMED = timedelta(days=1)
AGENCIES = pa.schema(
    [
        ("agency", pa.int64()),
        ("code", pa.string()),
        ("joined_on", pa.date32()),
        ("credit", pa.int64()),
    ]
)
AGENCIES_QUERY = """
    SELECT agency.id, agency.code, agency.joined_on, coalesce(sum(entry.points), 0)
    FROM agencies_agency agency
    LEFT JOIN agencies_creditentry entry
        ON entry.agency_id = agency.id AND entry.effective_on <= {credit_on}
    WHERE agency.joined_on <= {joined_by}
        AND (agency.removed_on IS NULL OR agency.removed_on >= {here_on})
    GROUP BY agency.id
    ORDER BY agency.code COLLATE "C"
"""
APPEALS = pa.schema(
    [("agency", pa.int64()), ("contested", pa.int64()), ("level_before", pa.string())]
)
# The level before is read of agencies with contested points only: everybody else's inputs stay what
# they are when last month is corrected.
APPEALS_QUERY = """
    SELECT agency.id, -sum(entry.points), coalesce((
        SELECT before.level
        FROM scoring_assessment before
        JOIN scoring_evaluation evaluation ON evaluation.id = before.evaluation_id
        WHERE before.agency_id = agency.id
            AND evaluation.month = {month_before} AND evaluation.state = {published}
    ), '')
    FROM agencies_violation violation
    JOIN agencies_creditentry entry ON entry.violation_id = violation.id
    JOIN agencies_agency agency ON agency.id = entry.agency_id
    WHERE violation.state = {appealed}
        AND entry.kind = {deduction} AND entry.effective_on <= {credit_on}
        AND agency.joined_on <= {joined_by}
        AND (agency.removed_on IS NULL OR agency.removed_on >= {here_on})
    GROUP BY agency.id
    HAVING sum(entry.points) < 0
    ORDER BY agency.code COLLATE "C"
"""
BINDINGS = pa.schema(
    [
        ("agency", pa.int64()),
        ("creator", pa.int64()),
        ("bound_from", pa.date32()),
        ("bound_until", pa.date32()),
    ]
)
BINDINGS_QUERY = """
    SELECT agency_id, creator_id, greatest(bound_from, {first}::date),
        least(coalesce(bound_until, 'infinity'), {after}::date)
    FROM agencies_binding
    WHERE bound_from <= {last} AND (bound_until IS NULL OR bound_until > {first})
    ORDER BY creator_id, bound_from
"""


@dataclass(frozen=True)
class Scope:
    """Which days and which agencies of a month are read.

    last: the last day that counts; bindings are cut to the days from the month's first to it.
    joined_by, here_on: agencies that joined later, or were removed before, are left out.
    credit_on: the day at whose end the balance is taken.
    """

    month: date
    last: date
    joined_by: date
    here_on: date
    credit_on: date

    @classmethod
    def whole(cls, month: date) -> Scope:
        """The whole month, with its last day's credit (docs/rules.md §3)."""
        last = last_day(month)
        return cls(month, last=last, joined_by=last, here_on=month, credit_on=last)


@dataclass(frozen=True)
class Inputs:
    """Everything a month's result depends on.

    agencies: Parquet file of the agencies in scope with their credit.
    appeals: Parquet file of those of which points are under an undecided appeal: so many points,
        and last month's level.
    bindings: Parquet file of the bindings cut to the days that count, half-open, by creator.
    parts: the current fact part of each day that has one, by day.
    digest: over the month, the rulebook and the contents of all files; of `appeals` only where
        the rulebook holds falls: elsewhere nothing that is decided depends on them.
    """

    rulebook: RulebookVersion
    agencies: str
    appeals: str
    bindings: str
    parts: list[FactPart]
    digest: str


def frozen_path(name: str) -> Path:
    """Where a frozen snapshot lies; workers of several machines share FACTS_DIR."""
    return settings.FACTS_DIR / "frozen" / name


def current_inputs(month: date) -> Inputs:
    """What the month's result depends on now, kept where evaluations find it again.

    Must be called outside a transaction. Raises RulebookVersion.DoesNotExist when no rulebook is
    in force for the month.
    """
    return read_inputs(Scope.whole(month), frozen_path(""))


def read_inputs(scope: Scope, directory: Path) -> Inputs:
    """Read one consistent snapshot into files of a directory, named by their content.

    Must be called outside a transaction: it opens a REPEATABLE READ one of its own.
    Raises RulebookVersion.DoesNotExist when no rulebook is in force for the month.
    """
    directory.mkdir(parents=True, exist_ok=True)
    read: dict[str, date | str] = {
        "first": scope.month,
        "last": scope.last,
        "after": scope.last + timedelta(days=1),
        "joined_by": scope.joined_by,
        "here_on": scope.here_on,
        "credit_on": scope.credit_on,
        "month_before": previous_month(scope.month),
        "deduction": EntryKind.DEDUCTION.value,
        "appealed": ViolationState.APPEALED.value,
        "published": EvaluationState.PUBLISHED.value,
    }
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rulebook = RulebookVersion.objects.for_month(scope.month)
        parts = list(FactPart.objects.current().of_days(scope.month, scope.last).order_by("day"))
        agencies = _snapshot(AGENCIES_QUERY, read, AGENCIES, directory)
        appeals = _snapshot(APPEALS_QUERY, read, APPEALS, directory)
        bindings = _snapshot(BINDINGS_QUERY, read, BINDINGS, directory)
    described = {
        "month": scope.month.isoformat(),
        "rulebook": rulebook.sha256,
        "agencies": agencies,
        "bindings": bindings,
        "parts": [[part.day.isoformat(), part.sha256] for part in parts],
    }
    if rulebook.rulebook.appeals.hold_fall:
        described["appeals"] = appeals
    digest = sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
    return Inputs(rulebook, agencies, appeals, bindings, parts, digest)


def read_agencies(path: Path, appeals: Path) -> list[AgencyInput]:
    """The agencies of a snapshot with their points under appeal, in the order of their codes."""
    contested = {row["agency"]: row for row in pq.read_table(appeals).to_pylist()}
    rows = pq.read_table(path).to_pylist()
    return [AgencyInput(**{**row, **contested.get(row["agency"], {})}) for row in rows]


def _snapshot(
    query: str, read: Mapping[str, date | str], schema: pa.Schema, directory: Path
) -> str:
    """Write a query's rows to a file named by its content; the name."""
    with NamedTemporaryFile(dir=directory, suffix=".tmp", delete=False) as file:
        path = Path(file.name)
        try:
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                for table in query_tables(query, read, schema):
                    writer.write_table(table)
            file.flush()
            with path.open("rb") as written:
                name = f"{file_digest(written, 'sha256').hexdigest()}.parquet"
            path.replace(directory / name)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return name


def prune_frozen(now: datetime) -> int:
    """Remove snapshots older than a day that no evaluation still needs; how many."""
    ended = [EvaluationState.SUPERSEDED, EvaluationState.FAILED]
    needed = {
        name
        for inputs in Evaluation.objects.exclude(state__in=ended).values_list("inputs", flat=True)
        for name in inputs.values()
    }
    removed = 0
    for path in frozen_path("").glob("*"):
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if path.name not in needed and written < now - KEPT_UNNAMED:
            path.unlink()
            removed += 1
    return removed


def freeze(evaluation: Evaluation) -> None:
    """Freeze the inputs of a running attempt; an earlier attempt's frozen inputs are kept."""
    if evaluation.inputs_digest:
        return
    fence(evaluation, stale_since=None)  # what changes from here on is told apart
    inputs = current_inputs(evaluation.month)
    with fenced(
        evaluation,
        step=Step.FREEZE,
        rulebook=inputs.rulebook,
        inputs={
            "agencies": inputs.agencies,
            "appeals": inputs.appeals,
            "bindings": inputs.bindings,
        },
        inputs_digest=inputs.digest,
        data_through=inputs.parts[-1].day if inputs.parts else None,
    ):
        evaluation.parts.set(inputs.parts)
    evaluation.refresh_from_db()
