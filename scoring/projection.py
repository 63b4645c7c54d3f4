"""Projections: what every agency would get if the month ended with its newest facts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Max
from django.utils import timezone

from agencies.bulk import copy_rows
from agencies.files.scratch import scratch_directory
from scoring.evaluation.assess import Result, assess
from scoring.evaluation.freeze import Scope, read_agencies, read_inputs
from scoring.evaluation.measure import measured_days
from scoring.models import (
    Dispute,
    Evaluation,
    FactPart,
    Projection,
    ProjectionRun,
    RulebookVersion,
)
from scoring.months import current_month, last_day, previous_month

LOCK = "projections"
COLUMNS = (
    *("agency_id", "run_id", "operating", "growth", "service", "bonus", "total"),
    *("totals", "indicators"),
)


@dataclass(frozen=True)
class Wanted:
    """The month to project, the day its facts reach, and a digest of what that depends on.

    `corrected` is when a dispute of the month was corrected last, None where none was.
    """

    month: date
    data_through: date
    corrected: datetime | None
    inputs: str


def projection_due(now: datetime) -> bool:
    """Whether the newest projections were computed from something else than what is there now.

    They depend on the month, its fact parts, the rulebook, the platform day, because credit and
    bindings move, and corrected disputes, whose bindings moved within the day. Five small queries,
    no files.
    """
    wanted = _wanted(now)
    return wanted is not None and wanted.inputs != _newest_inputs()


def project(*, at: datetime) -> ProjectionRun | None:
    """Compute and keep the projections of all agencies; None where there is nothing to do.

    1. The month is the newest full one while its result is not published: what agencies see of it
       on the draft days is provisional (D, docs/rules.md §2). Otherwise it is the running one.
       A month without facts has no projection.
    2. The rules are those of an evaluation over the days up to the newest with facts; credit is
       today's, of a month that is over its last day's; agencies that were removed by today are left
       out (D, docs/rules.md §4).
    3. Nothing is computed while the inputs are those of the newest projections, or while somebody
       else computes them.
    4. All projections and their run are written in one transaction that replaces the ones before;
       whoever finds that another run was written meanwhile writes nothing.

    Must be called outside a transaction (it reads a snapshot). Holds an advisory lock that ends
    with the database session.
    """
    with _alone() as alone:
        newest = ProjectionRun.objects.order_by("-id").first()
        wanted = _wanted(at) if alone else None
        if wanted is None or (newest is not None and newest.inputs == wanted.inputs):
            return None
        today = timezone.localdate(at)
        with scratch_directory(settings.SCRATCH_DIR) as directory:
            return _compute(wanted, today, directory, seen=newest, at=at)


def _compute(
    wanted: Wanted, today: date, directory: Path, *, seen: ProjectionRun | None, at: datetime
) -> ProjectionRun | None:
    scope = Scope(
        wanted.month,
        last=wanted.data_through,
        joined_by=last_day(wanted.month),
        here_on=max(wanted.month, today + timedelta(days=1)),
        credit_on=min(today, last_day(wanted.month)),
    )
    inputs = read_inputs(scope, directory)
    with measured_days(
        inputs.parts, directory / inputs.bindings, last=wanted.data_through
    ) as measured:
        agencies = read_agencies(directory / inputs.agencies, directory / inputs.appeals)
        results = assess(inputs.rulebook.rulebook, wanted.month, agencies, measured.totals())
    run = ProjectionRun(
        month=wanted.month,
        data_through=wanted.data_through,
        days=len(inputs.parts),
        rulebook=inputs.rulebook,
        # what was read, not what was wanted: a part that arrived in between makes it due again
        inputs=_digest(wanted.month, inputs.rulebook, inputs.parts, today, wanted.corrected),
        computed_at=at,
    )
    return run if _replaced(run, results, seen=seen) else None


@transaction.atomic
def _replaced(run: ProjectionRun, results: Sequence[Result], *, seen: ProjectionRun | None) -> bool:
    """Write a run in the place of the one before, unless that is no longer the newest."""
    _execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))")
    newest = ProjectionRun.objects.order_by("-id").values_list("id", flat=True).first()
    if newest != (seen.pk if seen else None):
        return False
    run.save()
    Projection.objects.all().delete()
    copy_rows("scoring_projection", COLUMNS, _rows(run, results))
    ProjectionRun.objects.exclude(pk=run.pk).delete()
    return True


def _rows(run: ProjectionRun, results: Sequence[Result]) -> Iterator[tuple[object, ...]]:
    for result in results:
        yield (
            result.agency,
            run.pk,
            *result.sums,
            json.dumps(result.totals_json()),
            json.dumps(result.indicators_json()),
        )


def _wanted(now: datetime) -> Wanted | None:
    """What is to be projected at `now`; None where there are no facts or rules for it."""
    running = current_month(now)
    months = [previous_month(running), running]
    published = set(
        Evaluation.objects.published().filter(month__in=months).values_list("month", flat=True)
    )
    parts = list(
        FactPart.objects.current()
        .of_days(months[0], last_day(running))
        .order_by("day")
        .only("day", "sha256")
    )
    for month in months:
        own = [part for part in parts if part.day.replace(day=1) == month]
        if own and month not in published:
            break
    else:
        return None
    try:
        rulebook = RulebookVersion.objects.for_month(month)
    except RulebookVersion.DoesNotExist:
        return None
    corrected = Dispute.objects.filter(month=month).aggregate(last=Max("corrected_at"))["last"]
    digest = _digest(month, rulebook, own, timezone.localdate(now), corrected)
    return Wanted(month, own[-1].day, corrected, digest)


def _newest_inputs() -> str | None:
    return ProjectionRun.objects.order_by("-id").values_list("inputs", flat=True).first()


def _digest(
    month: date,
    rulebook: RulebookVersion,
    parts: Sequence[FactPart],
    today: date,
    corrected: datetime | None,
) -> str:
    described = {
        "month": month.isoformat(),
        "rulebook": rulebook.sha256,
        "parts": [[part.day.isoformat(), part.sha256] for part in parts],
        "today": today.isoformat(),
        "corrected": corrected and corrected.isoformat(),
    }
    return sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else computes projections now; keeps others out until the end."""
    held = _execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))")
    try:
        yield held
    finally:
        if held:
            _let_go()


def _let_go() -> None:
    try:
        _execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))")
    except Error:
        connection.close()  # the lock went with the session


def _execute(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [LOCK])
        return bool(cursor.fetchone()[0])
