"""Fault 3: two schedulers, or none for a day, still give one run of each month."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from agencies.signals import history_changed
from scoring.due import settle
from scoring.enums import EvaluationState
from scoring.evaluation.actions import request_evaluation
from scoring.evaluation.attempt import claim
from scoring.evaluation.freeze import freeze
from scoring.evaluation.run import run_evaluation
from scoring.models import Evaluation, FactPart
from scoring.projection import project
from tests.factories.facts import deliver_facts
from tests.scoring.conftest import JULY, JUNE, MAY, NOW, Platform, computed, published

pytestmark = pytest.mark.django_db(transaction=True)
DUE = timezone.make_aware(datetime(2026, 8, 3, 3, 0))


def _asked() -> list[str]:
    return [f"{each:%Y-%m}" for each in Evaluation.objects.values_list("month", flat=True)]


def test_nothing_is_due_a_second_before_three_o_clock(platform: Platform) -> None:
    published(JUNE)
    project(at=DUE - timedelta(seconds=1))

    assert settle(now=DUE - timedelta(seconds=1)) == []


def test_the_month_is_asked_for_at_three_o_clock(platform: Platform) -> None:
    published(JUNE)

    settle(now=DUE)

    asked = Evaluation.objects.get(month=JULY)
    assert (asked.revision, asked.publish_when_computed) == (1, True)


def test_many_schedulers_at_the_same_second_ask_once(platform: Platform) -> None:
    published(JUNE)
    together = Barrier(8)

    def tick(_: int) -> None:
        together.wait()
        try:
            settle(now=DUE)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tick, range(8)))

    assert Evaluation.objects.filter(month=JULY).count() == 1


def test_an_outage_is_caught_up_within_one_reconcile(platform: Platform) -> None:
    published(MAY)

    settle(now=DUE + timedelta(days=2))

    assert sorted(_asked()) == ["2026-05", "2026-06", "2026-07"]


def test_a_fresh_platform_begins_with_the_newest_due_month(platform: Platform) -> None:
    settle(now=DUE)

    assert _asked() == ["2026-07"]


def test_an_empty_platform_has_nothing_due(transactional_db: None) -> None:
    assert settle(now=DUE) == []


def test_a_month_that_was_only_computed_is_published_when_it_is_due(platform: Platform) -> None:
    evaluation = computed(JULY)

    assert settle(now=DUE) == [
        "asked for the publication of 2026-07 r1",
        "published 2026-07 r1",
    ]
    evaluation.refresh_from_db()
    assert evaluation.state == EvaluationState.PUBLISHED


def test_a_computed_month_is_published_by_the_next_reconcile(platform: Platform) -> None:
    settle(now=DUE)
    evaluation = Evaluation.objects.get()
    run_evaluation(evaluation.pk)

    evaluation.refresh_from_db()
    assert evaluation.state == EvaluationState.PUBLISHED
    assert settle(now=DUE + timedelta(minutes=1)) == []


def test_a_held_month_is_computed_again_when_its_missing_day_arrives(platform: Platform) -> None:
    lost = FactPart.objects.current().get(day=JULY)
    FactPart.objects.filter(pk=lost.pk).update(superseded_at=timezone.now())
    settle(now=DUE)
    held = Evaluation.objects.get()
    run_evaluation(held.pk)
    held.refresh_from_db()
    assert held.state == EvaluationState.COMPUTED

    deliver_facts({(platform.star, JULY): {}})
    Evaluation.objects.filter(pk=held.pk).update(stale_since=timezone.now())
    settle(now=DUE + timedelta(hours=1))
    run_evaluation(Evaluation.objects.get(revision=2).pk)

    assert list(Evaluation.objects.order_by("revision").values_list("state", flat=True)) == [
        "superseded",
        "published",
    ]


def test_a_published_month_is_not_computed_again_by_itself(platform: Platform) -> None:
    evaluation = published(JULY)
    Evaluation.objects.filter(pk=evaluation.pk).update(stale_since=timezone.now())

    assert settle(now=DUE + timedelta(days=1)) == []


def test_months_are_published_in_their_order(platform: Platform) -> None:
    published(MAY)
    settle(now=DUE + timedelta(days=1))
    june, july = (Evaluation.objects.get(month=month) for month in (JUNE, JULY))

    run_evaluation(july.pk)
    july.refresh_from_db()
    assert july.state == EvaluationState.COMPUTED
    run_evaluation(june.pk)
    assert settle(now=DUE + timedelta(days=1)) == ["published 2026-07 r1"]


def test_an_old_failure_does_not_stop_a_newer_revision(platform: Platform) -> None:
    failed = computed(JULY)
    Evaluation.objects.filter(pk=failed.pk).update(state=EvaluationState.FAILED)
    newer = computed(JULY)

    settle(now=DUE)

    newer.refresh_from_db()
    assert (newer.revision, newer.state) == (2, EvaluationState.PUBLISHED)


def test_what_changes_during_a_run_marks_it_as_stale(platform: Platform) -> None:
    evaluation = request_evaluation(month=JULY, at=NOW, publish=True)
    attempt = claim(evaluation.pk, at=timezone.now())
    assert attempt is not None
    freeze(attempt)

    history_changed.send(sender=Platform, first=JULY, last=None)

    evaluation.refresh_from_db()
    assert evaluation.stale_since is not None


def test_what_changed_before_a_run_does_not_mark_it(platform: Platform) -> None:
    evaluation = request_evaluation(month=JULY, at=NOW, publish=True)
    history_changed.send(sender=Platform, first=JULY, last=None)

    run_evaluation(evaluation.pk)

    evaluation.refresh_from_db()
    assert (evaluation.state, evaluation.stale_since) == (EvaluationState.PUBLISHED, None)
