"""Which of the ways found are told to people, and how their effort reads."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from scoring.guidance.terms import Way

# A way of more indicators is worth telling if it saves so much of the effort of fewer of them (D).
WORTH: Final = Fraction(1, 10)


def worth_telling(ways: Sequence[Way]) -> tuple[Way, ...]:
    """The ways without those that hardly save anything against a part of their own indicators.

    The cheapest first; of those that read alike, the one of fewer indicators. D, section 11.
    """
    told = (way for way in ways if not any(_does_as_well(other, way) for other in ways))
    return tuple(sorted(told, key=lambda way: (percent(way.effort), len(way.parts))))


def _does_as_well(fewer: Way, way: Way) -> bool:
    fewer_keys, keys = ({part.key for part in each.parts} for each in (fewer, way))
    return fewer_keys < keys and way.effort > fewer.effort * (1 - WORTH)


def percent(share: Fraction) -> Decimal:
    """A share in per cent, half-up to one decimal, and never 0 for what is more."""
    return max(half_up(share * 100, 1), Decimal("0.1"))


def half_up(value: Fraction, places: int) -> Decimal:
    """The value rounded to so many decimals."""
    return Decimal((2 * value * 10**places + 1) // 2).scaleb(-places)
