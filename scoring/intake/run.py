"""One job: claim an upload, import its file as the commands do, write down what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import Error, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from agencies.enums import FileKind
from agencies.files.faults import FileFault
from agencies.imports import (
    AgencyImport,
    BindingImport,
    CreatorImport,
    FileImport,
    Occasion,
    Outcome,
    ViolationImport,
    import_file,
)
from agencies.models import ImportedFile
from scoring.enums import UploadState
from scoring.facts import FactImport
from scoring.intake.receiving import lock_files
from scoring.intake.spool import spooled_path
from scoring.intake.watching import AttemptLost, Watch, held, watched
from scoring.models import Upload
from scoring.queries.uploads import OPEN

# A running import gives a sign of life twice a second: whoever is silent for so long has died.
QUIET = timedelta(minutes=2)
MOST_ATTEMPTS = 3
GONE = "The uploaded file is not on the disk any more."
NO_WORD = "Its worker ended without a word."
log = structlog.get_logger()


def job_of(kind: str, *, again: bool = False) -> FileImport:
    """What a kind of file does within the frame of imports."""
    if kind == FileKind.FACTS:
        return FactImport(again=again)
    jobs: dict[str, Callable[[], FileImport]] = {
        FileKind.AGENCIES: AgencyImport,
        FileKind.CREATORS: CreatorImport,
        FileKind.BINDINGS: BindingImport,
        FileKind.VIOLATIONS: ViolationImport,
    }
    return jobs[kind]()


def waiting(*, at: datetime) -> QuerySet[Upload]:
    """The uploads that a worker may take, the oldest first: waiting, or left by a dead one."""
    return Upload.objects.filter(
        Q(state=UploadState.WAITING) | Q(state=UploadState.RUNNING, beat_at__lte=at - QUIET)
    ).order_by("id")


def claim(upload_id: int, *, at: datetime) -> Upload | None:
    """Start the next attempt at an upload; None when there is nothing to claim.

    1. The claim is a compare-and-swap on state and attempt: one of several claimants wins.
    2. An upload whose attempts are used up fails; it keeps the last error.
    """
    found = waiting(at=at).select_related("uploaded_by").filter(pk=upload_id).first()
    if found is None:
        return None
    unchanged = Upload.objects.filter(pk=found.pk, state=found.state, attempt=found.attempt)
    if found.attempt >= MOST_ATTEMPTS:
        unchanged.update(state=UploadState.FAILED, error=found.error or NO_WORD, ended_at=at)
        return None
    attempt = found.attempt + 1
    claimed = {"state": UploadState.RUNNING, "attempt": attempt, "claimed_at": at, "beat_at": at}
    if not unchanged.update(**claimed, step="", progress=0):
        return None
    found.state, found.attempt, found.claimed_at = UploadState.RUNNING, attempt, at
    return found


def run_upload(upload_id: int, *, clock: Callable[[], datetime]) -> bool:
    """Import the file of an upload if it is there to be imported; whether this attempt ended it.

    1. Ringing it any number of times, from any number of workers, imports it once: that it is
       done is written in the import's own transaction.
    2. A file that is refused, or was imported before, ends with the entry of the register that
       says so; then the file is removed.
    3. A failed attempt waits for the next one, up to three; the error is kept and raised.
    4. One that was stopped, or taken over, leaves nothing behind.
    """
    upload = claim(upload_id, at=clock())
    if upload is None:
        return False
    try:
        with watched(upload, clock) as watch:
            ended = _import(upload, watch, clock)
    except AttemptLost as lost:
        log.warning("upload_attempt_lost", detail=str(lost))
        ended = False
    except Exception as error:
        _record_failure(upload, error, at=clock())
        raise
    remove_file(upload)
    return ended


def _import(upload: Upload, watch: Watch, clock: Callable[[], datetime]) -> bool:
    """Import the file and write down how it ended; False when the attempt was lost by then."""
    path = spooled_path(upload.sha256)
    if not path.is_file():
        return bool(held(upload).update(state=UploadState.FAILED, error=GONE, ended_at=clock()))
    now = clock()

    registered: list[ImportedFile] = []

    def ended(state: UploadState, entry: ImportedFile) -> None:
        if not _end(upload, state, entry, at=clock()):
            raise AttemptLost(upload)
        registered.append(entry)

    occasion = Occasion(
        today=timezone.localdate(now),
        now=now,
        by=upload.uploaded_by,
        progress=watch.report,
        applied=partial(ended, UploadState.DONE),
        refused=partial(ended, UploadState.REFUSED),
    )
    job = job_of(upload.kind, again=upload.again)
    try:
        outcome: Outcome = import_file(path, job, occasion, name=upload.name)
    except FileFault as fault:
        # the register knows nothing of a file that could not even be opened
        return bool(registered) or _end(
            upload, UploadState.REFUSED, None, at=clock(), error=str(fault)
        )
    if outcome.repeated:
        return _end(upload, UploadState.REPEATED, outcome.imported, at=clock())
    return True


def _end(
    upload: Upload,
    state: UploadState,
    imported: ImportedFile | None,
    *,
    at: datetime,
    error: str = "",
) -> bool:
    """Write how the upload ended; False when the attempt does not hold it any more."""
    changes = {"state": state, "imported": imported, "progress": 100, "ended_at": at}
    return bool(held(upload).update(**changes, error=error[:2000]))


def _record_failure(upload: Upload, error: Exception, *, at: datetime) -> None:
    """Give a failed attempt back, or the upload up; without a database, a quiet time does."""
    try:
        if connection.needs_rollback or not connection.is_usable():
            connection.close()
        changes: dict[str, object] = {"state": UploadState.WAITING}
        if upload.attempt >= MOST_ATTEMPTS:
            changes = {"state": UploadState.FAILED, "ended_at": at}
        held(upload).update(**changes, error=f"{type(error).__name__}: {error}"[:2000])
    except Error as broken:
        log.warning("upload_failure_not_recorded", error=str(broken))


@transaction.atomic
def remove_file(upload: Upload) -> None:
    """Remove the file of an upload that ended, unless another one waits for the same content."""
    lock_files()
    if not Upload.objects.filter(state__in=OPEN, sha256=upload.sha256).exists():
        spooled_path(upload.sha256).unlink(missing_ok=True)
