"""The scheduler rings, shows that it lives, and never piles rings up."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from io import StringIO
from threading import Timer

import django_rq
import pytest
from django.core.management import call_command
from redis import Redis
from rq.job import JobStatus

from portal.jobs import RECONCILE_JOB, ring_reconcile
from portal.models import Heartbeat
from portal.scheduler import farewell, tick
from tests.portal.failing_database import database_away

pytestmark = pytest.mark.django_db(transaction=True)


def waiting() -> list[str]:
    return list(django_rq.get_queue("default").job_ids)


@pytest.mark.usefixtures("queue")
def test_however_often_it_rings_one_request_waits() -> None:
    assert [ring_reconcile() for _ in range(3)] == [True, False, False]
    assert waiting() == [RECONCILE_JOB]


def test_an_emptied_queue_is_rung_again(queue: Redis) -> None:
    ring_reconcile()
    queue.flushall()
    assert ring_reconcile() is True
    assert waiting() == [RECONCILE_JOB]


@pytest.mark.usefixtures("queue")
@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED])
def test_a_request_that_came_to_nothing_does_not_bar_the_next(status: JobStatus) -> None:
    ring_reconcile()
    job = django_rq.get_queue("default").fetch_job(RECONCILE_JOB)
    job.set_status(status)
    assert ring_reconcile() is True
    assert waiting() == [RECONCILE_JOB]


@pytest.mark.usefixtures("queue")
def test_a_request_at_work_is_not_doubled() -> None:
    ring_reconcile()
    django_rq.get_queue("default").fetch_job(RECONCILE_JOB).set_status(JobStatus.STARTED)
    assert ring_reconcile() is False


@pytest.mark.usefixtures("queue")
def test_a_tick_beats_and_rings() -> None:
    tick(name="host:9")
    assert list(Heartbeat.objects.values_list("role", "name")) == [("scheduler", "host:9")]
    assert waiting() == [RECONCILE_JOB]
    farewell(name="host:9")
    assert not Heartbeat.objects.exists()


@pytest.mark.usefixtures("lost_queue")
def test_a_tick_without_a_queue_still_beats() -> None:
    tick(name="host:9")
    assert Heartbeat.objects.count() == 1


@pytest.mark.usefixtures("queue")
def test_a_tick_without_a_database_still_rings() -> None:
    with database_away():
        tick(name="host:9")
        farewell(name="host:9")
    assert waiting() == [RECONCILE_JOB]


@pytest.fixture
def _own_signal_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("queue", "_own_signal_handlers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_stops_at_once_when_told(number: signal.Signals) -> None:
    said = StringIO()
    Timer(0.3, os.kill, (os.getpid(), number)).start()
    began = time.monotonic()
    call_command("scheduler", interval=3600, stdout=said)
    assert time.monotonic() - began < 30
    assert said.getvalue().splitlines()[-1] == "Scheduler stopped."
    assert waiting() == [RECONCILE_JOB]
    assert not Heartbeat.objects.exists()
