"""The plan at the staff's desk: finding, selecting, and every step of one plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from agencies.actions.star_source import leave_plan
from agencies.models import Agency, StarIncentive, StarPlan, StarSupport
from portal.models import StaffLook, User
from tests.agencies.desk import (
    closed_to_support,
    file_of,
    queries,
    refused_to_outsiders,
    said,
    told,
)
from tests.factories import AgencyFactory, CreatorFactory
from tests.factories.cases import AT, later
from tests.factories.staff import operator, signed_in, supporter
from tests.factories.star_source import (
    StarAnchorFactory,
    StarIncentiveFactory,
    StarSupportFactory,
    planned_creator,
)

pytestmark = pytest.mark.django_db
LIST, SELECT = "/staff/star-source/", "/staff/star-source/select/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def person() -> User:
    return operator()


@pytest.fixture
def desk(person: User) -> Client:
    return signed_in(person)


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="星河")


@pytest.fixture
def plan(agency: Agency) -> StarPlan:
    return planned_creator(agency, creator_id="C1", nickname="小明")


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return said(response)


class TestList:
    @pytest.fixture
    def plans(self, agency: Agency, person: User) -> None:
        planned_creator(agency, creator_id="TRIAL", nickname="小明", days=10)
        planned_creator(creator_id="LIVE", nickname="", days=-5)
        late = planned_creator(creator_id="LATE", nickname="", days=-2)
        StarPlan.objects.filter(pk=late.pk).update(selected_at=later(-20))
        planned_creator(creator_id="SOON", nickname="", days=3)
        left = planned_creator(creator_id="GONE", nickname="")
        leave_plan(plan_id=left.pk, reason="moved", at=AT, by=person)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", "SOON TRIAL LIVE LATE GONE"),
            ("creator=TRI", "TRIAL"),
            ("creator=小", "TRIAL"),
            ("agency=OWN", "TRIAL"),
            ("agency=own", ""),
            ("phase=development", "LIVE LATE"),
            ("phase=left", "GONE"),
            ("phase=nonsense", ""),
            ("due=overdue", "LATE"),
            ("due=soon", "SOON"),
        ],
    )
    def test_filters_live_in_the_address(
        self, desk: Client, plans: None, query: str, found: str
    ) -> None:
        page = text(desk, f"{LIST}?{query}")
        shown = re.findall(r'<a href="/staff/star-source/\d+/">.*?code">(\w+)</span>', page)
        assert shown == found.split()

    def test_the_file_has_the_rows_of_the_filter(self, desk: Client, plans: None) -> None:
        columns = "creator_id nickname agency_code agency_name phase first_live_on next_phase_from"
        header = ",".join([*columns.split(), "left_on"])
        assert file_of(desk.get(f"{LIST}?agency=OWN&export=csv")) == [
            header,
            "TRIAL,小明,OWN,星河,trial,2026-12-02,2026-12-02,",
        ]
        assert file_of(desk.get(f"{LIST}?phase=left&export=csv")) == [
            header,
            "GONE,,,,left,2026-12-02,,2026-11-22",
        ]

    def test_each_line_says_where_the_plan_stands(self, desk: Client, plan: StarPlan) -> None:
        StarSupportFactory.create(plan=plan, item="live_strategy")
        StarSupportFactory.create(plan=plan, item="topics")
        planned_creator(days=60)
        page = text(desk, LIST)
        for words in ("Trial run</span>", "1 of 9", "bound to nobody", "Dec. 2, 2026"):
            assert words in page, words

    def test_it_asks_as_often_for_one_and_three(self, desk: Client, plan: StarPlan) -> None:
        one = queries(desk, LIST)
        planned_creator(days=60)
        planned_creator(days=-100)
        assert queries(desk, LIST) == one <= 14
        assert StaffLook.objects.values_list("path", flat=True).first() == LIST


class TestSelecting:
    def test_right_lines_join_and_wrong_ones_come_back(self, desk: Client) -> None:
        for code in ("A", "B"):
            CreatorFactory.create(creator_id=code)
        form = {
            "creators": "A\n\nB, 2026/12/24\nnobody 2027-01-01",
            "first_live_on": "2026-12-02",
            "reason": "rising",
        }
        response = desk.post(SELECT, form)
        page = said(response)
        assert response.status_code == 200
        assert "2 creators joined the plan and their agencies are told." in page
        assert "No creator has the ID nobody" in page
        assert re.search(r"<textarea[^>]*>\s*nobody 2027-01-01</textarea>", page)
        first_live = [plan.anchors.get().first_live_on for plan in StarPlan.objects.order_by("pk")]
        assert [str(day) for day in first_live] == ["2026-12-02", "2026-12-24"]

    def test_all_right_leads_to_the_list(self, desk: Client) -> None:
        CreatorFactory.create(creator_id="A")
        done = desk.post(SELECT, {"creators": "A 2026-12-02", "reason": "rising"})
        assert (done.status_code, done.headers["location"]) == (302, LIST)
        again = desk.post(SELECT, {"creators": "A 2026-12-02", "reason": "rising"})
        assert "has been in the plan since" in said(again)
        assert StarPlan.objects.count() == 1

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"creators": "A"}, "Line 1: give a creator ID and a first live day"),
            ({"creators": "A 2026-12-02\nA tomorrow"}, "Line 2: give a creator ID"),
            ({"creators": "A 2026-12-02 x"}, "Line 1: give a creator ID"),
            ({"creators": ""}, "This field is required."),
            ({"reason": " "}, "Say why: the reason is kept with the step."),
            ({"creators": "A 2026-12-02\n" * 501}, "Select at most 500 creators at a time."),
        ],
    )
    def test_what_is_wrong_is_said_and_nobody_joins(
        self, desk: Client, given: dict[str, str], words: str
    ) -> None:
        CreatorFactory.create(creator_id="A")
        form = {"creators": "A 2026-12-02", "reason": "rising", **given}
        response = desk.post(SELECT, form)
        assert response.status_code == 200
        assert words in said(response)
        assert not StarPlan.objects.exists()


class TestOnePlan:
    def path(self, plan: StarPlan, step: str = "") -> str:
        return f"{LIST}{plan.pk}/{step}"

    def test_the_page_has_everything_and_is_looked_at(
        self, desk: Client, plan: StarPlan, agency: Agency
    ) -> None:
        StarIncentiveFactory.create(plan=plan)
        page = text(desk, self.path(plan))
        steps = ("Mark as done", "Record the traffic")
        for words in ("小明", "Bound to 星河 (OWN) today.", "首页曝光", *steps):
            assert words in page, words
        look = StaffLook.objects.get()
        assert (look.agency, look.path) == (agency, self.path(plan))

    def test_support_reads_without_steps(self, plan: StarPlan) -> None:
        StarIncentiveFactory.create(plan=plan)
        page = text(signed_in(supporter()), self.path(plan)).split("<main")[1]
        assert "Mark as done" not in page
        assert "/move/" not in page
        assert "/cancel/" not in page

    def test_it_asks_as_often_for_much(self, desk: Client, plan: StarPlan) -> None:
        one = queries(desk, self.path(plan))
        for item in ("topics", "live_strategy", "influence"):
            StarSupportFactory.create(plan=plan, item=item)
            StarIncentiveFactory.create(plan=plan)
            StarAnchorFactory.create(plan=plan)
        assert queries(desk, self.path(plan)) == one <= 14

    def test_a_point_is_marked_and_taken_back(self, desk: Client, plan: StarPlan) -> None:
        form = {"item": "live_strategy", "note": "weekly"}
        for _ in range(2):
            done = desk.post(self.path(plan, "done/"), form)
            assert done.headers["location"] == self.path(plan)
        assert StarSupport.objects.get().note == "weekly"
        assert "weekly" in text(desk, self.path(plan))
        desk.post(self.path(plan, "undone/"), form)
        assert StarSupport.objects.filter(undone_at=None).count() == 0
        refused = desk.post(self.path(plan, "done/"), {"item": "topics"})
        assert any("begins on Dec. 2, 2026" in message for message in told(refused))
        long = desk.post(self.path(plan, "done/"), {"item": "topics", "note": "x" * 501})
        assert "Keep the note to 500 characters." in told(long)

    def test_traffic_is_recorded_once_and_cancelled(self, desk: Client, plan: StarPlan) -> None:
        form = {
            "given_on": "2026-11-22",
            "what": "首页",
            "amount": "5000",
            "request_key": str(uuid4()),
        }
        for _ in range(2):
            assert desk.post(self.path(plan, "traffic/"), form).status_code == 302
        given = StarIncentive.objects.get()
        wrong = desk.post(self.path(plan, "traffic/"), {**form, "amount": "0"})
        assert wrong.status_code == 200
        early = {**form, "given_on": "2026-01-01", "request_key": str(uuid4())}
        assert "The plan begins on Oct. 18, 2026" in said(
            desk.post(self.path(plan, "traffic/"), early)
        )
        cancel = self.path(plan, f"traffic/{given.pk}/cancel/")
        assert "5,000" in text(desk, cancel)
        assert desk.post(cancel, {"reason": ""}).status_code == 200
        assert desk.post(cancel, {"reason": "twice"}).status_code == 302
        assert "already" in said(desk.post(cancel, {"reason": "twice"}))
        assert "<del>首页</del>" in text(desk, self.path(plan))

    def test_moving_shows_what_changes_first(self, desk: Client, plan: StarPlan) -> None:
        path = self.path(plan, "move/")
        form: dict[str, Any] = {"first_live_on": "2026-12-24", "reason": "studio late"}
        preview = said(desk.post(path, form))
        assert "Today’s phase changes: Trial run becomes Preparation." in preview
        assert plan.anchors.count() == 1
        (seen,) = re.findall(r'name="seen" value="(\d+)"', preview)
        done = desk.post(path, {**form, "seen": seen})
        assert done.headers["location"] == self.path(plan)
        assert plan.anchors.count() == 2
        again = desk.post(path, {**form, "seen": seen})
        assert "The first live day was moved meanwhile" in said(again)
        same = desk.post(path, form)
        assert "is the first live day already" in said(same)
        stays = said(desk.post(path, {**form, "first_live_on": "2026-12-23"}))
        assert "Today’s phase stays: Preparation." in stays

    def test_leaving(self, desk: Client, plan: StarPlan) -> None:
        path = self.path(plan, "leave/")
        assert "Take 小明 (C1) out of the plan" in text(desk, path)
        assert desk.post(path, {"reason": ""}).status_code == 200
        assert desk.post(path, {"reason": "moved abroad"}).status_code == 302
        page = text(desk, self.path(plan)).split("<main")[1]
        assert "moved abroad" in page
        assert "Mark as done" not in page
        assert "left the plan on Nov. 22, 2026" in said(desk.post(path, {"reason": "again"}))

    def test_what_is_not_there_is_404(self, desk: Client, plan: StarPlan) -> None:
        given = StarIncentiveFactory.create()
        for step in ("", "move/", "leave/", "done/", "undone/", "traffic/"):
            path = f"{LIST}{plan.pk + 99}/{step}"
            method = desk.post if step in ("done/", "undone/", "traffic/") else desk.get
            assert method(path, {"item": "topics"}).status_code == 404, step
        assert desk.get(self.path(plan, f"traffic/{given.pk}/cancel/")).status_code == 404


def test_who_may_do_what(plan: StarPlan) -> None:
    given = StarIncentiveFactory.create(plan=plan)
    own = f"{LIST}{plan.pk}/"
    for path in (LIST, own):
        refused_to_outsiders(path)
        assert signed_in(supporter()).get(path).status_code == 200
        assert signed_in(operator()).post(path).status_code == 405
    posted = [f"{own}{step}/" for step in ("done", "undone", "traffic")]
    both = [SELECT, *(f"{own}{step}/" for step in ("move", "leave", f"traffic/{given.pk}/cancel"))]
    for path in [*posted, *both]:
        refused_to_outsiders(path)
        closed_to_support(path)
    for path in posted:
        assert signed_in(operator()).get(path).status_code == 405
    for path in both:
        assert signed_in(operator()).get(path).status_code == 200
    plan.refresh_from_db()
    assert plan.left_on is None


def test_a_point_that_no_checklist_has_is_refused(desk: Client) -> None:
    plan = planned_creator()

    page = desk.post(f"{LIST}{plan.pk}/undone/", {"item": "\x00"})

    assert told(page) == ["No checklist has this point: load the page again."]
