"""Claiming an evaluation and fencing what the claim writes (docs/adr/0002-evaluation-rows.md)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone

from scoring.enums import EvaluationState
from scoring.evaluation.states import move
from scoring.models import Evaluation

STALE_AFTER = timedelta(minutes=2)
MOST_ATTEMPTS = 10
log = structlog.get_logger()


class AttemptLost(RuntimeError):
    """Another attempt has taken the evaluation over: this one must not write any more."""


def claim(evaluation_id: int, *, at: datetime) -> Evaluation | None:
    """Start the next attempt of an evaluation; None when there is nothing to claim.

    1. A requested evaluation is claimed; a running one is taken over when its attempt is dead.
    2. The claim is a compare-and-swap on state and attempt: one of several claimants wins.
    3. An evaluation whose attempts all died without a word is given up after MOST_ATTEMPTS.
    4. The winner holds the attempt's advisory lock until its database session ends.
    """
    evaluation = Evaluation.objects.filter(pk=evaluation_id).first()
    if evaluation is None:
        return None
    changes: dict[str, Any] = {
        "attempt": evaluation.attempt + 1,
        "beat_at": at,
        "started_at": at,
        "progress": 0,
    }
    if evaluation.state == EvaluationState.REQUESTED:
        claimed = move(evaluation, "claim", at=at, **changes)
    elif evaluation.state == EvaluationState.RUNNING and is_dead(evaluation, at=at):
        if evaluation.attempt >= MOST_ATTEMPTS:
            error = f"Its worker ended {MOST_ATTEMPTS} times without an error: look at its memory."
            move(evaluation, "fail", at=at, reason=error, error=error)
            return None
        claimed = move(evaluation, "take_over", at=at, **changes)
    else:
        return None
    if not claimed or not _lock(evaluation):
        return None
    return evaluation


def is_dead(evaluation: Evaluation, *, at: datetime) -> bool:
    """Whether a running attempt has lost its database session or given no sign of life."""
    if evaluation.beat_at is None or evaluation.beat_at < at - STALE_AFTER:
        return True
    if not _lock(evaluation):
        return False
    _unlock(evaluation)
    # The winner of a claim commits its number a moment before it holds the lock.
    return evaluation.beat_at < at - timedelta(seconds=2 * settings.BEAT_SECONDS)


def _lock(evaluation: Evaluation) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [evaluation.pk, evaluation.attempt])
        return bool(cursor.fetchone()[0])


def _unlock(evaluation: Evaluation) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [evaluation.pk, evaluation.attempt])


def release(evaluation: Evaluation) -> None:
    """Give the attempt's lock back when the run has ended."""
    _unlock(evaluation)


def fence(evaluation: Evaluation, **changes: object) -> None:
    """Lock the row for this attempt and write `changes`; every write of a run begins with it.

    Raises AttemptLost when the attempt is no longer the running one: nothing is written then.
    """
    held = Evaluation.objects.filter(
        pk=evaluation.pk, state=EvaluationState.RUNNING, attempt=evaluation.attempt
    ).update(beat_at=timezone.now(), **changes)
    if not held:
        raise AttemptLost(f"attempt {evaluation.attempt} of {evaluation} was taken over")


@contextmanager
def fenced(evaluation: Evaluation, **changes: object) -> Iterator[None]:
    """A transaction whose writes only happen while this attempt is the running one."""
    with transaction.atomic():
        fence(evaluation, **changes)
        yield


class Pulse(threading.Thread):
    """Gives signs of life for a running attempt while the engine computes.

    Works on a connection of its own, and ends by itself when the attempt is lost.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        super().__init__(name=f"pulse-{evaluation.pk}", daemon=True)
        self.evaluation = evaluation
        self._over = threading.Event()

    def run(self) -> None:
        try:
            while not self._over.wait(settings.BEAT_SECONDS):
                fence(self.evaluation)
        except AttemptLost:
            pass  # the run itself stops at its next fenced write
        except Error as error:
            log.warning("evaluation_pulse_stopped", error=str(error))
        finally:
            connection.close()

    def stop(self) -> None:
        self._over.set()
        self.join()
