"""Signs of life: one row per process, forgotten in order or after a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.heartbeats import beat, forget_dead, leave
from portal.models import Heartbeat
from portal.models.heartbeat import Role

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 3, 3, 0, tzinfo=UTC)


def test_a_process_has_one_row_with_its_last_sign_of_life() -> None:
    beat(role=Role.WORKER, name="host:7", now=NOW)
    beat(role=Role.WORKER, name="host:7", now=NOW + timedelta(seconds=15))
    beat(role=Role.SCHEDULER, name="host:7", now=NOW)
    assert list(Heartbeat.objects.values_list("role", "name", "seen_at")) == [
        ("scheduler", "host:7", NOW),
        ("worker", "host:7", NOW + timedelta(seconds=15)),
    ]


def test_a_process_that_leaves_takes_only_its_own_row() -> None:
    beat(role=Role.WORKER, name="host:7", now=NOW)
    beat(role=Role.WORKER, name="host:8", now=NOW)
    leave(role=Role.WORKER, name="host:7")
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["host:8"]


@pytest.mark.parametrize(
    ("age", "missing"),
    [
        (timedelta(seconds=90), []),
        (timedelta(seconds=91), [Role.WORKER]),
        (timedelta(minutes=3, seconds=1), [Role.WORKER, Role.SCHEDULER]),
    ],
)
def test_a_role_is_missing_when_no_process_of_it_beat_lately(
    age: timedelta, missing: list[Role]
) -> None:
    for role in Role:
        beat(role=role, name="old", now=NOW - timedelta(hours=1))
        beat(role=role, name="new", now=NOW - age)
    assert Heartbeat.objects.missing(NOW) == missing


def test_without_any_row_both_roles_are_missing() -> None:
    assert Heartbeat.objects.missing(NOW) == [Role.WORKER, Role.SCHEDULER]


def test_dead_processes_are_forgotten_after_a_day() -> None:
    beat(role=Role.WORKER, name="yesterday", now=NOW - timedelta(days=1, seconds=1))
    beat(role=Role.WORKER, name="a day ago", now=NOW - timedelta(days=1))
    assert forget_dead(now=NOW) == 1
    assert forget_dead(now=NOW) == 0
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["a day ago"]
