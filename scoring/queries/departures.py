"""Who came and who left in a month, and what those who left took along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import connection

from agencies.models import Binding
from scoring.models import Assessment
from scoring.months import last_day
from scoring.queries.results import values_of


@dataclass(frozen=True)
class Departures:
    """The creators who left in a month, and their part of the settled amount's change, in yuan."""

    count: int
    effect: Decimal
    change: Decimal

    @property
    def along(self) -> bool:
        """Whether their part goes the way of the whole change."""
        return self.effect * self.change > 0


@dataclass(frozen=True)
class Stay:
    """When a creator came in the month, and since when the creator is gone at the end of it."""

    bound_on: date | None = None
    unbound_on: date | None = None


_STATEMENT: Final = """
    SELECT coalesce(sum(now.settled_cents), 0)::bigint,
        coalesce(sum(before.settled_cents), 0)::bigint,
        count(*) FILTER (WHERE {left}),
        coalesce(sum(coalesce(now.settled_cents, 0) - coalesce(before.settled_cents, 0))
            FILTER (WHERE {left}), 0)::bigint
    FROM ({contributed_before}) before FULL JOIN ({contributed_now}) now USING (creator_id)
"""
# Bound on a day of the month or on the day before it, and not on the month's last day.
_LEFT: Final = (
    "NOT coalesce(now.bound_on_last_day, false)"
    " AND (now.creator_id IS NOT NULL OR before.bound_on_last_day)"
)
_CONTRIBUTED: Final = """
    SELECT creator_id, settled_cents, bound_on_last_day FROM scoring_creatorcontribution
    WHERE evaluation_id = %({evaluation})s AND agency_id = %(agency)s
"""


def departures_of(before: Assessment, now: Assessment) -> Departures | None:
    """Who left an agency in the month of `now`, by the bindings that the results counted.

    1. Whoever was bound on a day of the month, or on the day before it, and not on its last day.
    2. Their effect: what they settled in the month less what they settled in the month before.
    3. None where nobody left, or where the contributions of a month are no longer kept.

    Both assessments are of the same agency; nobody else's contributions are read. One query.
    S, section 4 "Attribution"; the sum over those who left D.
    """
    statement = _STATEMENT.format(
        left=_LEFT,
        contributed_before=_CONTRIBUTED.format(evaluation="before"),
        contributed_now=_CONTRIBUTED.format(evaluation="now"),
    )
    parameters = {
        "before": before.evaluation_id,
        "now": now.evaluation_id,
        "agency": now.agency_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        [(settled_now, settled_before, count, effect)] = cursor.fetchall()
    kept = all(
        values_of(each)["settled_amount"] == Decimal(cents).scaleb(-2)
        for each, cents in ((before, settled_before), (now, settled_now))
    )
    if not count or not kept:
        return None
    change = Decimal(settled_now - settled_before).scaleb(-2)
    return Departures(count=count, effect=Decimal(effect).scaleb(-2), change=change)


def stays_of(now: Assessment, creator_ids: Iterable[str]) -> dict[str, Stay]:
    """Who of these came to the agency in the month of `now`, or is gone at its end. One query.

    1. Gone since the end of the last binding that began until the month's last day, if that day is
       not in it; `unbound_on` is the first day without.
    2. Came on the first day of the last binding, if that is in the month and no binding to the same
       agency ended there.
    """
    first = now.evaluation.month
    last = last_day(first)
    bindings = (
        Binding.objects.filter(
            agency=now.agency_id, creator__creator_id__in=list(creator_ids), bound_from__lte=last
        )
        .order_by("bound_from")
        .values_list("creator__creator_id", "bound_from", "bound_until")
    )
    stays: dict[str, Stay] = {}
    for creator_id, bound_from, bound_until in bindings:
        earlier = stays.get(creator_id, Stay())
        came = bound_from if bound_from >= first else None
        stays[creator_id] = Stay(
            bound_on=earlier.bound_on if earlier.unbound_on == bound_from else came,
            unbound_on=bound_until if bound_until is not None and bound_until <= last else None,
        )
    return stays
