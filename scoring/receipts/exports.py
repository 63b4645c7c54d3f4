"""The life of a request for rows: asked for, claimed, made, and at last removed.

The row decides everything: the queue may ring twice or never, workers may die at any point.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from agencies.models import Agency
from agencies.refusals import Refused
from scoring.enums import EvaluationState, ExportState
from scoring.models import Evaluation, RowExport
from scoring.queries.row_exports import NO_ROOM, REPLACED
from scoring.receipts.rows import UNFINISHED, WrittenRows

if TYPE_CHECKING:
    from portal.models import User

KEPT = timedelta(days=30)  # D
# A file takes seconds: whoever needs longer than this has died.
QUIET = timedelta(minutes=5)
KEPT_UNFINISHED = timedelta(hours=1)
MOST_ATTEMPTS = 3
ENDED = [ExportState.FAILED, ExportState.EXPIRED]


def export_path(sha256: str) -> Path:
    """Where a finished file lies; workers make it, web processes hand it out."""
    return settings.EXPORTS_DIR / f"{sha256}.csv"


@transaction.atomic
def ask_for_rows(
    *, agency: Agency, evaluation: Evaluation, by: User, at: datetime
) -> tuple[RowExport, bool]:
    """Ask for the rows behind a published score; the request, and whether it is a new one.

    1. There is one current request per agency and evaluation: asking again leads to it.
    2. One that failed, or whose file is over its time, makes room for a new one.

    Raises Refused where there is no score: the month is not published, or a novice's.
    """
    scored = evaluation.assessments.filter(agency=agency, total__isnull=False)
    if evaluation.state != EvaluationState.PUBLISHED or not scored.exists():
        raise Refused(
            _("There are no rows behind this month: the agency has no published score in it."),
            rule="no_score",
        )
    own = RowExport.objects.filter(agency=agency, evaluation=evaluation)
    _expired(own, at).update(state=ExportState.EXPIRED)
    return own.exclude(state__in=ENDED).get_or_create(
        agency=agency, evaluation=evaluation, defaults={"asked_by": by, "asked_at": at}
    )


def waiting(*, at: datetime) -> QuerySet[RowExport]:
    """The requests that a worker may take, the oldest first: asked for, or left by a dead one."""
    return RowExport.objects.filter(
        Q(state=ExportState.ASKED) | Q(state=ExportState.RUNNING, claimed_at__lte=at - QUIET)
    ).order_by("id")


def claim(export_id: int, *, at: datetime) -> RowExport | None:
    """Start the next attempt at a request; None when there is nothing to claim.

    1. The claim is a compare-and-swap on state and attempt: one of several claimants wins.
    2. A request whose revision was replaced meanwhile fails: what it read may be gone.
    3. So does one whose attempts are used up; it keeps the last error.
    """
    found = waiting(at=at).select_related("agency", "evaluation").filter(pk=export_id).first()
    if found is None:
        return None
    unchanged = RowExport.objects.filter(pk=found.pk, state=found.state, attempt=found.attempt)
    if found.evaluation.state != EvaluationState.PUBLISHED:
        unchanged.update(state=ExportState.FAILED, error=REPLACED)
        return None
    if found.attempt >= MOST_ATTEMPTS:
        error = found.error or "Its worker ended without a word."
        unchanged.update(state=ExportState.FAILED, error=error)
        return None
    attempt = found.attempt + 1
    if not unchanged.update(state=ExportState.RUNNING, attempt=attempt, claimed_at=at):
        return None
    found.state, found.attempt, found.claimed_at = ExportState.RUNNING, attempt, at
    return found


def complete(export: RowExport, written: WrittenRows, *, at: datetime) -> bool:
    """Give a finished file its name and hand it out; False when the attempt was taken over.

    Locks the files of exports until the commit, so that none is removed between the two.
    """
    with transaction.atomic():
        _lock_files()
        held = _held(export).update(
            state=ExportState.READY,
            ready_at=at,
            expires_at=at + KEPT,
            rows=written.rows,
            size=written.size,
            sha256=written.sha256,
            error="",
        )
        if held:
            written.path.replace(export_path(written.sha256))
    if not held:
        written.path.unlink(missing_ok=True)
    return bool(held)


def fail(export: RowExport, error: Exception) -> bool:
    """Give a failed attempt back, or the request up; False when the attempt was taken over.

    The row keeps what went wrong, for the operators.
    """
    text = f"{type(error).__name__}: {error}"
    if "No space left" in text:
        text = NO_ROOM
    last = export.attempt >= MOST_ATTEMPTS
    state = ExportState.FAILED if last else ExportState.ASKED
    return bool(_held(export).update(state=state, error=text[:300]))


@transaction.atomic
def tidy(*, now: datetime) -> int:
    """Let files go that are over their time; how many were removed.

    1. A request whose file is over its time, or gone, counts as expired: it may be asked again.
    2. Finished files that no request hands out, and unfinished ones an hour old, are removed.

    Locks the files of exports until the commit.
    """
    _lock_files()
    ready = RowExport.objects.filter(state=ExportState.READY)
    _expired(ready, now).update(state=ExportState.EXPIRED)
    there = {path.stem: path for path in settings.EXPORTS_DIR.glob("*.csv")}
    ready.exclude(sha256__in=there).update(state=ExportState.EXPIRED)
    needed = set(ready.filter(sha256__in=there).values_list("sha256", flat=True))
    unneeded = [path for sha256, path in there.items() if sha256 not in needed]
    unneeded += _abandoned(now - KEPT_UNFINISHED)
    for path in unneeded:
        path.unlink(missing_ok=True)
    return len(unneeded)


def _abandoned(before: datetime) -> list[Path]:
    """Unfinished files that nobody has written to since."""
    found = []
    for path in settings.EXPORTS_DIR.glob(f"*{UNFINISHED}"):
        try:
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:  # finished meanwhile
            continue
        if written < before:
            found.append(path)
    return found


def _expired(exports: QuerySet[RowExport], at: datetime) -> QuerySet[RowExport]:
    return exports.filter(state=ExportState.READY, expires_at__lte=at)


def _held(export: RowExport) -> QuerySet[RowExport]:
    """The request while this attempt is the running one: every write of a job goes through it."""
    return RowExport.objects.filter(pk=export.pk, state=ExportState.RUNNING, attempt=export.attempt)


def _lock_files() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('row exports', 0))")
