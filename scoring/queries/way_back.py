"""When an agency in observation can have a level again, at the earliest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agencies.credit_rules import Line, balance_on
from scoring.months import last_day, publication_due
from scoring.queries.credit_outlook import CreditOutlook, credit_outlook
from scoring.rulebook import Rulebook


@dataclass(frozen=True)
class WayBack:
    """The earliest result that can bring a level again (docs/rules.md §3 and §7).

    `credit_on` is the day on which the credit reaches its floor if nothing more is deducted:
    today where it has, the last day of a month that is over where that counted it, None where the
    way back does not lead there. `month` is the first month whose result can count it, published
    on `published_on`; both None where there is none.
    """

    credit_on: date | None
    month: date | None
    published_on: date | None


def way_back(lines: Sequence[Line], rulebook: Rulebook, *, month: date, today: date) -> WayBack:
    """The way back by a ledger; `month` is the first one whose result is still open.

    The balance of a month's last day counts, so the month in which the floor is reached is the
    first (D, docs/rules.md §3). Of a month that is over that day is known: what comes after it
    neither helps nor harms its result.
    """
    floor, end = rulebook.stages.credit_floor, last_day(month)
    if end < today and balance_on(lines, end) >= floor:
        return WayBack(end, month, publication_due(month).date())
    outlook = credit_outlook(lines, rulebook.credit, floor=floor, today=today, end=end)
    return way_by(outlook, month)


def way_by(outlook: CreditOutlook, month: date) -> WayBack:
    """The way back by a credit outlook; `month` is the first one whose result is still open."""
    if outlook.floor_on is None:
        return WayBack(None, None, None)
    counted = max(month, outlook.floor_on.replace(day=1))
    return WayBack(outlook.floor_on, counted, publication_due(counted).date())
