"""Files that came over the web."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from agencies.enums import FileKind
from agencies.models import ImportedFile
from portal.models import User
from scoring.intake.receiving import receive_upload
from scoring.intake.run import run_upload
from scoring.models import Upload
from tests.agencies.deliveries import HEADERS
from tests.factories.staff import operator

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
FACT = "1,0,0,1,0,0,,,"


def csv_file(kind: str, *rows: str) -> bytes:
    """A CSV file of a kind, with all of its columns."""
    return ("\n".join([HEADERS[kind], *rows]) + "\n").encode()


def received(
    kind: str,
    content: bytes,
    *,
    name: str = "file.csv",
    by: User | None = None,
    **options: Any,
) -> Upload:
    """A file that waits for its import, sent in two pieces."""
    given: dict[str, Any] = {"again": False, "at": AT, **options}
    chunks = [content[:10], content[10:]] if len(content) > 10 else [content]
    upload, _ = receive_upload(kind=kind, name=name, chunks=chunks, by=by or operator(), **given)
    return upload


def imported(kind: str, content: bytes, *, at: datetime = AT, **options: Any) -> Upload:
    """A file that was sent, and its import."""
    upload = received(kind, content, at=at, **options)
    run_upload(upload.pk, clock=lambda: at)
    upload.refresh_from_db()
    return upload


def facts_imported(*rows: str, at: datetime = AT, **options: Any) -> ImportedFile:
    """An applied import of facts."""
    done = imported(FileKind.FACTS, csv_file("facts", *rows), at=at, **options)
    if done.imported is None:
        raise ValueError(f"{done} is {done.state}: {done.error}")
    return done.imported
