"""Fault 2: an orphaned work-horse writes nothing after its attempt was taken over."""

from __future__ import annotations

import os
import signal
import subprocess
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.db import connection
from django.utils import timezone

from scoring.enums import EvaluationState, Step
from scoring.evaluation.actions import request_evaluation
from scoring.evaluation.attempt import MOST_ATTEMPTS, AttemptLost, claim, fence
from scoring.evaluation.results import CONTRIBUTIONS, drop_leftovers, load_contributions
from scoring.evaluation.run import run_evaluation
from scoring.jobs import ring
from scoring.models import CreatorContribution
from tests.faults.digest import platform_digest
from tests.faults.processes import start, until
from tests.scoring.conftest import JULY, NOW, Platform, published

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_orphan_s_later_writes_are_refused(platform: Platform, tmp_path: Path) -> None:
    published(JULY)
    clean = platform_digest()
    evaluation = request_evaluation(month=JULY, at=NOW, reason="orphaned", publish=True)
    go_on = tmp_path / "go-on"
    worker = start("-m", "tests.faults.slow_worker", str(go_on), output=subprocess.DEVNULL)
    ring(evaluation)

    def scoring() -> bool:
        evaluation.refresh_from_db()
        return evaluation.step == Step.SCORE

    until(scoring, "the work-horse scores")
    (horse,) = psutil.Process(worker.pid).children()
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    assert horse.is_running()

    run_evaluation(evaluation.pk, at=timezone.now() + timedelta(minutes=5))
    go_on.touch()
    horse.wait(timeout=60)

    evaluation.refresh_from_db()
    assert (evaluation.state, evaluation.attempt) == (EvaluationState.PUBLISHED, 2)
    assert evaluation.events.filter(to_state="computed").count() == 1
    assert evaluation.assessments.count() == 4
    assert platform_digest() == clean
    assert _partitions(evaluation.pk) == [f"{CONTRIBUTIONS}_{evaluation.pk}_2"]


def _partitions(pk: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE %s ORDER BY 1",
            [f"{CONTRIBUTIONS}\\_{pk}\\_%"],
        )
        return [name for (name,) in cursor.fetchall()]


def test_a_fence_of_a_lost_attempt_writes_nothing(platform: Platform) -> None:
    evaluation = request_evaluation(month=JULY, at=NOW)
    first = claim(evaluation.pk, at=timezone.now())
    assert first is not None
    second = claim(evaluation.pk, at=timezone.now() + timedelta(minutes=5))
    assert second is not None

    with pytest.raises(AttemptLost):
        fence(first, progress=99)

    evaluation.refresh_from_db()
    assert (evaluation.attempt, evaluation.progress) == (2, 0)


def test_a_living_attempt_is_not_taken_over(platform: Platform) -> None:
    evaluation = request_evaluation(month=JULY, at=NOW)
    assert claim(evaluation.pk, at=timezone.now()) is not None

    assert claim(evaluation.pk, at=timezone.now() + timedelta(seconds=1)) is None


def test_a_late_orphan_cannot_drop_the_winner_s_contributions(platform: Platform) -> None:
    evaluation = request_evaluation(month=JULY, at=NOW)
    orphan = claim(evaluation.pk, at=timezone.now())
    assert orphan is not None
    run_evaluation(evaluation.pk, at=timezone.now() + timedelta(minutes=5))

    with pytest.raises(AttemptLost):
        load_contributions(orphan, [])

    assert CreatorContribution.objects.filter(evaluation=evaluation).count() == 2


def test_tables_that_dead_attempts_left_are_dropped(platform: Platform) -> None:
    kept = published(JULY)
    evaluation = request_evaluation(month=JULY, at=NOW, reason="dies")
    dead = claim(evaluation.pk, at=timezone.now())
    assert dead is not None
    load_contributions(dead, [])
    assert drop_leftovers() == 0
    run_evaluation(evaluation.pk, at=timezone.now() + timedelta(minutes=5))

    assert drop_leftovers() == 1
    assert _partitions(evaluation.pk) == [f"{CONTRIBUTIONS}_{evaluation.pk}_2"]
    assert _partitions(kept.pk) == [f"{CONTRIBUTIONS}_{kept.pk}_1"]


def test_an_evaluation_that_kills_every_worker_is_given_up(platform: Platform) -> None:
    evaluation = request_evaluation(month=JULY, at=NOW)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        claimed = claim(evaluation.pk, at=timezone.now() + timedelta(minutes=5 * attempt))
        assert claimed is not None

    assert claim(evaluation.pk, at=timezone.now() + timedelta(days=1)) is None
    evaluation.refresh_from_db()
    assert evaluation.state == EvaluationState.FAILED
    assert evaluation.error.startswith("Its worker ended 10 times without an error")
