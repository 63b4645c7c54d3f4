"""Freezing what an evaluation reads, so that nothing arriving later changes the run."""

from __future__ import annotations

import json
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
from scoring.enums import EvaluationState, Step
from scoring.evaluation.attempt import fence, fenced
from scoring.models import Evaluation, FactPart, RulebookVersion
from scoring.months import last_day, next_month

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
        ON entry.agency_id = agency.id AND entry.effective_on <= {last}
    WHERE agency.joined_on <= {last}
        AND (agency.removed_on IS NULL OR agency.removed_on >= {first})
    GROUP BY agency.id
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
class Inputs:
    """Everything a month's result depends on.

    agencies: Parquet file of the agencies in scope with their credit on the month's last day.
    bindings: Parquet file of the bindings cut to the month, half-open, sorted by creator.
    parts: the current fact part of each day that has one, by day.
    digest: over the month, the rulebook and the contents of all files.
    """

    rulebook: RulebookVersion
    agencies: str
    bindings: str
    parts: list[FactPart]
    digest: str


def frozen_path(name: str) -> Path:
    """Where a frozen snapshot lies; workers of several machines share FACTS_DIR."""
    return settings.FACTS_DIR / "frozen" / name


def current_inputs(month: date) -> Inputs:
    """Read one consistent snapshot of what the month's result depends on now.

    Must be called outside a transaction: it opens a REPEATABLE READ one of its own.
    Raises RulebookVersion.DoesNotExist when no rulebook is in force for the month.
    """
    days = {"first": month, "last": last_day(month), "after": next_month(month)}
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rulebook = RulebookVersion.objects.for_month(month)
        parts = list(FactPart.objects.current().of_days(month, days["last"]).order_by("day"))
        agencies = _snapshot(AGENCIES_QUERY, days, AGENCIES)
        bindings = _snapshot(BINDINGS_QUERY, days, BINDINGS)
    described = {
        "month": month.isoformat(),
        "rulebook": rulebook.sha256,
        "agencies": agencies,
        "bindings": bindings,
        "parts": [[part.day.isoformat(), part.sha256] for part in parts],
    }
    digest = sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
    return Inputs(rulebook, agencies, bindings, parts, digest)


def _snapshot(query: str, days: dict[str, date], schema: pa.Schema) -> str:
    """Write a query's rows to a file named by its content; the name."""
    frozen_path("").mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=frozen_path(""), suffix=".tmp", delete=False) as file:
        path = Path(file.name)
        try:
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                for table in query_tables(query, days, schema):
                    writer.write_table(table)
            file.flush()
            with path.open("rb") as written:
                name = f"{file_digest(written, 'sha256').hexdigest()}.parquet"
            path.replace(frozen_path(name))
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
        inputs={"agencies": inputs.agencies, "bindings": inputs.bindings},
        inputs_digest=inputs.digest,
        data_through=inputs.parts[-1].day if inputs.parts else None,
    ):
        evaluation.parts.set(inputs.parts)
    evaluation.refresh_from_db()
