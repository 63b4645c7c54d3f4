"""Home in each of its states: projection, provisional result, risks, what is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.actions.transitions import tell
from agencies.enums import Measure, News, PenaltyState, Role, Side, Stage
from agencies.ledger import Deduction, deduct
from agencies.models import Agency, Unbinding
from scoring.models import Evaluation
from scoring.points import Totals
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BindingFactory,
    EvaluationFactory,
    MembershipFactory,
    ViolationFactory,
)
from tests.factories.cases import PenaltyFactory
from tests.factories.honours import TitleFactory
from tests.factories.level import TOTALS
from tests.factories.projections import ProjectionFactory, ProjectionRunFactory
from tests.factories.staff import signed_in
from tests.portal.test_pages import MID_NOVEMBER, OCTOBER, SEPTEMBER, text

pytestmark = pytest.mark.django_db

NOTHING = Totals(*[0] * len(Totals.__dataclass_fields__))
EARLY_NOVEMBER = datetime(2026, 11, 1, 16, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _mid_november() -> Any:
    with time_machine.travel(MID_NOVEMBER, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency", joined_on=date(2025, 1, 1))


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def result(agency: Agency, month: date = OCTOBER, totals: Totals = TOTALS, **given: Any) -> None:
    evaluation = Evaluation.objects.filter(month=month).first()
    AssessmentFactory.create(
        evaluation=evaluation or EvaluationFactory.create(month=month),
        agency=agency,
        from_totals=totals,
        **given,
    )


def take(agency: Agency, points: int, day: date = date(2026, 11, 2)) -> None:
    case = ViolationFactory.create(
        agency=agency, decided_on=day, appeal_until=day + timedelta(days=15), points=points
    )
    deduct(
        [Deduction(agency.pk, case.pk, points, case.decided_on, case.reference)], at=MID_NOVEMBER
    )


def test_the_running_month_is_shown_with_its_day_and_pace(agency: Agency, member: Client) -> None:
    result(agency)
    slow = replace(TOTALS, settled_cents=40_000_000, showcase_cents=2_000_000)
    ProjectionFactory.create(
        agency=agency, from_totals=replace(slow, good_goods_cents=0, worry_free_orders=0)
    )
    page = text(member, "/home/")
    assert "If the month ended today" in page
    assert "data through Nov. 14, 2026 · 16 days left" in page
    assert "against the result of October 2026" in page
    assert "That would be V2, down from V3." in page
    assert "At the pace so far the month ends at about" in page
    assert "At the pace of November 2026 so far." in page


def test_the_first_days_tell_no_pace(agency: Agency, member: Client) -> None:
    result(agency)
    run = ProjectionRunFactory.create(data_through=date(2026, 11, 2))
    ProjectionFactory.create(run=run, agency=agency)
    page = text(member, "/home/")
    assert "it is too early to tell a pace" in page


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (EARLY_NOVEMBER, "It becomes final on Nov. 3, 2026 at 03:00."),
        (MID_NOVEMBER, "It has been held back since Nov. 3, 2026 at 03:00, when it was due"),
    ],
)
def test_a_full_month_without_its_result_is_provisional(
    agency: Agency, at: datetime, said: str
) -> None:
    result(agency, SEPTEMBER)
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 31))
    ProjectionFactory.create(run=run, agency=agency)
    user = MembershipFactory.create(agency=agency).user
    with time_machine.travel(at, tick=False):
        page = text(signed_in(user), "/home/")
    assert "Provisional result of October 2026" in page
    assert said in page
    assert "against the result of September 2026" in page
    assert "</i>provisional" in page
    assert "</i>final" in page


def test_a_full_month_whose_days_are_missing_says_how_many(agency: Agency, member: Client) -> None:
    result(agency, SEPTEMBER)
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 29))
    ProjectionFactory.create(run=run, agency=agency)
    page = text(member, "/home/")
    assert "October 2026 so far" in page
    assert "data through Oct. 29, 2026 · 2 days missing </p>" in page
    assert "The facts of 2 days have not arrived yet. Until they arrive, the result is" in page
    assert "If the missing days are like the others, the month comes to about" in page
    assert "It was due on Nov. 3, 2026 at 03:00, but the facts of 2 days are missing." in page
    assert "left" not in page.split('id="outlook"')[1].split("</section>")[0]


def test_a_month_with_a_gap_promises_no_final_day(agency: Agency) -> None:
    result(agency, SEPTEMBER)
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 31), days=21)
    ProjectionFactory.create(run=run, agency=agency)
    user = MembershipFactory.create(agency=agency).user
    with time_machine.travel(EARLY_NOVEMBER, tick=False):
        page = text(signed_in(user), "/home/")
    assert "Provisional result" not in page
    assert "becomes final" not in page
    assert "It is due on Nov. 3, 2026 at 03:00, but the facts of 10 days are missing" in page


def test_late_facts_leave_no_days_that_are_gone(agency: Agency, member: Client) -> None:
    result(agency)
    run = ProjectionRunFactory.create(data_through=date(2026, 11, 7))
    ProjectionFactory.create(run=run, agency=agency)
    page = text(member, "/home/")
    assert "data through Nov. 7, 2026 · 7 days missing · 16 days left" in page
    assert "Missing days are taken to be like the others." in page


def test_a_provisional_result_counts_the_credit_of_its_last_day(
    agency: Agency, member: Client
) -> None:
    result(agency, SEPTEMBER)
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 31))
    ProjectionFactory.create(run=run, agency=agency)
    take(agency, 50)  # on 2 November: 120 when October ended, 70 today
    page = text(member, "/home/")
    assert "No level, because" not in page
    assert "It counts the credit of Oct. 31, 2026 and the facts as they are now" in page


def test_a_provisional_result_says_which_credit_forbids_a_level(
    agency: Agency, member: Client
) -> None:
    result(agency, SEPTEMBER)
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 31))
    ProjectionFactory.create(run=run, agency=agency)
    take(agency, 50, date(2026, 10, 30))
    page = text(member, "/home/")
    assert "No level, because credit was 70 of at least 80 on Oct. 31, 2026, the day" in page


def test_on_its_last_day_a_complete_month_tells_when_it_is_final(
    agency: Agency, member: Client
) -> None:
    result(agency)
    run = ProjectionRunFactory.create(data_through=date(2026, 11, 30))
    ProjectionFactory.create(run=run, agency=agency)
    with time_machine.travel(datetime(2026, 11, 30, 4, 0, tzinfo=UTC), tick=False):
        page = text(signed_in(agency.memberships.get().user), "/home/")
    assert "The facts of every day are in; the result becomes final on Dec. 3, 2026" in page
    assert "too early" not in page


def test_home_and_guidance_agree_on_the_pace(agency: Agency, member: Client) -> None:
    result(agency)
    take(agency, 45, date(2026, 10, 20))  # 75 today, 85 from 19 November on
    ProjectionFactory.create(agency=agency)
    outlook = member.get("/home/").context["page"].outlook
    expected = member.get("/guidance/").context["page"].expected
    assert (outlook.projected.level, outlook.pace.level, expected.level) == ("", "V3", "V3")
    assert outlook.pace.score.total == expected.total


def test_the_open_month_may_bring_a_level_again(agency: Agency) -> None:
    low = replace(TOTALS, reputation_points=420 * TOTALS.reputation_orders)
    result(agency, SEPTEMBER, low, stage=Stage.OBSERVATION, level="")
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 31))
    ProjectionFactory.create(run=run, agency=agency)
    user = MembershipFactory.create(agency=agency).user
    with time_machine.travel(EARLY_NOVEMBER, tick=False):
        page = text(signed_in(user), "/home/")
    assert "is that of <strong>October 2026</strong>, published on Nov. 3, 2026." in page
    assert "is that of <strong>October 2026</strong>, which is held back." in text(
        signed_in(user), "/home/"
    )


def test_a_provisional_result_without_a_level_leads_to_the_month_after(agency: Agency) -> None:
    low = replace(TOTALS, reputation_points=420 * TOTALS.reputation_orders)
    result(agency, SEPTEMBER, low, stage=Stage.OBSERVATION, level="")
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 31))
    ProjectionFactory.create(run=run, agency=agency, from_totals=low)
    user = MembershipFactory.create(agency=agency).user
    with time_machine.travel(EARLY_NOVEMBER, tick=False):
        page = text(signed_in(user), "/home/")
    assert "is that of <strong>November 2026</strong>, published on Dec. 3, 2026." in page


def test_credit_that_was_there_when_the_month_ended_is_reached(agency: Agency) -> None:
    result(agency, SEPTEMBER, stage=Stage.OBSERVATION, level="", credit=70)
    take(agency, 50)
    user = MembershipFactory.create(agency=agency).user
    with time_machine.travel(EARLY_NOVEMBER, tick=False):
        page = text(signed_in(user), "/home/")
    assert "reached on Oct. 31, 2026, the day that counts" in page
    assert "is that of <strong>October 2026</strong>, published on Nov. 3, 2026." in page


def test_before_the_first_result_the_provisional_one_is_there(
    agency: Agency, member: Client
) -> None:
    run = ProjectionRunFactory.create(month=OCTOBER, data_through=date(2026, 10, 31))
    ProjectionFactory.create(run=run, agency=agency)
    page = text(member, "/home/")
    assert "No result has been published for this agency yet" in page
    assert "Provisional result of October 2026" in page


def test_a_novice_has_no_projection(member: Client, agency: Agency) -> None:
    Agency.objects.filter(pk=agency.pk).update(joined_on=date(2026, 10, 20))
    result(agency, stage=Stage.NOVICE)
    ProjectionFactory.create(agency=agency, novice=True)
    page = text(member, "/home/")
    assert "until November 2026 there is no assessment" in page
    assert "If the month ended today" not in page


def test_home_says_what_moved_most(agency: Agency, member: Client) -> None:
    result(agency, SEPTEMBER, replace(TOTALS, reputation_points=477 * 12_345))
    result(agency)
    page = text(member, "/home/")
    assert (
        "Service power fell by <strong>15.00</strong>, all of it by Creators&#x27; reputation."
        in page
    )
    assert '<a class="nowrap" href="/score/movement/">' in page


def test_home_names_the_part_of_the_indicator_that_moved_most(
    agency: Agency, member: Client
) -> None:
    result(agency, SEPTEMBER, replace(TOTALS, l5_creators=5, settled_orders=10_000))
    result(agency)
    assert (
        "Operating power rose by <strong>4.91</strong>, most of it by Creators at L5 and above"
        " (+4.00)." in text(member, "/home/")
    )


def test_credit_near_the_floor_is_a_mark_that_leads_to_its_entries(
    agency: Agency, member: Client
) -> None:
    result(agency)
    take(agency, 30)
    page = text(member, "/home/")
    assert (
        "Credit is <strong>90</strong>: a usual deduction of 20 would take it below 80. Then there"
        " is no level, and no new binding for 30 days." in page
    )
    assert "Way back: +10 on Dec. 2, 2026 if nothing is deducted until then." in page


def test_an_agency_that_is_safe_is_told_so(agency: Agency, member: Client) -> None:
    result(agency)
    page = text(member, "/home/")
    assert (
        "Nothing that is known endangers the level. The smallest margin, relative to its limit:"
        " the total, 91.11 above what V3 needs." in " ".join(page.replace("</p>", "").split())
    )
    assert "In the result of October 2026." in page


def test_a_lower_total_is_told_with_its_figures(agency: Agency, member: Client) -> None:
    result(agency, SEPTEMBER, replace(TOTALS, reputation_points=477 * TOTALS.reputation_orders))
    result(agency)
    page = text(member, "/home/")
    assert (
        "The total is <strong>641.11</strong>: 91.11 above what V3 needs, 15.00 below September"
        " 2026." in page
    )
    assert "Nothing that is known" not in page


def test_after_a_fall_home_leads_to_what_was_lost(agency: Agency, member: Client) -> None:
    result(agency, SEPTEMBER, level="V4")
    result(agency)
    page = text(member, "/home/")
    assert 'href="/benefits/#lost"> What was lost, what V4 gives back </a>' in page
    assert "What V4 adds" not in page
    assert "Nothing that is known endangers the present level, V3." in page


def test_a_lost_level_is_lost_too_and_its_reason_comes_first(
    agency: Agency, member: Client
) -> None:
    result(agency, SEPTEMBER)
    result(
        agency,
        totals=replace(TOTALS, settled_orders=90_000),
        stage=Stage.OBSERVATION,
        level="",
        credit=70,
    )
    page = text(member, "/home/")
    assert "What was lost, what V3 gives back" in page
    assert page.index("there is no level and no board place") < page.index("Operating power rose")
    assert "This is the highest level." not in page


def test_a_running_ban_is_told_with_its_end(agency: Agency, member: Client) -> None:
    result(agency)
    take(agency, 70)
    page = text(member, "/home/")
    assert "Credit forbids new bindings now; this ban is over on Dec. 2, 2026." in page
    assert "and new bindings are stopped until Dec. 2, 2026. A usual deduction of 20" in page


def test_the_newest_news_are_those_that_happened_last(agency: Agency, member: Client) -> None:
    for day, points in ((20, 1), (21, 2), (19, 3)):
        at = datetime(2026, 10, day, tzinfo=UTC)
        tell(agency.pk, News.CREDIT_AWARDED, at=at, points=points, reason=f"rank {points}")
    page = text(member, "/messages/")
    where = [page.index(f"for rank {points}.") for points in (2, 1, 3)]
    assert where == sorted(where)


def test_observation_by_credit_says_when_a_level_is_possible_again(
    agency: Agency, member: Client
) -> None:
    take(agency, 60)
    result(agency, stage=Stage.OBSERVATION, level="", credit=60)
    ProjectionFactory.create(agency=agency)
    page = text(member, "/home/")
    assert "reached on Jan. 1, 2027 if nothing more is deducted" in page
    assert "is that of <strong>January 2027</strong>, published on Feb. 3, 2027." in page
    assert "No level, because credit is 60 of at least 80 today." in page


def test_observation_by_service_shows_where_service_stands_now(
    agency: Agency, member: Client
) -> None:
    low = replace(TOTALS, reputation_points=420 * TOTALS.reputation_orders)
    result(agency, totals=low, stage=Stage.OBSERVATION, level="")
    ProjectionFactory.create(agency=agency)
    page = text(member, "/home/")
    assert "Service power: 130.00 of at least 140, <strong>10.00 missing</strong>" in page
    assert "in November 2026 so far: 181.25" in page
    assert "is that of <strong>November 2026</strong>, published on Dec. 3, 2026." in page


def test_credit_that_came_back_since_is_said(agency: Agency, member: Client) -> None:
    result(agency, stage=Stage.OBSERVATION, level="", credit=79)
    assert "today it is 120: reached" in text(member, "/home/")


def test_a_way_back_that_does_not_reach_the_floor_names_what_does() -> None:
    agency = Agency.objects.create(code="BROKE", name="Broke", joined_on=date(2025, 1, 1))
    result(agency, stage=Stage.OBSERVATION, level="", credit=0)
    page = text(signed_in(MembershipFactory.create(agency=agency).user), "/home/")
    assert "the way back does not lead there by itself" in page
    assert "Credit comes back by awards, or when an appeal succeeds." in page


def test_an_agency_without_creators_is_led_to_them(agency: Agency, member: Client) -> None:
    result(agency, totals=NOTHING, stage=Stage.OBSERVATION, level="")
    page = text(member, "/home/")
    assert "No creator was bound to you in that month" in page
    assert '<a class="nowrap" href="/creators/">Bind creators</a>' in page


def test_an_agency_left_behind_is_told(agency: Agency, member: Client) -> None:
    result(agency, SEPTEMBER)
    EvaluationFactory.create(month=OCTOBER)
    page = text(member, "/home/")
    assert "The platform has published October 2026, but without this agency." in page


def test_what_is_due_comes_by_its_day(agency: Agency, member: Client) -> None:
    result(agency)
    take(agency, 10)
    binding = BindingFactory.create(agency=agency, creator__creator_id="C1", creator__nickname="李")
    Unbinding.objects.create(
        binding=binding,
        side=Side.CREATOR,
        asked_at=MID_NOVEMBER,
        silent_on=date(2026, 11, 16),
    )
    foreign = BindingFactory.create(creator__nickname="CANARY")
    Unbinding.objects.create(
        binding=foreign, side=Side.CREATOR, asked_at=MID_NOVEMBER, silent_on=date(2026, 11, 16)
    )
    page = text(member, "/home/")
    assert "CANARY" not in page
    assert page.index("李 (C1) wants to leave") < page.index("Appeal against CASE-")
    assert "possible until the end of Nov. 17, 2026" in page


def test_measures_in_force_are_told_with_their_end(agency: Agency, member: Client) -> None:
    result(agency)
    assert "Measures in force" not in text(member, "/home/")
    begun = {"violation__agency": agency, "starts_on": MID_NOVEMBER.date()}
    PenaltyFactory.create(**begun, until=date(2026, 12, 12))
    PenaltyFactory.create(**begun, kind=Measure.CANCEL_HONOURS)
    PenaltyFactory.create(violation__agency=agency, kind=Measure.WARNING)
    PenaltyFactory.create(violation__agency=agency, state=PenaltyState.LIFTED)
    PenaltyFactory.create(violation__agency=agency, starts_on=date(2026, 11, 30))
    PenaltyFactory.create()
    page = text(member, "/home/").partition('id="measures"')[2].partition("</section>")[0]
    assert 'Binding suspended</strong> <span class="small"> over on Dec. 12, 2026' in page
    assert 'Honours cancelled</strong> <span class="small"> without an end' in page
    assert page.count("<li>") == 2


def test_a_proposed_removal_comes_first(agency: Agency, member: Client) -> None:
    result(agency)
    assert "removal of this agency" not in text(member, "/home/")
    PenaltyFactory.create(
        violation__agency=agency,
        kind=Measure.REMOVAL,
        state=PenaltyState.PROPOSED,
        starts_on=None,
        at_zero=True,
    )
    page = text(member, "/home/")
    assert "The removal of this agency from the platform is proposed" in page
    assert 'class="btn btn-primary" href="/conduct/">What to do now</a>' in page
    assert "The cheapest ways" not in page
    assert "Measures in force" not in page


def test_a_total_and_a_level_that_stayed_say_so(agency: Agency, member: Client) -> None:
    result(agency, SEPTEMBER)
    result(agency)
    page = text(member, "/home/")
    assert '<span class="faint">unchanged against last month</span>' in page
    assert '<span class="delta">unchanged</span>' in page
    assert ">=<" not in page


def test_a_novice_is_led_to_the_guidance(agency: Agency, member: Client) -> None:
    result(agency, stage=Stage.NOVICE, level="")
    assert 'href="/guidance/"> What will count </a>' in text(member, "/home/")


def test_titles_show_unless_honours_are_cancelled(agency: Agency, member: Client) -> None:
    result(agency)
    for year, day in (("2024", date(2025, 1, 5)), ("2025", date(2026, 1, 5))):
        TitleFactory.create(agency=agency, name_en=f"Agency of {year}", granted_on=day)
    TitleFactory.create(agency=agency, name_en="Withdrawn", withdrawn_on=date(2026, 11, 22))
    page = text(member, "/home/")
    assert page.index("Agency of 2025") < page.index("Agency of 2024")
    assert "Withdrawn" not in page
    PenaltyFactory.create(
        violation__agency=agency, kind=Measure.CANCEL_HONOURS, starts_on=date(2026, 11, 15)
    )
    assert "Agency of 2025" not in text(member, "/home/")


def test_a_viewer_reads_the_same_home(agency: Agency) -> None:
    result(agency)
    viewer = MembershipFactory.create(agency=agency, role=Role.VIEWER).user
    assert "V3 since the result of October 2026" in text(signed_in(viewer), "/home/")


def test_home_is_read_only_and_for_members(agency: Agency, member: Client) -> None:
    assert member.post("/home/").status_code == 405
    answer = Client().get("/home/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/sign-in/?next=/home/")


@pytest.mark.parametrize("state", ["waiting", "bare", "full"])
def test_home_takes_ten_queries_in_every_state(
    agency: Agency, member: Client, django_assert_num_queries: Callable[..., Any], state: str
) -> None:
    if state != "waiting":
        result(agency)
    if state == "full":
        for months in range(1, 4):
            result(agency, (OCTOBER - timedelta(days=30 * months)).replace(day=1))
        ProjectionFactory.create(agency=agency)
        for points in (10, 10, 10):
            take(agency, points)
        TitleFactory.create_batch(3, agency=agency, granted_on=date(2026, 1, 1))
        PenaltyFactory.create_batch(3, violation__agency=agency)
    text(member, "/home/")
    with django_assert_num_queries(10):
        text(member, "/home/")
