"""Jobs of the house; the queue is only a doorbell, what is due is in PostgreSQL."""

from __future__ import annotations

from django.utils import timezone
from django_rq import get_queue
from rq.exceptions import DuplicateJobError
from rq.job import JobStatus

from portal.reconcile import reconcile

RECONCILE_JOB = "reconcile"
RECONCILE_SECONDS = 15 * 60
_OVER = {JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED}


def run_reconcile() -> list[str]:
    """Do what is due now (see `portal.reconcile`)."""
    return reconcile(now=timezone.now())


def ring_reconcile() -> bool:
    """Ask a worker to reconcile; False where one is asked for or at it already.

    However long no worker runs, one request waits. Raises redis.exceptions.RedisError where the
    queue does not answer.
    """
    # a bell rung inside a transaction must not wait for its end: it stands for no row of it
    queue = get_queue("default", commit_mode="auto")
    waiting = queue.fetch_job(RECONCILE_JOB)
    if waiting is not None and waiting.get_status() in _OVER:
        waiting.delete()
    try:
        queue.enqueue(
            run_reconcile,
            job_id=RECONCILE_JOB,
            unique=True,
            job_timeout=RECONCILE_SECONDS,
            result_ttl=0,
            failure_ttl=RECONCILE_SECONDS,
        )
    except DuplicateJobError:
        return False
    return True
