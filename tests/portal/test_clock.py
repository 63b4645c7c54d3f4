"""The service clock runs in the hours of support and nowhere else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agencies.enums import Stage
from portal.models import ServiceDay, ServiceHours, ServiceTarget
from portal.support.clock import (
    ZONE,
    Hours,
    Span,
    add_minutes,
    is_open,
    minutes_between,
    opens_next,
)
from portal.support.targets import due_at, service_hours, stage_for, target_minutes
from tests.factories.conduct import AgencyFactory

NINE_TO_SIX = (time(9), time(18))
WEEK = Hours(dict.fromkeys(range(5), NINE_TO_SIX))
FRIDAY = date(2026, 11, 20)
FEW = settings(max_examples=40)


def at(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ZONE)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    opens = draw(st.integers(0, 23 * 60))
    closes = draw(st.integers(opens + 30, 24 * 60 - 1).filter(lambda end: end > opens))
    return time(*divmod(opens, 60)), time(*divmod(closes, 60))


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
# at least one weekday is open, as the desk demands
CALENDARS = st.builds(
    Hours,
    st.dictionaries(st.integers(0, 6), spans(), min_size=1),
    st.dictionaries(DAYS, st.none() | spans(), max_size=4),
)
MOMENTS = st.datetimes(
    datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.sampled_from([ZONE, UTC])
)
# where support is open for half an hour a week, two of them still fit the horizon of the clock
MINUTES = st.integers(0, 750)


@FEW
@given(CALENDARS, MOMENTS, MINUTES)
def test_exactly_the_minutes_pass_until_they_are_over(
    hours: Hours, start: datetime, minutes: int
) -> None:
    due = add_minutes(hours, start, minutes)
    assert minutes_between(hours, start, due) == minutes
    assert due >= start
    if minutes:
        assert minutes_between(hours, start, due - timedelta(seconds=1)) == minutes - 1


@FEW
@given(CALENDARS, MOMENTS, MINUTES, MINUTES)
def test_minutes_add_up(hours: Hours, start: datetime, some: int, more: int) -> None:
    assert add_minutes(hours, add_minutes(hours, start, some), more) == add_minutes(
        hours, start, some + more
    )


@FEW
@given(CALENDARS, MOMENTS, MOMENTS)
def test_time_between_is_never_more_than_the_wall_clock(
    hours: Hours, one: datetime, other: datetime
) -> None:
    passed = minutes_between(hours, one, other)
    assert 0 <= passed <= max((other - one) // timedelta(minutes=1), 0)


@FEW
@given(CALENDARS, MOMENTS)
def test_the_next_opening_is_open_and_nothing_passes_before_it(
    hours: Hours, start: datetime
) -> None:
    opens = opens_next(hours, start)
    assert opens is not None
    assert is_open(hours, opens)
    assert minutes_between(hours, start, opens) == 0
    assert (opens == start) == is_open(hours, start)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        (at(FRIDAY, 17, 30), 30, at(FRIDAY, 18)),
        (at(FRIDAY, 17, 30), 31, at(date(2026, 11, 23), 9, 1)),
        (at(FRIDAY, 17, 30, 20), 60, at(date(2026, 11, 23), 9, 30, 20)),
        (at(date(2026, 11, 21), 12), 120, at(date(2026, 11, 23), 11)),
        (at(FRIDAY, 7), 540, at(FRIDAY, 18)),
        (at(FRIDAY, 12), 0, at(FRIDAY, 12)),
    ],
)
def test_the_weekend_does_not_count(start: datetime, minutes: int, due: datetime) -> None:
    assert add_minutes(WEEK, start, minutes) == due
    assert add_minutes(WEEK, start.astimezone(UTC), minutes) == due


def test_a_holiday_and_a_day_in_lieu_go_before_the_weekday() -> None:
    hours = Hours(WEEK.weekdays, {FRIDAY: None, date(2026, 11, 21): (time(10), time(12))})
    assert not is_open(hours, at(FRIDAY, 10))
    assert add_minutes(hours, at(FRIDAY, 10), 121) == at(date(2026, 11, 23), 9, 1)


def test_support_is_open_from_the_first_minute_to_before_the_closing_one() -> None:
    assert is_open(WEEK, at(FRIDAY, 9))
    assert is_open(WEEK, at(FRIDAY, 17, 59, 59))
    assert not is_open(WEEK, at(FRIDAY, 18))


def test_a_calendar_without_hours_counts_working_days_as_natural_ones() -> None:
    start = at(FRIDAY, 17, 30)
    assert add_minutes(Hours(), start, 1) == start + timedelta(days=1)
    assert add_minutes(Hours(), start, 481) == start + timedelta(days=2)
    assert minutes_between(Hours(), start, start + timedelta(days=500)) == 0
    assert opens_next(Hours(), start) is None


@pytest.mark.django_db
def test_the_hours_are_those_of_the_desk() -> None:
    ServiceDay.objects.create(day=FRIDAY, name="Holiday")
    ServiceDay.objects.create(day=date(2026, 11, 21), name="In lieu", opens="10:00", closes="12:00")
    ServiceHours.objects.filter(weekday=4).delete()
    hours = service_hours()
    assert hours.weekdays == dict.fromkeys(range(4), NINE_TO_SIX)
    assert hours.days == {FRIDAY: None, date(2026, 11, 21): (time(10), time(12))}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("level", "stage", "minutes"),
    [
        ("V5", "assessed", 60),
        ("V1", "assessed", 540),
        ("V9", "assessed", 700),
        ("", "observation", 530),
        ("", "novice", 700),
        ("", "", 700),
    ],
)
def test_the_target_goes_by_level_else_by_stage(level: str, stage: str, minutes: int) -> None:
    ServiceTarget.objects.filter(key="observation").update(minutes=530)
    ServiceTarget.objects.filter(key="novice").update(minutes=700)
    agency = AgencyFactory.create(level=level, stage=stage)
    assert target_minutes(agency) == minutes
    assert stage_for(agency) == (stage or Stage.NOVICE)


@pytest.mark.django_db
def test_a_question_of_friday_evening_is_due_on_monday() -> None:
    agency = AgencyFactory.create(level="V4", stage="assessed")
    assert due_at(agency, at(FRIDAY, 17)) == at(date(2026, 11, 23), 10)
    ServiceTarget.objects.all().delete()
    assert target_minutes(agency) == 540
