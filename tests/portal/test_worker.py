"""The worker shows that it lives, and outlives its queue and its database."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import django_rq
import pytest
from django_rq.workers import get_worker
from redis import Redis
from rq import Worker
from rq.job import JobStatus

from portal import embedded
from portal.heartbeats import process_name
from portal.models import Heartbeat
from portal.worker import BEAT_SECONDS, PortalWorker
from tests.portal.failing_database import database_away

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(queue: Redis) -> PortalWorker:
    """A worker as the rqworker command makes it."""
    made = get_worker("default", worker_ttl=420)
    assert isinstance(made, PortalWorker)
    return made


@pytest.fixture(autouse=True)
def _own_signal_handlers() -> Iterator[None]:
    """`work` takes SIGINT and SIGTERM over; the test run wants them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def rows() -> list[tuple[Any, ...]]:
    return list(Heartbeat.objects.values_list("role", "name"))


def beats_again(worker: PortalWorker) -> None:
    assert worker._beaten_at is not None
    worker._beaten_at -= BEAT_SECONDS


def test_intervals_are_ours_whatever_the_command_passes(worker: PortalWorker) -> None:
    assert worker.worker_ttl == 30
    assert worker.dequeue_timeout == 15
    assert worker.job_monitoring_interval == 5
    assert worker.maintenance_interval == 20


def test_a_heartbeat_is_written_at_most_every_ten_seconds(worker: PortalWorker) -> None:
    worker.heartbeat()
    assert rows() == [("worker", process_name())]
    Heartbeat.objects.all().delete()
    worker.heartbeat()
    assert rows() == []
    beats_again(worker)
    worker.heartbeat()
    assert rows() == [("worker", process_name())]


def test_a_worker_that_ends_in_order_takes_its_row_with_it(worker: PortalWorker) -> None:
    Heartbeat.objects.create(role="worker", name="another", seen_at="2026-11-03T00:00Z")
    job = django_rq.get_queue("default").enqueue(os.getcwd)
    assert worker.work(burst=True) is True
    assert job.get_status() == JobStatus.FINISHED
    assert worker._beaten_at is not None
    assert rows() == [("worker", "another")]


def test_a_horse_neither_beats_nor_closes_the_connection_of_its_job(worker: PortalWorker) -> None:
    worker._is_horse = True
    worker.heartbeat()
    assert rows() == []


def test_a_database_that_is_away_does_not_stop_the_worker(worker: PortalWorker) -> None:
    job = django_rq.get_queue("default").enqueue(os.getcwd)
    with database_away():
        assert worker.work(burst=True) is True
    assert job.get_status() == JobStatus.FINISHED
    assert rows() == []


def test_a_queue_that_is_away_leaves_the_sign_of_life(
    worker: PortalWorker, lost_queue: None
) -> None:
    worker.heartbeat()
    worker.set_state("idle")
    worker.run_maintenance_tasks()
    worker.check_for_suspension(burst=False)
    worker.teardown()
    assert worker._beaten_at is not None


def test_a_worker_waits_for_its_queue_and_takes_the_next_job(
    worker: PortalWorker, queue_dir: Path
) -> None:
    embedded.stop_valkey(queue_dir)

    def comes_back() -> None:
        embedded.start_valkey(queue_dir)
        django_rq.get_queue("default").enqueue(os.getcwd)

    back = Timer(0.3, comes_back)
    back.start()
    taken = worker.dequeue_job_and_maintain_ttl(timeout=5)
    back.join()
    assert taken is not None
    assert taken[0].func_name == "posix.getcwd"


def test_a_job_whose_queue_went_away_leaves_nothing_for_the_next_one(
    worker: PortalWorker, queue_dir: Path
) -> None:
    queue = django_rq.get_queue("default")
    lost = queue.enqueue(os.getcwd)
    embedded.stop_valkey(queue_dir)
    worker.execute_job(lost, queue)
    assert worker.executions == {}
    embedded.start_valkey(queue_dir)
    next_job = queue.enqueue(os.getcwd)
    worker.work(burst=True)
    assert next_job.get_status() == JobStatus.FINISHED


def test_an_emptied_queue_learns_its_workers_again(worker: PortalWorker, queue: Redis) -> None:
    worker.register_birth()
    queue.flushall()
    assert Worker.count(queue=django_rq.get_queue("default")) == 0
    worker.heartbeat()
    assert Worker.count(queue=django_rq.get_queue("default")) == 1
