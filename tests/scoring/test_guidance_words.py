"""What the guidance page says of observation, of room, and of levels that nothing leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from agencies.models import Agency
from scoring.guidance import holding
from scoring.queries.guidance import guidance_of
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, MembershipFactory
from tests.factories.staff import signed_in
from tests.scoring.test_guidance_page import BEST, NOW, POOR_SERVICE, take, text

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
    assert "<strong>10.00 points</strong> are missing to 140" in page
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
    assert f'<td class="num">¥{amount.value:,.2f}</td>' in page
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
