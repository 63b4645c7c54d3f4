"""What the clock asks of evaluations: `reconcile` calls it every minute, from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import structlog
from redis.exceptions import RedisError

from agencies.models import Agency
from scoring.enums import EvaluationState
from scoring.evaluation.actions import publish_if_sound, request_evaluation
from scoring.evaluation.attempt import is_dead
from scoring.jobs import ring, ring_for_projections, ring_rows
from scoring.models import Evaluation
from scoring.models.evaluation import OPEN
from scoring.months import last_day, newest_due_month, next_month
from scoring.projection import projection_due
from scoring.receipts.exports import tidy, waiting

# So many requests for rows are rung for at once: a busy queue is not flooded, the rest follows.
MOST_RINGS = 20
log = structlog.get_logger()


def settle(*, now: datetime) -> list[str]:
    """Do what is due for evaluations, once; a sentence for each thing done.

    1. A month whose publication is due (the 3rd, 03:00) and that nobody asked to publish is asked
       for; after an outage so are the months missed since the newest published one.
    2. What waits, or lost its worker, is rung for; the queue may forget, the row does not.
    3. What is computed, asked to be published and unchanged is published if the gate passes;
       if its inputs changed meanwhile, it is asked for again.
    4. Projections are rung for while their inputs are not those of the newest ones.
    """
    return [
        *_ask_for_due_months(now),
        *_publish_computed(now),
        *_ring_for_waiting(now),
        *_ring_for_projections(now),
    ]


def _ask_for_due_months(now: datetime) -> Iterator[str]:
    for month in _due_months(now):
        if _is_answered(month) or not Agency.objects.in_scope(month, last_day(month)).exists():
            continue
        evaluation = request_evaluation(month=month, at=now, publish=True)
        yield f"asked for the publication of {evaluation}"


def _is_answered(month: date) -> bool:
    """Whether the newest revision is published, on its way there, or waits for a person."""
    newest = Evaluation.objects.of_month(month).first()
    if newest is None:
        return False
    if newest.state in OPEN:
        return newest.publish_when_computed
    return newest.state in (EvaluationState.PUBLISHED, EvaluationState.FAILED)


def _due_months(now: datetime) -> Iterator[date]:
    newest_due = newest_due_month(now)
    published = Evaluation.objects.published().order_by("-month").first()
    month = newest_due if published is None else next_month(published.month)
    while month <= newest_due:
        yield month
        month = next_month(month)


def _publish_computed(now: datetime) -> Iterator[str]:
    waiting = Evaluation.objects.filter(
        state=EvaluationState.COMPUTED, publish_when_computed=True
    ).order_by("month")
    for evaluation in waiting:
        if evaluation.stale_since is not None:
            Evaluation.objects.filter(pk=evaluation.pk).update(stale_since=None)
            again = request_evaluation(month=evaluation.month, at=now, publish=True)
            if again.pk != evaluation.pk:
                yield f"asked for {again}: its inputs changed"
                continue
        if publish_if_sound(evaluation_id=evaluation.pk, at=now):
            yield f"published {evaluation}"


def _ring_for_waiting(now: datetime) -> Iterator[str]:
    waiting = Evaluation.objects.filter(
        state__in=[EvaluationState.REQUESTED, EvaluationState.RUNNING]
    ).order_by("month")
    for evaluation in waiting:
        if evaluation.state == EvaluationState.RUNNING and not is_dead(evaluation, at=now):
            continue
        try:
            ring(evaluation)
        except RedisError as error:
            log.warning("queue_unreachable", error=str(error))
            return
        yield f"rang for {evaluation}"


def _ring_for_projections(now: datetime) -> Iterator[str]:
    if not projection_due(now):
        return
    try:
        ring_for_projections()
    except RedisError as error:
        log.warning("queue_unreachable", error=str(error))
        return
    yield "rang for projections"


def settle_rows(*, now: datetime) -> list[str]:
    """Do what is due for files of rows, once; a sentence for each thing done.

    1. Requests that wait, or lost their worker, are rung for, the oldest first.
    2. Files over their time, and those that nothing needs, are removed.
    """
    done = list(_ring_for_rows(now))
    removed = tidy(now=now)
    return [*done, f"removed {removed} files of rows"] if removed else done


def _ring_for_rows(now: datetime) -> Iterator[str]:
    for export in waiting(at=now).select_related("evaluation", "agency")[:MOST_RINGS]:
        try:
            ring_rows(export)
        except RedisError as error:
            log.warning("queue_unreachable", error=str(error))
            return
        yield f"rang for the rows of {export.agency.code} in {export.evaluation}"
