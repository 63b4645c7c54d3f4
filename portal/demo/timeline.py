"""The months of the demo platform and how busy each of their days is."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

ONE = 1024
"""Fixed point: 1024 stands for 1, so that every machine computes the same integers."""

LAST_DELIVERED_DAY = 15

_MONTH_PERCENT = {
    1: 98,
    2: 94,
    3: 98,
    4: 99,
    5: 101,
    6: 103,
    7: 94,
    8: 94,
    9: 100,
    10: 103,
    11: 103,
    12: 102,
}
# (month, first day, last day, percent of an ordinary day)
_PROMOTIONS = (
    (1, 12, 22, 112),
    (3, 5, 8, 120),
    (6, 1, 15, 115),
    (6, 16, 18, 165),
    (9, 8, 10, 120),
    (11, 1, 8, 115),
    (11, 9, 11, 210),
    (12, 10, 12, 140),
)
_WEEKEND_PERCENT = 114
_SATURDAY = 5
_FEWEST_MONTHS = 2


@dataclass(frozen=True)
class Month:
    """A data month; `days` counts the days that the platform has delivered, from the 1st on."""

    key: str
    first: date
    days: int

    @property
    def end(self) -> date:
        """The day after the last delivered day."""
        return self.first + timedelta(days=self.days)


@dataclass(frozen=True)
class Timeline:
    """The full months, ascending, and the current one, of which a part (or nothing) is there."""

    today: date
    full: tuple[Month, ...]
    current: Month

    @property
    def months(self) -> tuple[Month, ...]:
        """All months, the current one last."""
        return (*self.full, self.current)

    @property
    def latest(self) -> int:
        """The position of the last full month among the months."""
        return len(self.full) - 1

    @property
    def start(self) -> date:
        """The first day of the first month."""
        return self.months[0].first

    @property
    def yesterday(self) -> date:
        """The last day on which anything may have happened."""
        return self.today - timedelta(days=1)


def month_before(first: date) -> date:
    """Give the first day of the month before the one that starts on `first`."""
    return (first - timedelta(days=1)).replace(day=1)


def timeline(today: date, months: int) -> Timeline:
    """Count `months` months back from the current one, which is included.

    1. Full months have all their days.
    2. The current month has the days 1 to 15, or to yesterday if that is earlier; on the 1st none.

    Raises ValueError for fewer than 2 months: a level needs one full month.
    """
    if months < _FEWEST_MONTHS:
        raise ValueError(f"The demo platform needs {_FEWEST_MONTHS} months or more, not {months}.")
    first = today.replace(day=1)
    current = Month(first.strftime("%Y-%m"), first, min(LAST_DELIVERED_DAY, today.day - 1))
    full: list[Month] = []
    for _ in range(months - 1):
        first = month_before(first)
        days = monthrange(first.year, first.month)[1]
        full.insert(0, Month(first.strftime("%Y-%m"), first, days))
    return Timeline(today, tuple(full), current)


def day_factor(day: date) -> int:
    """Say how busy a day is: 1024 is an ordinary weekday of an ordinary month."""
    percent = _MONTH_PERCENT[day.month] * 100
    for month, first, last, promotion in _PROMOTIONS:
        if day.month == month and first <= day.day <= last:
            percent = percent * promotion // 100
    if day.weekday() >= _SATURDAY:
        percent = percent * _WEEKEND_PERCENT // 100
    return percent * ONE // 10_000
