"""Why an agency is at its level, in words: what the letter says in each case, and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.enums import Stage
from agencies.models import Agency
from portal.support.why import Letter, in_words, month_asked, why
from scoring.enums import Cause, EvaluationState
from scoring.models import Assessment, Evaluation, RulebookVersion
from scoring.points import Totals
from scoring.queries.months import NoSuchMonth
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    CreatorFactory,
    EvaluationFactory,
)
from tests.factories.appeals import appealed, hold_falls
from tests.factories.contributions import contributed_month
from tests.factories.level import TOTALS
from tests.factories.projections import ProjectionFactory, ProjectionRunFactory
from tests.factories.why import OCTOBER, SEPTEMBER, fallen
from tests.scoring.test_movement import put_in_force

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 15, 4, 0, tzinfo=UTC)
BASIS = (
    "These are the figures of October 2026 as published on Nov. 3, 2026 (revision 1), with data"
    " through Oct. 28, 2026, by rulebook 2026.1."
)
# 641.11 points by TOTALS; a reputation of 4.1 earns 120 instead of 181.25, 3.5 earns 55
POOR = replace(TOTALS, reputation_points=410 * TOTALS.reputation_orders)
WEAK = Totals(
    **{name: getattr(TOTALS, name) // 100 for name in TOTALS.__dataclass_fields__}
    | {"reputation_points": 460 * 123, "reputation_orders": 123}
)


@pytest.fixture(autouse=True)
def _mid_november() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency", joined_on=date(2025, 1, 1))


def result(agency: Agency, month: date = OCTOBER, **given: Any) -> Assessment:
    evaluation = Evaluation.objects.filter(month=month, state=EvaluationState.PUBLISHED).first()
    return AssessmentFactory.create(
        evaluation=evaluation or EvaluationFactory.create(month=month), agency=agency, **given
    )


def letter(agency: Agency, *, month: date | None = None, now: datetime = AT) -> Letter:
    return in_words(why(agency, month=month, now=now), "en")


def test_a_fall_is_told_with_its_cut_off_its_indicators_and_its_creators() -> None:
    said = letter(fallen())
    assert said.subject == "晴川文化传媒: why the level of October 2026 is V2"
    assert said.paragraphs == (
        "The result of October 2026 is V2 with 408.13 points; that of September 2026 was V3 with"
        " 567.40. The level fell because the total is below the 550 points that V3 needs: 141.87"
        " points are missing.",
        "The total fell by 159.27 points, from 567.40 to 408.13.",
        "What moved it most:\n"
        "· Settled amount: −43.83 points (¥1.20M → ¥380.00K)\n"
        "· Good-goods share: −34.33 points (16.83% → 1.05%)\n"
        "· Worry-free service orders: −34.00 points (3,100 → 100)\n"
        "· all others together: −47.11 points",
        "Behind “Settled amount”, above all these creators of yours:\n"
        "· 小鹿 (C-DEER): −¥820.00K; bound to you until Oct. 11, 2026",
        "To be at V3 again, a month has to reach 550 points, 141.87 more than October 2026.",
        "V3 is hardly within reach in a single month; the guidance page shows how far each step"
        " leads.",
        BASIS,
    )


def test_the_whole_letter_greets_leads_to_the_pages_and_is_plain_text() -> None:
    said = letter(fallen())
    lines = said.text.split("\n")
    assert lines[0] == "Hello,"
    assert lines[-7:] == [
        "Where you find all of it in the portal:",
        "The score, indicator by indicator: http://localhost:8000/score/?month=2026-10",
        "What moved it, and by whom: http://localhost:8000/score/movement/?month=2026-10",
        "The ways to the next level: http://localhost:8000/guidance/",
        "The rules of the stages and levels: http://localhost:8000/rules/#stages",
        "",
        "If anything is unclear, just write to us again under this question.",
    ]
    assert "<" not in said.text
    assert len(said.text) < 5000


def test_both_languages_say_the_same() -> None:
    found = why(fallen(), now=AT)
    english, chinese = in_words(found, "en"), in_words(found, "zh-hans")
    assert len(chinese.paragraphs) == len(english.paragraphs)
    for points in ("408.13", "567.40", "141.87", "−43.83", "−34.33", "−34.00", "−47.11"):
        assert points in english.body
        assert points in chinese.body
    assert "结算金额" in chinese.body
    assert "2026年10月11日" in chinese.body
    with pytest.raises(ValueError, match="no language"):
        in_words(found, "fr")


def test_where_the_running_month_leads_is_told_with_the_least_way_ahead() -> None:
    agency = fallen()
    ProjectionFactory.create(agency=agency, run=ProjectionRunFactory.create())
    *_, needed, way, _basis = letter(agency).paragraphs
    assert needed == (
        "To be at V3 again, a month has to reach 550 points, 141.87 more than October 2026. As"
        " November 2026 goes so far (data through Nov. 14, 2026), it comes to about 680.70 points"
        " and V3."
    )
    assert way == (
        "Of the ways to V4, this one asks least:\n"
        "· Showcase share: at least 10.11%, where it comes to 10.00% as things go\n"
        "· Creators' reputation: at least 4.80, where it comes to 4.65 as things go"
    )


def test_levels_skipped_are_counted(agency: Agency) -> None:
    result(agency, SEPTEMBER)
    result(agency, from_totals=WEAK)
    said = letter(agency)
    assert said.paragraphs[0].startswith("The result of October 2026 is V1 with ")
    assert "That is 2 levels at once: a level follows from the total" in said.paragraphs[0]
    assert "V3 begins at 550." in said.body
    assert "The next level, V2, begins at 400 points" in said.body


def test_a_rise_and_a_level_that_stays(agency: Agency) -> None:
    result(agency, date(2026, 8, 1), from_totals=WEAK)
    result(agency, SEPTEMBER)
    result(agency)
    risen = letter(agency, month=SEPTEMBER)
    assert "The level rose because the total reached the 550 points of V3." in risen.paragraphs[0]
    assert risen.paragraphs[1].startswith("The total rose by ")
    assert letter(agency).paragraphs[:2] == (
        "The result of October 2026 is V3 with 641.11 points: the same level as in September 2026,"
        " which had 641.11.",
        "The total is the same as in September 2026.",
    )
    assert "The next level" not in risen.body  # what comes next is told of the newest month


def test_a_first_month_has_nothing_to_compare_with(agency: Agency) -> None:
    result(agency)
    assert letter(agency).paragraphs[0] == (
        "The result of October 2026 is V3 with 641.11 points. There is no published result of"
        " September 2026 to compare it with."
    )


def test_the_highest_level_has_none_above(agency: Agency) -> None:
    result(agency, level="V5", total="900.00")
    assert "V5 is the highest level there is." in letter(agency).body


def test_changed_rules_are_told_apart_from_the_agency(agency: Agency) -> None:
    put_in_force(("min_total = 550", "min_total = 650"))
    result(agency, SEPTEMBER)
    result(agency)
    said = letter(agency)
    assert said.paragraphs[:2] == (
        "The result of October 2026 is V2 with 641.11 points; that of September 2026 was V3 with"
        " 641.11. That comes from the rules: by rulebook 2026.1, which counted until then, the same"
        " figures give 641.11 points and V3. V3 begins at 650 now instead of 550.",
        "The total is the same as in September 2026. October 2026 counts by rulebook 2026.2 instead"
        " of 2026.1, which moved no points.",
    )


def test_observation_by_service_names_the_reputation(agency: Agency) -> None:
    result(agency, SEPTEMBER)
    result(agency, from_totals=POOR, stage=Stage.OBSERVATION, level="")
    said = letter(agency)
    assert said.subject == "Own Agency: why there is no level in October 2026"
    assert said.paragraphs[0] == (
        "By the result of October 2026 your agency is in the observation stage and has no level;"
        " that of September 2026 was V3 with 641.11 points. A level needs at least 140 points of"
        " service power, and the month has 120.00: 20.00 points are missing. Service power comes"
        " from the creators' reputation alone, which was 4.1000 on average. The points are computed"
        " all the same: the total of 579.86 alone would give V3."
    )


def test_observation_by_credit_names_the_cases_and_the_way_back(agency: Agency) -> None:
    case = appealed(agency, date(2026, 10, 20), points=60, undecided=False)
    result(agency, SEPTEMBER, stage=Stage.OBSERVATION, level="")
    result(agency, credit=60, stage=Stage.OBSERVATION, level="")
    said = letter(agency)
    assert said.paragraphs[:2] == (
        "By the result of October 2026 your agency is still in the observation stage and has no"
        " level. A level needs a credit of at least 80 on the last day of the month, and on Oct."
        " 31, 2026 it was 60. The points are computed all the same: the total of 641.11 alone would"
        " give V3.",
        "These cases took credit most recently:\n"
        f"· {case.reference}, Disputes with merchants or creators: −60 on Oct. 20, 2026",
    )
    assert (
        "Today the credit is 60; if nothing more is deducted, it is high enough on Dec. 19, 2026."
        " The first result that can bring a level again is that of December 2026, published on"
        " Jan. 3, 2027."
    ) in said.paragraphs
    assert "Until the credit is high enough, no points bring a level." in said.paragraphs
    assert "Violations and credit: http://localhost:8000/conduct/" in said.text


def test_both_floors_have_to_be_reached(agency: Agency) -> None:
    appealed(agency, date(2026, 10, 20), points=60, undecided=False)
    result(agency, from_totals=POOR, credit=60, stage=Stage.OBSERVATION, level="")
    first = letter(agency).paragraphs[0]
    assert first.index("service power") < first.index("a credit of at least 80")
    assert "Both have to be reached." in first


def test_a_level_comes_back_after_observation(agency: Agency) -> None:
    result(agency, SEPTEMBER, from_totals=POOR, stage=Stage.OBSERVATION, level="")
    result(agency)
    assert letter(agency).paragraphs[0] == (
        "With the result of October 2026 your agency leaves the observation stage: it is V3 with"
        " 641.11 points. Service power is 181.25 after 120.00; a level needs at least 140."
    )


def test_a_held_level_names_the_appeal_and_no_way(agency: Agency) -> None:
    hold_falls(RulebookVersion.objects.get())
    appealed(agency, date(2026, 10, 20), points=50, reference="CASE-OWN")
    result(agency, SEPTEMBER)
    result(agency, held=True, credit=70, contested=50, level_before="V3")
    said = letter(agency)
    assert said.paragraphs[2] == (
        "On Oct. 31, 2026 the credit was 70, and a level needs 80. But 50 points of the deductions"
        " are under an appeal that is not decided yet (CASE-OWN); until then V3 is held. Once the"
        " appeal is decided, October 2026 is computed again; if the deduction stands, it gives no"
        " level."
    )
    assert "The next level" not in said.body
    assert "as things go" not in said.body


def test_a_correction_says_what_was_before_and_why(agency: Agency) -> None:
    old = EvaluationFactory.create(state=EvaluationState.SUPERSEDED)
    AssessmentFactory.create(evaluation=old, agency=agency, from_totals=POOR)
    new = EvaluationFactory.create(
        revision=2, cause=Cause.FACTS, published_at=datetime(2026, 11, 9, 4, tzinfo=UTC)
    )
    AssessmentFactory.create(evaluation=new, agency=agency)
    assert letter(agency).paragraphs[1] == (
        "The result of October 2026 was corrected on Nov. 9, 2026 (revision 2): before, it was V3"
        " with 579.86 points. Reason: Promotion data arrived late or was corrected."
    )


def test_a_novice_is_told_when_the_assessment_begins() -> None:
    agency = AgencyFactory.create(name="New", joined_on=date(2026, 9, 15))
    result(agency, stage=Stage.NOVICE)
    said = letter(agency)
    assert said.subject == "New: why there is no level in October 2026"
    assert said.paragraphs[0] == (
        "October 2026 is a novice month of your agency. Your agency joined on Sept. 15, 2026. The"
        " first months after joining are the novice stage, which is not assessed: no points, no"
        " level, no place on the boards. The first assessed month is November 2026, with its result"
        " on Dec. 3, 2026."
    )
    assert len(said.paragraphs) == 2


def test_without_any_result_the_term_is_told() -> None:
    agency = AgencyFactory.create(name="New", joined_on=date(2026, 11, 2))
    result(AgencyFactory.create())
    said = letter(agency)
    assert said.subject == "New: why there is no level yet"
    assert said.paragraphs == (
        "There is no published result of your agency yet, so it has no level. Your agency joined on"
        " Nov. 2, 2026. The first months after joining are the novice stage, which is not assessed:"
        " no points, no level, no place on the boards. The first assessed month is January 2027,"
        " with its result on Feb. 3, 2027.",
    )
    assert "Your home page: http://localhost:8000/home/" in said.text


def test_a_month_that_is_not_out_yet_or_held_back_is_said_first(agency: Agency) -> None:
    result(agency, SEPTEMBER)
    upcoming = letter(agency, now=datetime(2026, 11, 2, 4, 0, tzinfo=UTC))
    assert upcoming.paragraphs[0] == (
        "The result of October 2026 is not out yet: it is published at 3 a.m. on Nov. 3, 2026. This"
        " is about September 2026, the newest result of your agency."
    )
    assert letter(agency).paragraphs[0] == (
        "The result of October 2026 was due on Nov. 3, 2026; the platform is still checking it and"
        " publishes it as soon as that is done. This is about September 2026, the newest result of"
        " your agency."
    )
    result(AgencyFactory.create())
    assert letter(agency).paragraphs[0] == (
        "The result of October 2026 is out, but your agency has none in it. This is about September"
        " 2026, the newest result of your agency."
    )


def test_a_removed_agency_is_told_so_and_led_where_it_may_go(agency: Agency) -> None:
    result(agency)
    agency.removed_on = date(2026, 11, 10)
    agency.save()
    said = letter(agency)
    assert said.paragraphs[0] == (
        "Your agency was removed from the platform on Nov. 10, 2026: it has no level since then,"
        " and no new results are published for it. Its last result is that of October 2026."
    )
    assert [source.url for source in said.sources] == [
        "http://localhost:8000/conduct/",
        "http://localhost:8000/public/rules/",
    ]
    assert "The next level" not in said.body


def test_a_month_without_a_result_is_not_found(agency: Agency) -> None:
    result(agency)
    with pytest.raises(NoSuchMonth):
        why(agency, month=SEPTEMBER, now=AT)
    assert month_asked("2026-10") == OCTOBER
    assert month_asked("") is None
    with pytest.raises(NoSuchMonth):
        month_asked("2026-13")


def test_only_the_agencys_own_creators_are_named() -> None:
    agency = fallen()
    other = fallen_elsewhere()
    said = letter(agency).body
    assert "小鹿" in said
    assert "外人" not in said
    assert "小鹿" not in letter(other).body


def fallen_elsewhere() -> Agency:
    """Another agency that fell by its own creator."""
    agency = AgencyFactory.create(code="OTHER", name="Other")
    stranger = CreatorFactory.create(nickname="外人")
    contributed_month(agency, SEPTEMBER, {stranger: {"settled_cents": 50_000_000}})
    contributed_month(agency, OCTOBER, {stranger: {"settled_cents": 5_000_000}})
    return agency


def test_asking_why_takes_few_queries() -> None:
    agency = fallen()
    ProjectionFactory.create(agency=agency, run=ProjectionRunFactory.create())
    with CaptureQueriesContext(connection) as made:
        why(agency, now=AT)
    assert len(made) == 7
