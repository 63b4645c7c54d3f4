"""What the facts say about a month, as expressions that any engine of Ibis can run.

The engine only joins, sums, counts and takes maxima of integers; quotients and rounding happen
once, in Python (`scoring.points`). Nothing here is specific to DuckDB.
"""

from __future__ import annotations

from datetime import date, timedelta

from ibis import _
from ibis.expr.types import Table, Value

L5 = 5
# A day of the month and a small number packed into one integer: the largest is the latest.
LEVELS, REPUTATIONS = 16, 1024

SUMS = (
    "settled_cents",
    "showcase_cents",
    "good_goods_cents",
    "settled_orders",
    "worry_free_orders",
    "live_minutes",
)


def contributions(facts: Table, slices: Table, *, last: date) -> Table:
    """What each creator brought to each agency in a month, one row per bound pair.

    facts: one row per creator and day of the month (columns as in the fact parts).
    slices: bindings cut to the month: agency, creator, bound_from, bound_until (exclusive).
    last: the last day of the month.

    1. A creator's day counts for the agency of that day's binding; other days for nobody.
    2. level and reputation are the latest non-empty ones on those days (reputation in hundredths).
    3. A bound creator without facts has zeros; amounts are cents.

    S and D, docs/rules.md §4 "Attribution".
    """
    bound = slices.group_by("agency", "creator").agg(
        bound_days=_.bound_until.delta(_.bound_from, unit="day").sum().cast("int32"),
        bound_on_last_day=(_.bound_until == last + timedelta(days=1)).any(),
    )
    attributed = _attributed(facts, slices, first=last.replace(day=1))
    brought = attributed.group_by("agency", "creator").agg(
        **{name: attributed[name].sum() for name in SUMS},
        level=(attributed.level_seen.max() % LEVELS).cast("int16"),
        reputation=(attributed.reputation_seen.max() % REPUTATIONS).cast("int16"),
    )
    return bound.left_join(brought, ["agency", "creator"]).select(
        "agency",
        "creator",
        "bound_days",
        "bound_on_last_day",
        *(brought[name].fill_null(0).cast("int64").name(name) for name in SUMS),
        "level",
        "reputation",
    )


def _attributed(facts: Table, slices: Table, *, first: date) -> Table:
    """Each fact row with the agency that was bound to its creator on its day."""
    day = facts.day.delta(first, unit="day").cast("int32")
    return facts.join(
        slices,
        [
            facts.creator == slices.creator,
            facts.day >= slices.bound_from,
            facts.day < slices.bound_until,
        ],
    ).select(
        "agency",
        "creator",
        *SUMS,
        level_seen=day * LEVELS + facts.level,
        reputation_seen=day * REPUTATIONS + facts.reputation,
    )


def agency_totals(contributed: Table) -> Table:
    """The integer sums that decide, one row per agency (`scoring.points.Totals`).

    S, docs/rules.md §4; showcase creators are those whose showcase amount of the month is above
    zero (D), L5+ creators those bound on the last day.
    """
    rated = contributed.reputation.notnull()
    weighted = contributed.reputation.cast("int64") * contributed.settled_orders
    return contributed.group_by("agency").agg(
        **{name: _whole(contributed[name].sum()) for name in SUMS},
        creator_days=_whole(contributed.bound_days.sum()),
        l5_creators=contributed.count(
            where=contributed.bound_on_last_day & (contributed.level >= L5)
        ),
        showcase_creators=contributed.count(where=contributed.showcase_cents > 0),
        reputation_points=_whole(weighted.sum().fill_null(0)),
        reputation_orders=_whole(contributed.settled_orders.sum(where=rated).fill_null(0)),
    )


def _whole(total: Value) -> Value:
    """A sum of integers as an int64, whatever the engine sums in.

    Ibis takes the sum for an int64 already and drops a bare cast; DuckDB's is a HUGEINT, which it
    writes to Parquet as a binary floating-point number.
    """
    return total.cast("decimal(38, 0)").cast("int64")


def ranged(table: Table, low: int, high: int) -> Table:
    """The rows of creators in [low, high): fact parts are sorted by creator, so others are skipped.

    Contributions of different creators do not touch each other, so a month may be computed in
    ranges that fit into memory.
    """
    return table.filter((table.creator >= low) & (table.creator < high))
