"""What moved most between two months: the one sentence before the whole waterfall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise

from scoring.rulebook import DIMENSIONS, Rulebook
from scoring.wording import DIMENSION_NAMES, INDICATOR_NAMES


@dataclass(frozen=True)
class Shift:
    """The dimension whose points moved most, and the indicator behind most of it, in points."""

    dimension: str
    name: Promise
    change: Decimal
    indicator: str
    indicator_name: Promise
    indicator_change: Decimal

    @property
    def whole(self) -> bool:
        """Whether the one indicator explains all of it."""
        return self.change == self.indicator_change


def shift_between(
    rulebook: Rulebook,
    *,
    before: Mapping[str, Decimal],
    now: Mapping[str, Decimal],
    points_before: Mapping[str, Decimal],
    points_now: Mapping[str, Decimal],
) -> Shift | None:
    """What moved most from one month to the next; None where no dimension moved.

    before, now: points by dimension. points_before, points_now: points by indicator.

    1. The dimension that moved furthest the way the total went; of equals the first. Where the
       total stayed, the one that moved furthest either way.
    2. Within it, the indicator that moved furthest in the same direction.
    """
    changes = {key: now[key] - before[key] for key in DIMENSIONS}
    total = sum(changes.values(), start=Decimal(0))
    ways = {key: _along(changes[key], total) for key in DIMENSIONS}
    dimension = max(DIMENSIONS, key=ways.__getitem__)
    change = changes[dimension]
    if change == 0:
        return None
    own = {
        each.key: points_now.get(each.key, Decimal(0)) - points_before.get(each.key, Decimal(0))
        for each in rulebook.indicators
        if each.dimension == dimension
    }
    furthest = max(own, key=lambda key: own[key] if change > 0 else -own[key])
    return Shift(
        dimension=dimension,
        name=DIMENSION_NAMES[dimension],
        change=change,
        indicator=furthest,
        indicator_name=INDICATOR_NAMES[furthest],
        indicator_change=own[furthest],
    )


def _along(change: Decimal, total: Decimal) -> Decimal:
    """How far a change goes the way of the total; either way where the total stayed."""
    if total == 0:
        return abs(change)
    return change if total > 0 else -change
