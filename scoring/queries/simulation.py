"""What nine values would give: points, stage and level by the scoring that decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.functional import Promise

from agencies.enums import Stage
from scoring.points import Score, level_for, level_in, score, stage_of
from scoring.queries.plan import Plan
from scoring.rulebook import DIMENSIONS, INDICATOR_KEYS, Level
from scoring.wording import DIMENSION_NAMES, INDICATOR_NAMES, UNITS


@dataclass(frozen=True)
class Simulated:
    """Points of an indicator or a dimension now and as simulated; values only of an indicator."""

    key: str
    name: Promise
    unit: str
    now: Decimal | None
    value: Decimal | None
    points_now: Decimal
    points: Decimal
    maximum: Decimal

    @property
    def change(self) -> Decimal:
        return self.points - self.points_now


@dataclass(frozen=True)
class Outcome:
    """A total with what it means: stage and level.

    `by_points` is the level of the points alone; `assessed` the one that an assessed month gives
    for them, "" where a floor is missed.
    """

    total: Decimal
    stage: str
    level: str
    by_points: str
    assessed: str
    service_missing: Decimal
    credit_missing: int

    @property
    def stage_label(self) -> str | Promise:
        return Stage(self.stage).label

    @property
    def assessed_label(self) -> str | Promise:
        """The stage that an assessed month gives."""
        return (Stage.ASSESSED if self.assessed else Stage.OBSERVATION).label


@dataclass(frozen=True)
class Simulation:
    """The simulated values against those expected: by dimension, in all, and what they mean.

    `blank`: nothing is expected, and nothing was filled in that earns points.
    """

    lines: tuple[Simulated, ...]
    dimensions: tuple[Simulated, ...]
    now: Outcome
    then: Outcome
    maximum: Decimal
    next_level: Level | None
    blank: bool

    @property
    def change(self) -> Decimal:
        return self.then.total - self.now.total

    @property
    def next_missing(self) -> Decimal | None:
        """Points that the next level still takes."""
        return self.next_level.min_total - self.then.total if self.next_level else None


def starting_values(plan: Plan) -> dict[str, Decimal | None]:
    """The values of a plan; of an agency without any, zeros and no reputation."""
    blank = {key: None if key == "reputation" else Decimal(0) for key in INDICATOR_KEYS}
    return {**blank, **plan.values}


def simulate(plan: Plan, values: Mapping[str, Decimal | None]) -> Simulation:
    """What nine values would give in the plan's month, beside what is expected of it.

    Stage and level count the credit of the month's last day as it is foreseen. Pure.
    """
    expected = starting_values(plan)
    before, after = score(plan.rulebook, expected), score(plan.rulebook, values)
    higher = (each for each in plan.rulebook.levels if each.min_total > after.total)
    return Simulation(
        lines=tuple(
            Simulated(
                key=each.key,
                name=INDICATOR_NAMES[each.key],
                unit=UNITS[each.key],
                now=expected[each.key],
                value=values[each.key],
                points_now=before.points[each.key],
                points=after.points[each.key],
                maximum=each.max_points,
            )
            for each in plan.rulebook.indicators
        ),
        dimensions=tuple(
            Simulated(
                key=key,
                name=DIMENSION_NAMES[key],
                unit="points",
                now=None,
                value=None,
                points_now=getattr(before, key),
                points=getattr(after, key),
                maximum=plan.rulebook.dimension_max(key),
            )
            for key in DIMENSIONS
        ),
        now=outcome(plan, before),
        then=outcome(plan, after),
        maximum=plan.rulebook.total_max,
        next_level=next(higher, None),
        blank=not plan.values and not after.total,
    )


def outcome(plan: Plan, result: Score) -> Outcome:
    """What a score means in the plan's month (S, docs/rules.md §3)."""
    stages = plan.rulebook.stages
    stage = stage_of(
        plan.rulebook,
        joined_on=plan.joined_on,
        month=plan.month,
        service=result.service,
        credit=plan.credit.at_end,
    )
    level = level_for(plan.rulebook, result.total).key
    service_missing = max(stages.service_floor - result.service, Decimal(0))
    credit_missing = plan.credit.missing
    return Outcome(
        total=result.total,
        stage=stage,
        level=level_in(plan.rulebook, stage, result.total),
        by_points=level,
        assessed="" if service_missing or credit_missing else level,
        service_missing=service_missing,
        credit_missing=credit_missing,
    )


def as_typed(key: str, value: Decimal | None) -> str:
    """A value as the simulator's form takes it: shares in per cent, no value as nothing."""
    if value is None:
        return ""
    number = value.scaleb(2) if UNITS[key] == "share" else value
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def simulator_query(values: Mapping[str, Decimal | None]) -> str:
    """The query string that fills the simulator with exactly these values."""
    return urlencode({key: as_typed(key, values[key]) for key in INDICATOR_KEYS})
