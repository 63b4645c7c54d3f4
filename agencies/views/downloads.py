"""Files that are kept in the database, handed out."""

from __future__ import annotations

from typing import Protocol

from django.http import HttpResponse
from django.utils.http import content_disposition_header


class KeptFile(Protocol):
    """A row with a file in it."""

    name: str
    content_type: str
    content: bytes | memoryview


def download(file: KeptFile) -> HttpResponse:
    """A file to be saved: it is never shown inside the portal, and no cache keeps it."""
    return HttpResponse(
        bytes(file.content),
        content_type=file.content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
