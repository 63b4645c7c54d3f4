"""Where a month is heading when days are missing or late, and the way back around its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agencies.credit_rules import DEDUCTION, Line
from agencies.models import Agency
from scoring.models import RulebookVersion
from scoring.points import Totals
from scoring.queries.pace import LEAST_DAYS, carried_on, pace_of, usual_days
from scoring.queries.projection import Projected, projection_of
from scoring.queries.way_back import WayBack, way_back
from scoring.rulebook import Rulebook
from tests.factories import AgencyFactory
from tests.factories.level import TOTALS
from tests.factories.projections import ProjectionFactory, ProjectionRunFactory

pytestmark = pytest.mark.django_db

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
TODAY = date(2026, 11, 15)
OPENING = Line(1, "opening", 120, date(2025, 1, 1))


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create()


@pytest.fixture
def rulebook() -> Rulebook:
    return RulebookVersion.objects.for_month(NOVEMBER).rulebook


def projection(
    agency: Agency, *, totals: Totals = TOTALS, today: date = TODAY, **run: Any
) -> Projected:
    through = run.setdefault("data_through", date(2026, 11, 14))
    made = ProjectionRunFactory.create(month=through.replace(day=1), **run)
    ProjectionFactory.create(run=made, agency=agency, from_totals=totals)
    found = projection_of(agency, lines=[OPENING], today=today)
    assert found is not None
    return found


# --- days ---


@pytest.mark.parametrize(
    ("through", "days", "today", "expected"),
    [
        (date(2026, 11, 14), 14, date(2026, 11, 15), (0, 16)),  # as usual: until yesterday
        (date(2026, 11, 15), 15, date(2026, 11, 15), (0, 15)),  # today's are there already
        (date(2026, 11, 13), 13, date(2026, 11, 15), (1, 16)),  # yesterday's are late
        (date(2026, 11, 5), 5, date(2026, 11, 20), (14, 11)),
        (date(2026, 11, 14), 7, date(2026, 11, 15), (7, 16)),  # a gap
        (date(2026, 11, 29), 29, date(2026, 11, 30), (0, 1)),
        (date(2026, 11, 30), 30, date(2026, 11, 30), (0, 0)),
        (date(2026, 10, 30), 30, date(2026, 11, 2), (1, 0)),  # a month that is over has none left
        (date(2026, 10, 30), 20, date(2026, 11, 20), (11, 0)),
        (date(2026, 10, 31), 31, date(2026, 11, 20), (0, 0)),
    ],
)
def test_days_that_are_gone_are_not_left(
    agency: Agency, through: date, days: int, today: date, expected: tuple[int, int]
) -> None:
    """`expected`: the days that are missing and those that are left."""
    found = projection(agency, data_through=through, days=days, today=today)
    assert (found.days_missing, found.days_left) == expected
    assert found.days + found.days_missing + found.days_left == found.month_days


# --- the pace ---


def test_sums_are_carried_on_from_the_days_that_have_facts(agency: Agency) -> None:
    found = projection(agency, days=7)  # 30 days are 30/7 of what seven brought
    assert carried_on(found) == {
        **found.values,
        "settled_amount": Decimal("5291005.24"),  # 1,234,567.89 × 30 / 7 = 5,291,005.2428…
        "settled_orders": Decimal(52_907),  # 52,907.14…
        "worry_free_orders": Decimal(18_519),  # 18,518.57…
        "live_minutes_per_creator_day": Decimal("175.2290"),  # 54,321 / 620 = 87.6145, twice
    }
    pace = pace_of(found, credit=120)
    assert pace is not None
    assert pace.values == carried_on(found)


def test_live_minutes_never_exceed_a_day(agency: Agency) -> None:
    found = projection(agency, totals=replace(TOTALS, live_minutes=620 * 800), days=7)
    assert found.values["live_minutes_per_creator_day"] == Decimal("800.0000")
    assert usual_days(found)["live_minutes_per_creator_day"] == Decimal(1440)


def test_without_missing_days_nothing_is_made_up(agency: Agency) -> None:
    found = projection(agency)
    assert usual_days(found) == found.values


def test_late_days_do_not_slow_the_pace(agency: Agency) -> None:
    found = projection(agency, data_through=date(2026, 11, 5), today=date(2026, 11, 20))
    assert carried_on(found)["settled_orders"] == 74_070  # 12,345 × 30 / 5


def test_too_few_days_tell_no_pace_however_late_they_are(agency: Agency) -> None:
    found = projection(agency, days=LEAST_DAYS - 1)
    assert pace_of(found, credit=120) is None
    assert pace_of(replace(found, days=LEAST_DAYS), credit=120) is not None


def test_a_month_that_lacks_days_has_a_pace_when_it_is_over(agency: Agency) -> None:
    through = date(2026, 10, 31)
    found = projection(agency, data_through=through, days=21, today=date(2026, 11, 2))
    pace = pace_of(found, credit=120)
    assert pace is not None
    assert pace.values["settled_orders"] == 18_224  # 12,345 × 31 / 21 = 18,223.57…
    assert pace_of(replace(found, days=31), credit=120) is None


# --- the way back around the end of a month ---


def test_a_month_that_is_over_counts_what_its_last_day_had(rulebook: Rulebook) -> None:
    second = date(2026, 11, 2)
    fallen = [OPENING, Line(2, DEDUCTION, -50, date(2026, 11, 1))]
    for lines in ([OPENING], fallen):
        assert way_back(lines, rulebook, month=OCTOBER, today=second) == WayBack(
            date(2026, 10, 31), OCTOBER, date(2026, 11, 3)
        )


def test_a_last_day_below_the_floor_leads_to_a_later_month(rulebook: Rulebook) -> None:
    lines = [OPENING, Line(2, DEDUCTION, -45, date(2026, 10, 10))]
    # 75 on 31 October; +10 on 9 November reach 85
    assert way_back(lines, rulebook, month=OCTOBER, today=date(2026, 11, 2)) == WayBack(
        date(2026, 11, 9), NOVEMBER, date(2026, 12, 3)
    )


def test_the_last_day_itself_is_still_open(rulebook: Rulebook) -> None:
    lines = [OPENING, Line(2, DEDUCTION, -45, date(2026, 10, 1))]
    assert way_back(lines, rulebook, month=OCTOBER, today=date(2026, 10, 31)) == WayBack(
        date(2026, 10, 31), OCTOBER, date(2026, 11, 3)
    )
