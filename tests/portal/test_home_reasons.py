"""What home says about reasons: rules and figures apart, gaps, credit to come, young agencies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.ledger import Deduction, deduct
from agencies.models import Agency
from scoring.rulebook_versions import DEFAULT, store_rulebook
from tests.factories import AgencyFactory, EvaluationFactory, MembershipFactory, ViolationFactory
from tests.factories.level import TOTALS
from tests.factories.projections import ProjectionFactory, ProjectionRunFactory
from tests.factories.staff import signed_in
from tests.portal.test_home import result
from tests.portal.test_pages import MID_NOVEMBER, SEPTEMBER, text

pytestmark = pytest.mark.django_db

AUGUST = date(2026, 8, 1)
SHOWCASE = "[[0, 0], [0.05, 40], [0.15, 90], [0.30, 120]]"
SLOWER = "[[0, 0], [0.1, 40], [0.3, 90], [0.6, 120]]"
SHRUNK = replace(TOTALS, reputation_points=460 * TOTALS.reputation_orders)


@pytest.fixture(autouse=True)
def _mid_november() -> Any:
    with time_machine.travel(MID_NOVEMBER, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency", joined_on=date(2025, 1, 1))


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def rules(month: str, *changes: tuple[str, str]) -> None:
    """Put a second version in force from a month on."""
    own = DEFAULT.read_text(encoding="utf-8")
    for old, new in (
        ('version = "2026.1"', 'version = "2026.2"'),
        ('effective_from = "2000-01"', f'effective_from = "{month}"'),
        *changes,
    ):
        assert own.count(old) == 1
        own = own.replace(old, new)
    store_rulebook(own, at=datetime(2026, 9, 20, tzinfo=UTC), activate=True)


def take(agency: Agency, points: int, day: date) -> None:
    case = ViolationFactory.create(agency=agency, decided_on=day, points=points)
    deduct([Deduction(agency.pk, case.pk, points, day, case.reference)], at=MID_NOVEMBER)


def test_changed_rules_are_not_the_agencys_fault(agency: Agency, member: Client) -> None:
    rules("2026-10", (SHOWCASE, SLOWER))
    result(agency, SEPTEMBER)
    result(agency)
    page = text(member, "/home/")
    assert "The change of the rules alone: <strong>−25.00</strong>." in page
    assert "Growth power fell" not in page
    assert "With both months counted by the new rules:" not in page
    assert '<a class="nowrap" href="/score/movement/">' in page


def test_beside_changed_rules_the_figures_of_both_months_are_counted_by_the_new_ones(
    agency: Agency, member: Client
) -> None:
    rules("2026-10", (SHOWCASE, SLOWER))
    result(agency, SEPTEMBER)
    result(agency, totals=SHRUNK)
    page = text(member, "/home/")
    assert (
        "The change of the rules alone: <strong>−25.00</strong>. With both months counted by the"
        " new rules: Service power fell by <strong>6.25</strong>, all of it by" in page
    )


def test_rules_that_changed_no_points_are_not_mentioned(agency: Agency, member: Client) -> None:
    rules("2026-10")
    result(agency, SEPTEMBER)
    result(agency)
    assert "The change of the rules alone" not in text(member, "/home/")


def test_less_than_half_is_not_most_of_it(agency: Agency, member: Client) -> None:
    result(agency, SEPTEMBER)
    more = replace(TOTALS, l5_creators=12, live_minutes=65_000, settled_orders=40_000)
    result(agency, totals=more)
    page = text(member, "/home/")
    assert (
        "Operating power rose by <strong>26.51</strong>, above all by Settled orders (+10.76)."
        in page
    )


def test_what_moved_against_it_is_told_where_the_part_is_more_than_the_whole(
    agency: Agency, member: Client
) -> None:
    result(agency, SEPTEMBER)
    result(agency, totals=replace(TOTALS, settled_orders=90_000, l5_creators=2))
    page = text(member, "/home/")
    assert (
        "Operating power rose by <strong>3.70</strong>, above all by Settled orders (+30.20), while"
        " Creators at L5 and above went the other way (−26.50)." in page
    )


def test_a_gap_is_not_a_first_result(agency: Agency, member: Client) -> None:
    result(agency, AUGUST)
    EvaluationFactory.create(month=SEPTEMBER)
    result(agency)
    page = text(member, "/home/")
    assert "no result in September 2026" in page
    assert "first result" not in page
    assert "V3 since the result of October 2026" in page


def test_credit_that_comes_back_in_time_is_told_with_its_day(
    agency: Agency, member: Client
) -> None:
    result(agency)
    take(agency, 45, date(2026, 10, 20))
    page = text(member, "/home/")
    assert (
        "Credit is <strong>75</strong>, below 80. The way back brings it to 85 by Nov. 30, 2026, in"
        " time for the result of November 2026, if nothing is deducted until then." in page
    )
    assert '<li class="crossed">' not in page


def test_credit_that_does_not_come_back_in_time_is_told_so(agency: Agency, member: Client) -> None:
    result(agency)
    take(agency, 60, date(2026, 10, 20))
    page = text(member, "/home/")
    assert (
        "Credit is <strong>60</strong>, and by what is known today it is 70 on Nov. 30, 2026. Below"
        " 80, November 2026 gives no level." in page
    )
    assert '<li class="crossed">' in page


def test_a_provisional_result_that_credit_forbids_is_a_mark(agency: Agency) -> None:
    result(agency, SEPTEMBER)
    take(agency, 45, date(2026, 10, 20))
    run = ProjectionRunFactory.create(month=date(2026, 10, 1), data_through=date(2026, 10, 31))
    ProjectionFactory.create(run=run, agency=agency)
    page = text(signed_in(MembershipFactory.create(agency=agency).user), "/home/")
    assert (
        "Credit was <strong>75</strong> on the last day of October 2026, below 80: that month gives"
        " no level." in page
    )


def test_without_a_level_no_lower_one_is_promised(agency: Agency, member: Client) -> None:
    result(agency)
    poor = replace(TOTALS, settled_cents=4_000_000, showcase_cents=0, good_goods_cents=0)
    poor = replace(poor, reputation_points=420 * TOTALS.reputation_orders, worry_free_orders=0)
    ProjectionFactory.create(agency=agency, from_totals=poor)
    page = text(member, "/home/")
    assert "V3 would be lost, and with it the place on the boards." in page
    assert "where V3 begins." in page
    assert "It would be" not in page


def test_a_result_is_judged_by_the_rules_to_come_and_says_so(
    agency: Agency, member: Client
) -> None:
    rules("2026-11", ("min_total = 550", "min_total = 650"))
    result(agency)
    page = text(member, "/home/")
    assert "8.89 short of 650, where V3 begins. It would be V2." in page
    assert "With the figures of October 2026, counted by rulebook 2026.2." in page


@pytest.mark.parametrize(
    ("joined", "told"), [(date(2026, 10, 31), True), (date(2026, 11, 1), False)]
)
def test_only_an_agency_that_had_joined_is_told_of_a_month(
    agency: Agency, member: Client, joined: date, *, told: bool
) -> None:
    Agency.objects.filter(pk=agency.pk).update(joined_on=joined)
    EvaluationFactory.create(month=SEPTEMBER)
    assert ("The result of October 2026 is held back" in text(member, "/home/")) is told
    with time_machine.travel(datetime(2026, 11, 1, 16, 0, tzinfo=UTC), tick=False):
        user = MembershipFactory.create(agency=agency).user
        page = text(signed_in(user), "/home/")
    assert ("The result of October 2026 is on its way" in page) is told


def test_without_novice_months_the_first_month_is_assessed(agency: Agency, member: Client) -> None:
    rules("2026-01", ("novice_months = 2", "novice_months = 0"))
    Agency.objects.filter(pk=agency.pk).update(joined_on=date(2026, 11, 5))
    page = text(member, "/home/")
    assert (
        "You joined on Nov. 5, 2026. The first assessed month is November 2026; its result is"
        " published on Dec. 3, 2026." in page
    )
    assert "novice stage until" not in page
