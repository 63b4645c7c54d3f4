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

from agencies.enums import Measure, Role, Stage
from agencies.models import Agency
from scoring.models import RulebookVersion
from scoring.queries.benefits import BenefitsPage, benefits_page, has_benefit, short
from scoring.rulebook import EVERYONE, Benefit, Text, parse
from scoring.rulebook_versions import DEFAULT, store_rulebook
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, MembershipFactory
from tests.factories.cases import AT, TODAY, PenaltyFactory
from tests.factories.honours import TitleFactory
from tests.factories.level import TOTALS
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
TEXT = DEFAULT.read_text(encoding="utf-8")
RULEBOOK = parse(TEXT)


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
    return benefits_page(agency, today=TODAY)


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
    assert len(page.have) == len(RULEBOOK.benefits) - 1  # the growth community ended with V3
    assert "V5 is the highest level: there is nothing above it." in text(member)


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
    assert "<dt>Bound creators at most</dt> <dd> 200 </dd>" in told
    assert "<dt>Followers of a creator</dt> <dd> fewer than 5,000,000 </dd>" in told
    assert "It changes what may be bound" in told
    assert told.count("<dd> any number </dd>") == 2


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
    assert "Service power: 140.00 more (0.00 of 140)" in told
    assert "Credit: 10 more (70 of 80)" in told


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
    assert "<dt>Bound creators at most</dt> <dd> 50 </dd>" in told


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
    assert len(rows) == len(RULEBOOK.benefits) + 2
    caps, followers = page.families[1].rows[:2]
    assert [cell.text for cell in caps.cells] == ["20", "50", "200", "any", "any", "any"]
    assert [cell.text for cell in followers.cells] == ["< 5M", "< 5M", "< 5M", "any", "any", "any"]
    assert (caps.mark, followers.mark) == ("D", "S")


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
