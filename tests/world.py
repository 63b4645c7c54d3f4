"""One of everything that conduct knows of an agency, for tests that try every address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.utils import timezone

from agencies.actions.links import token_of
from agencies.enums import (
    LinkPurpose,
    Measure,
    NoticeState,
    PenaltyState,
    Side,
    ViolationState,
)
from agencies.models import (
    Agency,
    Appeal,
    Binding,
    BindingRequest,
    CaseFile,
    CreatorLink,
    NoticeEntry,
    Penalty,
    PublicNotice,
    Title,
    Unbinding,
    Violation,
)
from tests.factories import BindingFactory, CreatorFactory, UserFactory, ViolationFactory

PIXEL = b"\x89PNG\r\n\x1a\n" + b"0" * 32


@dataclass(frozen=True)
class Case:
    """An agency with a draft, an issued and an appealed violation and all that hangs on them."""

    agency: Agency
    draft: Violation
    issued: Violation
    appealed: Violation
    appeal: Appeal
    file: CaseFile
    proposal: Penalty
    binding: Binding
    request: BindingRequest
    unbinding: Unbinding
    title: Title
    notice: PublicNotice
    entry: NoticeEntry
    link: CreatorLink

    def value(self, address: str | None, name: str) -> Any:
        """What an address of this case has in the place of `name`."""
        if name == "reference":
            return self.issued.reference
        if name == "token":
            return token_of(self.link)
        rows = {
            "case-file": self.file,
            "withdraw-request": self.request,
            "unbind": self.binding,
            "answer-unbinding": self.unbinding,
            "staff-case-file": self.file,
            "staff-end-binding": self.binding,
            "public-notice": self.notice,
        }
        if address in rows:
            return rows[address].pk
        for prefix, row in (
            ("staff-violation-revoke", self.issued),
            ("staff-violation", self.draft),
            ("staff-unbinding", self.unbinding),
            ("staff-evidence", self.file),
            ("staff-removal", self.proposal),
            ("staff-appeal", self.appeal),
            ("staff-title", self.title),
            ("staff-notice-entry", self.entry),
            ("staff-notice", self.notice),
        ):
            if str(address).startswith(prefix):
                return row.pk
        raise KeyError(f"{address}: which row of a case is its {name!r}?")


def case_of(agency: Agency, *, removed: bool = False, canary: str = "") -> Case:
    """One of everything for the agency; `canary` is in every text that is not public."""
    now, today = timezone.now(), timezone.localdate()
    staff = UserFactory.create(name=canary or "Staff")
    text = canary or "text"
    number = Violation.objects.count()
    draft = ViolationFactory.create(
        agency=agency,
        state=ViolationState.DRAFT,
        decided_on=None,
        drafted_by=staff,
        summary=text,
        reference=f"{canary}DRAFT-{number}",
    )
    issued = ViolationFactory.create(
        agency=agency,
        decided_on=today,
        drafted_by=staff,
        issued_by=staff,
        summary=text,
        reference=f"{canary}ISSUED-{number}",
    )
    appeal = Appeal.objects.create(
        agency=agency,
        text=text,
        filed_by=staff,
        filed_at=now,
        due_on=today + timedelta(days=15),
    )
    appealed = ViolationFactory.create(
        agency=agency,
        state=ViolationState.APPEALED,
        appeal=appeal,
        decided_on=today,
        summary=text,
        reference=f"{canary}APPEALED-{number}",
    )
    file = CaseFile.objects.create(
        violation=issued,
        name=f"{canary}evidence.png",
        content_type="image/png",
        size=len(PIXEL),
        sha256=sha256(PIXEL).hexdigest(),
        content=PIXEL,
        added_by=staff,
        added_at=now,
    )
    proposal = Penalty.objects.create(
        violation=issued,
        agency=agency,
        kind=Measure.REMOVAL,
        state=PenaltyState.ACTIVE if removed else PenaltyState.PROPOSED,
        starts_on=today if removed else None,
        proposed_by=staff,
        confirmed_by=UserFactory.create() if removed else None,
    )
    if removed:
        agency.removed_on = today
        agency.save(update_fields=["removed_on"])
    creator = CreatorFactory.create(
        nickname=text, contact=f"{canary.lower() or 'creator'}{number}@example.com"
    )
    binding = BindingFactory.create(agency=agency, creator=creator)
    other = BindingFactory.create(agency=agency)
    request = BindingRequest.objects.create(
        agency=agency,
        creator=CreatorFactory.create(nickname=text),
        message=text,
        asked_by=staff,
        asked_at=now,
        expires_at=now + timedelta(days=7),
    )
    unbinding = Unbinding.objects.create(
        binding=other,
        side=Side.CREATOR,
        reason=text,
        asked_at=now,
        silent_on=today + timedelta(days=14),
    )
    notice = PublicNotice.objects.create(
        title="违规处罚公示",
        first_day=today,
        last_day=today,
        state=NoticeState.PUBLISHED,
        created_by=staff,
        created_at=now,
        published_at=now,
        published_by=staff,
        request_key=uuid4(),
    )
    entry = NoticeEntry.objects.create(
        notice=notice, violation=issued, agency_name=agency.name, wording="公示内容"
    )
    link = CreatorLink.objects.create(
        creator=request.creator,
        purpose=LinkPurpose.CONFIRM,
        request=request,
        nonce=uuid4(),
        created_at=now,
        expires_at=now + timedelta(days=7),
    )
    title = Title.objects.create(
        agency=agency,
        name_zh="年度机构",
        name_en="Agency of the year",
        granted_on=today,
        granted_by=staff,
    )
    return Case(
        agency,
        draft,
        issued,
        appealed,
        appeal,
        file,
        proposal,
        binding,
        request,
        unbinding,
        title,
        notice,
        entry,
        link,
    )
