"""Running the plan: joining, moving, support, traffic, leaving; what the agency is told of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from agencies.actions.star_source import (
    MOST_LINES,
    Line,
    cancel_incentive,
    leave_plan,
    mark_done,
    move_anchor,
    record_incentive,
    select_creators,
    take_back,
)
from agencies.enums import News, StarPhase
from agencies.models import Agency, StarAnchor, StarIncentive, StarPlan, StarSupport
from agencies.policy import StarPlanDays, conduct_policy
from agencies.refusals import Refused
from agencies.star_source.turning import settle_star_source
from portal.models import User
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, MembershipFactory
from tests.factories.cases import AT, TODAY, later, listening
from tests.factories.staff import operator
from tests.factories.star_source import (
    StarAnchorFactory,
    StarIncentiveFactory,
    StarPlanFactory,
    StarSupportFactory,
    planned_creator,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LIVE = date(2026, 12, 2)


@pytest.fixture
def by() -> User:
    return operator()


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN")


def bound(agency: Agency, code: str, **fields: Any) -> None:
    creator = CreatorFactory.create(creator_id=code, nickname=f"@{code}")
    BindingFactory.create(agency=agency, creator=creator, **fields)


def refusal(step: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Refused) as raised:
        step()
    return raised.value.rule, str(raised.value)


def test_the_policy_hands_the_days_of_the_rulebook_down() -> None:
    assert conduct_policy(TODAY).star_plan == StarPlanDays(30, 15, 90)


class TestSelecting:
    def test_many_join_each_line_for_itself(self, agency: Agency, by: User) -> None:
        bound(agency, "A")
        bound(agency, "GONE", bound_until=TODAY)
        CreatorFactory.create(creator_id="FREE")
        other = AgencyFactory.create()
        bound(other, "MINE")
        MembershipFactory.create(agency=other, user=by)
        year = timedelta(days=365)
        lines = [
            Line("A", LIVE),
            Line("nobody", LIVE),
            Line("A", LIVE),
            Line("FREE", TODAY + year + DAY),
            Line("FREE", TODAY - year - DAY),
            Line("FREE", TODAY - year),
            Line("GONE", TODAY + year),
            Line("MINE", LIVE),
        ]
        with listening() as heard:
            done = select_creators(lines=lines, reason=" rising ", at=AT, by=by)
        assert [(plan.creator.creator_id, plan.reason) for plan in done.plans] == [
            ("A", "rising"),
            ("FREE", "rising"),
            ("GONE", "rising"),
        ]
        assert [(line.creator_id, refused.rule) for line, refused in done.refused] == [
            ("nobody", "unknown"),
            ("A", "once"),
            ("FREE", "day"),
            ("FREE", "day"),
            ("MINE", "own_agency"),
        ]
        about = {"creator_id": "A", "nickname": "@A", "first_live_on": "2026-12-02"}
        assert heard.news == [(agency.pk, News.STAR_SELECTED, about)]
        anchor = StarAnchor.objects.get(plan=done.plans[0])
        assert (anchor.preparation_days, anchor.trial_days, anchor.development_days) == (30, 15, 90)
        assert [plan.told_phase for plan in done.plans] == ["trial", "mature", "before"]

    def test_the_sentences_of_refused_lines(self, by: User) -> None:
        plan = planned_creator(nickname="小明", creator_id="A")
        lines = [Line("A", LIVE), Line("a", LIVE)]
        done = select_creators(lines=lines, reason="rising", at=AT, by=by)
        assert [str(refused) for _line, refused in done.refused] == [
            f"{plan.creator} has been in the plan since Nov. 22, 2026.",
            "No creator has the ID a: check upper and lower case too.",
        ]

    def test_a_reason_is_needed_and_the_lines_are_limited(self, by: User) -> None:
        lines = [Line("A", LIVE)]
        assert refusal(lambda: select_creators(lines=lines, reason=" ", at=AT, by=by)) == (
            "reason",
            "Say why: the agency reads the reason.",
        )
        many = lines * (MOST_LINES + 1)
        rule, said = refusal(lambda: select_creators(lines=many, reason="x", at=AT, by=by))
        assert (rule, said) == ("most", "Select at most 500 creators at a time.")

    def test_who_left_may_join_again(self, by: User) -> None:
        plan = planned_creator(creator_id="A")
        leave_plan(plan_id=plan.pk, reason="moved abroad", at=AT, by=by)
        done = select_creators(lines=[Line("A", LIVE)], reason="back", at=AT, by=by)
        assert done.plans[0].pk != plan.pk


class TestMoving:
    def test_the_day_moves_and_the_old_one_is_kept(self, agency: Agency, by: User) -> None:
        plan = planned_creator(agency, days=10)
        old = plan.anchors.get()
        with listening() as heard:
            moved = move_anchor(
                plan_id=plan.pk,
                first_live_on=TODAY + 20 * DAY,
                reason="studio late",
                at=AT,
                by=by,
                seen=old.pk,
            )
        assert list(plan.anchors.order_by("pk")) == [old, moved]
        plan.refresh_from_db()
        assert plan.told_phase == StarPhase.PREPARATION
        assert heard.news == [
            (
                agency.pk,
                News.STAR_ANCHORED,
                {
                    "creator_id": plan.creator.creator_id,
                    "nickname": plan.creator.nickname,
                    "first_live_on": "2026-12-12",
                    "was_on": "2026-12-02",
                },
            )
        ]

    def test_what_is_refused(self, by: User) -> None:
        plan = planned_creator(days=10)
        anchor = plan.anchors.get()

        def move(**given: Any) -> tuple[str, str]:
            filled = {"first_live_on": TODAY, "reason": "late", "seen": anchor.pk, **given}
            return refusal(lambda: move_anchor(plan_id=plan.pk, at=AT, by=by, **filled))

        assert move(reason="")[0] == "reason"
        assert move(seen=anchor.pk - 1)[0] == "changed"
        assert move(first_live_on=anchor.first_live_on)[0] == "same"
        assert move(first_live_on=TODAY + 366 * DAY)[0] == "day"
        assert plan.anchors.get() == anchor


class TestSupport:
    def test_a_point_is_done_once_and_may_be_taken_back(self, by: User) -> None:
        plan = planned_creator()
        first = mark_done(plan_id=plan.pk, item="video_strategy", note=" ok ", at=AT, by=by)
        again = mark_done(plan_id=plan.pk, item="video_strategy", note="x", at=AT, by=by)
        assert (first.pk, first.note) == (again.pk, "ok")
        assert take_back(plan_id=plan.pk, item="video_strategy", at=AT, by=by) is True
        assert take_back(plan_id=plan.pk, item="video_strategy", at=AT, by=by) is False
        mark_done(plan_id=plan.pk, item="video_strategy", at=AT, by=by)
        assert list(plan.support.values_list("undone_by", flat=True)) == [by.pk, None]

    def test_what_is_refused(self, by: User) -> None:
        plan = planned_creator(days=10)

        def done(item: str) -> Refused:
            with pytest.raises(Refused) as raised:
                mark_done(plan_id=plan.pk, item=item, at=AT, by=by)
            return raised.value

        assert done("dancing").rule == "unknown"
        early = done("topics")
        assert (early.rule, early.until) == ("day", LIVE)
        with pytest.raises(StarPlan.DoesNotExist):
            mark_done(plan_id=plan.pk + 1, item="topics", at=AT, by=by)


class TestTraffic:
    def given(self, plan: StarPlan, by: User, **given: Any) -> StarIncentive:
        filled = {
            "given_on": TODAY,
            "what": "首页",
            "amount": 500,
            "request_key": uuid4(),
            **given,
        }
        return record_incentive(plan_id=plan.pk, at=AT, by=by, **filled)

    def test_it_counts_for_the_phase_of_its_day(self, agency: Agency, by: User) -> None:
        plan, key = planned_creator(agency, days=1), uuid4()
        with listening() as heard:
            one = self.given(plan, by, request_key=key)
            same = self.given(plan, by, request_key=key, amount=7)
            older = self.given(plan, by, given_on=TODAY - 20 * DAY)
        assert (one, one.phase, one.amount) == (same, StarPhase.TRIAL, 500)
        assert older.phase == StarPhase.PREPARATION
        about = {"creator_id": plan.creator.creator_id, "nickname": plan.creator.nickname}
        about |= {"what": "首页", "amount": 500}
        assert heard.news == [(agency.pk, News.STAR_INCENTIVE, about)] * 2

    def test_an_agency_hears_nothing_of_days_before_its_own(self, agency: Agency, by: User) -> None:
        plan = planned_creator(days=1)
        BindingFactory.create(agency=agency, creator=plan.creator, bound_from=TODAY)
        with listening() as heard:
            self.given(plan, by, given_on=TODAY - DAY)
        assert heard.news == []

    def test_what_is_refused(self, by: User) -> None:
        plan = planned_creator(days=45)
        for given, rule in (
            ({"what": " "}, "amount"),
            ({"amount": 0}, "amount"),
            ({"given_on": TODAY + DAY}, "day"),
            ({"given_on": TODAY - DAY}, "day"),
        ):
            assert refusal(lambda given=given: self.given(plan, by, **given))[0] == rule
        assert self.given(plan, by).phase == StarPhase.PREPARATION

    def test_it_is_cancelled_once_with_a_reason(self, by: User) -> None:
        given = StarIncentiveFactory.create(plan=planned_creator())

        def cancel(reason: str) -> StarIncentive:
            return cancel_incentive(incentive_id=given.pk, reason=reason, at=AT, by=by)

        assert refusal(lambda: cancel(""))[0] == "reason"
        leave_plan(plan_id=given.plan_id, reason="moved", at=AT, by=by)
        assert cancel("counted twice").cancel_reason == "counted twice"
        assert refusal(lambda: cancel("again"))[0] == "once"


class TestLeaving:
    def test_it_ends_today_and_nothing_changes_any_more(self, agency: Agency, by: User) -> None:
        plan = planned_creator(agency)
        with listening() as heard:
            left = leave_plan(plan_id=plan.pk, reason=" moved abroad ", at=AT, by=by)
        assert (left.left_on, left.leave_reason) == (TODAY, "moved abroad")
        about = {"creator_id": plan.creator.creator_id, "nickname": plan.creator.nickname}
        assert heard.news == [(agency.pk, News.STAR_LEFT, {**about, "on": "2026-11-22"})]
        key = {"at": AT, "by": by, "plan_id": plan.pk}
        for step in (
            lambda: leave_plan(reason="again", **key),
            lambda: mark_done(item="live_strategy", **key),
            lambda: take_back(item="live_strategy", **key),
            lambda: move_anchor(first_live_on=TODAY, reason="x", seen=None, **key),
            lambda: record_incentive(
                given_on=TODAY, what="x", amount=1, request_key=uuid4(), **key
            ),
        ):
            assert refusal(step)[0] == "left"

    def test_nobody_runs_the_plan_of_their_own_agency(self, agency: Agency, by: User) -> None:
        MembershipFactory.create(agency=agency, user=by)
        plan = planned_creator(agency)
        rule, _said = refusal(lambda: leave_plan(plan_id=plan.pk, reason="x", at=AT, by=by))
        assert rule == "own_agency"


class TestTurning:
    def test_each_begin_is_told_once(self, agency: Agency) -> None:
        plan = planned_creator(agency, days=10)
        planned_creator(agency, days=10)
        StarPlan.objects.exclude(pk=plan.pk).update(
            left_on=TODAY, left_by=operator(), leave_reason="x"
        )
        with listening() as heard:
            assert settle_star_source(later(9)) == []
            said = settle_star_source(later(10))
            assert settle_star_source(later(99)) == []
            settle_star_source(later(100))
        assert said == ["saw 1 creators enter a phase of the Star Source plan"]
        who = {"creator_id": plan.creator.creator_id, "nickname": plan.creator.nickname}
        assert heard.news == [
            (agency.pk, News.STAR_PHASE, {**who, "phase": "development"}),
            (agency.pk, News.STAR_PHASE, {**who, "phase": "mature"}),
        ]

    def test_a_late_clock_tells_the_present_phase_to_whose_days_hold_its_begin(
        self, agency: Agency
    ) -> None:
        planned_creator(agency, days=40)
        late = planned_creator(days=40)
        BindingFactory.create(agency=agency, creator=late.creator, bound_from=TODAY + 45 * DAY)
        gone = planned_creator(days=40)
        BindingFactory.create(agency=agency, creator=gone.creator, bound_until=TODAY + 45 * DAY)
        with listening() as heard:
            assert len(settle_star_source(later(46))) == 1
            assert settle_star_source(later(46)) == []
        assert [about["phase"] for _agency, _news, about in heard.news] == ["development"]

    def test_a_moved_day_is_not_told_as_a_begin(self, agency: Agency, by: User) -> None:
        plan = planned_creator(agency, days=10)
        move_anchor(plan_id=plan.pk, first_live_on=TODAY, reason="x", at=AT, by=by, seen=None)
        with listening() as heard:
            assert settle_star_source(AT) == []
        assert heard.news == []


def _same_creator() -> None:
    StarPlanFactory.create(creator=StarPlanFactory.create().creator)


def _same_point() -> None:
    StarSupportFactory.create(plan=StarSupportFactory.create().plan)


def _cancelled_without_reason() -> None:
    StarIncentiveFactory.create(cancelled_at=AT)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("star_plan_one_per_creator", _same_creator),
        ("star_plan_left_with_reason", lambda: StarPlanFactory.create(left_on=TODAY)),
        ("star_plan_left_with_reason", lambda: StarPlanFactory.create(leave_reason="moved")),
        ("star_anchor_phases_last", lambda: StarAnchorFactory.create(preparation_days=0)),
        ("star_anchor_phases_last", lambda: StarAnchorFactory.create(trial_days=0)),
        ("star_anchor_phases_last", lambda: StarAnchorFactory.create(development_days=0)),
        ("star_support_done_once", _same_point),
        ("star_support_taken_back_by", lambda: StarSupportFactory.create(undone_at=AT)),
        ("star_incentive_says_what", lambda: StarIncentiveFactory.create(what="")),
        ("star_incentive_says_what", lambda: StarIncentiveFactory.create(amount=0)),
        ("star_incentive_says_what", lambda: StarIncentiveFactory.create(phase="ripe")),
        (
            "star_incentive_cancelled_with_reason",
            lambda: StarIncentiveFactory.create(cancelled_at=AT),
        ),
    ],
)
def test_the_database_refuses(name: str, wrong: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        wrong()
    assert refused.value.__cause__.diag.constraint_name == name


def test_anchors_are_kept_by_the_trigger_star_anchor_kept() -> None:
    anchor = StarAnchorFactory.create()
    for change in (
        lambda: StarAnchor.objects.filter(pk=anchor.pk).update(first_live_on=TODAY),
        lambda: StarAnchor.objects.filter(pk=anchor.pk).delete(),
    ):
        with (
            pytest.raises(DatabaseError, match="Cannot update or delete rows"),
            transaction.atomic(),
        ):
            change()


def test_a_request_key_acts_once_and_texts_name_rows() -> None:
    given = StarIncentiveFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        StarIncentiveFactory.create(request_key=given.request_key)
    support = StarSupport(item="topics")
    assert (str(given), str(support)) == ("首页曝光", "topics")
