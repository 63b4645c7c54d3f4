"""The score page: every number that decided, and how it came about."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from agencies.enums import Stage
from agencies.models import Agency
from scoring.points import indicator_points
from scoring.queries import breakdown_of
from scoring.queries.working import working
from scoring.rulebook import INDICATOR_KEYS, Indicator, Knot
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, MembershipFactory
from tests.factories.level import TOTALS
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN")


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def text(client: Client, path: str = "/score/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_each_indicator_has_value_points_percentile_and_change(
    agency: Agency, member: Client
) -> None:
    less = replace(TOTALS, settled_cents=100_000_000)
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(month=SEPTEMBER), agency=agency, from_totals=less
    )
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=OCTOBER), agency=agency)
    breakdown = breakdown_of(agency, "")
    assert breakdown is not None
    amount = breakdown.blocks[0].indicators[0]
    assert amount.key == "settled_amount"
    assert amount.value == Decimal("1234567.89")
    assert amount.points == Decimal("102.93")
    assert amount.maximum == Decimal(220)
    assert amount.percentile == Decimal("100.0")
    assert amount.change == Decimal("2.93")
    page = text(member)
    assert 'title="¥1,234,567.89">¥1.23M</data>' in page
    assert "102.93 <span" in page
    assert "+2.93" in page


def test_the_interpolation_is_written_out(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    page = text(member)
    assert "100 + (1,234,567.89 − 1,000,000) × (150 − 100) ÷ (5,000,000 − 1,000,000)" in page
    assert "= 102.932098… → <strong>102.93</strong>" in page
    assert "54,321 ÷ 620 → 87.6145 min" in page
    assert "¥123,456.78 ÷ ¥1,234,567.89 → 10%" in page
    assert "57,404.25 ÷ 12,345 → 4.65" in page


def test_every_formula_of_the_page_gives_its_points(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    page = re.sub(r"<[^>]+>", " ", text(member))
    number = r"([\d.,]+)%?"
    formulas = re.findall(
        rf"{number} \+ \({number} − {number}\) × \({number} − {number}\)"
        rf" ÷ \({number} − {number}\)\s+= [\d.]+…? →\s+{number}",
        page,
    )
    assert len(formulas) == len(INDICATOR_KEYS)
    for formula in formulas:
        low, value, start, high, low_again, end, start_again, points = (
            Fraction(each.replace(",", "")) for each in formula
        )
        assert (low, start) == (low_again, start_again)
        exact = low + (value - start) * (high - low) / (end - start)
        assert (exact * 100 + Fraction(1, 2)) // 1 == points * 100


CURVE = Indicator(
    key="reputation",
    dimension="service",
    source="D",
    knots=(Knot(Decimal(3), Decimal(0)), Knot(Decimal(4), Decimal(110))),
)


@pytest.mark.parametrize(
    ("value", "lower", "upper", "own_row"),
    [
        ("2.5", 3, 3, 0),
        ("3", 3, 3, 1),
        ("3.5", 3, 4, 1),
        ("4", 4, 4, 2),
        ("5", 4, 4, 2),
    ],
)
def test_the_own_position_stands_between_its_knots(
    value: str, lower: int, upper: int, own_row: int
) -> None:
    number = Decimal(value)
    answer = working(CURVE, number, indicator_points(CURVE, number))
    assert answer.lower is not None
    assert answer.upper is not None
    assert (answer.lower.value, answer.upper.value) == (lower, upper)
    assert [row.own for row in answer.rows].index(True) == own_row
    assert len(answer.rows) == len(CURVE.knots) + 1


def test_without_a_value_there_is_no_position() -> None:
    answer = working(CURVE, None, Decimal("0.00"))
    assert answer.lower is None
    assert not any(row.own for row in answer.rows)


def test_a_missing_reputation_is_said(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(),
        agency=agency,
        stage=Stage.OBSERVATION,
        from_totals=replace(TOTALS, reputation_points=0, reputation_orders=0),
    )
    page = text(member)
    assert "no value" in page
    assert "Without a value there are 0 points." in page
    assert "Observation stage" in page


def test_above_the_last_knot_more_brings_no_more(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(),
        agency=agency,
        from_totals=replace(TOTALS, l5_creators=60),
    )
    assert "Above the last knot more brings no more: 100.00 points." in text(member)


def test_the_rulebook_and_the_source_of_its_knots_are_named(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    page = text(member)
    assert "Knots of rulebook 2026.1, source D: A default of this product" in page
    assert "V5 from 850" in page


def test_the_month_is_chosen_among_the_published_ones(agency: Agency, member: Client) -> None:
    for month, total in ((SEPTEMBER, "500.00"), (OCTOBER, "634.01")):
        AssessmentFactory.create(
            evaluation=EvaluationFactory.create(month=month), agency=agency, total=total
        )
    assert "Result of October 2026" in text(member)
    page = text(member, "/score/?month=2026-09")
    assert "Result of September 2026" in page
    assert "500.00" in page


@pytest.mark.parametrize("month", ["2026-13", "2026-9", "2019-01", "latest", "2026-10-01", "<b>"])
def test_a_month_without_a_result_is_not_found(agency: Agency, member: Client, month: str) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=OCTOBER), agency=agency)
    response = member.get("/score/", {"month": month})
    assert response.status_code == 404
    page = response.content.decode()
    assert "There is no published result for" in page
    assert "<b>" not in page


def test_a_novice_is_told_why_there_are_no_points(agency: Agency, member: Client) -> None:
    Agency.objects.filter(pk=agency.pk).update(joined_on=date(2026, 10, 20))
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(), agency=agency, stage=Stage.NOVICE
    )
    page = text(member)
    assert "Novices get no points" in page
    assert "First assessed month: December 2026; publication of its result: Jan. 3, 2027." in page


@pytest.mark.parametrize(
    ("stage", "level", "told"),
    [
        (Stage.ASSESSED, "V3", "the shortest ways to the next level"),
        (Stage.ASSESSED, "V5", "how much room the highest level has"),
        (Stage.OBSERVATION, "", "the way out of observation, and what each level takes"),
    ],
)
def test_what_to_do_is_said_as_it_fits_the_level(
    agency: Agency, member: Client, stage: str, level: str, told: str
) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(), agency=agency, stage=stage, level=level
    )
    assert told in text(member)


def test_without_any_result_the_page_says_so(member: Client) -> None:
    assert "There is no score yet" in text(member)


def test_the_score_of_another_agency_is_not_there(agency: Agency, member: Client) -> None:
    october = EvaluationFactory.create(month=OCTOBER)
    AssessmentFactory.create(evaluation=october, agency=agency)
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(month=SEPTEMBER), agency=AgencyFactory.create()
    )
    assert "September 2026" not in text(member)
    assert member.get("/score/?month=2026-09").status_code == 404


def test_the_page_takes_as_many_queries_for_three_months_as_for_one(
    agency: Agency, member: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=OCTOBER), agency=agency)
    with django_assert_num_queries(6):
        text(member)
    for month in (date(2026, 8, 1), SEPTEMBER):
        AssessmentFactory.create(evaluation=EvaluationFactory.create(month=month), agency=agency)
    with django_assert_num_queries(6):
        text(member)
