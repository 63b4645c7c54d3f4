"""The guidance page: whose month it plans, what it promises and what it never does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qsl

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from agencies.credit_rules import DEDUCTION, Line
from agencies.enums import Role, Stage
from agencies.ledger import Deduction, deduct
from agencies.models import Agency
from scoring.guidance import Part
from scoring.models import LeverText, RulebookVersion
from scoring.points import level_for, score
from scoring.queries.credit_outlook import credit_outlook
from scoring.queries.guidance import Guidance, guidance_of
from scoring.queries.plan import plan_of
from scoring.queries.steps import readable, step_of
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BindingFactory,
    EvaluationFactory,
    MembershipFactory,
    ViolationFactory,
)
from tests.factories.cases import PenaltyFactory
from tests.factories.level import TOTALS
from tests.factories.projections import ProjectionFactory, ProjectionRunFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 15, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 15)
OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
# 14 of 30 days: 15/7 of it make the month
HALF = replace(
    TOTALS, settled_cents=49_000_000, showcase_cents=4_900_000, good_goods_cents=9_800_000
)
BEST = replace(
    TOTALS,
    settled_cents=2_000_000_000,
    showcase_cents=800_000_000,
    good_goods_cents=1_000_000_000,
    settled_orders=200_000,
    reputation_orders=200_000,
    reputation_points=200_000 * 480,
    l5_creators=50,
    showcase_creators=100,
    worry_free_orders=100_000,
)
POOR_SERVICE = replace(TOTALS, reputation_points=12_345 * 420)


@pytest.fixture(autouse=True)
def _mid_november() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency", joined_on=date(2025, 1, 1))


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def text(client: Client, path: str = "/guidance/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def found(agency: Agency) -> Guidance:
    return guidance_of(agency, today=TODAY)


def take(agency: Agency, points: int, day: date = TODAY) -> None:
    case = ViolationFactory.create(agency=agency, decided_on=day, points=points)
    deduct([Deduction(agency.pk, case.pk, points, day, case.reference)], at=timezone.now())


# --- the month that is planned ---


def test_a_running_month_is_planned_at_todays_pace(agency: Agency) -> None:
    ProjectionFactory.create(agency=agency, from_totals=HALF)
    plan = plan_of(agency, today=TODAY)
    assert (plan.month, plan.pace.passed, plan.pace.left) == (NOVEMBER, 14, 16)
    assert plan.values["settled_amount"] == Decimal("1050000.00")
    assert plan.values["settled_orders"] == Decimal(26_454)  # 12,345 × 30 / 14 = 26,453.57…
    assert plan.values["showcase_share"] == Decimal("0.100000")
    assert plan.values["l5_creators"] == 7
    assert plan.pace.usual["settled_amount"] == 35_000  # 490,000 / 14


def test_averages_are_limited_by_the_days_that_are_left(agency: Agency) -> None:
    ProjectionFactory.create(agency=agency, from_totals=HALF)
    most = plan_of(agency, today=TODAY).most
    assert most["showcase_share"] == Decimal("0.58")  # (0.1 × 14 + 1 × 16) / 30
    assert most["reputation"] == 5


def test_without_a_projection_the_newest_result_is_the_base(agency: Agency) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    plan = plan_of(agency, today=TODAY)
    assert (plan.month, plan.begun, plan.provisional) == (NOVEMBER, False, False)
    assert (plan.source_month, plan.source_through) == (OCTOBER, date(2026, 10, 28))
    assert plan.values["settled_amount"] == Decimal("1234567.89")


def test_days_that_are_gone_unseen_brought_their_share(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    plan = plan_of(agency, today=date(2026, 11, 20))
    assert (plan.pace.passed, plan.pace.left, plan.pace.known) == (19, 11, 0)
    assert plan.pace.usual["settled_amount"] == Fraction("1234567.89") / 30
    assert plan.most["showcase_share"] == Decimal("0.43")  # (0.1 × 19 + 1 × 11) / 30
    part = Part("settled_amount", plan.values["settled_amount"], Decimal("1650000"), Fraction(1, 3))
    step = step_of(plan, part, ())
    # 19 days of 41,152.26 leave 868,107.00 to 11 days
    assert (step.daily, step.daily_now) == (Decimal("79000"), Decimal("41152.26"))
    share = step_of(plan, Part("showcase_share", Decimal("0.1"), Decimal("0.15"), Fraction(1)), ())
    # (0.15 × 30 − 0.1 × 19) / 11 = 0.23636…, read upwards
    assert (share.daily, share.daily_now) == (Decimal("0.2364"), Decimal("0.1000"))
    with time_machine.travel(datetime(2026, 11, 20, 4, 0, tzinfo=UTC), tick=False):
        page = text(signed_in(agency.memberships.get().user))
    assert "from the result of October 2026, data through Oct. 28, 2026 · 11 days left" in page
    assert "No figures of November 2026 are known yet: its days so far are taken" in page
    assert "The month brings what October 2026 brought." in page
    assert "a day on the 11 days left instead of" in page


def test_a_month_held_back_plans_what_is_left_of_the_running_one(agency: Agency) -> None:
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 31))
    ProjectionFactory.create(agency=agency, run=run)
    plan = plan_of(agency, today=date(2026, 11, 20))
    assert (plan.month, plan.begun, plan.provisional) == (NOVEMBER, False, True)
    assert (plan.pace.passed, plan.pace.left, plan.source_month) == (19, 11, OCTOBER)


def test_a_month_not_begun_has_all_its_days(agency: Agency) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    plan = plan_of(agency, today=NOVEMBER)
    assert (plan.pace.passed, plan.pace.left) == (0, 30)
    part = Part("settled_amount", plan.values["settled_amount"], Decimal("1500000"), Fraction(1, 3))
    assert step_of(plan, part, ()).daily == Decimal("50000")


def test_before_the_fifth_day_with_facts_the_newest_result_is_the_base(
    agency: Agency, member: Client
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    run = ProjectionRunFactory.create(days=4)
    ProjectionFactory.create(agency=agency, run=run, from_totals=BEST)
    plan = plan_of(agency, today=TODAY)
    assert (plan.early, plan.begun, plan.source_month) == (True, False, OCTOBER)
    assert plan.values["settled_amount"] == Decimal("1234567.89")
    assert "too early to tell the pace of November 2026: its days so far are taken" in text(member)
    run.days = 5
    run.save()
    plan = plan_of(agency, today=TODAY)
    assert (plan.early, plan.begun, plan.source_month) == (False, True, NOVEMBER)


def test_before_any_result_the_first_days_promise_nothing(agency: Agency, member: Client) -> None:
    ProjectionFactory.create(agency=agency, run=ProjectionRunFactory.create(days=4))
    assert plan_of(agency, today=TODAY).values == {}
    page = text(member)
    assert "ways are computed once the facts of five days are there" in page
    assert "cheapest ways" not in page


def test_missing_days_are_taken_to_be_like_the_others(agency: Agency, member: Client) -> None:
    ProjectionFactory.create(
        agency=agency, run=ProjectionRunFactory.create(days=7), from_totals=HALF
    )
    plan = plan_of(agency, today=TODAY)
    assert (plan.pace.passed, plan.pace.known, plan.pace.missing) == (14, 7, 7)
    assert plan.values["settled_amount"] == Decimal("2100000.00")  # 490,000 × 30 / 7
    part = Part("settled_amount", plan.values["settled_amount"], Decimal("2900000"), Fraction(1, 3))
    step = step_of(plan, part, ())
    # 14 days of 70,000 leave 1,920,000 to 16 days
    assert (step.daily, step.daily_now) == (Decimal(120_000), Decimal(70_000))
    page = text(member)
    assert "data through Nov. 14, 2026 · 7 days missing · 16 days left" in page
    assert "The facts of 7 days have not arrived yet: they are taken to be like the others." in page


def test_a_result_without_its_last_day_names_none(agency: Agency, member: Client) -> None:
    evaluation = EvaluationFactory.create(data_through=None)
    AssessmentFactory.create(evaluation=evaluation, agency=agency)
    page = text(member)
    assert "from the result of October 2026 · 16 days left" in page
    assert "data through" not in page


def test_a_month_known_to_its_last_day_hands_over_to_the_next(agency: Agency) -> None:
    run = ProjectionRunFactory.create(data_through=date(2026, 11, 30))
    ProjectionFactory.create(agency=agency, run=run)
    plan = plan_of(agency, today=date(2026, 11, 30))
    assert (plan.month, plan.begun, plan.source_month) == (DECEMBER, False, NOVEMBER)
    assert (plan.pace.passed, plan.pace.left) == (0, 31)
    assert plan.values["settled_amount"] == Decimal("1234567.89")


def test_a_month_that_is_over_hands_over_even_without_its_last_days(agency: Agency) -> None:
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 28))
    ProjectionFactory.create(agency=agency, run=run)
    plan = plan_of(agency, today=date(2026, 11, 2))
    assert (plan.month, plan.begun, plan.pace.left) == (NOVEMBER, False, 29)
    # 28 days make 31
    assert plan.values["settled_amount"] == Decimal("1366843.02")


def test_a_result_long_ago_plans_the_running_month(agency: Agency) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(month=date(2026, 7, 1)), agency=agency
    )
    assert plan_of(agency, today=TODAY).month == NOVEMBER


# --- limits on creators ---


def most_creators(agency: Agency) -> Decimal | None:
    agency.refresh_from_db()
    return plan_of(agency, today=TODAY).most["l5_creators"]


def test_creators_count_up_to_the_binding_limit_of_today(agency: Agency) -> None:
    assert most_creators(agency) == 20
    Agency.objects.filter(pk=agency.pk).update(
        stage=Stage.ASSESSED, level="V2", level_since=OCTOBER, binding_cap=200
    )
    assert most_creators(agency) == 200
    Agency.objects.filter(pk=agency.pk).update(binding_cap=None)
    assert most_creators(agency) is None


def test_nobody_can_be_added_where_binding_is_barred_to_the_end(agency: Agency) -> None:
    BindingFactory.create(agency=agency)
    BindingFactory.create(agency=agency, bound_until=TODAY)
    penalty = PenaltyFactory.create(
        violation__agency=agency, starts_on=TODAY, until=date(2026, 11, 30)
    )
    assert most_creators(agency) == 20
    penalty.until = DECEMBER
    penalty.save()
    assert most_creators(agency) == 1


def test_a_credit_ban_to_the_end_adds_nobody_either(agency: Agency) -> None:
    BindingFactory.create(agency=agency)
    take(agency, 50)
    assert most_creators(agency) == 1


# --- credit at the end of the month ---


def test_credit_is_foreseen_with_the_way_back(agency: Agency) -> None:
    take(agency, 50, date(2026, 10, 26))
    credit = plan_of(agency, today=TODAY).credit
    assert (credit.today, credit.at_end, credit.missing) == (70, 80, 0)
    assert credit.restores == ((date(2026, 11, 25), 10),)
    assert credit.floor_on == date(2026, 11, 25)


def test_restores_come_one_after_the_other_until_nothing_is_owed() -> None:
    rules = RulebookVersion.objects.for_month(NOVEMBER).rulebook.credit
    lines = [
        Line(1, "opening", 120, date(2025, 1, 1)),
        Line(2, DEDUCTION, -65, TODAY),
    ]
    seen = credit_outlook(lines, rules, floor=80, today=TODAY, end=date(2027, 12, 31))
    assert [points for _, points in seen.restores] == [10, 10, 10, 10, 10, 10, 5]
    assert [day - TODAY for day, _ in seen.restores] == [timedelta(30 * n) for n in range(1, 8)]
    assert (seen.today, seen.at_end) == (55, 120)
    assert seen.floor_on == TODAY + timedelta(90)


def test_without_anything_to_give_back_the_floor_is_never_reached() -> None:
    rules = RulebookVersion.objects.for_month(NOVEMBER).rulebook.credit
    lines = [Line(1, "opening", 60, date(2025, 1, 1))]
    seen = credit_outlook(lines, rules, floor=80, today=TODAY, end=date(2026, 11, 30))
    assert (seen.at_end, seen.missing, seen.floor_on) == (60, 20, None)


# --- steps in words ---


def test_a_sum_is_told_per_day_that_is_left(agency: Agency) -> None:
    ProjectionFactory.create(agency=agency, from_totals=HALF)
    plan = plan_of(agency, today=TODAY)
    part = Part("settled_amount", plan.values["settled_amount"], Decimal("1290000"), Fraction(1, 5))
    step = step_of(plan, part, ())
    # (1,290,000 − 490,000) / 16 and 490,000 / 14
    assert (step.daily, step.daily_now) == (Decimal(50_000), Decimal(35_000))
    assert step.rise == Decimal("22.9")


def test_an_average_is_told_for_the_days_that_are_left(agency: Agency) -> None:
    ProjectionFactory.create(agency=agency, from_totals=HALF)
    plan = plan_of(agency, today=TODAY)
    part = Part("showcase_share", Decimal("0.1"), Decimal("0.15"), Fraction(1, 2))
    step = step_of(plan, part, ())
    # (0.15 × 30 − 0.1 × 14) / 16 = 0.19375, read upwards
    assert (step.daily, step.daily_now) == (Decimal("0.1938"), Decimal("0.1000"))


@pytest.mark.parametrize(
    ("value", "unit", "read"),
    [
        ("9430625", "yuan", "9440000"),
        ("9430000", "yuan", "9430000"),
        ("1234.567", "yuan", "1234.57"),
        ("12345", "count", "12400"),
        ("999900", "count", "1000000"),
        ("7", "count", "7"),
        ("0.152301", "share", "0.1524"),
        ("87.6145", "minutes", "87.7"),
        ("4.3001", "mean", "4.31"),
    ],
)
def test_a_target_is_read_rounded_up(value: str, unit: str, read: str) -> None:
    assert readable(Fraction(value), unit) == Decimal(read)


# --- the page ---


def test_the_page_says_where_things_lead_and_what_is_missing(
    agency: Agency, member: Client
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    ProjectionFactory.create(agency=agency, from_totals=HALF)
    page = text(member)
    assert "For November 2026" in page
    assert "data through Nov. 14, 2026" in page
    assert "16 days left" in page
    assert "Published for October 2026" in page
    assert "If the month ended today" in page
    assert "At today's pace, on November 30" in page
    guidance = found(agency)
    nearest = guidance.nearest
    assert nearest is not None
    assert f"The cheapest ways to {nearest.level.key}" in page
    cut = nearest.level.min_total
    assert f"At today's pace {nearest.missing} points short of {cut}" in page


def test_the_simulation_of_every_way_reaches_its_level_and_no_unit_can_be_spared(
    agency: Agency, member: Client
) -> None:
    ProjectionFactory.create(agency=agency, from_totals=HALF)
    guidance = found(agency)
    assert guidance.nearest is not None
    assert 3 <= len(guidance.nearest.ways) <= 5
    page = text(member)
    for ahead in guidance.ahead:
        for way in ahead.ways:
            assert f'href="/guidance/simulator/?{way.query.replace("&", "&amp;")}"' in page
            given = dict(parse_qsl(way.query, keep_blank_values=True))
            answer = member.get("/guidance/simulator/", given)
            assert answer.context["result"].then.level == ahead.level.key
            assert answer.context["result"].then.total == way.total
            for step in way.steps:
                values = dict(answer.context["form"].values())
                unit = Decimal(1).scaleb(int(step.target.as_tuple().exponent))
                values[step.key] = step.target - unit
                less = score(guidance.plan.rulebook, values).total
                assert level_for(guidance.plan.rulebook, less) != ahead.level


def test_ways_lead_to_the_advice_for_their_lever(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    nearest = found(agency).nearest
    assert nearest is not None
    levers = {lever for way in nearest.ways for step in way.steps for lever in step.levers}
    assert levers
    page = text(member)
    for lever in levers:
        assert f'href="/guidance/levers/#{lever.value}"' in page
        assert f'id="{lever.value}"' in text(member, "/guidance/levers/")
    LeverText.objects.all().delete()
    nearest = found(agency).nearest
    assert nearest is not None
    assert not any(step.levers for way in nearest.ways for step in way.steps)
    assert "/guidance/levers/#" not in text(member)


def test_service_below_its_floor_comes_first(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(
        evaluation=EvaluationFactory.create(),
        agency=agency,
        stage=Stage.OBSERVATION,
        from_totals=POOR_SERVICE,
    )
    page = text(member)
    assert "The way out of observation" in page
    assert "<strong>10.00 points</strong> short of 140" in page
    assert "the total is enough, service power is below its floor" in page
    nearest = found(agency).nearest
    assert nearest is not None
    assert [(step.key, step.target) for step in nearest.ways[0].steps] == [
        ("reputation", Decimal("4.3000"))
    ]
    for ahead in found(agency).ahead:
        for way in ahead.ways:
            assert "reputation" in {step.key for step in way.steps}


def test_credit_below_its_floor_promises_no_level(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    take(agency, 60)
    page = text(member)
    assert "60 points are foreseen on Nov. 30, 2026, 80 are needed" in page
    # −60 on 15 November: +10 on 15 December and 14 January
    assert "Restored step by step it reaches 80 on Jan. 14, 2027" in page
    assert "that of <strong>January 2027</strong>, published on Feb. 3, 2027." in page
    assert "floor 80, 20 short" in page
    assert "As things go, November 2026 ends in observation" in page
    assert "The way out of observation" not in page
    assert "cheapest ways" not in page
    assert "Simulate" not in page
    assert not any(ahead.ways for ahead in found(agency).ahead)


def test_a_novice_reads_the_rules_and_no_promise(agency: Agency, member: Client) -> None:
    Agency.objects.filter(pk=agency.pk).update(joined_on=date(2026, 10, 20))
    ProjectionFactory.create(agency=agency, novice=True)
    page = text(member)
    assert "Until November 2026 there is no assessment" in page
    assert "First assessed month: December 2026" in page
    assert "cheapest ways" not in page
    assert "Showcase: four steps" in page


def test_the_highest_level_sees_its_room(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency, from_totals=BEST)
    guidance = found(agency)
    assert guidance.top is not None
    assert guidance.ahead == ()
    page = text(member)
    assert "V5 is the highest level: how much room there is" in page
    assert f"{guidance.spare} points above 850" in page
    assert "Level lost below" in page


def test_before_any_figures_the_page_says_so(agency: Agency, member: Client) -> None:
    BindingFactory.create(agency=agency)
    assert "There is nothing to plan from yet" in text(member)


def test_figures_of_another_agency_stay_there(agency: Agency, member: Client) -> None:
    other = AgencyFactory.create(code="CANARY", name="Canary Agency")
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=other)
    ProjectionFactory.create(agency=other)
    for path in ("/guidance/", "/guidance/simulator/", "/guidance/levers/"):
        page = text(member, path)
        assert "Canary" not in page
        assert "1,234,567.89" not in page


@pytest.mark.parametrize("path", ["/guidance/", "/guidance/simulator/", "/guidance/levers/"])
def test_who_gets_in(path: str, agency: Agency) -> None:
    viewer = signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)
    assert viewer.get(path).status_code == 200
    assert viewer.post(path).status_code == 405
    assert Client().get(path).headers["location"] == f"/sign-in/?next={path}"


def test_queries_stay_the_same_for_one_and_three(
    agency: Agency, member: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    ProjectionFactory.create(agency=agency)
    take(agency, 10)
    BindingFactory.create(agency=agency)
    counts = {"/guidance/": 9, "/guidance/simulator/": 8, "/guidance/levers/": 9}
    for path, count in counts.items():
        with django_assert_num_queries(count):
            text(member, path)
    for month in (date(2026, 8, 1), date(2026, 9, 1)):
        AssessmentFactory.create(evaluation=EvaluationFactory.create(month=month), agency=agency)
        take(agency, 5)
        BindingFactory.create(agency=agency)
    for path, count in counts.items():
        with django_assert_num_queries(count):
            text(member, path)


def test_a_month_not_begun_takes_ten_queries_at_most(
    agency: Agency, member: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    AssessmentFactory.create(evaluation=EvaluationFactory.create(), agency=agency)
    take(agency, 10)
    with django_assert_num_queries(10):
        text(member)


def test_every_sentence_fits_one_day_left(agency: Agency, member: Client) -> None:
    run = ProjectionRunFactory.create(data_through=date(2026, 11, 29))
    ProjectionFactory.create(agency=agency, run=run, from_totals=HALF)
    with time_machine.travel(datetime(2026, 11, 30, 4, 0, tzinfo=UTC), tick=False):
        page = text(signed_in(agency.memberships.get().user))
    assert "1 day left" in page
    assert re.search(r"on the 1 day left instead of", page)
