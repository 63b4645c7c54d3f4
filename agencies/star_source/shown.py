"""One plan as its reader may see it: the staff all of it, an agency what falls on its own days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final, TypeVar

from django.utils import timezone

from agencies.enums import StarPhase
from agencies.models import (
    Agency,
    Binding,
    Creator,
    StarAnchor,
    StarIncentive,
    StarPlan,
    StarSupport,
)
from agencies.star_source.phases import PhaseSpan, phase_on, span_on, spans
from agencies.star_source.plans import plan_of_creator
from agencies.star_source.strip import AHEAD, NOW, OVER, Strip, strip
from agencies.star_source.support import SUPPORT, Due, Item, due

Row = TypeVar("Row", StarAnchor, StarSupport, StarIncentive)


class Standing(Enum):
    """Where a point of a checklist stands for its reader."""

    DONE = "done"
    OPEN = "open"
    OVERDUE = "overdue"
    LATER = "later"
    # done on a day that is not the reader's
    ELSEWHERE = "elsewhere"
    # open, but the reader did not know the plan while its phase lasted, or it ended
    PASSED = "passed"


@dataclass(frozen=True)
class OwnDays:
    """The days on which a creator was bound to the reader, half-open; None for the staff: all."""

    ranges: tuple[tuple[date, date | None], ...] | None

    def has(self, when: date | datetime) -> bool:
        """Whether a day, or the platform day of a time, is the reader's."""
        if self.ranges is None:
            return True
        day = timezone.localdate(when) if isinstance(when, datetime) else when
        return any(first <= day and (end is None or day < end) for first, end in self.ranges)

    def since(self, day: date) -> date:
        """The day, or the reader's first one if that is later."""
        return day if self.ranges is None else max(day, min(first for first, _end in self.ranges))


STAFF: Final = OwnDays(None)


@dataclass(frozen=True)
class Point:
    """A point of a checklist; `support` says when it was done, where the reader may know."""

    item: Item
    standing: Standing
    support: StarSupport | None


@dataclass(frozen=True)
class PhaseShown:
    """A phase with its points and its traffic; `state` is "over", "now" or "ahead"."""

    number: int
    span: PhaseSpan
    state: str
    points: tuple[Point, ...]
    incentives: tuple[StarIncentive, ...]

    @property
    def done(self) -> int:
        """How many points are done, as far as the reader knows."""
        return sum(point.standing is Standing.DONE for point in self.points)

    @property
    def impressions(self) -> int:
        """The impressions given in it, cancelled ones left out."""
        return sum(each.amount for each in self.incentives if each.cancelled_at is None)


@dataclass(frozen=True)
class PlanShown:
    """A plan on a day; a plan that ended stands still on its last one.

    `phases` are the four of the newest anchor; `history` its anchors, the newest first, without
    those that were set on days that are not the reader's.
    """

    plan: StarPlan
    creator: Creator
    anchor: StarAnchor
    history: tuple[StarAnchor, ...]
    phase: StarPhase
    span: PhaseSpan | None
    phases: tuple[PhaseShown, ...]
    due: tuple[Due, ...]
    strip: Strip
    today: date
    own: OwnDays

    @property
    def begins_on(self) -> date:
        """The first day of the preparation."""
        return self.phases[0].span.first_day

    @property
    def present(self) -> PhaseShown | None:
        """The phase that holds; None before the plan begins and once it was left."""
        if self.plan.left_on:
            return None
        return next((each for each in self.phases if each.state == NOW), None)

    @property
    def day_number(self) -> int | None:
        """The how manieth day of its phase today is."""
        return self.span.number_of(self.today) if self.span else None

    @property
    def days_to_first_live(self) -> int:
        """How many days are left until the first live day; negative once it is over."""
        return (self.anchor.first_live_on - self.today).days

    @property
    def overdue(self) -> tuple[Due, ...]:
        """What is due and late."""
        return tuple(each for each in self.due if each.is_overdue_on(self.today))

    @property
    def next_due(self) -> Due | None:
        """The first point that is due and not late yet."""
        return next((each for each in self.due if not each.is_overdue_on(self.today)), None)

    @property
    def impressions(self) -> int:
        """The impressions given in all phases, cancelled ones left out."""
        return sum(each.impressions for each in self.phases)

    @property
    def selection_reason(self) -> str:
        """Why the creator was selected; empty where that day is not the reader's."""
        return self.plan.reason if self.own.has(self.plan.selected_at) else ""

    @property
    def leave_reason(self) -> str:
        """Why the creator left; empty where they did not, or that day is not the reader's."""
        left_on = self.plan.left_on
        return self.plan.leave_reason if left_on and self.own.has(left_on) else ""

    @property
    def told_history(self) -> tuple[StarAnchor, ...]:
        """The anchors that were set on days of the reader, who may read when and why."""
        return tuple(each for each in self.history if self.own.has(each.set_at))


