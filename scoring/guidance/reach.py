"""One indicator as a row of positions, one smallest unit apart, and what each of them earns."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from math import gcd
from types import MappingProxyType
from typing import Final

from scoring.rulebook import Indicator

# Decimals of each indicator's smallest unit: those that `scoring.points` rounds it to.
DECIMALS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "settled_amount": 2,
        "settled_orders": 0,
        "l5_creators": 0,
        "live_minutes_per_creator_day": 4,
        "showcase_share": 6,
        "showcase_creators": 0,
        "good_goods_share": 6,
        "reputation": 4,
        "worry_free_orders": 0,
    }
)

_WIDE: Final = Context(prec=200)
# Where an indicator has no more positions than this, each of them is tried.
FEW: Final = 64


def on_grid(key: str, value: Fraction) -> Decimal:
    """The value rounded half-up to the indicator's smallest unit; not for negative values."""
    scaled = value * 10 ** DECIMALS[key]
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(
        -DECIMALS[key], context=_WIDE
    )


@dataclass(frozen=True)
class _Curve:
    """An indicator's curve in whole numbers, as `scoring.points.indicator_points` draws it.

    1. `places` are the first positions at or above each knot, `cents` what each knot earns.
    2. `earns`: between knots n − 1 and n a position p earns (e + f × p) // d hundredths of points.
    3. `takes`: there, c hundredths take position ⌈(a + b × c) / d⌉; points are rounded half-up,
       hence half a hundredth less is enough before rounding. None where the curve is flat.
    4. `off` are the places whose knot lies below them, between two positions.
    """

    places: tuple[int, ...]
    cents: tuple[int, ...]
    earns: tuple[tuple[int, int, int], ...]
    takes: tuple[tuple[int, int, int] | None, ...]
    off: frozenset[int]


