"""What binding or parting would change, told by the newest published result and its own rules."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q
from django.utils.functional import Promise

from agencies.enums import Stage
from agencies.models import Agency, Binding
from agencies.queries.wishes import places_taken
from scoring.enums import EvaluationState
from scoring.models import Assessment, CreatorContribution, Evaluation
from scoring.points import (
    Score,
    Totals,
    indicator_points,
    indicator_values,
    outcome_of,
    score,
)
from scoring.queries.contributed import Brought, without
from scoring.rulebook import INDICATOR_KEYS, Rulebook
from scoring.wording import INDICATOR_NAMES, fine_unit

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Outcome:
    """What sums would have given in a month: score, stage, level ("" unless assessed)."""

    values: dict[str, Decimal | None]
    score: Score
    stage: str
    level: str

    @property
    def stage_label(self) -> str | Promise:
        return Stage(self.stage).label


@dataclass(frozen=True)
class IndicatorEffect:
    """One indicator before and after; points have 2 decimals."""

    key: str
    name: Promise
    unit: str
    before: Decimal | None
    after: Decimal | None
    points_before: Decimal
    points_after: Decimal

    @property
    def change(self) -> Decimal:
        return self.points_after - self.points_before


@dataclass(frozen=True)
class PartingEffect:
    """The newest published result with and without one creator.

    `brought` is None where the month counted no day of the creator; `before` and `after` are None
    where the agency got no points that month.
    """

    evaluation: Evaluation
    brought: Brought | None
    before: Outcome | None
    after: Outcome | None
    lines: tuple[IndicatorEffect, ...]

    @property
    def change(self) -> Decimal:
        """What the total would have changed by, in points."""
        if self.before is None or self.after is None:
            return Decimal(0)
        return self.after.score.total - self.before.score.total


@dataclass(frozen=True)
class Addition:
    """The newest published result and what one more creator would do to single indicators of it.

    `l5` and `showcase` count one creator more; `idle` adds a month of days without a live minute.
    """

    evaluation: Evaluation
    l5: IndicatorEffect
    showcase: IndicatorEffect
    idle: IndicatorEffect


@dataclass(frozen=True)
class FreedPlace:
    """How many places are taken, and how many once this binding is over."""

    used: int
    after: int


@dataclass(frozen=True)
class DaysLeft:
    """The days that still count for the agency if nobody answers, today included."""

    last_day: date
    this_month: int
    later: int


def outcome(rulebook: Rulebook, totals: Totals, *, joined_on: date, newest: Assessment) -> Outcome:
    """Score sums by the rules of a month, with what a result of it counts besides: its credit and
    the appeals that were undecided (docs/rules.md §3, §4, §8).
    """
    values = indicator_values(totals)
    scored = score(rulebook, values)
    found = outcome_of(
        rulebook,
        joined_on=joined_on,
        month=newest.evaluation.month,
        service=scored.service,
        total=scored.total,
        credit=newest.credit,
        contested=newest.contested,
        level_before=newest.level_before,
    )
    return Outcome(values=values, score=scored, stage=found.stage, level=found.level)


def effects(
    rulebook: Rulebook, before: Totals, after: Totals, keys: Iterable[str] = INDICATOR_KEYS
) -> tuple[IndicatorEffect, ...]:
    """What a change of the sums does to each indicator, in the rulebook's order."""
    old, new = indicator_values(before), indicator_values(after)
    return tuple(
        IndicatorEffect(
            key=key,
            name=INDICATOR_NAMES[key],
            unit=fine_unit(key),
            before=old[key],
            after=new[key],
            points_before=indicator_points(rulebook.indicator(key), old[key]),
            points_after=indicator_points(rulebook.indicator(key), new[key]),
        )
        for key in keys
    )


def parting_effect(agency: Agency, creator_id: int) -> PartingEffect | None:
    """The newest published result as it is and without a creator; None without any result.

    `creator_id` is the creator's primary key. Two queries.
    """
    newest = _newest(agency)
    if newest is None:
        return None
    evaluation = newest.evaluation
    found = CreatorContribution.objects.filter(
        evaluation=evaluation, agency=agency, creator=creator_id
    ).first()
    brought = Brought(found) if found else None
    if not newest.totals or found is None:
        return PartingEffect(evaluation, brought, None, None, ())
    rulebook: Rulebook = evaluation.rules
    totals = Totals(**newest.totals)
    less = without(totals, found)
    before, after = (
        outcome(rulebook, sums, joined_on=agency.joined_on, newest=newest)
        for sums in (totals, less)
    )
    return PartingEffect(evaluation, brought, before, after, effects(rulebook, totals, less))


def addition(agency: Agency) -> Addition | None:
    """What one more creator does to the newest published result; None without points. One query."""
    newest = _newest(agency)
    if newest is None or not newest.totals:
        return None
    evaluation, totals = newest.evaluation, Totals(**newest.totals)
    days = monthrange(evaluation.month.year, evaluation.month.month)[1]
    (l5,), (showcase,), (idle,) = (
        effects(evaluation.rules, totals, replace(totals, **more), [key])
        for key, more in (
            ("l5_creators", {"l5_creators": totals.l5_creators + 1}),
            ("showcase_creators", {"showcase_creators": totals.showcase_creators + 1}),
            ("live_minutes_per_creator_day", {"creator_days": totals.creator_days + days}),
        )
    )
    return Addition(evaluation, l5, showcase, idle)


def freed_place(agency: Agency, binding: Binding, *, today: date) -> FreedPlace:
    """Whether the end of a binding frees a place: not where the creator has another one, or where
    silence has freed it already (docs/rules.md §9). One query.
    """
    taken = places_taken(agency, today=today).aggregate(
        used=Count("creator", distinct=True),
        own=Count("pk", filter=Q(pk=binding.pk)),
        others=Count("pk", filter=Q(creator=binding.creator_id) & ~Q(pk=binding.pk)),
    )
    freed = taken["own"] and not taken["others"]
    return FreedPlace(used=taken["used"], after=taken["used"] - (1 if freed else 0))


def days_left(binding: Binding, *, silent_on: date, today: date) -> DaysLeft:
    """The days of a binding from today on if it ends by silence, or before that by itself.

    Silence ends a binding after its first day at the earliest (P, docs/rules.md §9).
    """
    until = max(silent_on, binding.bound_from + ONE_DAY)
    if binding.bound_until is not None:
        until = min(until, binding.bound_until)
    first = max(today, binding.bound_from)
    next_month = today.replace(day=monthrange(today.year, today.month)[1]) + ONE_DAY
    whole = max((until - first).days, 0)
    this_month = max((min(until, next_month) - first).days, 0)
    return DaysLeft(last_day=until - ONE_DAY, this_month=this_month, later=whole - this_month)


def _newest(agency: Agency) -> Assessment | None:
    return (
        Assessment.objects.filter(agency=agency, evaluation__state=EvaluationState.PUBLISHED)
        .select_related("evaluation__rulebook")
        .order_by("-evaluation__month")
        .first()
    )
