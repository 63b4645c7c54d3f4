"""Fault 4: losing the queue loses nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_rq
import pytest
from django.test import Client, override_settings

from scoring.due import settle
from scoring.enums import EvaluationState
from scoring.evaluation.actions import request_evaluation
from scoring.jobs import ring
from scoring.models import Evaluation
from tests.factories import MembershipFactory
from tests.faults.digest import platform_digest
from tests.faults.processes import start
from tests.scoring.conftest import JULY, NOW, Platform, published

pytestmark = pytest.mark.django_db(transaction=True)
AWAY = {"default": {"URL": "unix:///nowhere/valkey.sock?db=0"}}


@pytest.fixture
def queue_away(settings: Any) -> None:
    """The queue's address leads nowhere."""
    settings.RQ_QUEUES = AWAY


def _work() -> None:
    """A real worker empties the queue and ends."""
    worker = start("manage.py", "rqworker", "default", "--burst", BEAT_SECONDS="0.1")
    out, err = worker.communicate(timeout=120)
    assert worker.returncode == 0, out + err


def test_a_flushed_queue_is_rung_again(platform: Platform) -> None:
    published(JULY)
    clean = platform_digest()
    evaluation = request_evaluation(month=JULY, at=NOW, reason="flushed", publish=True)
    ring(evaluation)
    django_rq.get_connection("default").flushdb()

    assert settle(now=NOW) == [f"rang for {evaluation}"]
    _work()

    evaluation.refresh_from_db()
    assert evaluation.state == EvaluationState.PUBLISHED
    assert platform_digest() == clean


def test_ringing_twenty_times_computes_once(platform: Platform) -> None:
    evaluation = request_evaluation(month=JULY, at=NOW)
    for _ in range(20):
        ring(evaluation)
    _work()

    evaluation.refresh_from_db()
    assert (evaluation.state, evaluation.attempt) == (EvaluationState.COMPUTED, 1)


def test_reconcile_goes_on_without_a_queue(platform: Platform, queue_away: None) -> None:
    assert settle(now=NOW) == ["asked for the publication of 2026-07 r1"]

    assert Evaluation.objects.get().state == EvaluationState.REQUESTED


def test_the_row_drains_once_the_queue_is_back(platform: Platform) -> None:
    with override_settings(RQ_QUEUES=AWAY):
        settle(now=NOW)

    settle(now=NOW + timedelta(minutes=1))
    _work()

    assert Evaluation.objects.get().state == EvaluationState.PUBLISHED


def test_pages_are_read_without_a_queue(platform: Platform, queue_away: None) -> None:
    published(JULY)
    member = MembershipFactory(agency=platform.strong).user
    client = Client()
    client.force_login(member)

    for path in ("/home/", "/score/", "/boards/strength/", "/public/boards/growth/"):
        assert client.get(path).status_code == 200, path
