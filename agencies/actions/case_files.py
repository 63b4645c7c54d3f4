"""Evidence: files of a case, checked by what they contain, not by what they are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.actions.cases import lock_cases
from agencies.actions.transitions import record
from agencies.enums import Subject, ViolationState
from agencies.models import Appeal, CaseFile, Violation
from agencies.refusals import Refused

if TYPE_CHECKING:
    from portal.models import User

MEGABYTES = 10
MAX_BYTES = MEGABYTES * 1024**2
FILES_PER_CASE = 5
LONGEST_NAME = 200
# How a file of each type begins, and how its name ends.
BEGINNINGS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
ENDINGS = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
}
OPEN_TO_EVIDENCE = [ViolationState.DRAFT, ViolationState.ISSUED, ViolationState.APPEALED]


@dataclass(frozen=True)
class NewFile:
    """A file as it was uploaded."""

    name: str
    content: bytes


def checked(name: str, content: bytes) -> str:
    """The content type of a file of evidence: PDF, PNG or JPEG, by its first bytes (D, §8).

    Raises Refused where it is another type, empty, or larger than 10 MB (10 × 1024² bytes).
    """
    refuse_large(name, len(content))
    for beginning, content_type in BEGINNINGS.items():
        if content.startswith(beginning):
            return content_type
    raise Refused(
        _("%(file)s is no PDF, PNG or JPEG file: save it as one of these.") % {"file": name},
        rule="file_type",
    )


def refuse_large(name: str, size: int) -> None:
    """Raise Refused where a file of so many bytes is too large; asked before it is read."""
    if size > MAX_BYTES:
        raise Refused(
            _("%(file)s is larger than %(most)s MB: make it smaller or split it.")
            % {"file": name, "most": MEGABYTES},
            rule="file_size",
        )


def refuse_many(count: int) -> None:
    """Raise Refused where so many files are too many for a case, or for a message."""
    if count > FILES_PER_CASE:
        raise Refused(
            _("At most %(most)s files can be added here: leave some out.")
            % {"most": FILES_PER_CASE},
            rule="file_count",
        )


@transaction.atomic
def add_evidence(
    *, violation_id: int, files: Sequence[NewFile], at: datetime, by: User
) -> list[CaseFile]:
    """Add files to a case until its review; those that it has already are passed over.

    Raises Refused. Locks the case and its agency.
    """
    (case,) = lock_cases([violation_id])
    if case.state not in OPEN_TO_EVIDENCE:
        raise Refused(
            _("This case was reviewed and is closed: it takes no more files."), rule="closed"
        )
    added = store_files(files, violation=case, at=at, by=by)
    if added:
        record(
            Subject.VIOLATION,
            case.pk,
            "add_evidence",
            agency_id=case.agency_id,
            at=at,
            by=by,
            about={"files": [file.name for file in added]},
        )
    return added


@transaction.atomic
def remove_evidence(*, file_id: int, at: datetime, by: User) -> None:
    """Take a file from a draft; once decided, what was decided upon stays. Raises Refused."""
    file = CaseFile.objects.defer("content").filter(pk=file_id, violation__isnull=False).first()
    if file is None or file.violation_id is None:
        raise Refused(_("This file no longer exists, or belongs to an appeal."), rule="gone")
    (case,) = lock_cases([file.violation_id])
    if case.state != ViolationState.DRAFT:
        raise Refused(
            _("The case was decided with this file: it stays with the decision."), rule="decided"
        )
    removed, _by_model = CaseFile.objects.filter(pk=file_id).delete()
    if removed:
        record(
            Subject.VIOLATION,
            case.pk,
            "remove_evidence",
            agency_id=case.agency_id,
            at=at,
            by=by,
            about={"files": [file.name]},
        )


def store_files(
    files: Sequence[NewFile],
    *,
    violation: Violation | None = None,
    appeal: Appeal | None = None,
    at: datetime,
    by: User,
) -> list[CaseFile]:
    """Check and store files of one violation or one appeal: at most 5, each content once.

    Raises Refused. Call it with the case locked.
    """
    if not files:
        return []
    case = {"violation": violation, "appeal": appeal}
    present = set(CaseFile.objects.filter(**case).values_list("sha256", flat=True))
    fresh: dict[str, CaseFile] = {}
    for file in files:
        content_type = checked(file.name, file.content)
        digest = sha256(file.content).hexdigest()
        if digest in present or digest in fresh:
            continue
        fresh[digest] = CaseFile(
            **case,
            name=stored_name(file.name, content_type),
            content_type=content_type,
            size=len(file.content),
            sha256=digest,
            content=file.content,
            added_by=by,
            added_at=at,
        )
    refuse_many(len(present) + len(fresh))
    return [_saved(file) for file in fresh.values()]


def _saved(file: CaseFile) -> CaseFile:
    file.save(force_insert=True)
    return file


def stored_name(name: str, content_type: str) -> str:
    """The name without folders and unprintable characters, ending as the content demands."""
    plain = re.split(r"[\\/]", name)[-1]
    plain = "".join(sign for sign in plain if sign.isprintable()).strip(" .") or "file"
    endings = ENDINGS[content_type]
    stem, dot, ending = plain.rpartition(".")
    if dot and f".{ending.lower()}" in endings:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return plain[: LONGEST_NAME - len(endings[0])] + endings[0]
