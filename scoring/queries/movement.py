"""Why a result moved from one month to the next: points, level, stage and what decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.enums import Stage
from agencies.models import Agency
from scoring.models import Assessment
from scoring.months import previous_month
from scoring.points import level_for, outcome_of, score
from scoring.queries.appeals import Hold
from scoring.queries.results import Results, results_of, values_of
from scoring.rulebook import Rulebook
from scoring.waterfall import Waterfall, waterfall
from scoring.wording import INDICATOR_NAMES, fine_unit

ZERO: Final = Decimal(0)


class Turn(Enum):
    """What became of the level."""

    STAYED = "stayed"
    ROSE = "rose"
    FELL = "fell"
    LOST = "lost"
    GAINED = "gained"
    STILL_WITHOUT = "still_without"


@dataclass(frozen=True)
class FloorMove:
    """A floor of the assessment that was missed, with the figures of both months."""

    name: Promise
    unit: str
    before: Decimal
    now: Decimal
    floor_before: Decimal
    floor: Decimal


@dataclass(frozen=True)
class Verdict:
    """What became of the level, and why.

    1. ROSE and FELL: `cut` is the cut-off that was reached or lost, under this month's rules,
       `cut_before` the same level's under last month's; None where a version lacks the level.
    2. ROSE and FELL: `stage_by_old_rules` is what last month's rules make of this month's figures
       and credit, with `total_by_old_rules` points; `by_rules`: they would have kept the level.
    3. LOST and STILL_WITHOUT: `floors` are missed now; GAINED: they were missed last month.
    4. LOST and STILL_WITHOUT: `by_points` is the level that the points alone would give.
    """

    turn: Turn
    level_before: str
    level: str
    cut: Decimal | None
    cut_before: Decimal | None
    by_rules: bool
    stage_by_old_rules: str
    total_by_old_rules: Decimal
    floors: tuple[FloorMove, ...]
    by_points: str

    @property
    def none_by_old_rules(self) -> str | Promise:
        """The stage that last month's rules give instead of a level; "" where they give one."""
        stage = self.stage_by_old_rules
        return Stage(stage).label if stage not in ("", Stage.ASSESSED) else ""


@dataclass(frozen=True)
class IndicatorMove:
    """One indicator's part in the way from total to total; `after` is the total reached by it.

    A reputation's `unit` is a rating: a change beneath its hundredths moves points as well.
    """

    key: str
    name: Promise
    unit: str
    before: Decimal | None
    now: Decimal | None
    points: Decimal
    rule_points: Decimal
    after: Decimal


@dataclass(frozen=True)
class Movement:
    """A published month beside the calendar month before.

    `fall`, `verdict` and `moves` are there when both months have points. `hold` and `hold_before`
    say by which appeals the levels are held, None where they are not. `corrected` are the months
    that were corrected.
    """

    month: date
    months: tuple[date, ...]
    corrected: tuple[date, ...]
    now: Assessment
    before: Assessment | None
    fall: Waterfall | None
    verdict: Verdict | None
    moves: tuple[IndicatorMove, ...]
    hold: Hold | None
    hold_before: Hold | None

    @property
    def month_before(self) -> date:
        return previous_month(self.month)

    @property
    def rules(self) -> Rulebook:
        return self.now.evaluation.rules

    @property
    def rules_before(self) -> Rulebook | None:
        return self.before.evaluation.rules if self.before else None

    @property
    def rules_changed(self) -> bool:
        """Whether the two months were decided by different versions."""
        return self.rules_before is not None and self.rules_before.version != self.rules.version

    @property
    def largest(self) -> tuple[IndicatorMove, ...]:
        """Up to three indicators that moved the total most, the largest first."""
        moved = [each for each in self.moves if each.points]
        return tuple(sorted(moved, key=lambda each: -abs(each.points))[:3])

    @property
    def after_rules(self) -> Decimal | None:
        """The total that last month's values earn under this month's rules."""
        return None if self.fall is None else self.fall.start + self.fall.rules

    @property
    def change(self) -> Decimal | None:
        return None if self.fall is None else self.fall.end - self.fall.start


def movement_of(agency: Agency, month_text: str) -> Movement | None:
    """The movement to a published month, the newest by default; None without any result.

    Two queries. Raises NoSuchMonth where the agency has no published result for that month.
    """
    results = results_of(agency, month_text)
    return None if results is None else movement_in(agency, results)


