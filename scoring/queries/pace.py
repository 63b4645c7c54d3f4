"""Where a month is heading: the days with facts, carried on to its end."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from agencies.enums import Stage
from scoring.guidance import on_grid
from scoring.points import Score, held_level, level_for, misses_floor, score
from scoring.queries.projection import Projected

# Earlier than that, a single good day would promise a level (D).
LEAST_DAYS: Final = 5
# These grow with every day; shares, means and numbers of creators do not.
GROWING: Final = frozenset({"settled_amount", "settled_orders", "worry_free_orders"})
LIVE: Final = "live_minutes_per_creator_day"
MINUTES_OF_A_DAY: Final = 1440


@dataclass(frozen=True)
class Pace:
    """The score at the month's end if all other days bring what the days with facts brought.

    `level` is "" where service, or the credit foreseen for the last day, would forbid one.
    """

    values: dict[str, Decimal | None]
    score: Score
    level: str


def tells_pace(projected: Projected) -> bool:
    """Whether a projection has points, and enough days with facts to be carried on (D, §4)."""
    return projected.stage != Stage.NOVICE and projected.days >= LEAST_DAYS


def usual_days(projected: Projected) -> dict[str, Decimal | None]:
    """The values of the days with facts alone, without those that are missing among them.

    Bound creator-days are counted up to the data-through day, facts or none; live minutes are
    missing with their day. So their average is taken over the days that have facts, as if as many
    creators had been bound on those as on the others (D, docs/rules.md §4). Sums, shares and the
    rest are what they are.
    """
    values = dict(projected.values)
    minutes = values.get(LIVE)
    if minutes is not None and projected.days < projected.data_through.day:
        there = Fraction(minutes) * Fraction(projected.data_through.day, projected.days)
        values[LIVE] = on_grid(LIVE, min(there, Fraction(MINUTES_OF_A_DAY)))
    return values


def carried_on(projected: Projected) -> dict[str, Decimal | None]:
    """What the whole month comes to: sums grow with the days, everything else stays as it is."""
    whole = Fraction(projected.month_days, projected.days)
    return {
        key: on_grid(key, Fraction(value) * whole)
        if key in GROWING and value is not None
        else value
        for key, value in usual_days(projected).items()
    }


def pace_of(projected: Projected | None, *, credit: int) -> Pace | None:
    """The pace of a projection; None for a novice, a complete month, or its first days.

    Days that are gone without facts count like those to come. `credit` is the balance foreseen for
    the month's last day, which decides (docs/rules.md §3); appeals that are undecided today are
    taken to be so then (§8). Ours (D): it promises nothing, and
    decides nothing.
    """
    if projected is None or projected.complete or not tells_pace(projected):
        return None
    values = carried_on(projected)
    reached = score(projected.rulebook, values)
    level = held_level(
        projected.rulebook,
        level_before=projected.level_before,
        credit=credit,
        contested=projected.contested,
        service=reached.service,
        total=reached.total,
    )
    if not misses_floor(projected.rulebook, service=reached.service, credit=credit):
        level = level_for(projected.rulebook, reached.total).key
    return Pace(values=values, score=reached, level=level)
