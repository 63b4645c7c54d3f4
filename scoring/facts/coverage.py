"""Which days have facts, by the manifest."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Max

from scoring.models import FactPart


def missing_days(first: date, last: date) -> list[date]:
    """The days in [first, last], both inclusive, for which nothing was imported yet."""
    there = set(FactPart.objects.current().of_days(first, last).values_list("day", flat=True))
    span = range((last - first).days + 1)
    return [day for day in (first + timedelta(days=n) for n in span) if day not in there]


def data_through() -> date | None:
    """The newest day with facts; None while there are none."""
    newest: date | None = FactPart.objects.current().aggregate(Max("day"))["day__max"]
    return newest
