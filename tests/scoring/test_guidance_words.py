"""What the guidance page says of observation, of room, and of levels that nothing leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from agencies.enums import Stage
from agencies.models import Agency
from scoring.enums import LeverKey
from scoring.guidance import holding
from scoring.queries.guidance import guidance_of
from scoring.queries.levers import advice_on
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BindingFactory,
    EvaluationFactory,
    MembershipFactory,
)
from tests.factories.level import TOTALS
from tests.factories.projections import ProjectionFactory
from tests.factories.staff import signed_in
from tests.scoring.test_guidance_page import BEST, HALF, NOW, POOR_SERVICE, take, text

pytestmark = pytest.mark.django_db

BEGINS = "Every way below begins with it."


@pytest.fixture(autouse=True)
def _mid_november() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", joined_on=date(2025, 1, 1))


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def test_ways_begin_with_the_service_floor_only_where_there_are_ways(
    agency: Agency, member: Client
) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(), agency=agency, from_totals=POOR_SERVICE
    )
    assert BEGINS in text(member)
    take(agency, 60)
    page = text(member)
    assert "<strong>10.00 points</strong> short of 140" in page
    assert BEGINS not in page


def test_room_is_told_with_every_digit(agency: Agency, member: Client) -> None:
    narrow = replace(BEST, settled_cents=1_234_567_891, settled_orders=54_321)
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(), agency=agency, from_totals=narrow
    )
    guidance = guidance_of(agency, today=date(2026, 11, 15))
    plan, top = guidance.plan, guidance.top
    assert top is not None
    page = text(member)
    assert "How far each of them alone may fall before the level is lost" in page
    amount = next(
        each for each in holding(plan.rulebook, plan.values, top) if each.key == "settled_amount"
    )
    assert amount.least is not None
    assert f">¥{amount.value:,.2f}</td>" in page
    assert f"¥{amount.least:,.2f}" in page


@pytest.mark.parametrize("points", [0, 60])
def test_the_best_figures_leave_nothing_ahead_but_credit(
    agency: Agency, member: Client, points: int
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency, from_totals=BEST)
    if points:
        take(agency, points)
    guidance = guidance_of(agency, today=datetime(2026, 11, 15, tzinfo=UTC).date())
    assert [each.level.key for each in guidance.ahead] == (["V5"] if points else [])
    assert (guidance.top is None) == bool(points)
    text(member)


def test_nobody_bound_and_nothing_earned_asks_for_creators_alone(
    agency: Agency, member: Client
) -> None:
    nothing = replace(TOTALS, **dict.fromkeys(vars(TOTALS), 0))
    ProjectionFactory.create(agency=agency, from_totals=nothing)
    page = text(member)
    assert "Bind creators first" in page
    assert 'class="btn btn-primary" href="/creators/"' in page
    for absent in ("cheapest ways", "What each higher level lacks", "left to earn", "Levers"):
        assert absent not in page
    assert "left to earn" not in text(member, "/guidance/levers/")
    BindingFactory.create(agency=agency)
    assert "Bind creators first" not in text(member)


def test_both_gaps_are_told(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    ProjectionFactory.create(agency=agency, from_totals=HALF)
    guidance = guidance_of(agency, today=date(2026, 11, 15))
    nearest, published = guidance.nearest, guidance.plan.published
    assert nearest is not None
    assert published is not None
    assert published.total is not None
    gap = nearest.level.min_total - published.total
    assert nearest.published_missing == gap
    assert f"(by the result of October 2026: {gap})" in text(member)


def test_effort_is_explained_and_beyond_a_hundred_nothing_is_called_cheap(
    agency: Agency, member: Client
) -> None:
    small = replace(HALF, settled_cents=900_000, settled_orders=90)
    ProjectionFactory.create(agency=agency, from_totals=small)
    nearest = guidance_of(agency, today=date(2026, 11, 15)).nearest
    assert nearest is not None
    page = text(member)
    assert "a reputation counts only above 3." in page
    assert nearest.hard
    assert f"{nearest.level.key} is hardly reachable in November 2026; the easiest ways" in page
    assert "cheapest ways" not in page
    assert "<summary>Show the ways</summary>" in page


@pytest.mark.parametrize(
    ("points", "told"),
    [
        (50, "Credit is 70 today and reaches its floor of 80 on November 25"),
        (40, "Credit is 80 today and has reached its floor of 80."),
    ],
)
def test_credit_that_comes_back_in_time_is_told_first(
    agency: Agency, member: Client, points: int, told: str
) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(), agency=agency, stage=Stage.OBSERVATION, credit=70
    )
    ProjectionFactory.create(agency=agency, from_totals=HALF)
    take(agency, points, date(2026, 10, 26))
    guidance = guidance_of(agency, today=date(2026, 11, 15))
    assert guidance.expected is not None
    page = text(member)
    assert told in page
    level = guidance.expected.level
    assert f"published on Dec. 3, 2026 can bring a level again: as things go {level}." in page
    assert page.index(told) < page.index("If the month ended today")
    assert "<summary>Show the ways</summary>" in page


def test_advice_is_that_which_fits() -> None:
    known = set(LeverKey.values)
    assert advice_on("settled_amount", known) == (LeverKey.IMAGE_TEXT, LeverKey.SHOWCASE)
    assert advice_on("settled_amount", {"showcase"}) == (LeverKey.SHOWCASE,)
    assert advice_on("reputation", known) == (LeverKey.REPUTATION,)
    assert advice_on("live_minutes_per_creator_day", known) == ()
    assert advice_on("l5_creators", known) == ()
