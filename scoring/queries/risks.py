"""What is at risk: credit or an indicator so near a threshold that it could cost the level.

Ours (D): the platform announces nothing of the kind. Few marks, the gravest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import IntEnum
from typing import Final

from django.utils.functional import Promise

from agencies.enums import Stage
from scoring.points import Score, level_for, score
from scoring.queries.pace import Pace
from scoring.queries.projection import Projected
from scoring.queries.standing import Standing
from scoring.rulebook import Rulebook
from scoring.wording import INDICATOR_NAMES, UNITS

NEAR_TOTAL: Final = Decimal(20)
NEAR_SERVICE: Final = Decimal(10)
# An indicator carries the level if losing this share of it would cost the level.
LOSS: Final = Decimal("0.1")
# Ratings move in tenths, and the whole scale is three points wide.
LOSS_OF_REPUTATION: Final = Decimal("0.1")
MOST: Final = 3

PROVISIONAL, PACE, PUBLISHED = "provisional", "pace", "published"


class RiskKind(IntEnum):
    """What is at risk; the lower, the graver."""

    CREDIT_LOW = 1
    SERVICE_LOW = 2
    LEVEL_FALL = 3
    CREDIT_CLOSE = 4
    SERVICE_CLOSE = 5
    LEVEL_CLOSE = 6
    BAN_CLOSE = 7
    INDICATOR = 8


@dataclass(frozen=True)
class Basis:
    """The figures that level risks are seen in: of a provisional result, a pace, or a result."""

    kind: str
    month: date
    values: Mapping[str, Decimal | None]
    score: Score


@dataclass(frozen=True)
class Risk:
    """One mark: where something stands, the threshold, and what crossing it would cost.

    `value`, `threshold` and `distance` (never negative) are credit points, points, or the unit of
    the indicator. `level` is at stake, `to_level` what it would be ("" for observation). `points`
    is what a usual deduction takes, `days` how long a ban would last.
    """

    kind: RiskKind
    value: Decimal
    threshold: Decimal
    basis: str = ""
    month: date | None = None
    level: str = ""
    to_level: str = ""
    points: int = 0
    days: int = 0
    indicator: str = ""

    @property
    def name(self) -> str:
        """The kind as templates ask for it."""
        return self.kind.name.lower()

    @property
    def distance(self) -> Decimal:
        return abs(self.value - self.threshold)

    @property
    def crossed(self) -> bool:
        """Whether the threshold is crossed already."""
        return self.kind <= RiskKind.LEVEL_FALL

    @property
    def indicator_name(self) -> Promise:
        return INDICATOR_NAMES[self.indicator]

    @property
    def unit(self) -> str:
        return UNITS[self.indicator]


def risks_of(
    *,
    standing: Standing | None,
    projected: Projected | None,
    pace: Pace | None,
    credit: int,
    rulebook: Rulebook,
) -> tuple[Risk, ...]:
    """The marks of an agency, the gravest first, three at most.

    1. Credit of today below the floor of the stage, or less than one usual deduction above it or
       above a band that bans new bindings. The usual deduction is the middle one of those that the
       rulebook proposes.
    2. For an agency with a level: service power below its floor, or less than 10 points above it;
       a total that gives a lower level, or lies less than 20 points above the cut-off.
    3. Where neither is so: the indicator whose fall by a tenth (reputation: by 0.1), or back to
       last month's value, would cost most, if that cost the level.
    4. Points are those of the provisional result of a full month, else where the pace of the
       running month leads, else those of the newest result.
    """
    novice = standing is not None and standing.stage == Stage.NOVICE
    found = list(_credit_risks(rulebook, credit, standing, novice=novice))
    if standing is not None and standing.level in {each.key for each in rulebook.levels}:
        basis = _basis(standing, projected, pace)
        if basis is not None:
            found += _level_risks(rulebook, standing, basis)
    return tuple(sorted(found, key=lambda risk: (risk.kind, risk.distance))[:MOST])


def usual_deduction(rulebook: Rulebook) -> int:
    """The middle one of the deductions that the rulebook proposes, in credit points."""
    points = sorted(each.points for each in rulebook.violations)
    return points[(len(points) - 1) // 2] if points else 0


def _credit_risks(
    rulebook: Rulebook, credit: int, standing: Standing | None, *, novice: bool
) -> Iterator[Risk]:
    floor, usual = rulebook.stages.credit_floor, usual_deduction(rulebook)
    days = {ban.below: ban.days for ban in rulebook.credit.bans}
    known = standing is not None and any(each.key == "credit" for each in standing.floors)
    assessable = not novice
    if assessable and credit < floor and not known:
        yield Risk(RiskKind.CREDIT_LOW, Decimal(credit), Decimal(floor))
    if assessable and floor <= credit < floor + usual:
        yield Risk(
            RiskKind.CREDIT_CLOSE,
            Decimal(credit),
            Decimal(floor),
            points=usual,
            days=days.get(floor, 0),
        )
    for below, length in days.items():
        if below <= credit < below + usual and not (assessable and below == floor):
            yield Risk(
                RiskKind.BAN_CLOSE, Decimal(credit), Decimal(below), points=usual, days=length
            )


def _basis(standing: Standing, projected: Projected | None, pace: Pace | None) -> Basis | None:
    if projected is not None and projected.complete and projected.total is not None:
        return Basis(
            PROVISIONAL,
            projected.month,
            projected.values,
            score(projected.rulebook, projected.values),
        )
    if projected is not None and pace is not None:
        return Basis(PACE, projected.month, pace.values, pace.score)
    if standing.total is None or not standing.values:
        return None
    reached = score(standing.rulebook, standing.values)
    return Basis(PUBLISHED, standing.evaluation.month, standing.values, reached)


def _level_risks(rulebook: Rulebook, standing: Standing, basis: Basis) -> list[Risk]:
    found = [
        each
        for each in (
            _service_risk(rulebook, standing, basis),
            _total_risk(rulebook, standing, basis),
        )
        if each is not None
    ]
    if not found:
        worst = _weakest_indicator(rulebook, standing, basis)
        found = [worst] if worst else []
    return found


def _service_risk(rulebook: Rulebook, standing: Standing, basis: Basis) -> Risk | None:
    floor, service = rulebook.stages.service_floor, basis.score.service
    if service >= floor + NEAR_SERVICE:
        return None
    return Risk(
        RiskKind.SERVICE_LOW if service < floor else RiskKind.SERVICE_CLOSE,
        service,
        floor,
        basis=basis.kind,
        month=basis.month,
        level=standing.level,
        indicator="reputation",
    )


def _total_risk(rulebook: Rulebook, standing: Standing, basis: Basis) -> Risk | None:
    """Where the total stands to the cut-off of the present level; the lowest level has none."""
    keys = [each.key for each in rulebook.levels]
    if standing.level == keys[0]:
        return None
    cut, total = rulebook.level(standing.level).min_total, basis.score.total
    if total >= cut + NEAR_TOTAL:
        return None
    below = rulebook.levels[keys.index(standing.level) - 1].key
    return Risk(
        RiskKind.LEVEL_FALL if total < cut else RiskKind.LEVEL_CLOSE,
        total,
        cut,
        basis=basis.kind,
        month=basis.month,
        level=standing.level,
        to_level=level_for(rulebook, total).key if total < cut else below,
    )


def _weakest_indicator(rulebook: Rulebook, standing: Standing, basis: Basis) -> Risk | None:
    """Of the indicators whose fall would cost the level, the one whose fall costs most points."""
    worst: tuple[Decimal, Risk] | None = None
    cut = rulebook.level(standing.level).min_total
    for key, value in basis.values.items():
        for lower in _falls(key, value, standing.previous_values.get(key)):
            fallen = score(rulebook, {**basis.values, key: lower})
            observed = fallen.service < rulebook.stages.service_floor
            loss = basis.score.total - fallen.total
            if (fallen.total >= cut and not observed) or (worst is not None and loss <= worst[0]):
                continue
            risk = Risk(
                RiskKind.INDICATOR,
                value or Decimal(0),
                lower,
                basis=basis.kind,
                month=basis.month,
                level=standing.level,
                to_level="" if observed else level_for(rulebook, fallen.total).key,
                indicator=key,
            )
            worst = (loss, risk)
    return worst[1] if worst else None


def _falls(key: str, value: Decimal | None, before: Decimal | None) -> Iterator[Decimal]:
    """The lower values that an indicator may well have: a tenth less, and last month's."""
    if value is None or value <= 0:
        return
    if key == "reputation":
        yield value - LOSS_OF_REPUTATION
    else:
        unit = Decimal(1).scaleb(int(value.as_tuple().exponent))
        yield (value * (1 - LOSS)).quantize(unit, rounding=ROUND_FLOOR)
    if before is not None and before < value:
        yield before
