"""Fault 1: a month is computed once and published once, whatever is killed."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from scoring.due import settle
from scoring.enums import EvaluationState
from scoring.evaluation.actions import request_evaluation
from scoring.evaluation.run import run_evaluation
from scoring.models import Evaluation
from tests.faults.digest import platform_digest
from tests.faults.processes import start, until_noticed
from tests.scoring.conftest import JULY, JUNE, NOW, Platform, published

pytestmark = pytest.mark.django_db(transaction=True)
KILLED = "tests.faults.killed_run"


def _requested(reason: str) -> Evaluation:
    return request_evaluation(month=JULY, at=NOW, reason=reason, publish=True)


def _points() -> int:
    """How many points a clean run has; leaves it published."""
    counted = start("-m", KILLED, str(_requested("count").pk), "0")
    out, err = counted.communicate()
    assert counted.returncode == 0, err
    return int(out)


def _killed_at(point: int) -> Evaluation:
    evaluation = _requested(f"killed at point {point}")
    child = start("-m", KILLED, str(evaluation.pk), str(point))
    _, err = child.communicate()
    assert child.returncode == -signal.SIGKILL, err
    until_noticed()
    return evaluation


def _recover(evaluation: Evaluation) -> None:
    """What the next reconcile and a worker do, a minute later."""
    later = timezone.now() + timedelta(minutes=1)
    settle(now=later)
    run_evaluation(evaluation.pk, at=later)
    settle(now=later)


def test_a_killed_run_is_finished_by_the_next_worker(platform: Platform) -> None:
    published(JUNE)
    published(JULY)
    clean = platform_digest()
    points = _points()
    assert points > 40
    step = 1 if os.environ.get("SOAK") else points // 6

    for point in range(1, points + 1, step):
        evaluation = _killed_at(point)
        _recover(evaluation)
        evaluation.refresh_from_db()
        assert evaluation.state == EvaluationState.PUBLISHED, f"point {point}"
        assert platform_digest() == clean, f"point {point}"
        assert evaluation.events.filter(to_state="published").count() == 1
        assert evaluation.events.filter(to_state="computed").count() == 1
