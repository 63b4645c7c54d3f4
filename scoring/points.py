"""From a month's sums to indicator values, points, stage and level: exact, and nothing else.

What the agency sees is what decides (docs/rules.md, section 4): a quotient is rounded once,
the points come from the rounded value, a dimension is the sum of its rounded points.
Everything between two roundings is integer arithmetic; no decimal context takes part.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Final

from scoring.rulebook import Indicator, Level, Rulebook

# Wide enough for any sum of a month: shifting a decimal point in it loses no digit.
_WIDE: Final = Context(prec=200)

_NO_POINTS: Final = Decimal("0.00")


@dataclass(frozen=True)
class Totals:
    """What an agency's creators brought in a month, as whole numbers summed by the engine.

    Units: cents, orders, minutes, creator-days, creators. `creator_days` are the bound days of
    the month. `reputation_points` is the sum of (reputation in hundredths × settled orders) and
    `reputation_orders` the sum of settled orders, both over creators with a reputation only.
    """

    settled_cents: int
    showcase_cents: int
    good_goods_cents: int
    settled_orders: int
    worry_free_orders: int
    live_minutes: int
    creator_days: int
    l5_creators: int
    showcase_creators: int
    reputation_points: int
    reputation_orders: int


@dataclass(frozen=True)
class Score:
    """Points per indicator, their sums per dimension, and the total with bonus; 2 decimals."""

    points: dict[str, Decimal]
    operating: Decimal
    growth: Decimal
    service: Decimal
    bonus: Decimal
    total: Decimal


@dataclass(frozen=True)
class Outcome:
    """The stage of a month, its level ("" unless assessed), and whether an appeal holds it."""

    stage: str
    level: str
    held: bool = False


def indicator_values(totals: Totals) -> dict[str, Decimal | None]:
    """The nine indicators of a month, each rounded as the agency sees it.

    1. Amounts are yuan with 2 decimals; counts are whole.
    2. Shares have 6 decimals, half-up, within 0 and 1; 0 when nothing (or less) was settled.
    3. Live minutes per bound creator-day have 4 decimals; 0 when there was no such day.
    4. Reputation has 4 decimals; None when no creator with a reputation settled an order.

    S, section 4; rounding D.
    """
    settled = totals.settled_cents
    reputation = None
    if totals.reputation_orders > 0:
        reputation = _quotient(totals.reputation_points, 100 * totals.reputation_orders, 4)
    return {
        "settled_amount": _shifted(settled, 2),
        "settled_orders": Decimal(totals.settled_orders),
        "l5_creators": Decimal(totals.l5_creators),
        "live_minutes_per_creator_day": _quotient(totals.live_minutes, totals.creator_days, 4),
        "showcase_share": _share(totals.showcase_cents, settled),
        "showcase_creators": Decimal(totals.showcase_creators),
        "good_goods_share": _share(totals.good_goods_cents, settled),
        "reputation": reputation,
        "worry_free_orders": Decimal(totals.worry_free_orders),
    }


def indicator_points(indicator: Indicator, value: Decimal | None) -> Decimal:
    """The points a value earns: linear between knots, flat outside, half-up to 2 decimals.

    No value earns 0.00. D for all knots, section 4.
    """
    if value is None:
        return _NO_POINTS
    scale, values, points = indicator.scaled_knots
    over, under = value.as_integer_ratio()
    above = bisect_right(values, over * scale // under)
    if above == 0:
        return _quotient(points[0], scale, 2)
    if above == len(values):
        return _quotient(points[-1], scale, 2)
    left, low = values[above - 1], points[above - 1]
    width, rise = values[above] - left, points[above] - low
    return _quotient(
        low * width * under + rise * (over * scale - left * under),
        width * under * scale,
        2,
    )


def score(rulebook: Rulebook, values: Mapping[str, Decimal | None]) -> Score:
    """The score of a month: rounded points per indicator, summed per dimension.

    1. The bonus counts up to the rulebook's cap.
    2. The total is operating + growth + service + bonus.

    Raises KeyError when `values` lacks one of the nine keys. S, section 4; numbers D.
    """
    points: dict[str, Decimal] = {}
    sums = {"operating": _NO_POINTS, "growth": _NO_POINTS, "service": _NO_POINTS}
    bonus = _NO_POINTS
    for indicator in rulebook.indicators:
        earned = indicator_points(indicator, values[indicator.key])
        points[indicator.key] = earned
        if indicator.dimension == "bonus":
            bonus += earned
        else:
            sums[indicator.dimension] += earned
    if bonus > rulebook.bonus_cap:
        bonus = rulebook.bonus_cap + _NO_POINTS
    return Score(points=points, **sums, bonus=bonus, total=sum(sums.values(), start=bonus))


def level_for(rulebook: Rulebook, total: Decimal) -> Level:
    """The highest level whose cut-off the total reaches; reached exactly counts (D, section 4)."""
    reached = rulebook.levels[0]
    for level in rulebook.levels[1:]:
        if total < level.min_total:
            break
        reached = level
    return reached


def is_novice(rulebook: Rulebook, *, joined_on: date, month: date) -> bool:
    """Whether a data month (given by its first day) falls into an agency's novice months.

    The joining month is the first of them, whatever its day (S; counting D, section 3).
    """
    since = (month.year - joined_on.year) * 12 + month.month - joined_on.month
    return since < rulebook.stages.novice_months


def stage_of(
    rulebook: Rulebook, *, joined_on: date, month: date, service: Decimal, credit: int
) -> str:
    """The stage of an agency in a data month (given by its first day).

    1. "novice" during the novice months.
    2. "observation" with service points or credit below their floors; exactly on a floor is
       not below it.
    3. "assessed" otherwise.

    S; the exact floor P; credit is that of the month's last day, D; section 3.
    """
    if is_novice(rulebook, joined_on=joined_on, month=month):
        return "novice"
    return "observation" if misses_floor(rulebook, service=service, credit=credit) else "assessed"


def misses_floor(rulebook: Rulebook, *, service: Decimal, credit: int) -> bool:
    """Whether service points or credit forbid a level; exactly on a floor is reached (S, P, §3)."""
    return service < rulebook.stages.service_floor or credit < rulebook.stages.credit_floor


def level_in(rulebook: Rulebook, stage: str, total: Decimal) -> str:
    """The key of the level that a total gives in a stage: "" unless assessed (S, section 3)."""
    return level_for(rulebook, total).key if stage == "assessed" else ""


def held_level(
    rulebook: Rulebook,
    *,
    level_before: str,
    credit: int,
    contested: int,
    service: Decimal,
    total: Decimal,
) -> str:
    """The level that open appeals hold for an agency that is no novice; "" where they hold none.

    `contested` are the credit points that deductions under an undecided appeal really took, of
    those that `credit` counts; `level_before` is the level of the calendar month before.

    1. Only a rulebook with `appeals.hold_fall` holds anything, and only a level that there was
       last month and that the rulebook still knows.
    2. It is held where the appeals decide: credit is below its floor, credit and contested points
       together reach it, and service points reach theirs. Exactly on a floor is reached.
    3. What is held is the lower of the level that the total gives and the one before: an appeal
       holds a fall, it never lifts.

    D, section 8.
    """
    floors = rulebook.stages
    keys = [level.key for level in rulebook.levels]
    if not (
        rulebook.appeals.hold_fall
        and level_before in keys
        and service >= floors.service_floor
        and credit < floors.credit_floor <= credit + contested
    ):
        return ""
    return min(level_before, level_for(rulebook, total).key, key=keys.index)


def outcome_of(
    rulebook: Rulebook,
    *,
    joined_on: date,
    month: date,
    service: Decimal,
    total: Decimal,
    credit: int,
    contested: int = 0,
    level_before: str = "",
) -> Outcome:
    """Stage and level of an agency in a data month (given by its first day).

    1. The stage is that of `stage_of`, the level that of `level_in`.
    2. Where `held_level` holds a level, the agency stays assessed with it.

    S; the hold D, sections 3 and 8.
    """
    stage = stage_of(rulebook, joined_on=joined_on, month=month, service=service, credit=credit)
    if stage == "observation":
        level = held_level(
            rulebook,
            level_before=level_before,
            credit=credit,
            contested=contested,
            service=service,
            total=total,
        )
        if level:
            return Outcome("assessed", level, held=True)
    return Outcome(stage, level_in(rulebook, stage, total))


def percentiles(values: Sequence[Decimal | None]) -> list[Decimal | None]:
    """For each value, 100 × (number of lower ones) / (n − 1), half-up to 1 decimal.

    1. A single value stands at 100.0.
    2. None has no percentile and is not counted in n.

    The answer has the order and length of the question. D, section 4.
    """
    counted = sorted(value for value in values if value is not None)
    others = len(counted) - 1
    if others == 0:
        return [None if value is None else Decimal("100.0") for value in values]
    return [
        None if value is None else _quotient(100 * bisect_left(counted, value), others, 1)
        for value in values
    ]


def _share(part: int, whole: int) -> Decimal:
    """Exact part of the whole with 6 decimals, within 0 and 1; 0 of nothing or less."""
    if whole <= 0:
        return _shifted(0, 6)
    return _quotient(min(max(part, 0), whole), whole, 6)


def _quotient(over: int, under: int, decimals: int) -> Decimal:
    """Half-up quotient of whole numbers that are not negative; 0 when there is no divisor."""
    if under == 0:
        return _shifted(0, decimals)
    return _shifted((2 * over * 10**decimals + under) // (2 * under), decimals)


def _shifted(number: int, decimals: int) -> Decimal:
    return Decimal(number).scaleb(-decimals, context=_WIDE)
