"""Receiving files: what arrived becomes a waiting upload, once; stopping one; clearing up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from agencies.enums import FileKind
from agencies.refusals import Refused
from scoring.enums import UploadState
from scoring.intake.spool import UNFINISHED, Spool, Spooled, clean_name, spooled_path
from scoring.models import Upload
from scoring.queries.uploads import OPEN

if TYPE_CHECKING:
    from portal.models import User

KEPT_UNFINISHED = timedelta(hours=1)


def receive_upload(
    *, kind: str, name: str, chunks: Iterable[bytes], again: bool, by: User, at: datetime
) -> tuple[Upload, bool]:
    """Take a file in piece by piece; the upload that waits for it, and whether it is a new one.

    Like `take_in`, which says what is refused and locked. Holds one piece in memory at a time.
    """
    name = clean_name(name)
    spool = Spool()
    try:
        for chunk in chunks:
            spool.write(chunk)
        spooled = spool.finish()
    except BaseException:
        spool.drop()
        raise
    return take_in(spooled, kind=kind, name=name, again=again, by=by, at=at)


def take_in(
    spooled: Spooled, *, kind: str, name: str, again: bool, by: User, at: datetime
) -> tuple[Upload, bool]:
    """Let a file that has arrived wait for its import; the upload, and whether it is a new one.

    1. A content waits once per kind: a form that was sent twice leads to the same upload.
    2. The file gets its name, its content's, in the transaction that writes the row.
    3. `again` means something for facts only; the other kinds are always held against what is
       stored.

    Raises Refused where the name has no known ending; the file is gone then. Locks the files of
    uploads until the commit.
    """
    try:
        name = clean_name(name)
        with transaction.atomic():
            lock_files()
            upload, new = Upload.objects.filter(state__in=OPEN).get_or_create(
                kind=kind,
                sha256=spooled.sha256,
                defaults={
                    "name": name,
                    "size": spooled.size,
                    "again": again and kind == FileKind.FACTS,
                    "uploaded_by": by,
                    "uploaded_at": at,
                },
            )
            # one that is being imported stays as it is: its reader would see it change
            if not spooled_path(spooled.sha256).exists():
                spooled.keep()
    finally:
        spooled.drop()
    return upload, new


@transaction.atomic
def stop_upload(*, upload_id: int, by: User, at: datetime) -> Upload:
    """Stop an upload that waits or is being imported; nothing of it is imported then.

    A running import notices at its next step, at the latest before its commit, and leaves
    nothing behind. Raises Refused where it has ended already. Locks the upload.
    """
    upload = Upload.objects.select_for_update().get(pk=upload_id)
    if upload.state not in OPEN:
        raise Refused(
            _("%(file)s cannot be stopped any more: %(state)s.")
            % {"file": upload.name, "state": upload.get_state_display()},
            rule="ended",
        )
    upload.state, upload.ended_at = UploadState.STOPPED, at
    upload.error = f"Stopped by {by}."
    upload.save(update_fields=["state", "ended_at", "error"])
    return upload


@transaction.atomic
def remove_unneeded(*, now: datetime) -> int:
    """Remove files that no upload waits for, and unfinished ones an hour old; how many.

    Locks the files of uploads until the commit.
    """
    lock_files()
    needed = set(Upload.objects.filter(state__in=OPEN).values_list("sha256", flat=True))
    removed = 0
    for path in Path(settings.UPLOADS_DIR).glob("*"):
        unfinished = path.name.endswith(UNFINISHED)
        if path.name in needed or (unfinished and _written_after(path, now - KEPT_UNFINISHED)):
            continue
        path.unlink(missing_ok=True)
        removed += 1
    return removed


def lock_files() -> None:
    """Wait until nobody else gives files of uploads their names or removes them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('uploads', 0))")


def _written_after(path: Path, time: datetime) -> bool:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC) >= time
    except FileNotFoundError:  # finished meanwhile
        return True
