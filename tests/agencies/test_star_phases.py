"""Phases and points that are due follow from the first live day; the database reckons alike."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as properties
from hypothesis import strategies as st

from agencies.enums import StarPhase
from agencies.models import StarPlan
from agencies.star_source.phases import Planned, phase_on, span_on, spans
from agencies.star_source.plans import ending, overdue, with_phase
from agencies.star_source.strip import strip
from agencies.star_source.support import ITEMS, SUPPORT, Due, due
from tests.factories.cases import TODAY, later
from tests.factories.star_source import StarAnchorFactory, StarPlanFactory, StarSupportFactory

F = date(2026, 12, 1)
PLAN = Planned(F, 30, 15, 90)
BEFORE, PREPARATION, TRIAL, DEVELOPMENT, MATURE = StarPhase
anchors = st.builds(
    Planned,
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    *[st.integers(1, 400) for _ in range(3)],
)
distances = st.integers(-900, 900).map(lambda days: timedelta(days=days))


def test_the_days_of_the_phases() -> None:
    assert [(span.phase, span.first_day, span.last_day, span.days) for span in spans(PLAN)] == [
        (PREPARATION, date(2026, 10, 17), date(2026, 11, 15), 30),
        (TRIAL, date(2026, 11, 16), date(2026, 11, 30), 15),
        (DEVELOPMENT, F, date(2027, 2, 28), 90),
        (MATURE, date(2027, 3, 1), None, None),
    ]


@pytest.mark.parametrize(
    ("from_first_live", "phase"),
    [
        (-46, BEFORE),
        (-45, PREPARATION),
        (-16, PREPARATION),
        (-15, TRIAL),
        (-1, TRIAL),
        (0, DEVELOPMENT),
        (89, DEVELOPMENT),
        (90, MATURE),
        (3_000, MATURE),
    ],
)
def test_the_edges_of_the_phases(from_first_live: int, phase: StarPhase) -> None:
    assert phase_on(PLAN, F + timedelta(days=from_first_live)) == phase


@given(anchors, distances)
def test_every_day_from_the_preparation_on_has_exactly_one_phase(
    anchor: Planned, distance: timedelta
) -> None:
    day = anchor.first_live_on + distance
    holding = [span for span in spans(anchor) if span.holds_on(day)]
    assert len(holding) == (day >= spans(anchor)[0].first_day)
    assert holding[:1] == [each for each in [span_on(anchor, day)] if each]
    for span in holding:
        assert span.number_of(day) >= 1
        assert span.days is None or span.number_of(day) <= span.days


@given(anchors, distances)
def test_the_strip_is_filled_from_end_to_end(anchor: Planned, distance: timedelta) -> None:
    drawn = strip(anchor, anchor.first_live_on + distance)
    assert [segment.number for segment in drawn.segments] == [1, 2, 3, 4]
    assert drawn.segments[0].start == 0
    for one, next_one in zip(drawn.segments, drawn.segments[1:], strict=False):
        assert one.start + one.width == next_one.start
    assert drawn.segments[-1].start + drawn.segments[-1].width == 100
    assert drawn.first_live_at == drawn.segments[2].start
    assert 0 <= drawn.today_at <= 100


def test_the_strip_shows_a_month_of_the_last_phase() -> None:
    drawn = strip(PLAN, F)
    assert [segment.state for segment in drawn.segments] == ["over", "over", "now", "ahead"]
    assert str(drawn.segments[0].width) == "18.18"
    assert drawn.segments[0].middle * 2 == drawn.segments[0].width


def test_each_phase_has_its_points() -> None:
    assert {phase: len(items) for phase, items in SUPPORT.items()} == {
        PREPARATION: 5,
        TRIAL: 9,
        DEVELOPMENT: 5,
        MATURE: 5,
    }
    assert len(ITEMS) == 24
    assert all(item.key == key and len(key) <= 40 for key, item in ITEMS.items())
    assert all(item.phase == phase for phase, items in SUPPORT.items() for item in items)


class TestDue:
    EARLY = date(2026, 1, 1)

    def keys(self, found: list[Due]) -> set[str]:
        return {each.item.key for each in found}

    def points(self, *phases: StarPhase) -> set[str]:
        return {item.key for phase in phases for item in SUPPORT[phase]}

    def test_nothing_before_the_plan_begins(self) -> None:
        assert due(PLAN, done=(), since=self.EARLY, day=date(2026, 10, 16)) == []

    def test_the_points_of_the_phase_by_its_last_day(self) -> None:
        found = due(PLAN, done={"positioning"}, since=self.EARLY, day=date(2026, 11, 15))
        assert self.keys(found) == self.points(PREPARATION) - {"positioning"}
        assert {each.by for each in found} == {date(2026, 11, 15)}
        assert not any(each.is_overdue_on(date(2026, 11, 15)) for each in found)

    def test_what_was_left_open_is_overdue_and_comes_first(self) -> None:
        found = due(PLAN, done=(), since=self.EARLY, day=date(2026, 11, 16))
        assert self.keys(found) == self.points(PREPARATION, TRIAL)
        late = [each.is_overdue_on(date(2026, 11, 16)) for each in found]
        assert late == [True] * 5 + [False] * 9

    def test_phases_that_were_over_before_ask_for_nothing(self) -> None:
        day = date(2026, 11, 16)
        assert self.keys(due(PLAN, done=(), since=day, day=day)) == self.points(TRIAL)
        last = date(2026, 11, 15)
        found = due(PLAN, done=(), since=last, day=day)
        assert self.keys(found) == self.points(PREPARATION, TRIAL)

    def test_the_last_phase_has_no_last_day(self) -> None:
        day = date(2030, 1, 1)
        found = due(PLAN, done=(), since=day, day=day)
        assert self.keys(found) == self.points(MATURE)
        assert {each.by for each in found} == {None}

    @properties(max_examples=30)
    @given(anchors, distances, st.sets(st.sampled_from(sorted(ITEMS)), max_size=6))
    def test_a_done_point_is_never_due(
        self, anchor: Planned, distance: timedelta, done: set[str]
    ) -> None:
        day = anchor.first_live_on + distance
        found = due(anchor, done=done, since=date(2000, 1, 1), day=day)
        assert not self.keys(found) & done
        begun = [span.phase for span in spans(anchor) if span.first_day <= day]
        assert self.keys(found) == self.points(*begun) - done


@pytest.mark.django_db
class TestInTheDatabase:
    def test_phases_are_reckoned_alike(self) -> None:
        for number, days in enumerate((-400, -91, -90, -89, -1, 0, 1, 15, 16, 45, 46, 300)):
            plan = StarPlanFactory.create()
            StarAnchorFactory.create(plan=plan, first_live_on=date(2020, 1, 1))
            StarAnchorFactory.create(
                plan=plan,
                first_live_on=TODAY + timedelta(days=days),
                preparation_days=30 + number % 2,
                trial_days=15,
                development_days=90 - number % 3,
            )
        for plan in with_phase(StarPlan.objects.order_by("pk"), TODAY):
            anchor = plan.anchors.latest("pk")
            span = span_on(anchor, TODAY)
            if span is None:
                until = spans(anchor)[0].first_day
            else:
                until = span.last_day and span.last_day + timedelta(days=1)
            assert (plan.phase, plan.until) == (phase_on(anchor, TODAY).value, until)
            assert plan.live_on == anchor.first_live_on

    @pytest.mark.parametrize("days", [46, 45, 16, 15, 14, 8, 7, 1, 0, -1, -83, -84, -89, -90, -91])
    @pytest.mark.parametrize("age", [0, 20, 200])
    def test_open_points_are_found_alike(self, days: int, age: int) -> None:
        plan = StarPlanFactory.create(selected_at=later(-age))
        anchor = StarAnchorFactory.create(plan=plan, first_live_on=TODAY + timedelta(days=days))
        for item in SUPPORT[TRIAL]:
            StarSupportFactory.create(plan=plan, item=item.key)
        StarSupportFactory.create(plan=plan, item="topics")
        done = {"topics", *(item.key for item in SUPPORT[TRIAL])}
        found = due(anchor, done=done, since=TODAY - timedelta(days=age), day=TODAY)
        late = {each.item.key for each in found if each.is_overdue_on(TODAY)}
        soon = {
            each.item.key
            for each in found
            if each.by and TODAY <= each.by < TODAY + timedelta(days=7)
        }
        plans = StarPlan.objects.order_by("pk")
        assert overdue(plans, TODAY).exists() is bool(late)
        assert ending(plans, TODAY, days=7).exists() is bool(soon)
