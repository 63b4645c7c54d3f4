"""The frame that every import runs in: one file, one transaction, one row of the register.

1. The file is received and hashed, staged and checked by its columns outside any transaction.
2. Inside one: imports of the kind are serialised, the rows are held against the stored ones, what
   is right is applied, the rejects file is written and the delivery is registered.
3. A file-level fault, a full disk or an interruption leaves nothing behind but the register's row
   that says why.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import psycopg
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from psycopg.errors import DeadlockDetected, SerializationFailure

from agencies.enums import FileKind, ImportOutcome
from agencies.files.columns import FileSpec
from agencies.files.faults import FileFault
from agencies.files.rejects import rejects_name, write_rejects
from agencies.files.source import Delivery, Limits, receive
from agencies.files.staging import Staging, staging
from agencies.models import ImportedFile

if TYPE_CHECKING:
    from portal.models import User

Progress = Callable[[str, float], None]
CLASH = "Somebody changed the same records while the file was being imported: import it again."
INTERRUPTED = "Query interrupted"  # what DuckDB makes of Ctrl-C


@dataclass(frozen=True)
class Outcome:
    """What became of a file: its row in the register, and the rejects file where there is one.

    `repeated` means that the same content was imported before, by that row, and nothing was done.
    """

    imported: ImportedFile
    rejects: Path | None = None
    repeated: bool = False


@dataclass(frozen=True)
class Occasion:
    """When, on which platform day and by whom a file is imported.

    `applied` is told the delivery's row as the last step of the transaction: what it writes is
    there if and only if the import is; what it raises undoes both. `refused` is told in the same
    way where the file is refused.
    """

    today: date
    now: datetime
    by: User | None = None
    progress: Progress | None = None
    applied: Callable[[ImportedFile], None] | None = None
    refused: Callable[[ImportedFile], None] | None = None

    def report(self, step: str, share: float) -> None:
        """Tell whoever watches which step is done to which share (0 to 1)."""
        if self.progress:
            self.progress(step, share)


class FileImport:
    """What a kind of file does within the frame; the kinds override what differs."""

    kind: FileKind

    def spec(self, today: date) -> FileSpec:
        """The columns and their rules on that platform day."""
        raise NotImplementedError

    def repeated(self, sha256: str) -> ImportedFile | None:
        """The earlier import of the same content, where that makes this one unnecessary."""
        return None

    def check(self, staged: Staging) -> None:
        """Reject what the file itself contradicts."""
        staged.reject_repeated_keys()

    def apply(self, staged: Staging, occasion: Occasion) -> None:
        """Reject what the stored rows contradict and store the rest. In the transaction."""
        raise NotImplementedError

    def finish(self, staged: Staging, imported: ImportedFile, occasion: Occasion) -> None:
        """Store what refers to the delivery's row. In the transaction."""

    def abandon(self) -> None:
        """Remove files that were made in the transaction: it is rolled back."""


def import_file(path: Path, job: FileImport, occasion: Occasion, *, name: str = "") -> Outcome:
    """Import one file as a whole or not at all; raises FileFault when it is refused.

    `name` is what it was called when it was delivered, where that is not the path's own name.
    Accepted + rejected = records of the file. Locks: the kind's imports, until the commit.
    """
    started = time.monotonic()
    delivery = receive(path, name=name)
    try:
        if earlier := job.repeated(delivery.sha256):
            return Outcome(earlier, repeated=True)
        with staging(
            settings.SCRATCH_DIR,
            memory_limit=settings.DUCKDB_MEMORY_LIMIT,
            threads=settings.DUCKDB_THREADS,
        ) as staged:
            _stage(staged, delivery, job, occasion)
            return _store(staged, delivery, job, occasion, started)
    except FileFault as fault:
        _refuse(delivery, job.kind, str(fault), occasion, started)
        raise
    except (DatabaseError, psycopg.Error) as error:
        if not _clash(error):
            raise
        _refuse(delivery, job.kind, CLASH, occasion, started)
        raise FileFault(CLASH) from None
    except RuntimeError as error:
        if str(error) == INTERRUPTED:
            raise KeyboardInterrupt from error
        raise
    except (OSError, duckdb.Error) as error:
        sentence = _shortage(error)
        if not sentence:
            raise
        _refuse(delivery, job.kind, sentence, occasion, started)
        raise FileFault(sentence) from error


