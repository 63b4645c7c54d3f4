"""One creator's days: own periods, what counted, why other days did not, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.actions.binding_corrections import correct_binding
from agencies.actions.bindings import end_binding, transfer
from agencies.actions.unbinding import agree, ask_unbinding_by_agency
from agencies.enums import Role, Side, UnbindingState
from agencies.models import Agency, Binding, Creator, Unbinding
from scoring.queries.timeline import End, Gap, gaps_of, timeline_of
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    MembershipFactory,
    UserFactory,
)
from tests.factories.contributions import contributed_month
from tests.factories.requests import BindingRequestFactory, UnbindingFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
TOKEN = r'csrfmiddlewaretoken" value="\w+"'
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (8, 9, 10, 11))


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(stage="assessed", level="V1", binding_cap=50)


@pytest.fixture
def creator() -> Creator:
    return CreatorFactory.create(creator_id="leave", nickname="小雨", contact="xiaoyu@example.com")


@pytest.fixture
def owner(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def words(client: Client, path: str = "/creators/of/leave/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def bound(agency: Agency, creator: Creator, since: date, until: date | None = None) -> Binding:
    return BindingFactory.create(
        agency=agency, creator=creator, bound_from=since, bound_until=until
    )


def only_end(agency: Agency) -> End | None:
    timeline = timeline_of(agency, "leave", today=TODAY)
    assert timeline is not None
    (period,) = timeline.periods
    return period.end


@pytest.mark.parametrize(
    ("until", "counted_on", "told"),
    [
        (None, date(2026, 11, 20), True),
        (None, date(2025, 1, 1), True),
        (date(2026, 10, 11), date(2026, 10, 10), True),
        (date(2026, 10, 11), date(2026, 10, 11), False),
        (date(2026, 10, 11), date(2026, 2, 28), False),
    ],
)
def test_followers_are_those_of_the_time_here(
    agency: Agency,
    creator: Creator,
    owner: Client,
    *,
    until: date | None,
    counted_on: date,
    told: bool,
) -> None:
    bound(agency, creator, date(2026, 3, 1), until)
    Creator.objects.update(followers=7_654_321, followers_on=counted_on)
    page = words(owner)
    assert ("7,654,321" in page, "followers as of" in page) == (told, told)


def test_a_month_says_what_counted_and_why_other_days_did_not(
    agency: Agency, creator: Creator, owner: Client
) -> None:
    bound(agency, creator, date(2026, 10, 12))
    contributed_month(
        agency, OCTOBER, {creator: {"bound_days": 20, "settled_cents": 4_321_00, "level": 6}}
    )
    page = words(owner)
    assert "since Oct. 12, 2026" in page
    october = page.split("October 2026")[-1]
    assert "11 days do not count: not bound to you before Oct. 12, 2026" in october
    assert "¥4,321.00" in october
    assert "L6" in october
    assert "data through Oct. 28, 2026" in october
    november = page.split('id="months-title"')[1].split("October 2026")[0]
    assert 'data-label="Your days"><span>22</span>' in november
    assert "There is no published result of this month." in november


def test_days_between_two_bindings_have_both_dates(agency: Agency, creator: Creator) -> None:
    bound(agency, creator, AUGUST, date(2026, 9, 10))
    bound(agency, creator, date(2026, 10, 5), date(2026, 10, 8))
    timeline = timeline_of(agency, "leave", today=TODAY)
    assert timeline is not None
    assert [(month.month, month.days) for month in timeline.months] == [
        (OCTOBER, 3),
        (SEPTEMBER, 9),
        (AUGUST, 31),
    ]
    assert timeline.months[0].gaps == (
        Gap(OCTOBER, date(2026, 10, 4), date(2026, 9, 10), date(2026, 10, 5)),
        Gap(date(2026, 10, 8), date(2026, 10, 31), date(2026, 10, 8), None),
    )
    assert timeline.months[1].gaps == (
        Gap(date(2026, 9, 10), date(2026, 9, 30), date(2026, 9, 10), date(2026, 10, 5)),
    )
    assert timeline.months[2].gaps == ()


def test_a_binding_after_the_span_leaves_it_whole() -> None:
    later = Binding(bound_from=date(2026, 12, 24))
    assert list(gaps_of([later], OCTOBER, date(2026, 10, 31))) == [
        Gap(OCTOBER, date(2026, 10, 31), None, date(2026, 12, 24))
    ]
    before = Binding(bound_from=AUGUST, bound_until=OCTOBER)
    assert list(gaps_of([before], OCTOBER, date(2026, 10, 31))) == [
        Gap(OCTOBER, date(2026, 10, 31), OCTOBER, None)
    ]
    whole = Binding(bound_from=AUGUST)
    assert list(gaps_of([whole], OCTOBER, date(2026, 10, 31))) == []


def test_a_binding_recorded_after_the_result_is_said(
    agency: Agency, creator: Creator, owner: Client
) -> None:
    bound(agency, creator, OCTOBER)
    contributed_month(agency, OCTOBER, {CreatorFactory.create(): {}})
    page = words(owner)
    assert "Nothing counted for you." in page
    assert "Your days changed in the records after this result was published" in page


def test_the_line_shows_twelve_months(agency: Agency, creator: Creator) -> None:
    bound(agency, creator, date(2020, 1, 1), date(2025, 11, 1))
    bound(agency, creator, date(2025, 12, 1), date(2026, 12, 1))
    timeline = timeline_of(agency, "leave", today=TODAY)
    assert timeline is not None
    assert (timeline.first, timeline.last) == (date(2025, 12, 1), date(2026, 11, 30))
    assert [(period.start, period.width) for period in timeline.periods] == [(0, 100), (None, None)]
    assert len(timeline.months) == 12
    assert len(timeline.ticks) == 12
    assert timeline.standing == timeline.periods[0]


def test_a_creator_who_left_long_ago_has_periods_only(
    agency: Agency, creator: Creator, owner: Client
) -> None:
    bound(agency, creator, date(2020, 1, 1), date(2021, 1, 1))
    page = words(owner)
    assert "Jan. 1, 2020 to Dec. 31, 2020" in page
    assert "None of the last twelve months has a day of yours." in page
    assert "/unbind/" not in page


def test_the_line_names_its_months_and_the_year_where_one_begins(
    agency: Agency, creator: Creator, owner: Client
) -> None:
    bound(agency, creator, OCTOBER)
    page = owner.get("/creators/of/leave/").content.decode()
    labels = page.split("<text")[1:]
    names = [part.split('dx="4" y="40">')[1].split("</text>")[0].strip() for part in labels]
    assert names[:3] == ["Dec", "Jan 2026", "Feb"]
    assert names[-1] == "Nov"
    narrow = [
        name for name, part in zip(names, labels, strict=True) if 'class="between"' not in part
    ]
    assert narrow == ["Jan 2026", "Apr", "Jul", "Oct"]


def test_how_a_binding_began(agency: Agency, creator: Creator, owner: Client) -> None:
    binding = bound(agency, creator, OCTOBER)
    assert "The binding came with the platform's records." in words(owner)
    BindingRequestFactory.create(
        agency=agency, creator=creator, binding=binding, state="confirmed", closed_at=NOW
    )
    assert "You asked on Nov. 22, 2026, the creator confirmed." in words(owner)


def test_an_end_by_agreement(agency: Agency, creator: Creator, owner: Client) -> None:
    binding = bound(agency, creator, OCTOBER)
    wish = UnbindingFactory.create(binding=binding)
    agree(unbinding_id=wish.pk, side=Side.AGENCY, agency=agency, at=NOW, by=UserFactory.create())
    assert only_end(agency) is End.AGREED
    assert "The creator asked to leave and you agreed." in words(owner)


def test_an_end_by_silence_and_by_decision(agency: Agency, creator: Creator, owner: Client) -> None:
    from agencies.actions.silence import settle
    from agencies.actions.transitions import move

    binding = bound(agency, creator, OCTOBER)
    user = UserFactory.create()
    asked = ask_unbinding_by_agency(
        agency=agency, binding_id=binding.pk, reason="", at=NOW, by=user
    )
    Unbinding.objects.filter(pk=asked.pk).update(silent_on=TODAY)
    assert settle(asked.pk, at=NOW)
    assert only_end(agency) is End.SILENCE
    page = words(owner)
    assert "You requested unbinding; without an answer from the creator the binding ended." in page
    again = CreatorFactory.create(creator_id="other")
    second = bound(agency, again, OCTOBER, TODAY)
    wish = UnbindingFactory.create(
        binding=second, state=UnbindingState.CALLED_IN, objection="No", called_in_at=NOW
    )
    move(wish, "end", agency_id=agency.pk, at=NOW, closed_at=NOW, decision="Paid too late")
    page = words(owner, "/creators/of/other/")
    assert "The platform was called in and decided that the binding ends." in page
    assert "Reason of the decision: Paid too late" in page


def test_an_end_by_the_platform_and_by_its_records(
    agency: Agency, creator: Creator, owner: Client
) -> None:
    binding = bound(agency, creator, OCTOBER, date(2026, 11, 30))
    assert only_end(agency) is End.RECORDS
    page = words(owner)
    assert "Its first and last day come from the platform's records." in page
    assert "The binding came with" not in page
    assert "The end came with" not in page
    end_binding(
        binding_id=binding.pk, last_day=TODAY, reason="SECRET", at=NOW, by=UserFactory.create()
    )
    assert only_end(agency) is End.PLATFORM
    page = words(owner)
    assert "The platform set the end." in page
    assert "SECRET" not in page


def test_corrected_days_are_days_of_the_records(agency: Agency, creator: Creator) -> None:
    binding = bound(agency, creator, OCTOBER, TODAY)
    correct_binding(
        binding_id=binding.pk,
        bound_from=OCTOBER,
        bound_until=date(2026, 10, 12),
        reason="SECRET",
        at=NOW,
        by=UserFactory.create(),
    )
    assert only_end(agency) is End.RECORDS


def test_a_transfer_reads_like_any_end_and_tells_nothing_of_the_other_side(
    agency: Agency, creator: Creator, owner: Client
) -> None:
    bound(agency, creator, OCTOBER)
    rival = AgencyFactory.create(name="CANARY", code="CANARY", stage="assessed", level="V3")
    transfer(
        to_agency=rival,
        on=TODAY,
        reason="CANARY",
        at=NOW,
        by=UserFactory.create(),
        creator_ids=["leave"],
    )
    canary = {"settled_cents": 987_654_321, "level": 7, "bound_days": 13}
    contributed_month(rival, OCTOBER, {creator: canary})
    assert only_end(agency) is End.PLATFORM
    page = words(owner)
    for secret in ("CANARY", "9,876,543", "9876543", "L7", "ransfer"):
        assert secret not in page, secret
    assert "Oct. 1, 2026 to Nov. 21, 2026" in page
    assert "1 day does not count: not bound to you since Nov. 22, 2026" in page
    other = signed_in(MembershipFactory.create(agency=rival).user)
    assert "not bound to you before Nov. 22, 2026" in words(other)
    assert agency.name not in words(other)


def test_foreign_and_missing_creators_are_answered_alike(owner: Client) -> None:
    BindingFactory.create(creator__creator_id="FOREIGN")
    CreatorFactory.create(creator_id="UNBOUND")
    answers = {
        re.sub(TOKEN, "", owner.get(f"/creators/of/{code}/").content.decode()).replace(code, "")
        for code in ("FOREIGN", "UNBOUND", "MISSING")
    }
    assert len(answers) == 1
    for code in ("FOREIGN", "UNBOUND", "MISSING", "x" * 40, "%00"):
        assert owner.get(f"/creators/of/{code}/").status_code == 404, code


def test_a_viewer_reads_without_a_step(agency: Agency, creator: Creator, owner: Client) -> None:
    binding = bound(agency, creator, OCTOBER)
    viewer = signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)
    assert f"/creators/{binding.pk}/unbind/" in words(owner)
    assert "/unbind/" not in words(viewer)


def test_only_get_and_only_signed_in(agency: Agency, creator: Creator, owner: Client) -> None:
    bound(agency, creator, OCTOBER)
    assert owner.post("/creators/of/leave/").status_code == 405
    assert Client().get("/creators/of/leave/").headers["location"].startswith("/sign-in/")


def test_more_months_and_periods_take_no_more_queries(
    agency: Agency, creator: Creator, owner: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    UnbindingFactory.create(
        binding=bound(agency, creator, AUGUST, date(2026, 8, 20)),
        state=UnbindingState.ENDED,
        closed_at=NOW,
    )
    contributed_month(agency, AUGUST, {creator: {}})
    with django_assert_num_queries(10):
        words(owner)
    for month in (SEPTEMBER, OCTOBER):
        contributed_month(agency, month, {creator: {}})
        UnbindingFactory.create(
            binding=bound(agency, creator, month, month.replace(day=9)),
            state=UnbindingState.ENDED,
            closed_at=NOW,
        )
    with django_assert_num_queries(10):
        words(owner)
