"""What the guidance is made of: goals, their ways, the parts of a way."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from scoring.rulebook import Level


class Obstacle(Enum):
    """Why a level has no way.

    CREDIT and SERVICE are floors that stay missed, BOUNDS says that everything at its limit would
    not do, MANY that it takes more than two indicators at once.
    """

    CREDIT = "credit"
    SERVICE = "service"
    BOUNDS = "bounds"
    MANY = "many"


@dataclass(frozen=True)
class Part:
    """One indicator raised from `base` to `target`, in its own unit (None: no value today).

    `effort` is the rise as a share of what is there today (D, docs/rules.md §11).
    """

    key: str
    base: Decimal | None
    target: Decimal
    effort: Fraction


@dataclass(frozen=True)
class Way:
    """Parts that reach a level together, and the total they give.

    One smallest unit less of any part does not reach it.
    """

    parts: tuple[Part, ...]
    total: Decimal

    @property
    def effort(self) -> Fraction:
        """The efforts of the parts together."""
        return sum((part.effort for part in self.parts), start=Fraction(0))


@dataclass(frozen=True)
class Goal:
    """A level seen from the base: the points missing for it, and its ways, the cheapest first.

    `missing` is what the total lacks, `service_missing` what the service points lack of their
    floor. A goal is `reached`, or has ways, or an obstacle.
    """

    level: Level
    missing: Decimal
    service_missing: Decimal
    reached: bool
    obstacle: Obstacle | None
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Holding:
    """The least value of one indicator that keeps a level while all others stay.

    None: the level is kept even without any of it.
    """

    key: str
    value: Decimal
    least: Decimal | None