def movement_in(agency: Agency, results: Results) -> Movement:
    """The movement between the two months of an agency's results. No query."""
    now, before = results.now, results.before
    fall = verdict = None
    moves: tuple[IndicatorMove, ...] = ()
    if before is not None and before.total is not None and now.total is not None:
        fall = waterfall(
            values_of(before), before.evaluation.rules, values_of(now), now.evaluation.rules
        )
        verdict = _verdict(before, now, joined_on=agency.joined_on)
        moves = _moves(fall, before, now)
    return Movement(
        month=results.month,
        months=results.months,
        corrected=results.corrected,
        now=now,
        before=before,
        fall=fall,
        verdict=verdict,
        moves=moves,
        hold=results.hold,
        hold_before=results.hold_before,
    )


def _moves(fall: Waterfall, before: Assessment, now: Assessment) -> tuple[IndicatorMove, ...]:
    values_before, values_now = values_of(before), values_of(now)
    rules = {step.key: step.points for step in fall.rule_steps}
    moves, reached = [], fall.start + fall.rules
    for step in fall.steps:
        reached += step.points
        moves.append(
            IndicatorMove(
                key=step.key,
                name=INDICATOR_NAMES[step.key],
                unit=fine_unit(step.key),
                before=values_before[step.key],
                now=values_now[step.key],
                points=step.points,
                rule_points=rules[step.key],
                after=reached,
            )
        )
    return tuple(moves)


def _verdict(before: Assessment, now: Assessment, *, joined_on: date) -> Verdict:
    turn = _turn(before, now)
    rules_before, rules = before.evaluation.rules, now.evaluation.rules
    decisive = {Turn.ROSE: now.level, Turn.FELL: before.level}.get(turn, "")
    by_old_rules = score(rules_before, values_of(now))
    old = outcome_of(
        rules_before,
        joined_on=joined_on,
        month=now.evaluation.month,
        service=by_old_rules.service,
        total=by_old_rules.total,
        credit=now.credit,
        contested=now.contested,
        level_before=now.level_before,
    )
    without_level = turn in (Turn.LOST, Turn.STILL_WITHOUT)
    return Verdict(
        turn=turn,
        level_before=before.level,
        level=now.level,
        cut=_cut(rules, decisive),
        cut_before=_cut(rules_before, decisive),
        by_rules=bool(decisive) and old.level == before.level,
        stage_by_old_rules=old.stage if decisive else "",
        total_by_old_rules=by_old_rules.total,
        floors=() if now.held else _floors(before, now, of=before if turn is Turn.GAINED else now),
        by_points=level_for(rules, now.total or ZERO).key if without_level else "",
    )


def _turn(before: Assessment, now: Assessment) -> Turn:
    """Levels are V1, V2, … up to V9, so that their keys compare as they rank."""
    if now.stage != Stage.ASSESSED:
        return Turn.LOST if before.stage == Stage.ASSESSED else Turn.STILL_WITHOUT
    if before.stage != Stage.ASSESSED:
        return Turn.GAINED
    if now.level == before.level:
        return Turn.STAYED
    return Turn.ROSE if now.level > before.level else Turn.FELL


def _cut(rules: Rulebook, level: str) -> Decimal | None:
    return next((each.min_total for each in rules.levels if each.key == level), None)


def _floors(before: Assessment, now: Assessment, *, of: Assessment) -> tuple[FloorMove, ...]:
    """The floors that the month of `of` missed; exactly on one is reached (S, P, section 3)."""
    stages_before, stages = before.evaluation.rules.stages, now.evaluation.rules.stages
    moves = (
        FloorMove(
            name=_("Service power"),
            unit="points",
            before=before.service or ZERO,
            now=now.service or ZERO,
            floor_before=stages_before.service_floor,
            floor=stages.service_floor,
        ),
        FloorMove(
            name=_("Credit"),
            unit="count",
            before=Decimal(before.credit),
            now=Decimal(now.credit),
            floor_before=Decimal(stages_before.credit_floor),
            floor=Decimal(stages.credit_floor),
        ),
    )
    if of is before:
        return tuple(each for each in moves if each.before < each.floor_before)
    return tuple(each for each in moves if each.now < each.floor)
