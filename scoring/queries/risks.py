"""What is at risk: credit or an indicator so near a threshold that it could cost the level.

Ours (D): the platform announces nothing of the kind. Few marks, the gravest first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import IntEnum
from typing import Final

from django.utils.functional import Promise

from agencies.enums import Stage
from scoring.points import Score, level_for, misses_floor, score
from scoring.queries.appeals import Hold
from scoring.queries.credit_outlook import CreditOutlook
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
    LEVEL_HELD = 4
    CREDIT_RETURNING = 5
    CREDIT_CLOSE = 6
    SERVICE_CLOSE = 7
    LEVEL_CLOSE = 8
    BAN_CLOSE = 9
    INDICATOR = 10


@dataclass(frozen=True)
class Basis:
    """The figures that level risks are seen in: of a provisional result, a pace, or a result.

    `before` are the values of the result before them. `score` is by `rulebook`, the one whose
    cut-offs and floors count; `rules` is its version where the month itself had another one, else
    "". `held` is whether service or credit forbids any level; `credit` is that of a month that is
    over and not published, None otherwise.
    """

    kind: str
    month: date
    values: Mapping[str, Decimal | None]
    before: Mapping[str, Decimal | None]
    score: Score
    rulebook: Rulebook
    held: bool
    credit: int | None = None
    rules: str = ""


@dataclass(frozen=True)
class Risk:
    """One mark: where something stands, the threshold, and what crossing it would cost.

    `value`, `threshold` and `distance` (never negative) are credit points, points, or the unit of
    the indicator. `foreseen` is the credit of `day`, the last of the month that it decides. `level`
    is at stake, `to_level` what it would be ("" where there would be none). `points` is what a
    usual deduction takes, `days` how long a ban would last. `rules`: see Basis.
    `cases` are the numbers of those whose open appeals hold the level.
    """

    kind: RiskKind
    value: Decimal
    threshold: Decimal
    basis: str = ""
    month: date | None = None
    rules: str = ""
    foreseen: int = 0
    day: date | None = None
    level: str = ""
    to_level: str = ""
    points: int = 0
    days: int = 0
    indicator: str = ""
    cases: tuple[str, ...] = ()

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
    credit: CreditOutlook,
    rulebook: Rulebook,
) -> tuple[Risk, ...]:
    """The marks of an agency, the gravest first, three at most.

    `credit` is that of the running month, `rulebook` the one in force for it.

    1. Credit that is below the floor at the end of the month by what is known today, or, for an
       agency with a level, was so when the month ended that is published next (crossed); credit
       that is below it today and comes back in time; credit of today less than one usual deduction
       above the floor or above a band that bans new bindings. The usual deduction is the middle
       one of those that the rulebook proposes. Where open appeals hold the level, that mark takes
       the place of credit below the floor: a decision that stands costs the level.
    2. For an agency with a level: service power below its floor, or less than 10 points above it;
       a total that gives a lower level, or lies less than 20 points above the cut-off. Where
       service or credit forbid any level, no lower one is named.
    3. Where neither is so, nor a level forbidden: the indicator whose fall by a tenth (reputation:
       by 0.1), or back to its value in the result before, would cost most, if that cost the level.
    4. Points are those of the provisional result of a full month, else where the pace of the
       running month leads, else the values of the newest result under the rules of the next one.
    """
    novice = standing is not None and standing.stage == Stage.NOVICE
    hold = _hold(standing, projected)
    found = list(_credit_risks(rulebook, credit, standing, novice=novice))
    if hold is not None:
        coming = projected is None or projected.hold is not None
        if coming and credit.at_end + hold.contested >= credit.floor:
            found = [each for each in found if each.kind != RiskKind.CREDIT_LOW]
        found.append(_held_risk(hold))
    if standing is not None and standing.level:
        basis = basis_of(standing, projected, pace, credit, rulebook)
        if basis is not None and standing.level in {each.key for each in basis.rulebook.levels}:
            found += _level_risks(standing.level, basis)
    return tuple(sorted(found, key=lambda risk: (risk.kind, risk.distance))[:MOST])


def _hold(standing: Standing | None, projected: Projected | None) -> Hold | None:
    """What is held of the month to come, else of the newest result."""
    if projected is not None and projected.hold is not None:
        return projected.hold
    return standing.hold if standing is not None else None


def _held_risk(hold: Hold) -> Risk:
    return Risk(
        RiskKind.LEVEL_HELD,
        Decimal(hold.credit),
        Decimal(hold.floor),
        month=hold.month,
        day=hold.day,
        level=hold.level,
        points=hold.contested,
        cases=hold.cases,
    )


def usual_deduction(rulebook: Rulebook) -> int:
    """The middle one of the deductions that the rulebook proposes, in credit points."""
    points = sorted(each.points for each in rulebook.violations)
    return points[(len(points) - 1) // 2] if points else 0


def _credit_risks(
    rulebook: Rulebook, credit: CreditOutlook, standing: Standing | None, *, novice: bool
) -> Iterator[Risk]:
    floor, usual, today = credit.floor, usual_deduction(rulebook), credit.today
    days = {ban.below: ban.days for ban in rulebook.credit.bans}
    known = standing is not None and any(each.key == "credit" for each in standing.floors)
    assessable = not novice
    value = Decimal(today)
    if assessable and not known and min(today, credit.at_end) < floor:
        yield Risk(
            RiskKind.CREDIT_LOW if credit.missing else RiskKind.CREDIT_RETURNING,
            value,
            Decimal(floor),
            month=credit.end.replace(day=1),
            foreseen=credit.at_end,
            day=credit.end,
        )
    elif assessable and floor <= today < floor + usual:
        yield Risk(
            RiskKind.CREDIT_CLOSE, value, Decimal(floor), points=usual, days=days.get(floor, 0)
        )
    for below, length in days.items():
        if below <= today < below + usual and not (assessable and below == floor):
            yield Risk(RiskKind.BAN_CLOSE, value, Decimal(below), points=usual, days=length)


def basis_of(
    standing: Standing,
    projected: Projected | None,
    pace: Pace | None,
    credit: CreditOutlook,
    rulebook: Rulebook,
) -> Basis | None:
    """The figures in which the level of a standing is seen (rule 4 of `risks_of`)."""
    if projected is not None:
        rulebook = projected.rulebook
        coming = _coming(standing, projected, pace)
        if coming is not None:
            return coming
    if standing.total is None or not standing.values:
        return None
    reached = score(rulebook, standing.values)
    return Basis(
        PUBLISHED,
        standing.evaluation.month,
        standing.values,
        standing.previous_values,
        reached,
        rulebook,
        held=misses_floor(rulebook, service=reached.service, credit=credit.at_end),
        rules="" if rulebook.version == standing.rulebook.version else rulebook.version,
    )


def _coming(standing: Standing, projected: Projected, pace: Pace | None) -> Basis | None:
    """The provisional result or the pace of the next month; None where there is neither."""
    if pace is not None:
        kind, values, reached, level = PACE, pace.values, pace.score, pace.level
    elif projected.complete and projected.total is not None:
        kind, values = PROVISIONAL if projected.over else PACE, dict(projected.values)
        reached, level = score(projected.rulebook, values), projected.level
    else:
        return None
    return Basis(
        kind,
        projected.month,
        values,
        standing.values,
        reached,
        projected.rulebook,
        held=not level,
        credit=projected.credit if projected.over else None,
    )


def _level_risks(level: str, basis: Basis) -> list[Risk]:
    marks = (_past_credit_risk(basis), _service_risk(level, basis), _total_risk(level, basis))
    found = [each for each in marks if each]
    if not found and not basis.held:
        worst = _weakest_indicator(level, basis)
        found = [worst] if worst else []
    return found


def _seen(kind: RiskKind, value: Decimal, threshold: Decimal, level: str, basis: Basis) -> Risk:
    """A mark that tells where its figures come from."""
    return Risk(
        kind,
        value,
        threshold,
        basis=basis.kind,
        month=basis.month,
        rules=basis.rules,
        level=level,
    )


def _past_credit_risk(basis: Basis) -> Risk | None:
    """Credit that was too low when the month ended: nothing but an appeal can change that."""
    floor = basis.rulebook.stages.credit_floor
    if basis.credit is None or basis.credit >= floor or not basis.held:
        return None
    return Risk(
        RiskKind.CREDIT_LOW,
        Decimal(basis.credit),
        Decimal(floor),
        basis=basis.kind,
        month=basis.month,
    )


def _service_risk(level: str, basis: Basis) -> Risk | None:
    floor, service = basis.rulebook.stages.service_floor, basis.score.service
    if service >= floor + NEAR_SERVICE:
        return None
    kind = RiskKind.SERVICE_LOW if service < floor else RiskKind.SERVICE_CLOSE
    return replace(_seen(kind, service, floor, level, basis), indicator="reputation")


def _total_risk(level: str, basis: Basis) -> Risk | None:
    """Where the total stands to the cut-off of the present level; the lowest level has none."""
    rulebook, total = basis.rulebook, basis.score.total
    keys = [each.key for each in rulebook.levels]
    cut = rulebook.level(level).min_total
    if level == keys[0] or total >= cut + NEAR_TOTAL:
        return None
    if total < cut:
        kind, lower = RiskKind.LEVEL_FALL, level_for(rulebook, total).key
    else:
        kind, lower = RiskKind.LEVEL_CLOSE, keys[keys.index(level) - 1]
    return replace(_seen(kind, total, cut, level, basis), to_level="" if basis.held else lower)


def _weakest_indicator(level: str, basis: Basis) -> Risk | None:
    """Of the indicators whose fall would cost the level, the one whose fall costs most points."""
    worst: tuple[Decimal, Risk] | None = None
    rulebook, cut = basis.rulebook, basis.rulebook.level(level).min_total
    for key, value in basis.values.items():
        for lower in _falls(key, value, basis.before.get(key)):
            fallen = score(rulebook, {**basis.values, key: lower})
            observed = fallen.service < rulebook.stages.service_floor
            loss = basis.score.total - fallen.total
            if (fallen.total >= cut and not observed) or (worst is not None and loss <= worst[0]):
                continue
            risk = replace(
                _seen(RiskKind.INDICATOR, value or Decimal(0), lower, level, basis),
                to_level="" if observed else level_for(rulebook, fallen.total).key,
                indicator=key,
            )
            worst = (loss, risk)
    return worst[1] if worst else None


def _falls(key: str, value: Decimal | None, before: Decimal | None) -> Iterator[Decimal]:
    """The lower values that an indicator may well have: a tenth less, and the one before."""
    if value is None or value <= 0:
        return
    if key == "reputation":
        yield value - LOSS_OF_REPUTATION
    else:
        unit = Decimal(1).scaleb(int(value.as_tuple().exponent))
        yield (value * (1 - LOSS)).quantize(unit, rounding=ROUND_FLOOR)
    if before is not None and before < value:
        yield before
