"""One run: claim, freeze, measure, assess, write, and publish where that was asked for."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import Error, connection
from django.utils import timezone

from scoring.enums import Step
from scoring.evaluation.actions import publish_if_sound, set_aside_unchanged
from scoring.evaluation.assess import assess, result_digest
from scoring.evaluation.attempt import AttemptLost, Pulse, claim, fence, release
from scoring.evaluation.freeze import freeze, frozen_path, read_agencies
from scoring.evaluation.measure import measured
from scoring.evaluation.results import complete, load_contributions
from scoring.evaluation.states import move
from scoring.models import Evaluation

MOST_FAILURES = 3
log = structlog.get_logger()


def run_evaluation(evaluation_id: int, *, at: datetime | None = None) -> Evaluation | None:
    """Compute an evaluation if it is there to be computed; None when it is not, or was lost.

    1. Ringing it any number of times, from any number of workers, computes it once.
    2. A failed attempt is asked for again, up to three failures; the error is kept in the row and
       raised.
    3. An evaluation asked for with publication is published when the gate passes. One that an
       appeal asked for is set aside where it gives the published result once more.
    """
    evaluation = claim(evaluation_id, at=at or timezone.now())
    if evaluation is None:
        return None
    pulse = Pulse(evaluation)
    pulse.start()
    try:
        _compute(evaluation)
    except AttemptLost as lost:
        log.warning("evaluation_attempt_lost", evaluation=str(evaluation), detail=str(lost))
        return None
    except Exception as error:
        _record_failure(evaluation, error)
        raise
    finally:
        pulse.stop()
        _release(evaluation)
    if evaluation.publish_when_computed:
        publish_if_sound(evaluation_id=evaluation.pk, at=timezone.now())
    else:
        set_aside_unchanged(evaluation_id=evaluation.pk, at=timezone.now())
    evaluation.refresh_from_db()
    return evaluation


def _compute(evaluation: Evaluation) -> None:
    fence(evaluation, step=Step.FREEZE, progress=2)
    freeze(evaluation)
    fence(evaluation, step=Step.MEASURE, progress=5)
    with measured(
        evaluation, progress=lambda percent: fence(evaluation, progress=5 + percent * 55 // 100)
    ) as month:
        fence(evaluation, step=Step.SCORE, progress=60)
        frozen = {name: frozen_path(file) for name, file in evaluation.inputs.items()}
        agencies = read_agencies(frozen["agencies"], frozen["appeals"])
        results = assess(evaluation.rules, evaluation.month, agencies, month.totals())
        fence(evaluation, step=Step.WRITE, progress=70)
        load_contributions(evaluation, month.contributions(evaluation.pk))
    fence(evaluation, step=Step.WRITE, progress=90)
    digest = result_digest(evaluation.month, results)
    complete(evaluation, results, digest=digest, at=timezone.now())


def _record_failure(evaluation: Evaluation, error: Exception) -> None:
    """Give the evaluation back, or give it up; a broken connection leaves that to reconcile."""
    try:
        if connection.needs_rollback or not connection.is_usable():
            connection.close()
        failures = evaluation.failures + 1
        transition = "retry" if failures < MOST_FAILURES else "fail"
        message = f"{type(error).__name__}: {error}"
        move(
            evaluation,
            transition,
            at=timezone.now(),
            reason=message,
            failures=failures,
            error=message,
        )
    except Error as broken:
        log.warning("evaluation_failure_not_recorded", error=str(broken))


def _release(evaluation: Evaluation) -> None:
    try:
        release(evaluation)
    except Error:
        connection.close()  # the lock went with the session
