"""Why an agency is at its level: what is said where rules, months or appeals are in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine

from agencies.enums import Stage
from agencies.models import Agency
from portal.support.fills import fills
from portal.support.why import in_words, why
from scoring.models import RulebookVersion
from scoring.rulebook_versions import store_rulebook
from tests.factories import AgencyFactory
from tests.factories.appeals import appealed, hold_falls
from tests.factories.projections import ProjectionFactory, ProjectionRunFactory
from tests.factories.why import OCTOBER, SEPTEMBER
from tests.portal.test_why import POOR, WEAK, result
from tests.scoring.test_movement import DEFAULT, put_in_force

pytestmark = pytest.mark.django_db

SECOND = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
AT = datetime(2026, 11, 15, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _mid_november() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency", joined_on=date(2025, 1, 1))


def body(agency: Agency, now: datetime = AT) -> str:
    return in_words(why(agency, now=now), "en").body


def test_a_month_that_is_over_is_told_by_its_provisional_result(agency: Agency) -> None:
    """Its own credit counts, not the one foreseen for the month after."""
    appealed(agency, date(2026, 9, 20), points=42, undecided=False)
    result(agency, SEPTEMBER, credit=78, stage=Stage.OBSERVATION, level="")
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 31))
    ProjectionFactory.create(agency=agency, run=run)
    with time_machine.travel(SECOND, tick=False):
        said = body(agency, SECOND)
    assert (
        "The provisional result of October 2026 (data through Oct. 31, 2026) has 641.11 points and"
        " no level." in said
    )
    assert "goes so far" not in said


def test_a_provisional_level_is_named(agency: Agency) -> None:
    result(agency, SEPTEMBER)
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 31))
    ProjectionFactory.create(agency=agency, run=run)
    with time_machine.travel(SECOND, tick=False):
        said = body(agency, SECOND)
    assert "(data through Oct. 31, 2026) is V3 with 641.11 points." in said


def test_an_open_appeal_that_holds_the_running_month_is_said(agency: Agency) -> None:
    hold_falls(RulebookVersion.objects.get())
    result(agency)
    appealed(agency, date(2026, 11, 10), points=60)
    ProjectionFactory.create(agency=agency, run=ProjectionRunFactory.create())
    said = body(agency)
    assert (
        "it comes to about 680.70 points and no level yet. That does not count the open appeal,"
        " which holds the level you have as long as it is undecided." in said
    )
    assert "no points bring a level" not in said


def test_the_cut_offs_of_the_month_to_come_are_told_where_they_move(agency: Agency) -> None:
    result(agency, SEPTEMBER)
    result(agency, from_totals=WEAK)
    rules = DEFAULT.read_text(encoding="utf-8")
    for old, new in (
        ('version = "2026.1"', 'version = "2026.2"'),
        ('"2000-01"', '"2026-11"'),
        ("min_total = 550", "min_total = 650"),
    ):
        rules = rules.replace(old, new)
    store_rulebook(rules, at=datetime(2026, 9, 20, tzinfo=UTC), activate=True)
    assert (
        "The next level, V2, begins at 400 points, 50.39 more than October 2026 has. V3 begins at"
        " 550. For November 2026 rulebook 2026.2 counts: by it V3 begins at 650." in body(agency)
    )


def test_a_floor_that_the_rules_moved_is_told_with_the_one_before(agency: Agency) -> None:
    put_in_force(("service_floor = 140", "service_floor = 190"))
    result(agency, SEPTEMBER)
    result(agency, stage=Stage.OBSERVATION, level="")
    assert (
        "which was 4.6500 on average. Rulebook 2026.1, which counted until then, asked for 140."
        in body(agency)
    )


def test_a_floor_that_the_rules_lowered_is_told_with_the_one_before(agency: Agency) -> None:
    put_in_force(("service_floor = 140", "service_floor = 110"))
    result(agency, SEPTEMBER, from_totals=POOR, stage=Stage.OBSERVATION, level="")
    result(agency, from_totals=POOR)
    assert (
        "Service power is 120.00 after 120.00; a level needs at least 110. Rulebook 2026.1, which"
        " counted until then, asked for 140." in body(agency)
    )


def test_the_novice_stage_explains_nothing_once_it_is_over(agency: Agency) -> None:
    assert body(agency).endswith(
        "There is no published result of your agency yet, so it has no level."
    )


def test_months_before_the_agency_was_there_are_not_awaited() -> None:
    new = AgencyFactory.create(joined_on=date(2026, 11, 5))
    assert body(new).startswith("There is no published result of your agency yet")


def test_the_day_of_the_next_result_is_left_open_where_there_is_none(agency: Agency) -> None:
    result(agency, SEPTEMBER)
    assert fills(agency, language="en", now=AT, text="{due}") == {"due": "–"}  # held back
    assert fills(agency, language="en", now=SECOND, text="{due}") == {"due": "Nov. 3, 2026"}
    result(agency)
    assert fills(agency, language="en", now=AT, text="{due}") == {"due": "Dec. 3, 2026"}
    agency.removed_on = date(2026, 11, 10)
    agency.save()
    assert fills(agency, language="en", now=AT, text="{due}") == {"due": "–"}
