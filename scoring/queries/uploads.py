"""Uploads as the import centre shows them: under way, and ended lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.models import ImportedFile
from scoring.enums import UploadState
from scoring.models import Upload

OPEN: Final = [UploadState.WAITING, UploadState.RUNNING]
SHOWN_ENDED: Final = timedelta(days=1)
MOST_SHOWN: Final = 10
# What an import says that it is doing.
_STEPS: Final[dict[str, Promise]] = {
    "": _("The import begins"),
    "Reading": _("Reading the rows"),
    "Checking": _("Checking the rows"),
    "Storing": _("Storing the rows"),
}
_KINDS: Final = {
    UploadState.REFUSED: "danger",
    UploadState.FAILED: "danger",
    UploadState.STOPPED: "warn",
}


@dataclass(frozen=True)
class UploadLine:
    """An upload with what is said about it."""

    upload: Upload

    @property
    def open(self) -> bool:
        return self.upload.state in OPEN

    @property
    def running(self) -> bool:
        return self.upload.state == UploadState.RUNNING

    @property
    def retried(self) -> bool:
        """Whether a first try failed, and it is tried again."""
        return self.open and self.upload.error != ""

    @property
    def failed(self) -> bool:
        return self.upload.state == UploadState.FAILED

    @property
    def mark(self) -> str:
        """How pressing the state is."""
        return _KINDS.get(UploadState(self.upload.state), "plain")

    @property
    def step(self) -> str | Promise:
        """What the import is doing, in the reader's language."""
        return _STEPS.get(self.upload.step, self.upload.step)


@dataclass(frozen=True)
class Uploads:
    """What the import centre shows of uploads, the newest first."""

    lines: tuple[UploadLine, ...]

    @property
    def pending(self) -> bool:
        return any(line.open for line in self.lines)

    @property
    def mark(self) -> str:
        """Changes whenever there is something new to say."""
        said = [
            (line.upload.pk, line.upload.state, line.upload.step, line.upload.progress)
            for line in self.lines
        ]
        return sha256(repr(said).encode()).hexdigest()[:16]


def uploads_shown(*, now: datetime) -> Uploads:
    """All that are under way and those that ended within a day, the newest ten. One query."""
    shown = Upload.objects.filter(Q(state__in=OPEN) | Q(ended_at__gte=now - SHOWN_ENDED))
    rows = shown.select_related("uploaded_by", "imported").order_by("-id")[:MOST_SHOWN]
    return Uploads(tuple(map(UploadLine, rows)))


def deliveries() -> QuerySet[ImportedFile]:
    """The register, the newest first, each row with when it was `taken_back`."""
    found = ImportedFile.objects.select_related("actor")
    return found.annotate(taken_back=F("retraction__at")).order_by("-id")
