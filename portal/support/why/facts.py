"""Why an agency is at its level: every figure that the explanation names, from its own pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise

from agencies.credit_rules import Line, balance_on
from agencies.enums import EntryKind, Stage, ViolationKind
from agencies.ledger.lines import lines_of
from agencies.models import Agency, CreditEntry
from scoring.models import Assessment, RulebookVersion
from scoring.months import first_day, last_day
from scoring.points import score
from scoring.queries.breakdown import DimensionBlock, blocks_of
from scoring.queries.creator_effects import CreatorEffects, creator_effects
from scoring.queries.guidance import LevelAhead, levels_ahead
from scoring.queries.months import NoSuchMonth, Publication, latest_month, publication
from scoring.queries.movement import FloorMove, Movement, Turn, movement_in
from scoring.queries.observed import Observed, observed
from scoring.queries.plan import Plan, plan_from
from scoring.queries.projection import projection_of
from scoring.queries.results import Results, results_of
from scoring.queries.simulation import Outcome, outcome
from scoring.queries.standing import Floor, NoviceTerm, missed_floors, next_level, novice_term
from scoring.rulebook import Level, Rulebook

MOST_CASES: Final = 3


@dataclass(frozen=True)
class Deduction:
    """A case that took credit, with the credit points that it took, from a day on."""

    reference: str
    kind: str | Promise
    points: int
    day: date


@dataclass(frozen=True)
class Ahead:
    """Where the next results lead, as the guidance page tells it, from the newest result on.

    `expected` is what the month of `plan` comes to as things go, None where nothing is known of it.
    `levels` are those above that. `observed` is the way out of observation, None unless in it.
    """

    plan: Plan
    expected: Outcome | None
    levels: tuple[LevelAhead, ...]
    observed: Observed | None


@dataclass(frozen=True)
class Why:
    """A result of an agency with all that it takes to explain it, as of `today`.

    1. `results` and `movement` are those of the score and movement pages, None without any
       published result; `blocks` are the dimensions with their indicators.
    2. `effects` are the agency's own creators behind the indicator that moved most, None where
       they cannot be told. `credit` is today's; `cases` took the credit that a level lacks on the
       month's last day, the newest first.
    3. `ahead` is there for the newest result of an agency that is assessed or observed.
    4. `novice` says when the assessment begins, for a novice month or without any result.
    """

    agency: Agency
    today: date
    publication: Publication
    credit: int
    results: Results | None = None
    movement: Movement | None = None
    blocks: tuple[DimensionBlock, ...] = ()
    floors: tuple[Floor, ...] = ()
    next_level: Level | None = None
    effects: CreatorEffects | None = None
    cases: tuple[Deduction, ...] = ()
    ahead: Ahead | None = None
    novice: NoviceTerm | None = None

    @property
    def removed_on(self) -> date | None:
        return self.agency.left_by(self.today)

    @property
    def now(self) -> Assessment | None:
        """The result that is explained."""
        return self.results.now if self.results else None

    @property
    def month(self) -> date | None:
        return self.results.month if self.results else None

    @property
    def newest(self) -> bool:
        """Whether there is no newer result of this agency."""
        return self.results is not None and self.results.months[0] == self.results.month

    @property
    def turn(self) -> Turn | None:
        """What became of the level, None unless both months have points."""
        return self.movement.verdict.turn if self.movement and self.movement.verdict else None

    @property
    def levels_moved(self) -> int:
        """How many levels were gained or, negative, lost at once; 0 unless both have a level."""
        if self.turn not in (Turn.ROSE, Turn.FELL) or self.movement is None:
            return 0
        verdict = self.movement.verdict
        keys = [level.key for level in self.movement.rules.levels]
        if verdict is None or verdict.level_before not in keys:
            return 0
        return keys.index(verdict.level) - keys.index(verdict.level_before)

    @property
    def floor_moves(self) -> tuple[FloorMove, ...]:
        """The floors that the verdict speaks of, with the figures of both months."""
        verdict = self.movement.verdict if self.movement else None
        return verdict.floors if verdict else ()

    @property
    def next_missing(self) -> Decimal | None:
        """Points that the next level takes besides those of the result."""
        if self.next_level is None or self.now is None or self.now.total is None:
            return None
        return self.next_level.min_total - self.now.total


def month_asked(text: str) -> date | None:
    """The month that `?month=YYYY-MM` asks for, None for none; NoSuchMonth for anything else."""
    if not text:
        return None
    try:
        return first_day(text)
    except ValueError as fault:
        raise NoSuchMonth(str(fault)) from fault


def why(agency: Agency, *, month: date | None = None, now: datetime) -> Why:
    """Everything that explains the published result of a month, the newest by default.

    1. The figures come from the queries of the agency's own pages, so they are the same there.
    2. Of creators only what they brought to this agency is read.

    At most twelve queries, usually seven. Raises NoSuchMonth where the agency has no published
    result for the month.
    """
    today = timezone.localtime(now).date()
    results = results_of(agency, "" if month is None else f"{month:%Y-%m}")
    out = _publication(results, now)
    lines = lines_of(agency.pk)
    credit = balance_on(lines, today)
    if results is None:
        return Why(agency, today, out, credit, novice=_term(agency, today))
    result, rules = results.now, results.now.evaluation.rules
    movement = movement_in(agency, results)
    floors = missed_floors(rules, result)
    short = any(each.key == "credit" for each in floors) or results.hold is not None
    newest = results.months[0] == results.month
    return Why(
        agency=agency,
        today=today,
        publication=out,
        credit=credit,
        results=results,
        movement=movement,
        blocks=blocks_of(rules, result, results.before),
        floors=floors,
        next_level=next_level(rules, result),
        effects=_effects(movement),
        cases=_cases(agency, results.month) if short else (),
        ahead=_ahead(agency, result, lines, out, today=today) if newest else None,
        novice=novice_term(rules, agency.joined_on) if result.stage == Stage.NOVICE else None,
    )


def _publication(results: Results | None, now: datetime) -> Publication:
    """Whether the newest full month is out; asked for only where this agency has no result of it.

    That is the usual case, and costs no query.
    """
    own = results.months[0] if results else None
    out = publication(own, now)
    return out if own is not None and own >= out.expected else publication(latest_month(), now)


def _term(agency: Agency, today: date) -> NoviceTerm | None:
    """When the assessment begins, by today's rules; None where none are in force."""
    try:
        version = RulebookVersion.objects.for_month(today.replace(day=1))
    except RulebookVersion.DoesNotExist:
        return None
    return novice_term(version.rulebook, agency.joined_on)


