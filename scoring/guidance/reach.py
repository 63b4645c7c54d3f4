"""One indicator as a row of positions, one smallest unit apart, and what each of them earns."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Final

from scoring.points import indicator_points
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


def on_grid(key: str, value: Fraction) -> Decimal:
    """The value rounded half-up to the indicator's smallest unit; not for negative values."""
    scaled = value * 10 ** DECIMALS[key]
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(
        -DECIMALS[key], context=_WIDE
    )


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
        """What a position earns, in hundredths of points."""
        earned = int(indicator_points(self.indicator, self.value(position)).scaleb(2))
        return earned if self.cap is None else min(earned, self.cap)

    def least(self, cents: int) -> int | None:
        """The lowest position from `start` on that earns so much; None where none up to `top` does.

        The curve turned around: points are rounded half-up, hence half a hundredth less is enough
        before rounding.
        """
        if self.cents(self.start) >= cents:
            return self.start
        if self.cap is not None and cents > self.cap:
            return None
        scale, values, points = self.indicator.scaled_knots
        needed = (2 * cents - 1) * scale
        if 200 * points[0] >= needed:
            # what the first knot earns is earned by every value, though not by none
            return self.start + 1 if self.start < self.top else None
        for left, right, low, high in zip(values, values[1:], points, points[1:], strict=False):
            if 200 * high >= needed:
                slope = 200 * (high - low)
                over = 10 ** DECIMALS[self.key] * (
                    slope * left + (right - left) * (needed - 200 * low)
                )
                found = max(-(-over // (slope * scale)), self.start if self.valued else 0)
                return found if found <= self.top else None
        return None

    def effort(self, position: int) -> Fraction:
        """The rise from the base to a position as a share of what there is today (D, section 11).

        1. What there is counts from the value at which points begin: a reputation from 3, say.
        2. Where there is less than what the first earning knot asks for, that knot is the measure.
        """
        return Fraction(position - self.base, self.measure)

    @cached_property
    def measure(self) -> int:
        """What a rise is compared with, in smallest units; at least one."""
        scale, values, points = self.indicator.scaled_knots
        earning = next((n for n, each in enumerate(points) if each > points[0]), len(points) - 1)
        zero = self._ceil(values[max(earning - 1, 0)], scale)
        return max(self.base - zero, self._ceil(values[earning], scale) - zero, 1)

    @cached_property
    def corners(self) -> tuple[int, ...]:
        """Where a best pair may lie: next to `start`, around each knot above it, at `top`."""
        scale, values, _ = self.indicator.scaled_knots
        ends = {self._ceil(value, scale) for value in values}
        near = ends | {end - 1 for end in ends} | {self.start + 1, self.top}
        return tuple(sorted(each for each in near if self.start < each <= self.top))

    def _ceil(self, value: int, scale: int) -> int:
        return -(-value * 10 ** DECIMALS[self.key] // scale)


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
