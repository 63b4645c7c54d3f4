"""The guidance page: where things lead, what each level lacks, the cheapest ways, what may slip."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise

from agencies.enums import Stage
from agencies.models import Agency
from scoring.guidance import Goal, Obstacle, goals, holding, percent, worth_telling
from scoring.months import publication_due
from scoring.points import score
from scoring.queries.levers import Lever, advice_on, levers
from scoring.queries.plan import Plan, plan_of
from scoring.queries.simulation import Outcome, outcome, simulator_query
from scoring.queries.standing import NoviceTerm, novice_term
from scoring.queries.steps import Step, step_of
from scoring.queries.way_back import WayBack, way_by
from scoring.rulebook import Level
from scoring.wording import INDICATOR_NAMES, UNITS

MOST_WAYS = 5
# Per cent: whatever asks for more than to double something is no advice for what is left (D).
HARD = 100


@dataclass(frozen=True)
class WayShown:
    """A way in words: its steps, the total it gives, its effort in per cent, its simulation."""

    steps: tuple[Step, ...]
    total: Decimal
    effort: Decimal
    query: str


@dataclass(frozen=True)
class LevelAhead:
    """A level that is not reached as things go; `obstacle` is empty where there are ways.

    `published_missing` is what the newest result lacks of it, in points; None where it lacks
    nothing or is itself what the plan goes by.
    """

    level: Level
    missing: Decimal
    published_missing: Decimal | None
    service_missing: Decimal
    obstacle: str
    ways: tuple[WayShown, ...]

    @property
    def hard(self) -> bool:
        """Whether even the cheapest way asks for too much to be likely."""
        return bool(self.ways) and self.ways[0].effort > HARD


@dataclass(frozen=True)
class Room:
    """How far an indicator may fall before the level is lost; `least` None: altogether."""

    name: Promise
    unit: str
    value: Decimal
    least: Decimal | None


@dataclass(frozen=True)
class Guidance:
    """What the guidance page shows.

    `expected` is what the month comes to as things go, None for a novice or without values.
    `ahead` are the levels above that, `top` the highest level where it is the expected one, `spare`
    the points above its cut-off and `rooms` what each indicator may lose before it is lost.
    `reputation_from` is the reputation at which points begin, from which its effort counts.
    """

    plan: Plan
    term: NoviceTerm
    due_on: date
    expected: Outcome | None
    ahead: tuple[LevelAhead, ...]
    top: Level | None
    spare: Decimal | None
    rooms: tuple[Room, ...]
    reputation_from: Decimal
    levers: tuple[Lever, ...]

    @property
    def nearest(self) -> LevelAhead | None:
        """The next level."""
        return self.ahead[0] if self.ahead else None

    @property
    def further(self) -> tuple[LevelAhead, ...]:
        """The levels above the next one that have ways."""
        return tuple(each for each in self.ahead[1:] if each.ways)

    @property
    def has_ways(self) -> bool:
        """Whether there is any way to a level ahead."""
        return any(each.ways for each in self.ahead)

    @property
    def takes_many(self) -> bool:
        """Whether a level ahead takes more than two indicators at once."""
        return any(each.obstacle == Obstacle.MANY.value for each in self.ahead)

    @property
    def enters_observation(self) -> bool:
        """Whether the month leads into observation from a level."""
        before = self.plan.published
        return before is not None and before.stage == Stage.ASSESSED and self.in_observation

    @property
    def way(self) -> WayBack:
        """The first result that can count credit above its floor again."""
        return way_by(self.plan.credit, self.plan.month)

    @property
    def credit_returns(self) -> bool:
        """Whether credit forbade a level of the newest result, and the month leads to one."""
        before = self.plan.published
        return (
            before is not None
            and before.stage == Stage.OBSERVATION
            and before.credit < self.plan.credit.floor
            and self.expected is not None
            and bool(self.expected.level)
        )

    @property
    def waits_for_credit(self) -> bool:
        """Whether credit alone forbids a level, whatever the points."""
        return self.expected is not None and self.expected.credit_missing > 0

    @property
    def in_observation(self) -> bool:
        return self.expected is not None and self.expected.stage == Stage.OBSERVATION


def guidance_of(agency: Agency, *, today: date) -> Guidance:
    """The guidance of an agency on a platform day. At most seven queries.

    Ways are exact minima of `scoring.guidance`; a novice, and an agency without values, has none
    (D, docs/rules.md §11).
    """
    plan = plan_of(agency, today=today)
    advice = levers(plan.rulebook, plan.values)
    expected: Outcome | None = None
    ahead: tuple[LevelAhead, ...] = ()
    if plan.values and not plan.without_creators:
        expected = outcome(plan, score(plan.rulebook, plan.values))
        ahead = levels_ahead(plan, {each.key for each in advice})
    top = plan.rulebook.levels[-1]
    held = expected is not None and expected.level == top.key
    return Guidance(
        plan=plan,
        term=novice_term(plan.rulebook, agency.joined_on),
        due_on=publication_due(plan.month).date(),
        expected=expected,
        ahead=ahead,
        top=top if held else None,
        spare=expected.total - top.min_total if expected and held else None,
        rooms=_rooms(plan, top) if held else (),
        reputation_from=plan.rulebook.indicator("reputation").points_begin,
        levers=advice,
    )


def levels_ahead(plan: Plan, known: Collection[str] = ()) -> tuple[LevelAhead, ...]:
    """The levels not reached, upwards; of those that one and the same way gives, the highest.

    `known` are the levers with a text: the steps of the ways name them.
    """
    found = goals(plan.rulebook, plan.values, most=plan.most, credit=plan.credit.at_end)
    missed = [each for each in found if not each.reached]
    if not any(goal.ways for goal in missed):
        # nothing to choose between: the levels that points alone would give are no news
        missed = [each for each in missed if each.missing] or missed[-1:]
    kept = [
        each
        for each, above in zip(missed, [*missed[1:], None], strict=False)
        if above is None or not each.ways or each.ways != above.ways
    ]
    return tuple(_level(plan, each, known) for each in kept)


def _level(plan: Plan, goal: Goal, known: Collection[str]) -> LevelAhead:
    return LevelAhead(
        level=goal.level,
        missing=goal.missing,
        published_missing=_published_missing(plan, goal.level),
        service_missing=goal.service_missing,
        obstacle=goal.obstacle.value if goal.obstacle else "",
        ways=tuple(
            WayShown(
                steps=tuple(step_of(plan, part, advice_on(part.key, known)) for part in way.parts),
                total=way.total,
                effort=percent(way.effort),
                query=simulator_query(
                    {**plan.values, **{part.key: part.target for part in way.parts}}
                ),
            )
            for way in worth_telling(goal.ways)[:MOST_WAYS]
        ),
    )


def _published_missing(plan: Plan, level: Level) -> Decimal | None:
    before = plan.published
    if before is None or before.total is None or before.evaluation.month == plan.source_month:
        return None
    missing = level.min_total - before.total
    return missing if missing > 0 else None


def _rooms(plan: Plan, level: Level) -> tuple[Room, ...]:
    return tuple(
        Room(INDICATOR_NAMES[each.key], UNITS[each.key], each.value, each.least)
        for each in holding(plan.rulebook, plan.values, level)
    )
