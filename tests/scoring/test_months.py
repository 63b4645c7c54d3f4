"""Data months, and when their results are due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.months import (
    current_month,
    first_day,
    last_day,
    newest_due_month,
    next_month,
    previous_month,
    publication_due,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
months = st.builds(date, st.integers(2000, 2199), st.integers(1, 12), st.just(1))
instants = st.datetimes(datetime(2000, 3, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(months)
def test_a_month_is_found_again_from_both_sides(month: date) -> None:
    assert previous_month(next_month(month)) == month
    assert next_month(previous_month(month)) == month


@given(months)
def test_a_month_ends_the_day_before_the_next_begins(month: date) -> None:
    assert last_day(month) + timedelta(days=1) == next_month(month)
    assert next_month(month).day == 1
    assert 28 <= last_day(month).day <= 31
    assert (last_day(month).year, last_day(month).month) == (month.year, month.month)


@given(months)
def test_a_month_is_read_as_it_is_written(month: date) -> None:
    assert first_day(f"{month:%Y-%m}") == month


def test_the_month_before_is_told_from_any_day_of_the_month() -> None:
    assert previous_month(date(2026, 3, 31)) == date(2026, 2, 1)
    assert previous_month(date(2026, 1, 1)) == date(2025, 12, 1)


@pytest.mark.parametrize(
    ("month", "last"),
    [
        (date(2024, 2, 1), date(2024, 2, 29)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2100, 2, 1), date(2100, 2, 28)),
        (date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_february_and_december_end_where_the_calendar_says(month: date, last: date) -> None:
    assert last_day(month) == last


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026", "2026-1", "2026-00", "2026-13", "2026-01-01", "26-01", "01-2026"),
        *("2026/01", "2026-01 ", " 2026-1", "2026-1 ", "2026- 1", "-026-01", "0000-01"),
        *("July", "2026-ab"),
    ],
)
def test_anything_else_is_no_month(text: str) -> None:
    with pytest.raises(ValueError, match="is not a month: write it as YYYY-MM"):
        first_day(text)


@given(months)
def test_a_result_is_due_on_the_third_at_three_by_the_platform_s_clock(month: date) -> None:
    due = publication_due(month).astimezone(SHANGHAI)
    assert (due.date() - next_month(month)).days == 2
    assert (due.hour, due.minute, due.second, due.microsecond) == (3, 0, 0, 0)
    # China has had no summer time since 1991: the due time is the same in UTC all year.
    assert publication_due(month).utcoffset() == timedelta(hours=8)


def test_due_times_by_hand() -> None:
    assert publication_due(date(2026, 10, 1)) == datetime(2026, 11, 2, 19, 0, tzinfo=UTC)
    assert publication_due(date(2026, 12, 1)) == datetime(2027, 1, 2, 19, 0, tzinfo=UTC)
    assert publication_due(date(2026, 1, 1)) == datetime(2026, 2, 2, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (datetime(2026, 11, 2, 18, 59, 59, 999999), date(2026, 9, 1)),
        (datetime(2026, 11, 2, 19, 0), date(2026, 10, 1)),
        (datetime(2026, 10, 31, 15, 59, 59), date(2026, 9, 1)),
        (datetime(2026, 10, 31, 16, 0), date(2026, 9, 1)),
        (datetime(2026, 11, 30, 15, 59, 59), date(2026, 10, 1)),
        (datetime(2026, 11, 30, 16, 0), date(2026, 10, 1)),
        (datetime(2027, 1, 2, 18, 59), date(2026, 11, 1)),
        (datetime(2027, 1, 2, 19, 0), date(2026, 12, 1)),
    ],
)
def test_the_newest_due_month_changes_at_the_publication(now: datetime, month: date) -> None:
    assert newest_due_month(now.replace(tzinfo=UTC)) == month


@given(instants)
def test_the_newest_due_month_is_due_and_the_next_is_not(now: datetime) -> None:
    newest = newest_due_month(now)
    assert publication_due(newest) <= now < publication_due(next_month(newest))


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), date(2026, 10, 1)),
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 12, 31, 8, 0, tzinfo=ZoneInfo("America/Los_Angeles")), date(2027, 1, 1)),
    ],
)
def test_the_current_month_is_the_platform_s(now: datetime, month: date) -> None:
    assert current_month(now) == month