@lru_cache(maxsize=512)
def _curve(unit: int, knots: tuple[int, tuple[int, ...], tuple[int, ...]]) -> _Curve:
    scale, values, points = knots
    places = tuple(-(-value * unit // scale) for value in values)
    earns: list[tuple[int, int, int]] = []
    takes: list[tuple[int, int, int] | None] = []
    for left, right, low, high in zip(values, values[1:], points, points[1:], strict=False):
        width, rise = right - left, high - low
        whole = width * unit * scale
        earns.append(
            _lowest_terms(
                200 * unit * (low * width - rise * left) + whole, 200 * rise * scale, 2 * whole
            )
        )
        takes.append(
            _lowest_terms(
                unit * (200 * rise * left - width * (scale + 200 * low)),
                2 * whole,
                200 * rise * scale,
            )
            if rise
            else None
        )
    return _Curve(
        places=places,
        cents=tuple((200 * point + scale) // (2 * scale) for point in points),
        earns=tuple(earns),
        takes=tuple(takes),
        off=frozenset(
            place
            for place, value in zip(places, values, strict=True)
            if place * scale != value * unit
        ),
    )


def _lowest_terms(one: int, two: int, under: int) -> tuple[int, int, int]:
    common = gcd(one, two, under)
    return one // common, two // common, under // common


@dataclass(frozen=True)
class Reach:
    """How far one indicator can be moved: positions from `base` over `start` to `top`.

    A position is a number of smallest units. No value today is the position below 0. `start` is
    where the search begins: the base, or what a floor demands. `cap` is the most hundredths of
    points that may count (the bonus), None without a limit.
    """

    indicator: Indicator
    base: int
    start: int
    top: int
    valued: bool
    cap: int | None

    @property
    def key(self) -> str:
        return self.indicator.key

    def value(self, position: int) -> Decimal | None:
        """The value at a position; None below 0 where there is none today."""
        if not self.valued and position < 0:
            return None
        return Decimal(position).scaleb(-DECIMALS[self.key], context=_WIDE)

    def cents(self, position: int) -> int:
        """What a position earns, in hundredths of points, as `scoring.points` has it."""
        if position < 0 and not self.valued:
            return 0
        curve = self._curve
        above = bisect_right(curve.places, position)
        if above == 0:
            earned = curve.cents[0]
        elif above == len(curve.places):
            earned = curve.cents[-1]
        else:
            over, each, under = curve.earns[above - 1]
            earned = (over + each * position) // under
        return earned if self.cap is None or earned < self.cap else self.cap

    def least(self, cents: int) -> int | None:
        """The lowest position from `start` on that earns so much; None where none up to `top` does.

        The curve turned around.
        """
        if cents <= self.begun:
            return self.start
        if self.cap is not None and cents > self.cap:
            return None
        curve = self._curve
        knot = bisect_left(curve.cents, cents)
        if knot == 0:
            # what the first knot earns is earned by every value, though not by none
            return self.start + 1 if self.start < self.top else None
        taken = curve.takes[knot - 1] if knot < len(curve.cents) else None
        if taken is None:
            return None
        over, each, under = taken
        found = max(-(-(over + each * cents) // under), self.start if self.valued else 0)
        return found if found <= self.top else None

    @cached_property
    def begun(self) -> int:
        """What `start` earns, in hundredths of points."""
        return self.cents(self.start)

    def rise(self, position: int) -> int:
        """The smallest units from the base to a position that count as effort (D, section 11).

        Those below the value at which points begin do not: a reputation counts from 3, say.
        """
        return max(position - self.origin, 0)

    def effort(self, position: int) -> Fraction:
        """The rise from the base to a position as a share of what there is today (D, section 11).

        1. Rise and what there is count from the value at which points begin.
        2. Where there is less than what the first earning knot asks for, that knot is the measure.
        """
        return Fraction(self.rise(position), self.measure)

    @cached_property
    def origin(self) -> int:
        """The base, or the value at which points begin where the base is below it."""
        return max(self.base, self._curve.places[self.indicator.first_rise[0]])

    @cached_property
    def measure(self) -> int:
        """What a rise is compared with, in smallest units; at least one."""
        zero, earning = (self._curve.places[knot] for knot in self.indicator.first_rise)
        return max(self.base - zero, earning - zero, 1)

    @cached_property
    def stops(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Where a best pair may lie, with what is earned there: `start`, the knots, `top`.

        1. A knot between two positions stops at both.
        2. Of few positions each is a stop: there the rounding of points moves what is best.
        3. A stop that earns no more than the one before it is none.
        """
        if self.top - self.start <= FEW:
            near = set(range(self.start + 1, self.top + 1))
        else:
            curve = self._curve
            near = {self.start + 1, self.top, *curve.places, *(each - 1 for each in curve.off)}
        places, earned = [self.start], [self.begun]
        for each in sorted(near):
            if self.start < each <= self.top and (cents := self.cents(each)) > earned[-1]:
                places.append(each)
                earned.append(cents)
        return tuple(places), tuple(earned)

    @cached_property
    def _curve(self) -> _Curve:
        return _curve(10 ** DECIMALS[self.key], self.indicator.scaled_knots)


def reach_of(
    indicator: Indicator, base: Decimal | None, most: Decimal | None, cap: Decimal | None
) -> Reach:
    """The reach of an indicator from a base value up to a limit (None: unlimited).

    Beyond the last knot more earns no more, so the reach ends there. A base above its limit stays
    where it is. Raises ValueError where the base is finer than the smallest unit.
    """
    unit = 10 ** DECIMALS[indicator.key]
    at = -1 if base is None else _whole(indicator.key, base)
    scale, values, _ = indicator.scaled_knots
    top = -(-values[-1] * unit // scale)
    if most is not None:
        top = min(top, Fraction(most) * unit // 1)
    return Reach(
        indicator=indicator,
        base=at,
        start=at,
        top=max(top, at),
        valued=base is not None,
        cap=None if cap is None else int(cap.scaleb(2)),
    )


def _whole(key: str, value: Decimal) -> int:
    position = Fraction(value) * 10 ** DECIMALS[key]
    if position.denominator != 1:
        raise ValueError(f"{key}: {value} is finer than its smallest unit.")
    return int(position)