def shown_to_staff(plan: StarPlan, today: date) -> PlanShown:
    """A plan with everything in it. Three queries."""
    return _all_shown([plan], {plan.creator_id: STAFF}, today)[0]


def star_plan_of(agency: Agency, creator_id: str, today: date) -> PlanShown | None:
    """The newest plan of a creator, by id, who is bound to the agency today; None otherwise.

    One query for a creator without a plan, five for one with.
    """
    plan = plan_of_creator(agency, creator_id, today)
    return shown_to_agency(agency, [plan], today)[0] if plan else None


def shown_to_agency(agency: Agency, plans: Sequence[StarPlan], today: date) -> list[PlanShown]:
    """Plans of creators who are bound to the agency today, in their order. Four queries.

    Support, traffic, moves and reasons of days on which the creator was not bound here are left
    out (docs/rules.md §9).
    """
    own: dict[int, list[tuple[date, date | None]]] = {plan.creator_id: [] for plan in plans}
    bindings = Binding.objects.filter(agency=agency, creator__in=own).order_by("bound_from")
    for creator_id, first, end in bindings.values_list("creator_id", "bound_from", "bound_until"):
        own[creator_id].append((first, end))
    return _all_shown(plans, {pk: OwnDays(tuple(days)) for pk, days in own.items()}, today)


def _all_shown(plans: Sequence[StarPlan], own: dict[int, OwnDays], today: date) -> list[PlanShown]:
    pks = [plan.pk for plan in plans]
    anchors = _grouped(StarAnchor.objects.filter(plan__in=pks).order_by("-pk"))
    support = _grouped(StarSupport.objects.filter(plan__in=pks, undone_at=None).order_by("pk"))
    given = _grouped(StarIncentive.objects.filter(plan__in=pks).order_by("-given_on", "-pk"))
    return [
        _shown(
            plan,
            anchors[plan.pk],
            support.get(plan.pk, []),
            given.get(plan.pk, []),
            own=own[plan.creator_id],
            today=plan.left_on or today,
        )
        for plan in plans
    ]


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.plan_id, []).append(row)
    return found


def _shown(
    plan: StarPlan,
    anchors: Sequence[StarAnchor],
    support: Sequence[StarSupport],
    given: Sequence[StarIncentive],
    *,
    own: OwnDays,
    today: date,
) -> PlanShown:
    anchor = anchors[0]
    since = own.since(timezone.localdate(plan.selected_at))
    done = {each.item: each for each in support}
    asked = [] if plan.left_on else due(anchor, done=done, since=since, day=today)
    phases = tuple(
        PhaseShown(
            number=number,
            span=span,
            state=_state(span, today),
            points=tuple(
                _point(item, done.get(item.key), asked, span, own=own, today=today)
                for item in SUPPORT[span.phase]
            ),
            incentives=tuple(
                each for each in given if each.phase == span.phase and own.has(each.given_on)
            ),
        )
        for number, span in enumerate(spans(anchor), start=1)
    )
    return PlanShown(
        plan=plan,
        creator=plan.creator,
        anchor=anchor,
        history=tuple(each for each in anchors if each == anchor or own.has(each.set_at)),
        phase=phase_on(anchor, today),
        span=span_on(anchor, today),
        phases=phases,
        due=tuple(asked),
        strip=strip(anchor, today),
        today=today,
        own=own,
    )


def _state(span: PhaseSpan, today: date) -> str:
    if span.holds_on(today):
        return NOW
    return OVER if span.is_over_on(today) else AHEAD


def _point(
    item: Item,
    support: StarSupport | None,
    asked: Sequence[Due],
    span: PhaseSpan,
    *,
    own: OwnDays,
    today: date,
) -> Point:
    if support is not None:
        mine = own.has(support.done_at)
        return Point(item, Standing.DONE if mine else Standing.ELSEWHERE, support if mine else None)
    found = next((each for each in asked if each.item == item), None)
    if found is None:
        standing = Standing.LATER if span.first_day > today else Standing.PASSED
    else:
        standing = Standing.OVERDUE if found.is_overdue_on(today) else Standing.OPEN
    return Point(item, standing, None)
