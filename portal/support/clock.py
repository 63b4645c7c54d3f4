"""The service clock: minutes that pass only while the platform's support is at work (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")
HORIZON: Final = timedelta(days=400)
# What counts as a day's work where the calendar has too few open hours to count in.
DAY_MINUTES: Final = 480

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)

Span = tuple[time, time]


@dataclass(frozen=True)
class Hours:
    """When support is open, in Asia/Shanghai (D, docs/rules.md §5).

    1. `weekdays`: 0 for Monday to (opens, closes); a weekday that is not there is closed.
    2. `days`: other hours of single days, None for closed all day; they go before the weekday.
    """

    weekdays: Mapping[int, Span] = field(default_factory=dict)
    days: Mapping[date, Span | None] = field(default_factory=dict)

    def on(self, day: date) -> Span | None:
        """From when to when support is open on the day, None for closed."""
        if day in self.days:
            return self.days[day]
        return self.weekdays.get(day.weekday())


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether support is at work: from the opening minute, no longer at the closing one."""
    local = at.astimezone(ZONE)
    span = hours.on(local.date())
    return span is not None and span[0] <= local.time() < span[1]


def opens_next(hours: Hours, at: datetime) -> datetime | None:
    """The next moment from `at` when support is open, `at` itself if it is; None within HORIZON."""
    return next((max(opens, at) for opens, _ in _spans(hours, at, at + HORIZON)), None)


def minutes_between(hours: Hours, start: datetime, end: datetime) -> int:
    """Whole business minutes from start to end; 0 where the end is not after the start."""
    passed = sum(
        (min(closes, end) - max(opens, start) for opens, closes in _spans(hours, start, end)),
        timedelta(),
    )
    return passed // _MINUTE


def add_minutes(hours: Hours, start: datetime, minutes: int) -> datetime:
    """The first moment by which so many business minutes have passed since start, in its zone.

    1. A span that ends exactly there is not carried into the next: 18:00, not 9:00 of tomorrow.
    2. Where HORIZON has too few open minutes (a calendar without hours), each begun DAY_MINUTES
       count as a natural day from the start, so nothing waits for ever.
    """
    left = minutes * _MINUTE
    if left <= timedelta():
        return start
    for opens, closes in _spans(hours, start, start + HORIZON):
        begins = max(opens, start)
        if left <= closes - begins:
            return (begins + left).astimezone(start.tzinfo)
        left -= closes - begins
    return start + _DAY * -(-minutes // DAY_MINUTES)


def _spans(hours: Hours, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open spans that have a moment between start and end, in order."""
    day, last = start.astimezone(ZONE).date(), end.astimezone(ZONE).date()
    while day <= last:
        span = hours.on(day)
        if span is not None:
            # UTC: differences within one zone would ignore a change of its clocks
            opens, closes = (datetime.combine(day, moment, ZONE) for moment in span)
            opens, closes = opens.astimezone(UTC), closes.astimezone(UTC)
            if opens < end and closes > start:
                yield opens, closes
        day += _DAY