def lock_imports(kind: FileKind) -> None:
    """Wait until no other import of the kind is in its transaction; held until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import {kind}"])


def imports_idle(kind: FileKind) -> bool:
    """Keep imports of the kind out until the commit, unless one is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"import {kind}"]
        )
        return bool(cursor.fetchone()[0])


def _stage(staged: Staging, delivery: Delivery, job: FileImport, occasion: Occasion) -> None:
    limits = Limits(settings.IMPORT_MAX_BYTES, settings.IMPORT_MAX_ROWS)
    occasion.report("Reading", 0)
    staged.load(
        delivery.content(limits),
        job.spec(occasion.today),
        limits,
        advance=lambda done: occasion.report("Reading", done / max(delivery.size, 1)),
    )
    occasion.report("Checking", 0)
    job.check(staged)


def _store(
    staged: Staging, delivery: Delivery, job: FileImport, occasion: Occasion, started: float
) -> Outcome:
    """In one transaction; files are only taken back while nothing of it can be committed yet."""
    rejects: Path | None = None
    with transaction.atomic():
        try:
            lock_imports(job.kind)
            if earlier := job.repeated(delivery.sha256):
                return Outcome(earlier, repeated=True)
            occasion.report("Storing", 0)
            job.apply(staged, occasion)
            rejected = staged.rejected
            if rejected:
                name = rejects_name(job.kind, delivery.sha256, occasion.now)
                rejects = write_rejects(staged, settings.REJECTS_DIR, name=name)
            delivery.check_unchanged()
            imported = _register(
                delivery,
                job.kind,
                occasion,
                started,
                outcome=ImportOutcome.APPLIED,
                accepted=staged.records - rejected,
                rejected=rejected,
                rejects=rejects.name if rejects else "",
            )
            job.finish(staged, imported, occasion)
            occasion.report("Storing", 1)
            if occasion.applied:
                occasion.applied(imported)
        except BaseException:
            job.abandon()
            if rejects:
                rejects.unlink(missing_ok=True)
            raise
    return Outcome(imported, rejects)


def _refuse(
    delivery: Delivery, kind: FileKind, fault: str, occasion: Occasion, started: float
) -> None:
    result = {"outcome": ImportOutcome.REFUSED, "fault": fault[:2000]}
    with transaction.atomic():
        entry = _register(delivery, kind, occasion, started, **result)
        if occasion.refused:
            occasion.refused(entry)


def _register(
    delivery: Delivery, kind: FileKind, occasion: Occasion, started: float, **result: object
) -> ImportedFile:
    return ImportedFile.objects.create(
        kind=kind,
        name=delivery.name[:255],
        sha256=delivery.sha256,
        size=delivery.size,
        started_at=occasion.now,
        finished_at=occasion.now + timedelta(seconds=time.monotonic() - started),
        actor=occasion.by,
        **result,
    )


def _clash(error: Exception) -> bool:
    """Whether somebody else wrote the same; a thread of a kind's own raises the driver's errors."""
    cause = error.__cause__ or error
    return isinstance(error, IntegrityError) or isinstance(
        cause, DeadlockDetected | SerializationFailure
    )


def _shortage(error: Exception) -> str:
    """What ran out, or nothing where the error has another cause."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "No space left" in str(error):
        return f"There is no room left on the disk of {settings.DATA_DIR}: make some."
    if isinstance(error, duckdb.OutOfMemoryException):
        return (
            "The file needs more memory or scratch space than an import may use: deliver it in"
            " parts."
        )
    return ""
