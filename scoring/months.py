"""Data months: calendar months of the platform, named by their first day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from django.utils import timezone

PUBLICATION_DAY, PUBLICATION_TIME = 3, time(3, 0)  # D, docs/rules.md §2


def first_day(text: str) -> date:
    """The first day of the month written as YYYY-MM; ValueError for anything else."""
    if len(text) != len("2026-01") or not text.isascii():
        raise ValueError(f"{text!r} is not a month: write it as YYYY-MM.")
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise ValueError(f"{text!r} is not a month: write it as YYYY-MM.") from None


def last_day(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def next_month(month: date) -> date:
    """The first day of the month after."""
    return add_months(month, 1)


def previous_month(month: date) -> date:
    """The first day of the month before."""
    return add_months(month, -1)


def add_months(month: date, count: int) -> date:
    """The first day of the month so many months later (or earlier, when negative)."""
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)


def current_month(now: datetime) -> date:
    """The first day of the month that the platform's clock shows."""
    return timezone.localdate(now).replace(day=1)


def publication_due(month: date) -> datetime:
    """When the month's result is due: the 3rd of the next month at 03:00 platform time."""
    day = next_month(month).replace(day=PUBLICATION_DAY)
    return timezone.make_aware(datetime.combine(day, PUBLICATION_TIME))


def newest_due_month(now: datetime) -> date:
    """The latest month whose result is due at `now`."""
    month = previous_month(current_month(now))
    return month if now >= publication_due(month) else previous_month(month)


def month_begins(month: date) -> datetime:
    """The first moment of a month on the platform's clock."""
    return timezone.make_aware(datetime.combine(month, time()))


def last_day_before(moment: datetime) -> date:
    """The last platform day of a time that ends just before a moment."""
    return timezone.localdate(moment - timedelta(microseconds=1))
