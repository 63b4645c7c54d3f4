"""The plan on an agency's pages: own creators, own days, nothing of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from agencies.actions.star_source import leave_plan
from agencies.enums import Role
from agencies.models import Agency, Creator, StarPlan
from tests.agencies.desk import queries, said
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, MembershipFactory
from tests.factories.cases import AT, TODAY, later
from tests.factories.staff import operator, signed_in
from tests.factories.star_source import (
    StarAnchorFactory,
    StarIncentiveFactory,
    StarPlanFactory,
    StarSupportFactory,
    planned_creator,
)

pytestmark = pytest.mark.django_db
LIST = "/star-source/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN")


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency, role=Role.VIEWER).user)


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return said(response)


def moved_here(agency: Agency, creator: Creator) -> None:
    """Bound to somebody else until five days ago, then here."""
    BindingFactory.create(creator=creator, bound_until=TODAY - 5 * DAY)
    BindingFactory.create(agency=agency, creator=creator, bound_from=TODAY - 5 * DAY)


class TestList:
    def test_each_creator_with_phase_and_what_is_due(self, agency: Agency, member: Client) -> None:
        plan = planned_creator(agency, days=10, nickname="小明", creator_id="C1")
        StarSupportFactory.create(plan=plan, item="follower_strategy")
        StarIncentiveFactory.create(plan=plan, amount=12_345)
        page = text(member, LIST)
        for words in (
            '<a href="/star-source/C1/">小明</a>',
            "Trial run</span> day 6 of 15, until Dec. 1, 2026",
            "First live day: Dec. 2, 2026 (in 10 days)",
            "Next: Diagnosis and strategy: short videos, by Dec. 1, 2026",
            "1 of 9 done",
            '<data value="12345" title="12,345">12.35K</data>',
            "as of Nov. 22, 2026",
        ):
            assert words in page, words

    def test_phases_can_be_chosen(self, agency: Agency, member: Client) -> None:
        for code, days in (("EARLY", 60), ("TRIAL", 10), ("LIVE", -5), ("OLD", -100)):
            planned_creator(agency, days=days, creator_id=code, nickname="")
        left = planned_creator(agency, creator_id="LEFT", nickname="")
        leave_plan(plan_id=left.pk, reason="moved abroad", at=AT, by=operator())
        codes = ["TRIAL", "EARLY", "LIVE", "OLD", "LEFT"]

        def shown(query: str) -> list[str]:
            page = text(member, LIST + query)
            found = {code: page.find(f'href="/star-source/{code}/"') for code in codes}
            return sorted((code for code in codes if found[code] > 0), key=found.__getitem__)

        assert shown("") == codes
        assert shown("?phase=before") == ["EARLY"]
        assert shown("?phase=trial") == ["TRIAL"]
        assert shown("?phase=left") == ["LEFT"]
        assert shown("?phase=preparation") == codes
        assert shown("?phase=nonsense&page=9") == codes
        page = text(member, LIST)
        assert 'All <span class="num">5</span>' in page
        assert 'Left the plan <span class="num">1</span>' in page

    def test_an_empty_plan_says_how_one_gets_in(self, agency: Agency, member: Client) -> None:
        BindingFactory.create(agency=agency)
        planned_creator(AgencyFactory.create(), nickname="canary")
        page = text(member, LIST)
        assert "None of your creators is in the plan" in page
        assert "canary" not in page

    def test_it_asks_as_often_for_one_and_three(self, agency: Agency, member: Client) -> None:
        planned_creator(agency)
        one = queries(member, LIST)
        for days in (60, -100):
            StarIncentiveFactory.create(plan=planned_creator(agency, days=days))
        assert queries(member, LIST) == one <= 10

    def test_the_creators_list_names_the_phase(self, agency: Agency, member: Client) -> None:
        planned_creator(agency, creator_id="C1")
        BindingFactory.create(agency=agency)
        one = queries(member, "/creators/")
        page = text(member, "/creators/")
        assert 'href="/star-source/C1/">Star Source: Trial run</a>' in page
        assert page.count("star-link") == 1
        planned_creator(agency)
        planned_creator(agency)
        assert queries(member, "/creators/") == one <= 10


class TestOne:
    def test_every_phase_with_its_points_and_traffic(self, agency: Agency, member: Client) -> None:
        plan = planned_creator(agency, days=10, creator_id="C1")
        StarPlan.objects.filter(pk=plan.pk).update(selected_at=later(-30))
        StarSupportFactory.create(plan=plan, note="portrait by age")
        StarSupportFactory.create(plan=plan, item="positioning", undone_at=AT, undone_by=operator())
        StarIncentiveFactory.create(plan=plan, amount=300, what="first push")
        StarIncentiveFactory.create(
            plan=plan,
            amount=4_000,
            what="twice",
            cancelled_at=AT,
            cancelled_by=operator(),
            cancel_reason="counted twice",
        )
        page = text(member, "/star-source/C1/")
        for words in (
            "done on Nov. 22, 2026",
            "portrait by age",
            "still open</span> was due by Nov. 16, 2026",
            "4 points of earlier phases are still open.",
            "due by Dec. 1, 2026",
            "from Dec. 2, 2026 on",
            "Selected on Oct. 23, 2026: rising quickly",
            "first push",
            "<del>twice</del>",
            "cancelled: counted twice",
            "1 of 5 done",
        ):
            assert words in page, words
        assert page.count('<strong class="num">300</strong>') == 1
        assert "csrfmiddlewaretoken" not in page.split('id="main"')[1]

    def test_nothing_of_days_elsewhere(self, agency: Agency, member: Client) -> None:
        creator = CreatorFactory.create(creator_id="C1")
        moved_here(agency, creator)
        plan = StarPlanFactory.create(
            creator=creator, reason="canary-selected", selected_at=later(-30)
        )
        StarAnchorFactory.create(
            plan=plan, first_live_on=TODAY + 40 * DAY, reason="canary-old", set_at=later(-30)
        )
        StarAnchorFactory.create(plan=plan, reason="canary-new", set_at=later(-10))
        StarSupportFactory.create(plan=plan, done_at=later(-6), note="canary-note")
        StarSupportFactory.create(plan=plan, item="live_strategy", note="own note")
        given_on = TODAY - 6 * DAY
        StarIncentiveFactory.create(plan=plan, given_on=given_on, what="canary", amount=9_999)
        StarIncentiveFactory.create(plan=plan, given_on=TODAY - 5 * DAY, what="own", amount=111)
        page = text(member, "/star-source/C1/")
        assert "canary" not in page
        assert "9,999" not in page
        for words in (
            "own note",
            "settled on days that are not yours",
            "not recorded",
            "set before the creator was bound to you",
            '<strong class="num">111</strong>',
        ):
            assert words in page, words
        assert "still open" not in page

    def test_others_and_former_creators_are_404(self, agency: Agency, member: Client) -> None:
        planned_creator(AgencyFactory.create(), creator_id="FOREIGN")
        planned_creator(None, creator_id="FREE")
        former = planned_creator(None, creator_id="FORMER").creator
        BindingFactory.create(agency=agency, creator=former, bound_until=TODAY)
        coming = planned_creator(None, creator_id="COMING").creator
        BindingFactory.create(agency=agency, creator=coming, bound_from=TODAY + DAY)
        unplanned = BindingFactory.create(agency=agency).creator
        for code in ("FOREIGN", "FREE", "FORMER", "COMING", unplanned.creator_id, "a%00b", "x y"):
            assert member.get(f"/star-source/{code}/").status_code == 404, code

    def test_who_left_and_why(self, agency: Agency, member: Client) -> None:
        plan = planned_creator(agency, creator_id="C1")
        leave_plan(plan_id=plan.pk, reason="moved abroad", at=AT, by=operator())
        page = text(member, "/star-source/C1/")
        assert "Left the plan</span> on Nov. 22, 2026" in page
        assert "moved abroad" in page
        assert "due by" not in page

    @pytest.mark.parametrize("days", [60, 40, 10, 0, -5, -100])
    def test_every_phase_is_told(self, agency: Agency, member: Client, days: int) -> None:
        planned_creator(agency, days=days, creator_id="C1")
        told = {
            60: "The preparation begins on Dec. 7, 2026.",
            40: "day 6 of 30",
            10: "day 6 of 15",
            0: "day 1 of 90",
            -5: "day 6 of 90",
            -100: "since Nov. 12, 2026",
        }
        page = text(member, "/star-source/C1/")
        assert told[days] in page
        assert ("(today)" in page) is (days == 0)

    def test_it_asks_as_often_for_much(self, agency: Agency, member: Client) -> None:
        plan = planned_creator(agency, creator_id="C1")
        one = queries(member, "/star-source/C1/")
        for item in ("topics", "live_strategy", "influence"):
            StarSupportFactory.create(plan=plan, item=item)
            StarIncentiveFactory.create(plan=plan)
            StarAnchorFactory.create(plan=plan)
        assert queries(member, "/star-source/C1/") == one <= 10

    def test_the_creators_page_tells_the_phase(self, agency: Agency, member: Client) -> None:
        plan = planned_creator(agency, creator_id="C1")
        page = text(member, "/creators/of/C1/")
        assert "Trial run</span> First live day: Dec. 2, 2026" in page
        assert "the next phase begins on Dec. 2, 2026" in page
        other = BindingFactory.create(agency=agency).creator
        assert (
            "Star Source" not in text(member, f"/creators/of/{other.creator_id}/").split("<main")[1]
        )
        leave_plan(plan_id=plan.pk, reason="moved", at=AT, by=operator())
        assert "Left the plan</span> Nov. 22, 2026" in text(member, "/creators/of/C1/")


@pytest.mark.parametrize("path", [LIST, "/star-source/C1/"])
def test_who_gets_in(agency: Agency, path: str) -> None:
    planned_creator(agency, creator_id="C1")
    owner = signed_in(MembershipFactory.create(agency=agency).user)
    assert owner.get(path).status_code == 200
    assert owner.post(path).status_code == 405
    stranger = Client().get(path)
    assert stranger.headers["location"] == f"/sign-in/?next={path}"
    foreign = signed_in(MembershipFactory.create().user)
    assert foreign.get(path).status_code == (200 if path == LIST else 404)
    assert "C1" not in said(foreign.get(LIST))
    assert signed_in(operator()).get(path).status_code == 302
