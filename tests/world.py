"""One of everything that the portal knows of an agency, for tests that try every address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.utils import timezone

from agencies.actions.invitations import token_of as invited_with
from agencies.actions.links import token_of
from agencies.enums import (
    LinkPurpose,
    Measure,
    NoticeState,
    PenaltyState,
    Role,
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
    Invitation,
    Membership,
    NoticeEntry,
    Penalty,
    PublicNotice,
    Title,
    Unbinding,
    Violation,
)
from scoring.enums import ExportState
from scoring.models import Evaluation, RowExport
from scoring.receipts.exports import export_path
from tests.factories import (
    AssessmentFactory,
    BindingFactory,
    CreatorFactory,
    EvaluationFactory,
    MembershipFactory,
    UserFactory,
    ViolationFactory,
)
from tests.factories.invitations import InvitationFactory
from tests.world_people import House, People, house, people_of
from tests.world_rules import Said, Shared, row_of, said_by, shared

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
    seat: Membership
    invitation: Invitation
    export: RowExport
    shared: Shared
    said: Said
    house: House
    people: People

    def value(self, address: str | None, name: str) -> Any:
        """What an address of this case has in the place of `name`."""
        if name == "reference":
            return self.issued.reference
        if name == "token":
            return invited_with(self.invitation) if address == "join" else token_of(self.link)
        if name == "creator_id":
            return self.binding.creator.creator_id
        if name == "code":
            return self.agency.code
        for around in (self.people, self.house):
            if (value := around.value(str(address), name)) is not None:
                return value
        rows = {
            "withdraw-invitation": self.invitation,
            "member-role": self.seat,
            "remove-member": self.seat,
            "rows-file": self.export,
            "case-file": self.file,
            "withdraw-request": self.request,
            "unbind": self.binding,
            "answer-unbinding": self.unbinding,
            "staff-case-file": self.file,
            "staff-end-binding": self.binding,
            "staff-correct-binding": self.binding,
            "public-notice": self.notice,
        }
        if address in rows:
            return rows[address].pk
        if (found := row_of(self.shared, self.said, address)) is not None:
            return found
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
    platform, around = shared(), house()
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
        MembershipFactory.create(agency=agency, role=Role.VIEWER, user__name=text),
        InvitationFactory.create(
            agency=agency,
            email=f"{(canary or 'invited').lower()}{number}@example.com",
            invited_at=now,
        ),
        _export(agency, staff, number),
        platform,
        said_by(agency, platform.consultation, text=text),
        around,
        people_of(agency, creator, around.event, text=text),
    )


def _export(agency: Agency, by: Any, number: int) -> RowExport:
    """A file of rows that is ready, of the one published month."""
    month = date(2026, 10, 1)
    evaluation = Evaluation.objects.filter(month=month).first()
    evaluation = evaluation or EvaluationFactory.create(month=month)
    AssessmentFactory.create(evaluation=evaluation, agency=agency)
    content = f"rows of {agency.code}".encode()
    digest = sha256(content).hexdigest()
    export_path(digest).parent.mkdir(parents=True, exist_ok=True)
    export_path(digest).write_bytes(content)
    now = timezone.now()
    return RowExport.objects.create(
        agency=agency,
        evaluation=evaluation,
        state=ExportState.READY,
        asked_by=by,
        asked_at=now,
        attempt=1,
        claimed_at=now,
        ready_at=now,
        expires_at=now + timedelta(days=30),
        rows=number,
        size=len(content),
        sha256=digest,
    )
