"""An agency's own page of violations and credit, also where its workplace is closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.formats import date_format

from agencies.enums import Measure, PenaltyState, Role, ViolationState
from agencies.ledger import Deduction, deduct
from agencies.models import Agency, Penalty, Violation
from tests.factories import AgencyFactory, MembershipFactory, UserFactory, ViolationFactory
from tests.factories.cases import AppealFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency", joined_on=date(2025, 1, 1))


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def text(client: Client, path: str = "/conduct/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def taken(agency: Agency, points: int, *, on: date, reference: str = "") -> Violation:
    """A decided violation whose points the ledger took."""
    case = ViolationFactory.create(
        agency=agency,
        points=points,
        occurred_on=on,
        decided_on=on,
        **({"reference": reference} if reference else {}),
    )
    deduct([Deduction(agency.pk, case.pk, points, on, case.reference)], at=NOW)
    return case


def measure(case: Violation, kind: Measure, **fields: Any) -> Penalty:
    values = {
        "agency": case.agency,
        "state": PenaltyState.ACTIVE,
        "starts_on": date(2026, 11, 10),
        "until": date(2026, 12, 10),
    }
    return Penalty.objects.create(violation=case, kind=kind, **{**values, **fields})


def remove(agency: Agency, case: Violation) -> None:
    measure(
        case,
        Measure.REMOVAL,
        until=None,
        confirmed_by=UserFactory.create(is_staff=True),
        starts_on=date(2026, 11, 20),
    )
    Agency.objects.filter(pk=agency.pk).update(removed_on=date(2026, 11, 20))


def test_an_agency_without_violations_reads_that_there_are_none(member: Client) -> None:
    page = text(member)
    assert '<span class="big conduct-balance">120</span>' in page
    assert "of at most 150" in page
    assert "No violation has been decided against this agency." in page
    assert "No measure is in force." in page
    assert "Nothing is to come back" in page
    assert "Opening balance" in page


def test_bands_say_what_they_forbid_and_until_when(agency: Agency, member: Client) -> None:
    taken(agency, 50, on=date(2026, 11, 10))
    page = text(member)
    assert '<span class="big conduct-balance">70</span>' in page
    assert "Below 80" in page
    assert "no new bindings for 30 days from the deduction that goes below it" in page
    assert "In force; over on Dec. 10, 2026" in page
    assert "Credit forbids new bindings now; this ban is over on Dec. 10, 2026." in page
    assert page.count("In force;") == 1


def test_of_two_bans_only_the_longer_one_tells_a_day(agency: Agency, member: Client) -> None:
    taken(agency, 90, on=date(2026, 11, 10))
    page = text(member)
    assert "In force; over on Jan. 9, 2027" in page
    assert "In force; the ban that lasts longer decides" in page
    assert "over on Dec. 10, 2026" not in page


def test_a_proposed_removal_says_what_it_means_and_what_can_be_done(
    agency: Agency, member: Client
) -> None:
    case = taken(agency, 120, on=date(2026, 11, 20), reference="ZERO")
    measure(
        case,
        Measure.REMOVAL,
        state=PenaltyState.PROPOSED,
        starts_on=None,
        until=None,
        at_zero=True,
    )
    page = text(member)
    assert "The removal of this agency from the platform is proposed" in page
    assert "As soon as credit is above 0 again, the proposal is withdrawn." in page
    assert f"Read decision ZERO and appeal by the end of {date_format(case.appeal_until)}" in page
    assert "Decision ZERO may be appealed" not in page
    assert "Reached; the second person has not decided yet" in page
    assert "Measures in force or proposed" in page
    assert "Awaits a second person" in page
    assert "If the removal is confirmed before that day, nothing comes back." in page


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (ViolationState.APPEALED, "Read decision ZERO and your appeal, which is being reviewed"),
        (ViolationState.ISSUED, "Read decision ZERO </a> If you think this is wrong, write to"),
    ],
)
def test_a_proposed_removal_that_cannot_be_appealed_any_more(
    agency: Agency, member: Client, state: ViolationState, told: str
) -> None:
    appeal = AppealFactory.create(agency=agency) if state == ViolationState.APPEALED else None
    case = ViolationFactory.create(
        agency=agency,
        reference="ZERO",
        state=state,
        appeal=appeal,
        appeal_until=date(2026, 11, 21),
    )
    measure(case, Measure.REMOVAL, state=PenaltyState.PROPOSED, starts_on=None, until=None)
    page = text(member)
    assert told in page
    assert "Credit has reached 0" not in page


def test_a_band_whose_time_is_over_says_so(agency: Agency, member: Client) -> None:
    taken(agency, 50, on=date(2026, 10, 1))
    page = text(member)
    assert "the time without bindings is over" in page
    assert "Credit forbids new bindings" not in page


def test_the_way_back_names_day_and_points(agency: Agency, member: Client) -> None:
    taken(agency, 50, on=date(2026, 11, 10))
    assert "10 points come back on Dec. 10, 2026" in text(member)


def test_the_ledger_is_newest_first_with_a_running_balance(agency: Agency, member: Client) -> None:
    taken(agency, 30, on=date(2026, 11, 1), reference="A/1")
    taken(agency, 300, on=date(2026, 11, 2), reference="B 2")
    page = text(member).split('id="ledger"')[1]
    for figure in ("300", "−90", "30", "−30", ">0<", ">90<", ">120<"):
        assert figure in page
    assert page.index("B 2") < page.index("A/1") < page.index("Opening balance")
    assert 'href="/conduct/violations/A~s1/"' in page
    assert 'href="/conduct/violations/B%202/"' in page


def test_lists_are_paged_by_the_address(agency: Agency, member: Client) -> None:
    for day in range(1, 21):
        taken(agency, 1, on=date(2026, 10, day), reference=f"CASE-{day:02d}")
    first = text(member)
    assert "1–20 of 21" in first
    assert "1–10 of 20" in first
    second = text(member, "/conduct/?line-page=2&case-page=2")
    assert "Opening balance" in second
    assert "CASE-20" not in second
    assert text(member, "/conduct/?line-page=x&case-page=99").count("Opening balance") == 0


def test_violations_show_state_and_time_to_appeal(agency: Agency, member: Client) -> None:
    ViolationFactory.create(agency=agency, reference="OPEN", appeal_until=date(2026, 11, 23))
    ViolationFactory.create(agency=agency, reference="LAST", appeal_until=TODAY)
    ViolationFactory.create(agency=agency, reference="LATE", appeal_until=date(2026, 11, 21))
    page = text(member)
    assert "Decision OPEN may be appealed until the end of Nov. 23, 2026" in page
    assert "until Nov. 23, 2026, 1 day left" in page
    assert "until Nov. 22, 2026, 0 days left" in page
    assert "Decision LATE may" not in page
    assert "LATE" in page


@pytest.mark.parametrize(
    ("due_on", "told"),
    [
        (date(2026, 12, 6), "to be decided by Dec. 6, 2026, 14 days left"),
        (date(2026, 11, 23), "to be decided by Nov. 23, 2026, 1 day left"),
        (date(2026, 11, 21), "was to be decided by Nov. 21, 2026, late"),
    ],
)
def test_an_appealed_case_says_when_it_is_decided(
    agency: Agency, member: Client, due_on: date, told: str
) -> None:
    appeal = AppealFactory.create(agency=agency, due_on=due_on)
    ViolationFactory.create(
        agency=agency,
        state=ViolationState.APPEALED,
        appeal=appeal,
        appeal_until=date(2026, 12, 1),
    )
    page = text(member)
    assert f'data-label="Appeal">{told}<' in page.replace(" >", ">")


def test_measures_name_their_case_but_never_one_of_another_agency(
    agency: Agency, member: Client
) -> None:
    measure(ViolationFactory.create(agency=agency, reference="MINE"), Measure.SUSPEND_BINDING)
    foreign = ViolationFactory.create(reference="FOREIGN")
    measure(foreign, Measure.LINKED_AGENCIES, agency=agency)
    page = text(member)
    assert "from Nov. 10, 2026, over on Dec. 10, 2026" in page
    assert 'from <a href="/conduct/violations/MINE/">case MINE</a>' in page
    assert "from a case of a linked agency" in page
    assert "FOREIGN" not in page


@pytest.mark.parametrize("state", [PenaltyState.PLANNED, PenaltyState.EXPIRED, PenaltyState.LIFTED])
def test_measures_that_do_not_hold_are_not_in_force(
    agency: Agency, member: Client, state: PenaltyState
) -> None:
    measure(ViolationFactory.create(agency=agency), Measure.SUSPEND_BINDING, state=state)
    assert "No measure is in force." in text(member)


def test_drafts_are_not_there(agency: Agency, member: Client) -> None:
    ViolationFactory.create(
        agency=agency, reference="DRAFT", state=ViolationState.DRAFT, decided_on=None
    )
    assert "DRAFT" not in text(member)


def test_a_removed_agency_reads_what_it_means_and_where_to_appeal(
    agency: Agency, member: Client
) -> None:
    case = taken(agency, 120, on=date(2026, 11, 19), reference="GONE")
    remove(agency, case)
    other = taken(agency, 5, on=date(2026, 11, 19))
    measure(other, Measure.REMOVAL, state=PenaltyState.PROPOSED, starts_on=None, until=None)
    page = text(member)
    assert "This agency was removed from the platform on Nov. 20, 2026" in page
    assert "The removal of this agency from the platform is proposed" not in page
    assert "Measures in force or proposed" not in page
    assert f"Read decision GONE and appeal by the end of {date_format(case.appeal_until)}" in page
    assert "Decision GONE may be appealed" not in page
    assert "this ban is over" not in page
    assert "In force;" not in page
    assert 'href="/creators/"' not in page
    assert member.get("/home/").headers["location"] == "/conduct/"
    assert "closed to removed agencies" not in text(member)
    for path in ("/creators/", "/messages/", "/rules/"):
        assert member.get(path).headers["location"] == "/conduct/"
        assert text(member).count("This page is closed to removed agencies.") == 1
    assert "closed to removed agencies" not in text(member)


def test_a_removed_agency_can_still_read_the_rules(agency: Agency, member: Client) -> None:
    remove(agency, ViolationFactory.create(agency=agency))
    assert '<a href="/public/rules/">' in text(member).partition('class="side-nav"')[2]
    assert '<a href="/public/rules/" aria-current="page">' in text(member, "/public/rules/")


@pytest.mark.parametrize("own", [True, False])
def test_a_barred_account_reads_until_when(own: bool) -> None:
    seat = MembershipFactory.create()
    fields = {"reference": "WHY", "appeal_until": date(2026, 12, 1)}
    case = ViolationFactory.create(**fields, **({"agency": seat.agency} if own else {}))
    measure(case, Measure.LINKED_ACCOUNTS, account=seat.user)
    page = text(signed_in(seat.user))
    assert "Your account is barred; it is open again from Dec. 10, 2026" in page
    assert ("Read decision WHY" in page) is own
    assert ("write to the platform" in page) is not own
    member = signed_in(seat.user)
    assert member.get("/home/").headers["location"] == "/conduct/"
    assert member.get("/score/").headers["location"] == "/conduct/"
    assert "This page is closed to you while your account is barred." in text(member)


def test_nothing_of_another_agency_is_there(agency: Agency, member: Client) -> None:
    other = AgencyFactory.create()
    case = taken(other, 50, on=date(2026, 11, 10), reference="FOREIGN")
    measure(case, Measure.SUSPEND_BINDING)
    assert "FOREIGN" not in text(member)
    assert "No measure is in force." in text(member)


def test_a_viewer_reads_the_same(agency: Agency) -> None:
    taken(agency, 50, on=date(2026, 11, 10), reference="SEEN")
    viewer = MembershipFactory.create(agency=agency, role=Role.VIEWER).user
    assert "SEEN" in text(signed_in(viewer))


def test_the_page_is_only_read(member: Client) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(member, method)("/conduct/").status_code == 405


def test_three_rows_take_as_many_queries_as_one(
    agency: Agency, member: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    measure(taken(agency, 1, on=date(2026, 11, 10)), Measure.SUSPEND_BINDING)
    text(member)
    with django_assert_num_queries(10):
        text(member)
    for day in (11, 12):
        measure(taken(agency, 1, on=date(2026, 11, day)), Measure.SUSPEND_BINDING)
        appeal = AppealFactory.create(agency=agency)
        ViolationFactory.create(agency=agency, state=ViolationState.APPEALED, appeal=appeal)
    with django_assert_num_queries(10):
        text(member)
