"""Benefits: what a level has, what the next one adds, the matrix with the own column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from agencies.actions.awards import award_credit
from agencies.enums import Measure, Role, Stage
from agencies.ledger import Deduction, deduct
from agencies.models import Agency
from scoring.models import Evaluation, RulebookVersion
from scoring.queries.benefits import BenefitsPage, benefits_page, has_benefit
from scoring.queries.rules.clause import short
from scoring.rulebook import EVERYONE, Benefit, Text, parse
from scoring.rulebook_versions import DEFAULT, store_rulebook
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    EvaluationFactory,
    MembershipFactory,
    ViolationFactory,
)
from tests.factories.cases import AT, PenaltyFactory
from tests.factories.honours import TitleFactory
from tests.factories.level import TOTALS
from tests.factories.staff import operator, signed_in

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
TEXT = DEFAULT.read_text(encoding="utf-8")
RULEBOOK = parse(TEXT)
ANNOUNCED_MARK = '<span class="source-mark">S <span>announced</span></span>'
DEFAULT_MARK = '<span class="source-mark">D <span>default</span></span>'


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN")


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)


def text(client: Client, path: str = "/benefits/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def result(agency: Agency, **given: Any) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(month=given.pop("month", OCTOBER)),
        agency=agency,
        **given,
    )


def page_of(agency: Agency) -> BenefitsPage:
    return benefits_page(agency, now=AT)


def titles(gifts: Any) -> list[str]:
    return [gift.title for gift in gifts]


def benefit(from_level: str, to_level: str | None = None) -> Benefit:
    return Benefit("b", "operations", from_level, to_level, Text("权益", "Benefit"), "S")


@pytest.mark.parametrize(
    ("given", "levels"),
    [
        (benefit(EVERYONE), ["", "V1", "V2", "V3", "V4", "V5"]),
        (benefit(EVERYONE, "V2"), ["", "V1", "V2"]),
        (benefit("V1"), ["V1", "V2", "V3", "V4", "V5"]),
        (benefit("V2", "V3"), ["V2", "V3"]),
        (benefit("V5"), ["V5"]),
        (benefit("V5", "V5"), ["V5"]),
    ],
)
def test_both_ends_of_a_benefit_have_it(given: Benefit, levels: list[str]) -> None:
    keys = ["", *(level.key for level in RULEBOOK.levels)]
    assert [key for key in keys if has_benefit(RULEBOOK, given, key)] == levels


def test_the_highest_level_has_everything_and_nothing_above(agency: Agency, member: Client) -> None:
    result(agency, level="V5", total="900.00")
    page = page_of(agency)
    assert page.ahead is None
    # the growth community ended with V3, and two are said by the limits
    assert len(page.have) == len(RULEBOOK.benefits) - 3
    told = text(member)
    assert "V5 is the highest level: there is nothing above it." in told
    assert '<a href="/guidance/">What it takes to keep it</a>' in told


def test_the_next_level_adds_replaces_and_widens(agency: Agency, member: Client) -> None:
    result(agency, level="V3", total="634.01")
    page = page_of(agency)
    assert page.ahead is not None
    assert page.ahead.key == "V4"
    assert str(page.ahead.missing) == "65.99"
    assert titles(page.ahead.gains) == [
        "Key-agency community",
        "Dedicated operations contact",
        "Dedicated customer-service follow-up",
        "Exclusive formats in big promotions",
        "Admission to celebrity live rooms",
    ]
    assert titles(page.ahead.losses) == ["Growth-agency community"]
    told = text(member)
    assert "65.99 points are missing for V4." in told
    assert "In place of" in told


def test_binding_limits_are_told_as_benefits(agency: Agency, member: Client) -> None:
    result(agency, level="V2", total="500.00")
    page = page_of(agency)
    assert (page.limits.cap, page.limits.followers_below) == (200, 5_000_000)
    assert page.ahead is not None
    assert (page.ahead.limits.cap, page.ahead.limits.followers_below) == (None, None)
    told = text(member)
    have, ahead = told.split('id="ahead-title"')
    assert f"<dt>Bound creators at most</dt> <dd> 200 {DEFAULT_MARK}" in have
    assert (
        '<dt>Followers of a creator</dt> <dd> <span title="5,000,000"> fewer than 5M </span>'
        f" {ANNOUNCED_MARK}" in have
    )
    assert "It changes what may be bound" in ahead
    assert ahead.count(f"<dd> any number {ANNOUNCED_MARK}") == 2


@pytest.mark.parametrize("level", ["V3", "V4", "V5"])
def test_a_level_without_limits_says_that_it_has_none(
    agency: Agency, member: Client, level: str
) -> None:
    result(agency, level=level, total="600.00")
    have = text(member).split('id="ahead-title"')[0]
    for limit in ("Bound creators at most", "Followers of a creator"):
        assert f"<dt>{limit}</dt> <dd> any number {ANNOUNCED_MARK}" in have


def test_a_level_that_adds_nothing_says_so(agency: Agency, member: Client) -> None:
    result(agency, level="V4", total="700.00")
    told = text(member)
    assert "It adds no further benefit to those that we have." in told
    assert "It changes what may be bound" not in told
    assert "In place of" not in told


def test_in_observation_the_floors_are_told_and_what_the_total_is_worth(
    agency: Agency, member: Client
) -> None:
    result(
        agency,
        stage=Stage.OBSERVATION,
        credit=70,
        from_totals=replace(TOTALS, reputation_points=0, reputation_orders=0),
        total="560.00",
    )
    page = page_of(agency)
    assert titles(page.have) == ["Customer service"]
    assert page.limits.cap == 20
    assert page.ahead is not None
    assert (page.ahead.key, page.ahead.missing) == ("V3", None)
    told = text(member)
    assert "The total of 560.00 is worth V3 as soon as the observation stage ends." in told
    assert "Service power: in October 2026 0.00, needed 140; 140.00 were missing" in told
    assert "Credit: at the end of October 2026 70, needed 80" in told


def observed(agency: Agency, *, lost: int, on: date, given_back: int = 0) -> None:
    """In observation for its credit at the end of October; what came back came today."""
    taken_on(agency, lost, on)
    if given_back:
        award_credit(agency=agency, points=given_back, reason="课程", at=AT, by=operator())
    result(agency, stage=Stage.OBSERVATION, credit=120 - lost, total="560.00")


def taken_on(agency: Agency, points: int, on: date) -> None:
    case = ViolationFactory.create(agency=agency, points=points, decided_on=on)
    deduct([Deduction(agency.pk, case.pk, points, on, case.reference)], at=AT)


def test_credit_that_is_back_today_is_not_called_missing(agency: Agency, member: Client) -> None:
    observed(agency, lost=50, on=date(2026, 10, 30), given_back=10)
    told = text(member)
    assert "Credit: at the end of October 2026 70, needed 80" in told
    assert "today it is 80: reached" in told
    assert (
        "The first result that can bring a level again is that of <strong>November 2026</strong>,"
        " published on Dec. 3, 2026." in told
    )


def test_credit_that_comes_back_later_says_when(agency: Agency, member: Client) -> None:
    observed(agency, lost=50, on=date(2026, 10, 30))
    told = text(member)
    assert "today it is 70; reached on Nov. 29, 2026 if nothing more is deducted" in told
    assert "is that of <strong>November 2026</strong>, published on Dec. 3, 2026." in told


def test_a_month_that_is_held_back_is_the_first_that_can_bring_a_level(
    agency: Agency, member: Client
) -> None:
    result(agency, stage=Stage.OBSERVATION, credit=70, total="560.00", month=SEPTEMBER)
    assert (
        "The first result that can bring a level again is that of <strong>October 2026</strong>,"
        " which is held back." in text(member)
    )


def test_a_way_back_that_does_not_lead_to_the_floor_names_what_does(
    agency: Agency, member: Client
) -> None:
    rules = TEXT.replace('version = "2026.1"', 'version = "2026.2"')
    rules = rules.replace('effective_from = "2000-01"', 'effective_from = "2026-11"')
    store_rulebook(rules.replace("credit_floor = 80", "credit_floor = 130"), at=AT, activate=True)
    observed(agency, lost=50, on=date(2026, 10, 30))
    told = text(member)
    assert "the way back does not lead there by itself" in told
    assert "Credit comes back by awards, or when an appeal succeeds." in told


def test_a_fall_tells_what_it_took(agency: Agency, member: Client) -> None:
    result(agency, level="V3", total="600.00", month=SEPTEMBER)
    result(agency, level="V2", total="500.00")
    lost = page_of(agency).lost
    assert lost is not None
    assert (lost.key, lost.month) == ("V3", SEPTEMBER)
    assert titles(lost.gifts) == [
        "Earmarked operations resources",
        "Publicity for board places",
        "Publicity for honours and titles",
    ]
    assert (lost.limits.cap, lost.limits.followers_below) == (None, None)
    told = text(member)
    assert "Lost with the fall to V2" in told
    assert "V3, our level of September 2026, had these besides:" in told
    assert "What could be bound then" in told


def test_a_fall_out_of_the_levels_tells_what_it_took(agency: Agency, member: Client) -> None:
    result(agency, level="V2", total="500.00", month=SEPTEMBER)
    result(agency, stage=Stage.OBSERVATION, credit=70, total="500.00")
    lost = page_of(agency).lost
    assert lost is not None
    assert titles(lost.gifts) == ["Growth-agency community"]
    assert "Lost with level V2" in text(member)


def test_a_fall_that_takes_nothing_says_so(agency: Agency, member: Client) -> None:
    result(agency, level="V5", total="900.00", month=SEPTEMBER)
    result(agency, level="V4", total="800.00")
    told = text(member)
    assert (
        "Nothing: V5, our level of September 2026, has no benefit that we do not have now." in told
    )
    assert "What could be bound then" not in told


@pytest.mark.parametrize(
    ("before", "month"), [("V2", SEPTEMBER), ("V3", SEPTEMBER), ("V5", date(2026, 8, 1))]
)
def test_without_a_fall_against_the_month_before_nothing_is_lost(
    agency: Agency, before: str, month: date
) -> None:
    result(agency, level=before, total="900.00", month=month)
    result(agency, level="V3", total="600.00")
    assert page_of(agency).lost is None


def test_a_novice_learns_what_the_first_level_gives_and_when(
    member: Client, agency: Agency
) -> None:
    Agency.objects.filter(pk=agency.pk).update(joined_on=date(2026, 10, 5))
    result(agency, stage=Stage.NOVICE)
    told = text(member)
    assert "December 2026 is the first month that is assessed" in told
    assert "due on Jan. 3, 2027" in told
    assert "It adds no further benefit to those that we have." in told
    assert "It changes what may be bound" in told
    assert f"<dt>Bound creators at most</dt> <dd> 50 {DEFAULT_MARK}" in told


def test_without_a_result_the_rules_of_today_speak(member: Client, agency: Agency) -> None:
    told = text(member)
    assert "no result yet" in told
    assert "Customer service" in told
    page = page_of(agency)
    assert (page.level, page.ahead.key if page.ahead else None) == ("", "V1")


def test_the_rulebook_of_the_newest_result_decides(agency: Agency) -> None:
    result(agency, level="V1", total="100.00")
    later = TEXT.replace('version = "2026.1"', 'version = "2026.2"')
    later = later.replace('effective_from = "2000-01"', 'effective_from = "2026-11"')
    store_rulebook(later.replace("binding_cap = 50", "binding_cap = 60"), at=AT, activate=True)
    assert RulebookVersion.objects.for_month(date(2026, 11, 1)).version == "2026.2"
    assert page_of(agency).limits.cap == 50


def test_the_newest_month_decides(agency: Agency) -> None:
    result(agency, level="V5", total="900.00", month=SEPTEMBER)
    result(agency, level="V1", total="100.00")
    assert page_of(agency).level == "V1"


def test_the_own_column_is_marked_in_words(agency: Agency, member: Client) -> None:
    result(agency, level="V4", total="700.00")
    told = text(member)
    assert told.count('<span class="own-flag">ours</span>') == 1
    assert [column.key for column in page_of(agency).columns if column.own] == ["V4"]


def test_the_matrix_has_every_benefit_in_its_family(agency: Agency) -> None:
    page = page_of(agency)
    assert [family.name for family in page.families] == [
        "Operations support",
        "Creator management",
        "Exclusive benefits",
        "Marketing resources",
        "Publicity",
    ]
    rows = [row for family in page.families for row in family.rows]
    assert len(rows) == len(RULEBOOK.benefits)  # two benefits are said by the two limits
    caps, followers = page.families[1].rows[:2]
    assert [cell.text for cell in caps.cells] == ["20", "50", "200", "any", "any", "any"]
    assert [cell.text for cell in followers.cells] == ["< 5M", "< 5M", "< 5M", "any", "any", "any"]
    assert (caps.mark, followers.mark) == ("", "S")
    assert [cell.mark for cell in caps.cells] == ["D", "D", "D", "S", "S", "S"]
    assert {cell.mark for cell in followers.cells} == {""}
    assert [cell.exact for cell in followers.cells] == ["< 5,000,000"] * 3 + [""] * 3


def test_a_benefit_that_the_limits_do_not_say_stays(agency: Agency) -> None:
    result(agency, level="V3", total="600.00")
    other = TEXT.replace('version = "2026.1"', 'version = "2026.2"')
    later = 'key = "unlimited_creators"\nfamily = "creators"\nfrom = "V3"'
    assert later in other
    version, _changed = store_rulebook(other.replace(later, later.replace("V3", "V2")), at=AT)
    Evaluation.objects.update(rulebook=version)
    have = titles(page_of(agency).have)
    assert "Unlimited number of bound creators" in have
    assert "May bind creators with 5 million followers or more" not in have


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        (5_000_000, "500万", "5M"),
        (2_500_000, "250万", "2,500K"),
        (10_000, "1万", "10K"),
        (1_234, "1,234", "1,234"),
        (1_234_567, "1,234,567", "1,234,567"),
    ],
)
def test_limits_are_short_and_exact(number: int, zh: str, en: str) -> None:
    assert short(number) == en
    with translation.override("zh-hans"):
        assert short(number) == zh


def test_titles_are_shown_while_honours_count(agency: Agency, member: Client) -> None:
    TitleFactory.create(agency=agency, name_en="Agency of the year")
    TitleFactory.create(name_en="Somebody else's")
    assert "Agency of the year" in text(member)
    assert "Somebody else" not in text(member)
    penalty = PenaltyFactory.create(
        violation__agency=agency, kind=Measure.CANCEL_HONOURS, until=date(2026, 12, 24)
    )
    told = text(member)
    assert "Agency of the year" not in told
    assert "titles and board places count again from Dec. 24, 2026 on" in told
    type(penalty).objects.update(until=None)
    assert "honours without an end" in text(member)


def test_a_stranger_is_asked_to_sign_in() -> None:
    response = Client().get("/benefits/")
    assert (response.status_code, response.headers["location"]) == (
        302,
        "/sign-in/?next=/benefits/",
    )


def test_the_page_is_only_read(member: Client) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(member, method)("/benefits/").status_code == 405


def test_in_observation_three_lines_of_the_ledger_take_as_many_queries_as_one(
    agency: Agency, member: Client
) -> None:
    observed(agency, lost=50, on=date(2026, 10, 2))
    with CaptureQueriesContext(connection) as few:
        text(member)
    for day in (5, 9):
        taken_on(agency, 1, date(2026, 10, day))
    with CaptureQueriesContext(connection) as many:
        text(member)
    assert len(many) == len(few) <= 10


def test_the_page_takes_as_many_queries_for_three_months_as_for_one(
    agency: Agency, member: Client
) -> None:
    result(agency)
    TitleFactory.create(agency=agency)
    with CaptureQueriesContext(connection) as few:
        text(member)
    result(agency, month=SEPTEMBER)
    result(agency, month=date(2026, 8, 1))
    TitleFactory.create_batch(2, agency=agency)
    with CaptureQueriesContext(connection) as many:
        text(member)
    assert len(many) == len(few) <= 10