def _effects(movement: Movement) -> CreatorEffects | None:
    """The creators behind the indicator that moved most, by the revision that counts."""
    if movement.before is None or not movement.largest:
        return None
    return creator_effects(movement.largest[0].key, movement.before, movement.now, "")


def _cases(agency: Agency, month: date) -> tuple[Deduction, ...]:
    """The newest deductions that the credit of a month's last day counts. One query."""
    found = (
        CreditEntry.objects.filter(
            agency=agency,
            kind=EntryKind.DEDUCTION,
            points__lt=0,
            effective_on__lte=last_day(month),
            reversed_by__isnull=True,
            violation__isnull=False,
        )
        .order_by("-effective_on", "-number")
        .values_list("violation__reference", "violation__kind", "points", "effective_on")
    )
    return tuple(
        Deduction(str(reference), ViolationKind(kind).label, -points, day)
        for reference, kind, points, day in found[:MOST_CASES]
    )


def _ahead(
    agency: Agency,
    result: Assessment,
    lines: Sequence[Line],
    out: Publication,
    *,
    today: date,
) -> Ahead | None:
    """What comes after the newest result; None for novices and removed agencies."""
    if result.stage == Stage.NOVICE or agency.is_removed(today):
        return None
    projected = projection_of(agency, lines=lines, today=today)
    plan = plan_from(agency, published=result, lines=lines, projected=projected, today=today)
    known = bool(plan.values) and not plan.without_creators
    way = None
    if result.stage == Stage.OBSERVATION:
        rules = _rules_today(plan, today)
        way = observed(lines, rules, out, projected, today=today)
    return Ahead(
        plan=plan,
        expected=outcome(plan, score(plan.rulebook, plan.values)) if known else None,
        levels=levels_ahead(plan) if known else (),
        observed=way,
    )


def _rules_today(plan: Plan, today: date) -> Rulebook:
    """The rules of the running month, which are nearly always those of the plan."""
    month = today.replace(day=1)
    if plan.month == month:
        return plan.rulebook
    return RulebookVersion.objects.for_month(month).rulebook
