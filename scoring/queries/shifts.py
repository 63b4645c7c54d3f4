"""What moved most between two months: the one sentence before the whole waterfall."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from scoring.rulebook import DIMENSIONS, Rulebook
from scoring.waterfall import Waterfall
from scoring.wording import DIMENSION_NAMES, INDICATOR_NAMES

# What the bonus cap cuts off more or less moves the bonus beside its indicators.
CAP: Final = "cap"


@dataclass(frozen=True)
class Shift:
    """The dimension whose points moved most, and the indicator behind it, in points.

    `against` is what moved furthest the other way, with `against_change`; None where nothing did.
    """

    dimension: str
    name: Promise
    change: Decimal
    indicator: str
    indicator_name: Promise
    indicator_change: Decimal
    against: Promise | None
    against_change: Decimal

    @property
    def share(self) -> str:
        """How much of the change the indicator explains.

        "all" of it, "most" (more than half), "part" (half or less: others moved along), or "over"
        (more than all: something moved against it).
        """
        part, whole = abs(self.indicator_change), abs(self.change)
        if part >= whole:
            return "all" if part == whole else "over"
        return "most" if 2 * part > whole else "part"


def shift_of(rulebook: Rulebook, fall: Waterfall) -> Shift | None:
    """What moved most by the values of two months; None where no dimension moved.

    1. Both months are counted by `rulebook`, the later one's: what changed rules did is not in it.
    2. The dimension that moved furthest the way its total went; of equals the first. Where the
       total stayed, the one that moved furthest either way.
    3. Within it, the indicator that moved furthest in the same direction.
    """
    parts = _parts(rulebook, fall)
    changes = {key: sum(parts[key].values(), start=Decimal(0)) for key in DIMENSIONS}
    total = sum(changes.values(), start=Decimal(0))
    ways = {key: _along(changes[key], total) for key in DIMENSIONS}
    dimension = max(DIMENSIONS, key=ways.__getitem__)
    change, own = changes[dimension], parts[dimension]
    if change == 0:
        return None
    ahead = {key: part if change > 0 else -part for key, part in own.items()}
    furthest = max((key for key in ahead if key != CAP), key=ahead.__getitem__)
    against = min(ahead, key=ahead.__getitem__)
    return Shift(
        dimension=dimension,
        name=DIMENSION_NAMES[dimension],
        change=change,
        indicator=furthest,
        indicator_name=INDICATOR_NAMES[furthest],
        indicator_change=own[furthest],
        against=_called(against) if ahead[against] < 0 else None,
        against_change=own[against] if ahead[against] < 0 else Decimal(0),
    )


def _parts(rulebook: Rulebook, fall: Waterfall) -> dict[str, dict[str, Decimal]]:
    """The parts of every dimension, by indicator; the cap is one of the bonus."""
    dimensions = {each.key: each.dimension for each in rulebook.indicators}
    parts: dict[str, dict[str, Decimal]] = {key: {} for key in DIMENSIONS}
    for step in fall.steps:
        parts[dimensions[step.key]][step.key] = step.points
    parts["bonus"][CAP] = fall.cap
    return parts


def _called(key: str) -> Promise:
    return _("Bonus cap") if key == CAP else INDICATOR_NAMES[key]


def _along(change: Decimal, total: Decimal) -> Decimal:
    """How far a change goes the way of the total; either way where the total stayed."""
    if total == 0:
        return abs(change)
    return change if total > 0 else -change
