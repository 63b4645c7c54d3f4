"""Why the score moved: what the page says of points, level and stage, and for whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from agencies.enums import Role, Stage
from agencies.models import Agency
from scoring.models import Assessment
from scoring.points import Totals
from scoring.queries.movement import Movement, Turn, movement_of
from scoring.rulebook import INDICATOR_KEYS
from scoring.rulebook_versions import DEFAULT, store_rulebook
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BindingFactory,
    CreatorFactory,
    EvaluationFactory,
    MembershipFactory,
)
from tests.factories.contributions import contributed_month
from tests.factories.level import TOTALS
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)
BY_CREATOR = "/score/movement/settled_orders/"
# 641.11 points; with 4.1 instead of 4.65 the reputation earns 120.00 instead of 181.25
WORSE = replace(TOTALS, reputation_points=410 * 12_345)


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN")


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def month(agency: Agency, first: date, totals: Totals = TOTALS, **fields: Any) -> Assessment:
    return AssessmentFactory.create(
        evaluation=EvaluationFactory.create(month=first),
        agency=agency,
        **({} if fields.get("stage") == Stage.NOVICE else {"from_totals": totals}),
        **fields,
    )


def text(client: Client, path: str = "/score/movement/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    page = re.sub(r"<script.*?</script>", " ", response.content.decode(), flags=re.S)
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


def moved(agency: Agency) -> Movement:
    movement = movement_of(agency, "")
    assert movement is not None
    return movement


def put_in_force(*changes: tuple[str, str]) -> None:
    """The shipped rulebook as version 2026.2 from October 2026, with some text exchanged."""
    rules = DEFAULT.read_text(encoding="utf-8")
    start = (('version = "2026.1"', 'version = "2026.2"'), ('"2000-01"', '"2026-10"'))
    for old, new in (*start, *changes):
        assert rules.count(old) == 1
        rules = rules.replace(old, new)
    store_rulebook(rules, at=datetime(2026, 9, 20, tzinfo=UTC), activate=True)


V3_FROM_450 = 'key = "V3"\nmin_total = 450'
V3_FROM_550 = 'key = "V3"\nmin_total = 550'
V3_FROM_650 = 'key = "V3"\nmin_total = 650'


class TestVerdict:
    def test_a_fall_by_points_names_the_cut_off(self, agency: Agency, member: Client) -> None:
        month(agency, SEPTEMBER)
        month(agency, OCTOBER, replace(TOTALS, showcase_cents=0, good_goods_cents=0))
        movement = moved(agency)
        assert movement.verdict is not None
        assert movement.verdict.turn is Turn.FELL
        assert (movement.now.total, movement.change) == (Decimal("535.36"), Decimal("-105.75"))
        page = text(member)
        assert (
            "641.11 → 535.36 down −105.75 September 2026 → October 2026"
            " The total is below the 550 points that V3 needs." in page
        )
        assert "The level fell" not in page
        assert "The total went" not in page

    def test_a_rise_names_the_cut_off_reached(self, agency: Agency, member: Client) -> None:
        month(agency, SEPTEMBER, replace(TOTALS, showcase_cents=0, good_goods_cents=0))
        month(agency, OCTOBER)
        page = text(member)
        assert "The total reached the 550 points that V3 needs." in page
        assert "The level rose" not in page

    def test_the_level_stays(self, agency: Agency, member: Client) -> None:
        month(agency, SEPTEMBER)
        month(agency, OCTOBER)
        page = text(member)
        assert "The level stayed V3." in page
        assert "641.11 → 641.11 unchanged September 2026 → October 2026" in page

    def test_a_level_lost_by_credit_says_so_although_no_point_moved(
        self, agency: Agency, member: Client
    ) -> None:
        month(agency, SEPTEMBER)
        month(agency, OCTOBER, stage=Stage.OBSERVATION, credit=75)
        page = text(member)
        assert "The level V3 was lost: the agency is in the observation stage" in page
        assert "Credit: 75, in September 2026 120. A level needs at least 80." in page
        assert "Service power:" not in page
        assert "By its points alone it would be V3." in page

    def test_a_level_lost_by_service(self, agency: Agency, member: Client) -> None:
        month(agency, SEPTEMBER)
        month(agency, OCTOBER, WORSE, stage=Stage.OBSERVATION)
        page = text(member)
        assert (
            "Service power: 120.00, in September 2026 181.25. A level needs at least 140." in page
        )
        assert "Credit:" not in page
        assert "By its points alone it would be V3." in page

    def test_a_level_gained_names_the_floor_that_had_been_missed(
        self, agency: Agency, member: Client
    ) -> None:
        month(agency, SEPTEMBER, WORSE, stage=Stage.OBSERVATION)
        month(agency, OCTOBER)
        page = text(member)
        assert "The agency left the observation stage: its level is V3." in page
        assert "Service power: 181.25, in September 2026 120.00." in page

    def test_still_in_observation(self, agency: Agency, member: Client) -> None:
        month(agency, SEPTEMBER, WORSE, stage=Stage.OBSERVATION)
        month(agency, OCTOBER, stage=Stage.OBSERVATION, credit=79)
        page = text(member)
        assert "The agency is still in the observation stage" in page
        assert "Credit: 79, in September 2026 120." in page
        assert "Service power:" not in page

    def test_a_changed_floor_is_told(self, agency: Agency, member: Client) -> None:
        put_in_force(("service_floor = 140", "service_floor = 190"))
        month(agency, SEPTEMBER)
        month(agency, OCTOBER, stage=Stage.OBSERVATION)
        page = text(member)
        assert "A level needs at least 190. The rulebook of September 2026 asked for 140." in page


class TestDepartures:
    def test_the_verdict_tells_who_left_and_what_went_along(
        self, agency: Agency, member: Client
    ) -> None:
        stayed, *gone = CreatorFactory.create_batch(3)
        contributed_month(agency, SEPTEMBER, {stayed: {}, gone[0]: {}, gone[1]: {}})
        contributed_month(agency, OCTOBER, {stayed: {"settled_cents": 900_000}})
        page = text(member)
        assert (
            "2 creators left in October 2026 and make up −¥20.00K of the change of the settled"
            " amount by −¥21.00K . Who left" in page
        )
        html = member.get("/score/movement/").content.decode()
        assert 'href="/creators/?state=left&amp;month=2026-10"' in html
        assert '<data value="-20000.00" title="−¥20,000.00">−¥20.00K</data>' in html

    def test_a_loss_within_a_gain_is_told_as_such(self, agency: Agency, member: Client) -> None:
        stayed, gone = CreatorFactory.create_batch(2)
        contributed_month(agency, SEPTEMBER, {stayed: {}, gone: {"settled_cents": 500_00}})
        contributed_month(agency, OCTOBER, {stayed: {"settled_cents": 2_000_000}})
        assert (
            "1 creator left in October 2026: −¥500.00 of settled amount, while the whole changed"
            " by +¥9,500.00." in text(member)
        )

    def test_where_nobody_left_nothing_is_said(self, agency: Agency, member: Client) -> None:
        creator = CreatorFactory.create()
        contributed_month(agency, SEPTEMBER, {creator: {}})
        contributed_month(agency, OCTOBER, {creator: {}})
        assert "left in" not in text(member)


class TestChangedRules:
    def test_their_part_stands_apart(self, agency: Agency, member: Client) -> None:
        # the amount of 1,234,567.89 earns 53.89 instead of 102.93
        put_in_force(("[1000000, 100],\n    [5000000, 150]", "[5000000, 100]"))
        month(agency, SEPTEMBER)
        month(agency, OCTOBER, replace(TOTALS, l5_creators=6))
        movement = moved(agency)
        assert movement.fall is not None
        parts = {each.key: each.rule_points for each in movement.moves if each.rule_points}
        assert parts == {"settled_amount": movement.fall.rules}
        steps = {each.key: each.points for each in movement.moves if each.points}
        assert list(steps) == ["l5_creators"]
        assert movement.fall.start + movement.fall.rules + steps["l5_creators"] == (
            movement.fall.end
        )
        assert movement.fall.end == movement.now.total
        page = text(member)
        assert "Changed rulebook 2026.1 → 2026.2" in page
        assert "the change of the rules alone accounts for −49.04." in page

    def test_a_level_that_only_the_rules_moved(self, agency: Agency, member: Client) -> None:
        put_in_force((V3_FROM_550, 'key = "V3"\nmin_total = 650'))
        month(agency, SEPTEMBER)
        month(agency, OCTOBER)
        page = text(member)
        assert (
            "The rulebook changed: under rulebook 2026.1 this month's figures give"
            " 641.11 points and V3." in page
        )
        assert "last month's figures earn as many points under it as before" in page

    def test_a_level_that_the_old_floors_refuse_is_not_put_down_to_the_old_rules(
        self, agency: Agency, member: Client
    ) -> None:
        put_in_force(("service_floor = 140", "service_floor = 100"), (V3_FROM_550, V3_FROM_450))
        # 535.36 points are V2; 478.11 would be V2 as well, but for 120 service points
        less = replace(TOTALS, good_goods_cents=0, showcase_cents=0)
        month(agency, SEPTEMBER, less)
        month(agency, OCTOBER, replace(less, reputation_points=410 * 12_345, l5_creators=9))
        verdict = moved(agency).verdict
        assert verdict is not None
        assert (verdict.turn, verdict.by_rules) == (Turn.ROSE, False)
        assert verdict.stage_by_old_rules == Stage.OBSERVATION
        page = text(member)
        assert "The total reached the 450 points that V3 needs. Rulebook 2026.1 asked for 550." in (
            page
        )
        assert (
            "The rulebook changed: under rulebook 2026.1 this month would have no level"
            " (Observation stage)." in page
        )
        assert "this month's figures give" not in page

    def test_a_credit_that_the_old_floor_refuses_is_told(
        self, agency: Agency, member: Client
    ) -> None:
        put_in_force(("credit_floor = 80", "credit_floor = 60"), (V3_FROM_550, V3_FROM_650))
        month(agency, SEPTEMBER)
        month(agency, OCTOBER, credit=70)
        verdict = moved(agency).verdict
        assert verdict is not None
        assert (verdict.turn, verdict.by_rules) == (Turn.FELL, False)
        assert "under rulebook 2026.1 this month would have no level" in text(member)

    def test_a_level_moved_by_points_under_another_cut_off(
        self, agency: Agency, member: Client
    ) -> None:
        put_in_force((V3_FROM_550, 'key = "V3"\nmin_total = 560'))
        month(agency, SEPTEMBER)
        month(agency, OCTOBER, replace(TOTALS, showcase_cents=0, good_goods_cents=0))
        assert (
            "The total is below the 560 points that V3 needs. Rulebook 2026.1 asked for 550."
            in text(member)
        )


class TestNothingToCompare:
    def test_a_novice_gets_no_points(self, agency: Agency, member: Client) -> None:
        month(agency, OCTOBER, stage=Stage.NOVICE)
        assert "Novices get no points" in text(member)
        assert "Novices get no points" in text(member, BY_CREATOR)
        assert "publication of its result" in text(member)
        assert (
            'btn btn-primary" href="/guidance/"' in member.get("/score/movement/").content.decode()
        )

    def test_a_novice_before_is_told(self, agency: Agency, member: Client) -> None:
        month(agency, SEPTEMBER, stage=Stage.NOVICE)
        month(agency, OCTOBER)
        page = text(member)
        assert "October 2026 is the first month with points" in page
        assert "In September 2026 the agency was in the novice stage" in page

    def test_only_the_calendar_month_before_counts(self, agency: Agency, member: Client) -> None:
        month(agency, AUGUST)
        month(agency, OCTOBER)
        assert "For September 2026 this agency has no published result." in text(member)
        assert (
            'btn btn-primary" href="/score/?month=2026-10"'
            in member.get("/score/movement/").content.decode()
        )

    @pytest.mark.parametrize("path", ["/score/movement/", BY_CREATOR])
    def test_without_any_result_the_page_says_so(self, member: Client, path: str) -> None:
        assert "There is no score yet" in text(member, path)

    def test_creators_of_a_month_without_any(self, agency: Agency, member: Client) -> None:
        contributed_month(agency, SEPTEMBER, {})
        contributed_month(agency, OCTOBER, {})
        assert "There are no creators to show" in text(member, BY_CREATOR)
        page = text(member, "/score/movement/reputation/")
        assert "There is no change to divide among creators" in page


class TestByCreator:
    def test_every_indicator_has_its_page_whose_lines_add_up(
        self, agency: Agency, member: Client
    ) -> None:
        first, second = CreatorFactory.create_batch(2)
        contributed_month(agency, SEPTEMBER, {first: {}})
        contributed_month(agency, OCTOBER, {first: {"showcase_cents": 300_000}, second: {}})
        for key in INDICATOR_KEYS:
            page = text(member, f"/score/movement/{key}/")
            if key in ("live_minutes_per_creator_day", "good_goods_share", "reputation"):
                # the second brings as much as the first: the mean stays
                assert "No creator changed this indicator" in page
                continue
            assert first.nickname in page
            assert "newly bound" in page
            assert "Change of the indicator" in page
        page = text(member, "/score/movement/showcase_share/")
        # 10 % to 20 %: the first alone 30 %, the second alone 10 %
        assert "10.00% → 20.00% +10.00 percentage points" in page
        assert "up +20.00 " in page
        assert "Interplay of all creators shares and means do not add up creator by creator" in page
        assert "down −10.00 " in page
        assert "Effect in percentage points" in page

    def test_effects_are_rounded_with_every_digit_in_the_title(
        self, agency: Agency, member: Client
    ) -> None:
        first, second = CreatorFactory.create_batch(2)
        contributed_month(agency, SEPTEMBER, {first: {}, second: {}})
        contributed_month(
            agency,
            OCTOBER,
            {first: {"showcase_cents": 123_456, "live_minutes": 1_801}, second: {}},
        )
        page = member.get("/score/movement/showcase_share/").content.decode()
        # 100,000 to 123,456 of 2,000,000
        assert '<data value="1.1728" title="+1.1728">+1.17</data>' in page
        assert '"short": "+1.17"' in page
        minutes = member.get("/score/movement/live_minutes_per_creator_day/").content.decode()
        assert '<data value="0.0167" title="+0.0167 min">' not in minutes
        assert "+0.0167 min" in minutes
        assert "30.0 min → " not in minutes

    def test_a_reputation_is_told_with_the_digits_that_decide(
        self, agency: Agency, member: Client
    ) -> None:
        first, second = CreatorFactory.create_batch(2)
        before = {"reputation": 441, "settled_orders": 1_000}
        contributed_month(agency, SEPTEMBER, {first: before, second: before})
        contributed_month(
            agency,
            OCTOBER,
            {first: before, second: {"reputation": 442, "settled_orders": 1_010}},
        )
        page = text(member, "/score/movement/reputation/")
        assert "4.4100 → 4.4150" in page
        assert "up +0.0050" in page
        assert '"short": "+0.0050"' in member.get("/score/movement/reputation/").content.decode()
        assert "4.4100 → 4.4150" in text(member)

    @pytest.mark.parametrize(
        ("before", "now", "told"),
        [
            (None, None, "no value"),
            (None, 441, "no value → 4.4100"),
            (441, None, "4.4100 → no value"),
        ],
    )
    def test_a_month_without_a_value_says_so(
        self,
        agency: Agency,
        member: Client,
        before: int | None,
        now: int | None,
        told: str,
    ) -> None:
        creator = CreatorFactory.create()
        contributed_month(agency, SEPTEMBER, {creator: {"reputation": before}})
        contributed_month(agency, OCTOBER, {creator: {"reputation": now}})
        told = f"Creators' reputation {told} "
        page = text(member)
        assert told in page
        assert f"{told}→" not in page
        assert " → –" not in text(member, "/score/movement/reputation/")

    def test_where_no_creator_changed_it_nothing_is_listed(
        self, agency: Agency, member: Client
    ) -> None:
        creators = CreatorFactory.create_batch(3)
        for first in (SEPTEMBER, OCTOBER):
            contributed_month(agency, first, {each: {"level": 5} for each in creators})
        response = member.get("/score/movement/l5_creators/")
        assert response.context["effects"].unmoved
        page = " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
        assert "No creator changed this indicator" in page
        assert "Of the 3 creators that were bound to you in September 2026 or October 2026" in page
        assert "The largest effects" not in page
        assert creators[0].nickname not in page

    def test_only_those_who_changed_it_are_drawn(self, agency: Agency, member: Client) -> None:
        first, *others = CreatorFactory.create_batch(4)
        contributed_month(agency, SEPTEMBER, {each: {"level": 4} for each in (first, *others)})
        contributed_month(
            agency, OCTOBER, {first: {"level": 5}, **{each: {"level": 4} for each in others}}
        )
        response = member.get("/score/movement/l5_creators/")
        assert [bar["name"] for bar in response.context["chart"]["bars"]] == [first.nickname]
        assert response.context["effects"].moved == 1

    def test_who_came_and_who_left_is_said_with_the_day(
        self, agency: Agency, member: Client
    ) -> None:
        gone, came = CreatorFactory.create_batch(2)
        BindingFactory.create(
            agency=agency, creator=gone, bound_from=AUGUST, bound_until=date(2026, 10, 9)
        )
        BindingFactory.create(agency=agency, creator=came, bound_from=date(2026, 10, 12))
        contributed_month(agency, SEPTEMBER, {gone: {}})
        contributed_month(agency, OCTOBER, {gone: {"bound_on_last_day": False}, came: {}})
        page = text(member, BY_CREATOR)
        assert f"{gone.nickname} unbound on October 9" in page
        assert f"{came.nickname} bound since October 12" in page

    def test_another_agency_s_creators_never_appear(self, agency: Agency, member: Client) -> None:
        other = AgencyFactory.create(name="CANARY")
        shared = CreatorFactory.create()
        stranger = CreatorFactory.create(creator_id="CANARY-1", nickname="CANARY")
        for first in (SEPTEMBER, OCTOBER):
            contributed_month(agency, first, {shared: {}})
            contributed_month(other, first, {stranger: {}, shared: {"settled_orders": 987_654}})
        for path in ("/score/", "/score/movement/", BY_CREATOR, "/score/movement/reputation/"):
            body = member.get(path).content.decode()
            assert "CANARY" not in body
            assert "987,654" not in body
            assert "987654" not in body

    def test_an_unknown_indicator_is_not_found(self, agency: Agency, member: Client) -> None:
        month(agency, OCTOBER)
        assert member.get("/score/movement/secret/").status_code == 404

    def test_a_list_longer_than_a_page_is_paged(self, agency: Agency, member: Client) -> None:
        creators = CreatorFactory.create_batch(27)
        contributed_month(agency, SEPTEMBER, {})
        contributed_month(
            agency,
            OCTOBER,
            {each: {"settled_orders": 100 + at} for at, each in enumerate(creators)},
        )
        first = text(member, BY_CREATOR)
        assert creators[-1].nickname in first
        assert "2 other creators" in first
        second = text(member, f"{BY_CREATOR}?month=2026-10&page=2")
        assert "25 other creators" in second
        assert creators[0].creator_id in second
        assert "26–27 of 27" in second


PATHS = ["/score/movement/", BY_CREATOR]


@pytest.mark.parametrize("path", PATHS)
class TestAccess:
    def test_only_members_read_it(self, client: Client, path: str) -> None:
        response = client.get(path)
        assert (response.status_code, response["Location"][:9]) == (302, "/sign-in/")

    def test_it_is_only_read(self, member: Client, path: str) -> None:
        assert member.post(path).status_code == 405

    def test_viewers_read_it_too(self, agency: Agency, path: str) -> None:
        month(agency, SEPTEMBER)
        month(agency, OCTOBER)
        viewer = MembershipFactory.create(agency=agency, role=Role.VIEWER).user
        assert "641.11" in text(signed_in(viewer), "/score/movement/")
        assert signed_in(viewer).get(path).status_code == 200

    def test_months_of_others_are_not_found(
        self, agency: Agency, member: Client, path: str
    ) -> None:
        month(agency, OCTOBER)
        month(AgencyFactory.create(), SEPTEMBER)
        for text in ("2026-09", "2019-01", "<b>"):
            assert member.get(path, {"month": text}).status_code == 404

    def test_it_takes_as_many_queries_for_many_as_for_few(
        self,
        agency: Agency,
        member: Client,
        path: str,
        django_assert_num_queries: Callable[..., Any],
    ) -> None:
        creators = CreatorFactory.create_batch(30)
        expected = 6 if path == "/score/movement/" else 7
        contributed_month(agency, SEPTEMBER, {creators[0]: {}})
        contributed_month(agency, OCTOBER, {creators[0]: {}})
        with django_assert_num_queries(expected):
            text(member, path)
        contributed_month(agency, AUGUST, {each: {} for each in creators})
        contributed_month(agency, date(2026, 7, 1), {each: {} for each in creators})
        with django_assert_num_queries(expected):
            text(member, f"{path}?month=2026-08")
