"""What the clock asks of evaluations: `reconcile` calls it every minute, from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import structlog
from django.db.models import Q
from redis.exceptions import RedisError

from agencies.models import Agency
from scoring.backtests.life import waiting as waiting_tests
from scoring.enums import Cause, EvaluationState
from scoring.evaluation.actions import came_by_itself, publish_if_sound, request_evaluation
from scoring.evaluation.attempt import is_dead
from scoring.evaluation.staleness import marks_since_frozen, only_appeals
from scoring.intake.receiving import remove_unneeded
from scoring.intake.run import waiting as waiting_uploads
from scoring.jobs import ring, ring_back_test, ring_for_projections, ring_rows, ring_upload
from scoring.models import Evaluation, StaleMark
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
    4. A published month that a won appeal changed is asked for again, month after month. It is
       published by itself only where nothing else changed since; otherwise a person decides.
    5. Projections are rung for while their inputs are not those of the newest ones.
    """
    return [
        *_ask_for_due_months(now),
        *_publish_computed(now),
        *_ask_for_won_appeals(now),
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
            again = request_evaluation(
                month=evaluation.month, at=now, publish=_may_publish_again(evaluation)
            )
            if again.pk != evaluation.pk:
                yield f"asked for {again}: its inputs changed"
                continue
        if publish_if_sound(evaluation_id=evaluation.pk, at=now):
            yield f"published {evaluation}"


def _may_publish_again(evaluation: Evaluation) -> bool:
    """Whether what replaces a stale revision is published by itself as that one was to be.

    A correction that an appeal asked for is not, where late facts or others came in between.
    """
    published = Evaluation.objects.published().filter(month=evaluation.month).first()
    if published is None or not came_by_itself(evaluation):
        return True
    return only_appeals([*marks_since_frozen(published), *marks_since_frozen(evaluation)])


def _ask_for_won_appeals(now: datetime) -> Iterator[str]:
    """Corrections that follow from appeals, in the order of months (D, docs/rules.md §2).

    A later month waits while an earlier correction is being computed: what it reads of the month
    before shall be the corrected result. One that is held, or waits for a person, keeps nobody.
    """
    for published in (
        Evaluation.objects.published().filter(stale_since__isnull=False).order_by("month")
    ):
        if Evaluation.objects.filter(
            month__lt=published.month,
            cause=Cause.APPEAL,
            state__in=[EvaluationState.REQUESTED, EvaluationState.RUNNING],
        ).exists():
            return
        marks = marks_since_frozen(published)
        if not _is_unanswered(published, marks):
            continue
        asked = request_evaluation(
            month=published.month, at=now, publish=only_appeals(marks), cause=Cause.APPEAL
        )
        if asked.pk != published.pk:
            yield f"asked for {asked}: an appeal was decided"


def _is_unanswered(published: Evaluation, marks: Sequence[StaleMark]) -> bool:
    """Whether an appeal changed the month and no later revision has taken it up.

    One that was set aside or failed has: it is not asked for again every minute.
    """
    appeals = [mark.at for mark in marks if mark.cause == Cause.APPEAL]
    if not appeals:
        return False
    taken_up = Q(state__in=OPEN) | Q(requested_at__gte=max(appeals))
    later = Evaluation.objects.filter(month=published.month, revision__gt=published.revision)
    return not later.filter(taken_up).exists()


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


def settle_uploads(*, now: datetime) -> list[str]:
    """Do what is due for uploaded files, once; a sentence for each thing done.

    1. Uploads that wait, or lost their worker, are rung for, the oldest first.
    2. Files that no upload waits for are removed.
    """
    done = list(_ring_for_uploads(now))
    removed = remove_unneeded(now=now)
    return [*done, f"removed {removed} uploaded files"] if removed else done


def _ring_for_uploads(now: datetime) -> Iterator[str]:
    for upload in waiting_uploads(at=now)[:MOST_RINGS]:
        try:
            ring_upload(upload)
        except RedisError as error:
            log.warning("queue_unreachable", error=str(error))
            return
        yield f"rang for the upload of {upload.name}"


def settle_back_tests(*, now: datetime) -> list[str]:
    """Ring for the back-tests that wait, or lost their worker; a sentence for each."""
    return list(_ring_for_back_tests(now))


def _ring_for_back_tests(now: datetime) -> Iterator[str]:
    for test in waiting_tests(at=now).select_related("version")[:MOST_RINGS]:
        try:
            ring_back_test(test)
        except RedisError as error:
            log.warning("queue_unreachable", error=str(error))
            return
        yield f"rang for the back-test of {test.version}"
