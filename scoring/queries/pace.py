"""Where the running month is heading: the days so far, carried on to its end."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from agencies.enums import Stage
from scoring.guidance import on_grid
from scoring.points import Score, level_for, score
from scoring.queries.projection import Projected

# Earlier than that, a single good day would promise a level (D).
LEAST_DAYS: Final = 5
# These grow with every day; shares, means and numbers of creators do not.
GROWING: Final = ("settled_amount", "settled_orders", "worry_free_orders")


@dataclass(frozen=True)
class Pace:
    """The score at the month's end if the days left bring what the days so far brought.

    `level` is "" where service or today's credit would forbid one.
    """

    values: dict[str, Decimal | None]
    score: Score
    level: str


def pace_of(projected: Projected | None) -> Pace | None:
    """The pace of a projection; None for a novice, a complete month, or its first days.

    Sums grow with the days, as in the guidance; everything else stays as it is. Ours (D): it
    promises nothing, and decides nothing.
    """
    if projected is None or projected.complete or projected.days_passed < LEAST_DAYS:
        return None
    if projected.stage == Stage.NOVICE:
        return None
    days = projected.days_passed + projected.days_left
    values = dict(projected.values)
    whole = Fraction(days, projected.days_passed)
    for key in GROWING:
        value = values[key]
        if value is not None:
            values[key] = on_grid(key, Fraction(value) * whole)
    reached = score(projected.rulebook, values)
    stages = projected.rulebook.stages
    held = reached.service < stages.service_floor or projected.credit < stages.credit_floor
    level = "" if held else level_for(projected.rulebook, reached.total).key
    return Pace(values=values, score=reached, level=level)
