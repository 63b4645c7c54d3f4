"""The receipt page: everything that decided, so that a pocket calculator can check it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any
from urllib.parse import quote

import pgtrigger
import pytest
from django.test import Client

from agencies.enums import Role, Stage
from agencies.models import Agency
from scoring.enums import RulebookState
from scoring.models import RulebookVersion
from scoring.points import Totals
from scoring.queries.working import total_lines
from scoring.rulebook import INDICATOR_KEYS
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, MembershipFactory
from tests.factories.level import TOTALS
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Our own agency")


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def text(client: Client, path: str = "/score/receipt/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_it_says_whose_which_month_and_from_what(agency: Agency, member: Client) -> None:
    evaluation = EvaluationFactory.create(
        revision=2, reason="A late file of the 7th", published_at=datetime(2026, 11, 4, tzinfo=UTC)
    )
    AssessmentFactory.create(evaluation=evaluation, agency=agency)
    page = text(member)
    seen = plain(page)
    assert "Our own agency" in seen
    assert "Code OWN" in seen
    assert "Data month October 2026" in seen
    assert "Data through Oct. 28, 2026" in seen
    assert "Published on Nov. 4, 2026, 8 a.m." in seen
    assert "Revision 2 Rulebook" in seen  # what staff wrote stays with the staff
    assert "1" * 64 in seen
    assert "2" * 64 in seen
    assert '<a href="/public/rules/2026.1/rulebook.toml">' in page


def test_a_first_revision_has_no_reason_to_show(agency: Agency, member: Client) -> None:
    evaluation = EvaluationFactory.create(reason="asked by hand")
    AssessmentFactory.create(evaluation=evaluation, agency=agency)
    assert "asked by hand" not in text(member)


def test_all_sums_are_listed_with_their_units(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    seen = plain(text(member))
    for line in (
        "Settled amount ¥1,234,567.89 Showcase amount ¥123,456.78 Good-goods amount ¥234,567.89"
        " Settled orders 12,345 orders",
        "Worry-free service orders 4,321 orders",
        "Live minutes 54,321 minutes",
        "Bound creator-days 620 creator-days",
        "Creators at L5 and above, bound on the last day 7 creators",
        "Creators with a showcase amount above 0 13 creators",
        "Sum of reputation × settled orders 57,404.25 points × orders",
        "Settled orders of creators with a reputation 12,345 orders",
    ):
        assert line in seen
    totals = dict.fromkeys(Totals.__dataclass_fields__, 0)
    assert len(total_lines(totals)) == len(totals)


def test_the_knots_around_the_unrounded_and_the_rounded_are_written_out(
    agency: Agency, member: Client
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    seen = plain(text(member))
    assert "¥1,000,000.00 gives 100 ¥5,000,000.00 gives 150" in seen
    assert "100 + (1,234,567.89 − 1,000,000) × (150 − 100) ÷ (5,000,000 − 1,000,000)" in seen
    assert "= 102.932098… → 102.93" in seen
    assert "54,321 ÷ 620 → 87.6145 min" in seen


def test_a_calculator_gets_every_line_every_sum_and_the_total(
    agency: Agency, member: Client
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    seen = plain(text(member))
    number = r"([\d.,]+)%?"
    formulas = re.findall(
        rf"{number} \+ \({number} − {number}\) × \({number} − {number}\)"
        rf" ÷ \({number} − {number}\) = [\d.]+…? → {number}",
        seen,
    )
    assert len(formulas) == len(INDICATOR_KEYS)
    for formula in formulas:
        low, value, start, high, _, end, _, points = (
            Fraction(each.replace(",", "")) for each in formula
        )
        exact = low + (value - start) * (high - low) / (end - start)
        assert (exact * 100 + Fraction(1, 2)) // 1 == points * 100
    sums = re.findall(r"((?:[\d.]+ \+ )+[\d.]+) = ([\d.]+)", seen)
    assert len(sums) == 2
    for terms, earned in sums:
        assert sum(map(Fraction, terms.split(" + "))) == Fraction(earned)
    (total,) = re.findall(
        r"Operating power ([\d.]+) \+ Growth power ([\d.]+) \+ Service power ([\d.]+)"
        r" \+ Bonus ([\d.]+) = ([\d.]+)",
        seen,
    )
    assert sum(map(Fraction, total[:4])) == Fraction(total[4])


def test_cut_offs_and_floors_say_what_was_reached(agency: Agency, member: Client) -> None:
    assessment = AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    assert assessment.level == "V3"
    seen = plain(text(member))
    assert "V3 from 550 reached V4 from 700 not reached" in seen
    assert f"Service power {assessment.service}, needed 140 reached" in seen
    assert "Credit at the end of the month 120, needed 80 reached" in seen
    assert "Everything that level V3 needs is reached." in seen


def test_a_missed_floor_is_why_there_is_no_level(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(), agency=agency, stage=Stage.OBSERVATION, credit=79
    )
    seen = plain(text(member))
    assert "Credit at the end of the month 79, needed 80 not reached" in seen
    assert "A floor is missed, so there is no level" in seen


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reputation_orders": 0, "reputation_points": 0}, "so there is no value."),
        ({"creator_days": 0}, "There was no bound creator-day, so the value is 0."),
        ({"settled_cents": -1}, "Nothing was settled, or refunds were larger, so the share is 0."),
        ({"showcase_cents": -1}, "Refunds were larger than the sales, so the share is 0."),
        ({"good_goods_cents": 123_456_790}, "A share counts up to 100%."),
    ],
)
def test_where_a_rule_takes_the_place_of_a_division_it_is_said(
    agency: Agency, member: Client, changes: dict[str, int], sentence: str
) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(), agency=agency, from_totals=replace(TOTALS, **changes)
    )
    for path in ("/score/receipt/", "/score/"):
        assert sentence in plain(text(member, path))


def test_the_cap_of_the_bonus_is_shown(agency: Agency, member: Client) -> None:
    capped = RulebookVersion.objects.get()
    old, new = "[bonus]\ncap = 100", "[bonus]\ncap = 40"
    assert old in capped.text
    capped.text = capped.text.replace(old, new)
    with pgtrigger.ignore("scoring.RulebookVersion:rulebook_text_kept"):
        capped.save()
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(rulebook=capped),
        agency=agency,
        from_totals=replace(TOTALS, worry_free_orders=10_000),
    )
    assert "60.00 The bonus counts up to 40.00. → 40.00" in plain(text(member))


def test_a_novice_has_nothing_to_add_up(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(), agency=agency, stage=Stage.NOVICE
    )
    page = text(member)
    assert "Novices get no points" in page
    assert "Make the file of rows" not in page


def test_without_any_result_the_page_says_so(member: Client) -> None:
    assert "There is no receipt yet" in text(member)


@pytest.mark.parametrize("month", ["2026-13", "2019-01", "latest", "<b>"])
def test_a_month_without_a_result_is_not_found(agency: Agency, member: Client, month: str) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    assert member.get("/score/receipt/", {"month": month}).status_code == 404


def test_a_month_of_another_agency_is_not_found(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=OCTOBER), agency=agency)
    other = AgencyFactory.create(name="CANARY agency")
    AssessmentFactory.create(evaluation=EvaluationFactory.create(month=SEPTEMBER), agency=other)
    assert member.get("/score/receipt/?month=2026-09").status_code == 404
    assert "CANARY" not in text(member)


def test_a_viewer_reads_it_too(agency: Agency) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    viewer = MembershipFactory.create(agency=agency, role=Role.VIEWER)
    assert "Score receipt" in text(signed_in(viewer.user))


@pytest.mark.parametrize(
    "path", ["/score/receipt/", "/score/rows/state/", "/score/recompute.py", "/score/rows/1/"]
)
def test_pages_only_answer_to_signed_in_readers(member: Client, path: str) -> None:
    assert member.post(path).status_code == 405
    assert Client().get(path).status_code == 302


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


def test_the_program_is_handed_out(member: Client) -> None:
    response = member.get("/score/recompute.py")
    assert response["Content-Type"] == "text/x-python; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="recompute.py"'
    assert b"def points_for" in b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_a_rulebook_in_force_is_everybody_s_as_the_file_it_was() -> None:
    stored = RulebookVersion.objects.get()
    response = Client().get("/public/rules/2026.1/rulebook.toml")
    assert response.content.decode() == stored.text
    assert response["Content-Disposition"] == 'attachment; filename="rulebook-2026.1.toml"'
    RulebookVersion.objects.update(state=RulebookState.RETIRED)
    assert Client().get("/public/rules/2026.1/rulebook.toml").status_code == 200


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("a\tb", "rulebook-a_b.toml"),
        ('a"; x="b', "rulebook-a___x__b.toml"),
        ("../../etc", "rulebook-.._.._etc.toml"),
    ],
)
def test_the_name_of_a_rulebooks_file_is_a_name(version: str, name: str) -> None:
    with pgtrigger.ignore("scoring.RulebookVersion:rulebook_text_kept"):
        RulebookVersion.objects.update(version=version)
    response = Client().get(f"/public/rules/{quote(version, safe='')}/rulebook.toml")
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_drafts_and_unknown_rulebooks_are_not_found_alike() -> None:
    RulebookVersion.objects.update(state=RulebookState.DRAFT)
    for version in ("2026.1", "2099.1", "a/b", "%00"):
        assert Client().get(f"/public/rules/{version}/rulebook.toml").status_code == 404
