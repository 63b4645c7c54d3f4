"""The RQ worker of this house: seen in the database, and not put off by a queue that goes away."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import DatabaseError, connections
from django.utils import timezone
from redis.exceptions import ConnectionError as QueueConnectionError
from redis.exceptions import TimeoutError as QueueTimeoutError
from rq import worker_registration
from rq.worker import Worker

from portal.heartbeats import beat, leave, process_name
from portal.models.heartbeat import Role

log = structlog.get_logger(__name__)

BEAT_SECONDS = 10.0


class PortalWorker(Worker):
    """A worker whose absence somebody notices.

    1. Its sign of life goes to PostgreSQL every 10 to 15 seconds, whether or not the queue is
       there; trouble with the database is logged and never stops it.
    2. A job whose worker was killed is seen as abandoned after about a minute, not fourteen.
    3. When the queue goes away it waits for it instead of ending: the job in progress goes on,
       since its truth is in PostgreSQL, and what the queue forgot is asked for again by reconcile.
    """

    # the longest pause between two tries to reach the queue, in seconds
    max_connection_wait_time = 5.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # the rqworker command passes its own default of 420; 30 makes an idle worker beat every 15
        kwargs.update(worker_ttl=30, job_monitoring_interval=5, maintenance_interval=20)
        super().__init__(*args, **kwargs)
        self.process = process_name()
        self._beaten_at: float | None = None

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        self._show_life()
        with self._without_queue("heartbeat"):
            if pipeline is None and not self.connection.hexists(self.key, "birth"):
                self._introduce_again()
            super().heartbeat(timeout, pipeline)

    def teardown(self) -> None:
        if not self.is_horse:
            self._leave()
        with self._without_queue("farewell"):
            super().teardown()

    def execute_job(self, job: Any, queue: Any) -> None:
        with self._without_queue("job"):
            super().execute_job(job, queue)
        # where the queue went away an entry stays, and the next horse would take it for its own
        self.executions.clear()

    def maintain_heartbeats(self, job: Any, execution: Any) -> None:
        with self._without_queue("heartbeat of the job"):
            super().maintain_heartbeats(job, execution)

    def set_state(self, state: str, pipeline: Any = None) -> None:
        with self._without_queue("state"):
            super().set_state(state, pipeline)

    def set_shutdown_requested_date(self) -> None:
        with self._without_queue("request to stop"):
            super().set_shutdown_requested_date()

    def run_maintenance_tasks(self) -> None:
        with self._without_queue("maintenance"):
            super().run_maintenance_tasks()

    def check_for_suspension(self, burst: bool) -> None:
        with self._without_queue("suspension"):
            super().check_for_suspension(burst)

    @contextmanager
    def _without_queue(self, doing: str) -> Iterator[None]:
        """Go on where the queue does not answer; the loop that takes jobs waits for it."""
        try:
            yield
        except (QueueConnectionError, QueueTimeoutError) as fault:
            log.warning("queue_unreachable", worker=self.process, doing=doing, fault=str(fault))

    def _introduce_again(self) -> None:
        """A queue that was emptied knows its workers no more; whoever counts them should."""
        if self.birth_date is None or self.is_horse:
            return
        with self.connection.pipeline() as pipeline:
            pipeline.hset(self.key, mapping=self.serialize())
            worker_registration.register(self, pipeline)
            pipeline.execute()

    def _show_life(self) -> None:
        # a horse must neither beat for its parent nor close the connection of its job
        if self.is_horse or os.getpid() != self.pid:
            return
        now = time.monotonic()
        if self._beaten_at is not None and now - self._beaten_at < BEAT_SECONDS:
            return
        self._beaten_at = now
        try:
            beat(role=Role.WORKER, name=self.process, now=timezone.now())
        except (DatabaseError, OSError) as fault:
            log.warning("heartbeat_not_written", worker=self.process, fault=str(fault))
        finally:
            # the process forks for every job: two processes must never share a connection
            connections.close_all()

    def _leave(self) -> None:
        try:
            leave(role=Role.WORKER, name=self.process)
        except (DatabaseError, OSError) as fault:
            log.warning("heartbeat_not_removed", worker=self.process, fault=str(fault))
        finally:
            connections.close_all()
