"""One of everything around rules and months, for tests that try every address.

Rules, evaluations and files are the platform's: one of each for all agencies. What an agency says
about them, a comment and a dispute, is its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from django.utils import timezone

from agencies.enums import FileKind, ImportOutcome
from agencies.models import Agency, ImportedFile
from scoring.enums import DisputeKind, EvaluationState
from scoring.models import (
    BackTest,
    Consultation,
    ConsultationComment,
    Dispute,
    DisputeFile,
    Evaluation,
    GateRelease,
    RulebookVersion,
    Upload,
)
from tests.factories import EvaluationFactory, UserFactory
from tests.factories.consultations import CommentFactory, ConsultationFactory, draft

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)
PIXEL = b"\x89PNG\r\n\x1a\n" + b"0" * 32


@dataclass(frozen=True)
class Shared:
    """What belongs to no agency: a draft, a consultation, a month that the gate holds, a file."""

    draft: RulebookVersion
    consultation: Consultation
    back_test: BackTest
    evaluation: Evaluation
    release: GateRelease
    imported: ImportedFile
    upload: Upload

    def value(self, address: str) -> int | None:
        """Which row an address names by its number; None for an address of another kind."""
        for prefix, row in (
            ("public-consultation", self.consultation),
            ("staff-consultation-open", self.draft),
            ("staff-consultation", self.consultation),
            ("consultation", self.consultation),
            ("write-comment", self.consultation),
            ("staff-rulebook", self.draft),
            ("staff-backtest", self.back_test),
            ("staff-evaluation", self.evaluation),
            ("staff-release", self.release),
            ("staff-import", self.imported),
            ("staff-upload", self.upload),
        ):
            if address.startswith(prefix):
                return row.pk
        return None


@dataclass(frozen=True)
class Said:
    """What an agency said of rules and data; `canary` is in every text of it."""

    comment: ConsultationComment
    dispute: Dispute
    file: DisputeFile

    def value(self, address: str) -> int | None:
        """Which row an address names by its number; None for an address of another kind."""
        rows = {
            "withdraw-comment": self.comment,
            "staff-comment-answer": self.comment,
            "dispute-file": self.file,
            "staff-dispute-file": self.file,
        }
        row = rows.get(address)
        if row is None and address.removeprefix("staff-").startswith("dispute"):
            row = self.dispute
        return row.pk if row else None


def shared() -> Shared:
    """The platform's own things; call it twice and they are the same."""
    now = timezone.now()
    by = partial(UserFactory.create, name="Staff")
    found = RulebookVersion.objects.filter(version="2027.5").first()
    if found is not None:
        return Shared(
            found,
            Consultation.objects.get(),
            BackTest.objects.get(),
            Evaluation.objects.get(month=SEPTEMBER),
            GateRelease.objects.get(),
            ImportedFile.objects.get(),
            Upload.objects.get(),
        )
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=8)
    consultation = ConsultationFactory.create(
        version=draft("2027.1", "2099-01"),
        opens_at=midnight - timedelta(days=1),
        closes_at=midnight + timedelta(days=14),
    )
    version = draft("2027.5", "2099-05")
    evaluation = EvaluationFactory.create(
        month=SEPTEMBER,
        state=EvaluationState.COMPUTED,
        published_at=None,
        gate={"passed": False, "findings": [{"code": "missing_days", "days": ["2026-09-30"]}]},
    )
    release = GateRelease.objects.create(
        evaluation=evaluation,
        result_digest=evaluation.result_digest,
        reason="text",
        proposed_by=by(),
        proposed_at=now,
    )
    imported = ImportedFile.objects.create(
        kind=FileKind.FACTS,
        name="facts.csv",
        sha256="0" * 64,
        size=1,
        outcome=ImportOutcome.APPLIED,
        accepted=1,
        started_at=now,
        finished_at=now,
    )
    back_test = BackTest.objects.create(
        version=version,
        text=version.text,
        sha256=version.sha256,
        months=[OCTOBER],
        asked_by=by(),
        asked_at=now,
    )
    upload = Upload.objects.create(
        kind=FileKind.FACTS,
        name="facts.csv",
        sha256="1" * 64,
        size=1,
        uploaded_by=by(),
        uploaded_at=now,
    )
    return Shared(version, consultation, back_test, evaluation, release, imported, upload)


def said_by(agency: Agency, consultation: Consultation, *, text: str) -> Said:
    """A comment and a dispute of the agency, each with `text`."""
    author = UserFactory.create(name=text)
    dispute = Dispute.objects.create(
        agency=agency,
        month=OCTOBER,
        kind=DisputeKind.DATA,
        creator_code="C-1",
        first_day=date(2026, 10, 5),
        last_day=date(2026, 10, 7),
        text=text,
        filed_by=author,
        filed_at=timezone.now(),
    )
    file = DisputeFile.objects.create(
        dispute=dispute,
        name=f"{text}.png",
        content_type="image/png",
        size=len(PIXEL),
        sha256=sha256(PIXEL).hexdigest(),
        content=PIXEL,
    )
    comment = CommentFactory.create(
        consultation=consultation, agency=agency, text=text, author=author, at=timezone.now()
    )
    return Said(comment, dispute, file)


def row_of(shared: Shared, said: Said, address: str | None) -> Any:
    """The number that an address of rules, months, files or disputes has in it, or None."""
    return said.value(str(address)) or shared.value(str(address))
