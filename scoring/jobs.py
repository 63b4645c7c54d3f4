"""Jobs of the worker: each takes an id, loads, and calls one action."""

from __future__ import annotations

import django_rq

from scoring.evaluation.run import run_evaluation
from scoring.models import Evaluation

RESULT_TTL = 3600


def ring(evaluation: Evaluation) -> None:
    """Put an evaluation into the queue; ringing twice is harmless. Raises RedisError."""
    django_rq.get_queue("default").enqueue(
        compute,
        evaluation.pk,
        result_ttl=RESULT_TTL,
        failure_ttl=RESULT_TTL,
    )


def compute(evaluation_id: int) -> None:
    """Compute an evaluation unless somebody has done it or is at it."""
    run_evaluation(evaluation_id)
