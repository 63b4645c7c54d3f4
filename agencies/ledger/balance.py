"""Balances are sums of entries, never stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Sum

from agencies.models import CreditEntry


def balances_on(day: date, agency_ids: Iterable[int] | None = None) -> dict[int, int]:
    """Credit of agencies at the end of a day, by agency id: the sum of entries effective by then.

    Agencies whose ledger opens later are not in the answer.
    """
    entries = CreditEntry.objects.filter(effective_on__lte=day)
    if agency_ids is not None:
        entries = entries.filter(agency_id__in=agency_ids)
    return dict(entries.order_by().values_list("agency_id").annotate(Sum("points")))


def takeable(entries: Iterable[tuple[date, int]], on: date) -> int:
    """The most that a deduction effective `on` may take from a ledger of (day, points) lines.

    It is the lowest balance on that day or any later day, so that no day ever goes below 0
    (docs/rules.md §7); never negative.
    """
    by_day: dict[date, int] = {}
    opening = 0
    for day, points in entries:
        if day <= on:
            opening += points
        else:
            by_day[day] = by_day.get(day, 0) + points
    lowest = balance = opening
    for day in sorted(by_day):
        balance += by_day[day]
        lowest = min(lowest, balance)
    return max(lowest, 0)
