"""What stands between a person and a case: what they saw, a hand in it, a seat in the agency."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.datastructures import MultiValueDict

from agencies.actions.appeals import decide_appeal, file_appeal
from agencies.actions.awards import award_credit
from agencies.actions.case_files import MAX_BYTES, NewFile, add_evidence, remove_evidence
from agencies.actions.cases import refuse_member
from agencies.actions.drafting import amend_case, draft_case
from agencies.actions.violations import (
    PlannedMeasure,
    amend_draft,
    discard_draft,
    group_incident,
    issue,
    revoke,
)
from agencies.enums import Measure, ViolationState
from agencies.forms.staff_cases import EvidenceForm, FilesField, ViolationForm
from agencies.ledger import Deduction, deduct
from agencies.models import Agency, CaseFile, CreditEntry, Incident, Violation
from agencies.queries.desk import (
    appeals_awaiting,
    appeals_due_first,
    awaiting,
    digest_of_draft,
    involved,
    stakes,
    violations_due_first,
)
from agencies.queries.linked import linked_to
from agencies.refusals import Refused
from portal.models import User
from tests.agencies.desk import looked_at, said
from tests.factories import AgencyFactory, MembershipFactory, UserFactory, ViolationFactory
from tests.factories.cases import AT, PDF, TODAY, IncidentFactory, drafted, issued
from tests.factories.staff import operator, signed_in

pytestmark = pytest.mark.django_db
MEMBER = "You are a member of this agency: somebody else must decide."
NEXT_WEEK = TODAY + timedelta(days=7)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def facts(case: Violation, **changes: Any) -> dict[str, Any]:
    """The facts of a draft, as the actions take them."""
    same = {name: getattr(case, name) for name in ("kind", "occurred_on", "summary", "points")}
    same["measures"] = [PlannedMeasure(Measure(each.kind)) for each in case.penalties.all()]
    return {"violation_id": case.pk, "at": AT, "by": operator(), **same, **changes}


def amend(case: Violation, **changes: Any) -> Violation:
    return amend_case(**{"incident_title": "", "files": [], **facts(case, **changes)})


def with_file(case: Violation, by: User | None = None) -> CaseFile:
    new = [NewFile("a.pdf", PDF)]
    (file,) = add_evidence(violation_id=case.pk, files=new, at=AT, by=by or operator())
    return file


def stored(case: Violation) -> Violation:
    return Violation.objects.get(pk=case.pk)


# --- what was seen -------------------------------------------------------------------------------


def a_linked_agency() -> PlannedMeasure:
    hit = AgencyFactory.create().pk
    return PlannedMeasure(Measure.LINKED_AGENCIES, None, None, (hit,))


def a_linked_account() -> PlannedMeasure:
    return PlannedMeasure(Measure.LINKED_ACCOUNTS, None, None, (), (UserFactory.create().pk,))


def removed_file(case: Violation) -> None:
    remove_evidence(file_id=case.files.get().pk, at=AT, by=operator())


def grouped(case: Violation) -> None:
    other = drafted(agency=case.agency)
    group_incident(violation_ids=[case.pk, other.pk], title="x", at=AT, by=operator())


CHANGES: dict[str, Callable[[Violation], object]] = {
    "occurred_on": lambda case: amend(case, occurred_on=date(2026, 9, 2)),
    "kind": lambda case: amend(case, kind="other"),
    "summary": lambda case: amend(case, summary="别的事"),
    "points": lambda case: amend(case, points=120),
    "measure": lambda case: amend(case, measures=[PlannedMeasure(Measure.WARNING)]),
    "last day": lambda case: amend(
        case, measures=[PlannedMeasure(Measure.SUSPEND_BINDING, None, NEXT_WEEK)]
    ),
    "linked agency": lambda case: amend(case, measures=[a_linked_agency()]),
    "linked account": lambda case: amend(case, measures=[a_linked_account()]),
    "incident": grouped,
    "another file": lambda case: add_evidence(
        violation_id=case.pk, files=[NewFile("b.pdf", PDF + b"2")], at=AT, by=operator()
    ),
    "a file less": removed_file,
}


@pytest.mark.parametrize("what", CHANGES)
def test_nobody_issues_what_they_did_not_see(what: str) -> None:
    case = drafted(measures=[PlannedMeasure(Measure.SUSPEND_BINDING)])
    with_file(case)
    seen = digest_of_draft(stored(case))
    CHANGES[what](stored(case))

    with pytest.raises(Refused, match=r"^The draft was changed meanwhile\.") as refused:
        issue(violation_id=case.pk, at=AT, by=operator(), seen=seen)
    assert (refused.value.rule, stored(case).state) == ("changed", ViolationState.DRAFT)

    now = digest_of_draft(stored(case))
    assert now != seen
    issue(violation_id=case.pk, at=AT, by=operator(), seen=now)
    assert stored(case).state == ViolationState.ISSUED


def test_a_renamed_incident_is_something_else() -> None:
    case = drafted(incident=IncidentFactory.create(title="before"))
    seen = digest_of_draft(case)
    grouped(case)
    assert digest_of_draft(stored(case)) != seen


def test_what_is_rewritten_as_it_was_is_the_same() -> None:
    case = drafted(measures=[PlannedMeasure(Measure.REMOVAL)])
    seen = digest_of_draft(case)
    amend(case)
    assert digest_of_draft(stored(case)) == seen
    issue(violation_id=case.pk, at=AT, by=operator(), seen=seen)


def test_programs_need_not_look() -> None:
    case = drafted()
    amend(case, points=7)
    assert issue(violation_id=case.pk, at=AT, by=operator()).points == 7


def test_two_editors_do_not_overwrite_each_other() -> None:
    case = drafted()
    seen = digest_of_draft(case)
    amend(case, summary="第一位", seen=seen)
    with pytest.raises(Refused, match=r"^The draft was changed meanwhile\. Open it again") as late:
        amend(
            case, summary="第二位", incident_title="new", files=[NewFile("a.pdf", PDF)], seen=seen
        )
    assert late.value.rule == "changed"
    assert (stored(case).summary, CaseFile.objects.count()) == ("第一位", 0)
    assert not Incident.objects.exists()
    with pytest.raises(Refused):
        amend_draft(**facts(case, summary="第二位", seen=seen))


def test_the_pages_carry_what_they_showed() -> None:
    first, second = operator(), operator()
    case = drafted(by=first, occurred_on=date(2026, 10, 1))
    url = f"/staff/violations/{case.pk}/"
    shown = looked_at(case)
    assert f'name="seen" value="{shown["seen"]}"' in said(signed_in(first).get(url))
    edit = said(signed_in(second).get(f"{url}edit/"))
    assert f'name="seen" value="{shown["seen"]}"' in edit
    sent = {
        "request_key": str(case.request_key),
        "occurred_on": "2026-10-01",
        "summary": "改过",
        "points": "120",
        "seen": shown["seen"],
    }
    assert signed_in(second).post(f"{url}edit/", sent).status_code == 302

    late = said(signed_in(first).post(f"{url}edit/", {**sent, "summary": "又改"}))
    assert "Open it again, then make your change." in late
    assert f'name="seen" value="{shown["seen"]}"' in late
    response = signed_in(first).post(f"{url}issue/", shown)
    page = said(response)
    assert "Look at it again, then issue." in page
    assert f'name="seen" value="{looked_at(case)["seen"]}"' in page
    tick = page[page.index('name="checked"') :].partition(">")[0]
    assert " checked" not in tick
    assert (stored(case).state, stored(case).summary) == (ViolationState.DRAFT, "改过")

    assert signed_in(first).post(f"{url}issue/", {"checked": "on"}).status_code == 200
    assert stored(case).state == ViolationState.DRAFT
    assert signed_in(first).post(f"{url}issue/", looked_at(case)).status_code == 302
    assert stored(case).state == ViolationState.ISSUED


# --- a hand in the case --------------------------------------------------------------------------


def regroups(case: Violation, by: User) -> None:
    other = drafted(agency=case.agency)
    group_incident(violation_ids=[case.pk, other.pk], title="x", at=AT, by=by)


HANDS: dict[str, Callable[[Violation, User], object]] = {
    "changed": lambda case, by: amend(case, by=by),
    "gave evidence": with_file,
    "took evidence": lambda case, by: remove_evidence(file_id=with_file(case).pk, at=AT, by=by),
    "grouped": regroups,
    "issued": lambda case, by: issue(violation_id=case.pk, at=AT, by=by),
}


@pytest.mark.parametrize("hand", HANDS)
def test_whoever_had_a_hand_in_a_case_reviews_nothing_of_it(hand: str) -> None:
    by, free = operator(), operator()
    case = drafted()
    HANDS[hand](case, by)
    if stored(case).state == ViolationState.DRAFT:
        issue(violation_id=case.pk, at=AT, by=operator())

    assert list(involved(by).filter(pk=case.pk)) == [case]
    assert not involved(free).exists()
    with pytest.raises(Refused) as refused:
        revoke(violation_id=case.pk, reason="x", at=AT, by=by)
    assert refused.value.rule == "own_decision"
    assert revoke(violation_id=case.pk, reason="x", at=AT, by=free).reviewed_by == free


def test_whoever_looked_or_was_told_had_no_hand() -> None:
    case, reader = issued(), operator()
    signed_in(reader).get(f"/staff/violations/{case.pk}/")
    assert not involved(reader).exists()


def test_whoever_imported_a_case_does_not_review_it() -> None:
    importer = operator()
    case = ViolationFactory.create(agency=AgencyFactory.create())
    order = Deduction(case.agency_id, case.pk, 20, case.decided_on, case.reference)
    with transaction.atomic():
        deduct([order], at=AT, by_id=importer.pk)
    assert list(involved(importer)) == [case]
    with pytest.raises(Refused) as refused:
        revoke(violation_id=case.pk, reason="x", at=AT, by=importer)
    assert refused.value.rule == "own_decision"


def test_whoever_filed_an_appeal_does_not_decide_it_even_without_a_seat() -> None:
    by = operator()
    seat = MembershipFactory.create(user=by)
    case = issued(agency=seat.agency)
    appeal = file_appeal(agency=seat.agency, violation_ids=[case.pk], text="不", at=AT, by=by)
    seat.delete()
    verdicts = {case.pk: "revoke"}
    with pytest.raises(Refused) as refused:
        decide_appeal(appeal_id=appeal.pk, verdicts=verdicts, reason="x", at=AT, by=by)
    assert refused.value.rule == "own_decision"
    assert not appeals_awaiting(appeals_due_first(), by).exists()


# --- a seat in the agency ------------------------------------------------------------------------


@pytest.fixture
def insider() -> User:
    """Somebody of the staff who is a member of an agency: `insider.agencies.get()`."""
    user = operator()
    MembershipFactory.create(user=user)
    return user


def test_nobody_issues_about_their_own_agency(insider: User) -> None:
    case = drafted(agency=insider.agencies.get())
    with pytest.raises(Refused, match=MEMBER) as refused:
        issue(violation_id=case.pk, at=AT, by=insider)
    assert (refused.value.rule, stored(case).state) == ("own_agency", ViolationState.DRAFT)


def test_nor_about_an_agency_that_a_measure_hits(insider: User) -> None:
    hit = (insider.agencies.get().pk,)
    case = drafted(measures=[PlannedMeasure(Measure.LINKED_AGENCIES, None, None, hit)])
    with pytest.raises(Refused, match=MEMBER):
        issue(violation_id=case.pk, at=AT, by=insider)
    issue(violation_id=case.pk, at=AT, by=operator())
    assert stakes(insider, [case.pk]) == {"is_own": False, "is_member": True}
    with pytest.raises(Refused, match=MEMBER):
        revoke(violation_id=case.pk, reason="x", at=AT, by=insider)
    assert stored(case).state == ViolationState.ISSUED


def test_nobody_decides_an_appeal_of_their_own_agency(insider: User) -> None:
    agency = insider.agencies.get()
    owner = MembershipFactory.create(agency=agency).user
    case = issued(agency=agency)
    appeal = file_appeal(agency=agency, violation_ids=[case.pk], text="不", at=AT, by=owner)
    verdicts = {case.pk: "revoke"}
    with pytest.raises(Refused, match=MEMBER):
        decide_appeal(appeal_id=appeal.pk, verdicts=verdicts, reason="x", at=AT, by=insider)
    assert stored(case).state == ViolationState.APPEALED
    assert not appeals_awaiting(appeals_due_first(), insider).exists()
    assert not awaiting(violations_due_first(today=TODAY), insider).exists()
    assert appeals_awaiting(appeals_due_first(), operator()).get() == appeal
    decide_appeal(appeal_id=appeal.pk, verdicts=verdicts, reason="x", at=AT, by=operator())


def test_nobody_awards_credit_to_their_own_agency(insider: User) -> None:
    agency = insider.agencies.get()
    with pytest.raises(Refused, match=MEMBER):
        award_credit(agency=agency, points=5, reason="x", at=AT, by=insider)
    assert not CreditEntry.objects.filter(kind="award").exists()
    other = AgencyFactory.create()
    assert award_credit(agency=other, points=5, reason="x", at=AT, by=insider).points == 5


def test_members_of_others_and_of_none_may(insider: User) -> None:
    refuse_member(insider, [AgencyFactory.create().pk])
    refuse_member(insider, [])


def test_the_pages_offer_a_member_nothing_and_say_why(insider: User) -> None:
    agency = insider.agencies.get()
    client, other = signed_in(insider), signed_in(operator())
    removal = {"points": 0, "measures": [PlannedMeasure(Measure.REMOVAL)]}
    draft = drafted(agency=agency)
    decided = issued(agency=agency, at=timezone.now(), **removal)
    penalty = decided.penalties.get()
    owner = MembershipFactory.create(agency=agency).user
    now = timezone.now()
    appeal = file_appeal(agency=agency, violation_ids=[decided.pk], text="不", at=now, by=owner)
    for path, button in (
        (f"violations/{draft.pk}/", "Issue the decision"),
        (f"violations/{decided.pk}/", "Revoke the decision"),
        (f"removals/{penalty.pk}/", "Confirm the removal"),
        (f"appeals/{appeal.pk}/", "Decide the appeal"),
        (f"credit/award/?agency={agency.code}", ">Award</button>"),
    ):
        page = said(client.get(f"/staff/{path}"))
        assert MEMBER in page, path
        assert button not in page, path
        page = said(other.get(f"/staff/{path}"))
        assert MEMBER not in page, path
        assert button in page, path


# --- incidents of a draft ------------------------------------------------------------------------


def test_the_same_change_twice_opens_one_incident() -> None:
    case = drafted()
    for _ in range(2):
        amend(case, incident_title=" 直播 ")
    assert stored(case).incident == Incident.objects.get()
    assert Incident.objects.get().title == "直播"


def test_a_draft_that_goes_leaves_no_empty_incident() -> None:
    case = drafted()
    amend(case, incident_title="one")
    other = drafted(agency=case.agency, incident=Incident.objects.get())
    discard_draft(violation_id=case.pk, at=AT, by=operator())
    assert Incident.objects.get().violations.get() == other
    amend(other, incident_title="two")
    assert Incident.objects.get().title == "two"
    discard_draft(violation_id=other.pk, at=AT, by=operator())
    assert not Incident.objects.exists()


def test_an_incident_that_went_meanwhile_is_refused() -> None:
    case = drafted()
    gone = IncidentFactory.create()
    Incident.objects.filter(pk=gone.pk).delete()
    with pytest.raises(Refused, match="This incident no longer exists") as refused:
        amend_draft(**facts(case, incident=gone))
    assert refused.value.rule == "incident"


def test_a_new_draft_opens_its_incident_once() -> None:
    agency = AgencyFactory.create()
    key = uuid4()
    given = {"kind": "dispute", "occurred_on": TODAY, "summary": "x", "points": 1, "measures": []}
    for _ in range(2):
        draft_case(
            agency=agency,
            request_key=key,
            incident_title="one",
            files=[],
            at=AT,
            by=operator(),
            **given,
        )
    assert Incident.objects.get().violations.count() == 1


# --- linked ones that were chosen earlier --------------------------------------------------------


def test_linked_ones_stay_chosen_when_the_link_is_gone() -> None:
    agency = AgencyFactory.create(contact_phone="0571-1", name="甲")
    twin = AgencyFactory.create(contact_phone="0571-1", name="乙")
    seat = MembershipFactory.create(agency=agency)
    case = drafted(
        agency=agency,
        measures=[
            PlannedMeasure(Measure.LINKED_AGENCIES, None, None, (twin.pk,)),
            PlannedMeasure(Measure.LINKED_ACCOUNTS, None, None, (), (seat.user.pk,)),
        ],
    )
    client, url = signed_in(operator()), f"/staff/violations/{case.pk}/edit/"
    assert "chosen earlier" not in said(client.get(url))
    Agency.objects.filter(pk=twin.pk).update(contact_phone="0571-2")
    seat.delete()

    page = said(client.get(url))
    assert f"{twin} · chosen earlier" in page
    assert f"{seat.user} · chosen earlier" in page
    sent = {
        "request_key": str(case.request_key),
        "occurred_on": "2026-09-01",
        "summary": "x",
        "points": "20",
        "linked_agencies": [twin.pk],
        "linked_accounts": [seat.user.pk],
        "seen": digest_of_draft(stored(case)),
    }
    assert client.post(url, sent).status_code == 302
    hit = case.penalties.order_by("kind").values_list("agency_id", "account_id")
    assert list(hit) == [(agency.pk, seat.user.pk), (twin.pk, None)]


# --- uploads -------------------------------------------------------------------------------------


class Unreadable(SimpleUploadedFile):
    """An upload that says how large it is and must not be read."""

    def __init__(self, name: str, size: int = 9) -> None:
        super().__init__(name, PDF)
        self.size = size

    def read(self, *_: Any) -> bytes:
        raise AssertionError(f"{self.name} was read")


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([Unreadable(f"{n}.pdf") for n in range(60)], "At most 5 files can be added here"),
        ([Unreadable("a.pdf"), Unreadable("b.pdf", MAX_BYTES + 1)], "b.pdf is larger than 10 MB"),
    ],
)
def test_uploads_are_counted_and_weighed_before_one_is_read(
    files: list[Unreadable], sentence: str
) -> None:
    with pytest.raises(ValidationError, match=sentence):
        FilesField().clean(files)
    for form in (EvidenceForm({}, MultiValueDict({"evidence": files})), draft_form(files)):
        assert not form.is_valid()
        assert sentence in str(form.errors["evidence"])


def draft_form(files: list[Unreadable]) -> ViolationForm:
    agency = AgencyFactory.create()
    sent: MultiValueDict[str, Any] = MultiValueDict({"evidence": files})
    return ViolationForm({}, sent, agency=agency, linked=linked_to(agency))


def test_five_of_ten_megabytes_are_let_through() -> None:
    files = [Unreadable(f"{n}.pdf", MAX_BYTES) for n in range(5)]
    assert FilesField().clean(files) == files


def test_too_many_are_refused_on_the_page() -> None:
    case = drafted()
    files = [SimpleUploadedFile(f"{n}.pdf", PDF + bytes([n])) for n in range(6)]
    url = f"/staff/violations/{case.pk}/evidence/"
    page = said(signed_in(operator()).post(url, {"evidence": files}))
    assert "At most 5 files can be added here: leave some out." in page
    assert not CaseFile.objects.exists()
