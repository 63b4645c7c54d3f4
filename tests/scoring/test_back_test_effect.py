"""What a back-test says is what is seen once the version is in force, for every agency."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from portal.demo import DemoSize
from rankings.models import BoardKind, Place
from scoring.backtests.life import ask_back_test
from scoring.backtests.run import run_back_test
from scoring.models import Assessment, BackTest, BackTestResult, Evaluation
from scoring.rulebook_versions import DEFAULT, store_rulebook
from tests.factories import UserFactory
from tests.factories.demo import load_platform, publish_month

# Something of every kind that decides: stages, floors, curves, the bonus, cut-offs.
CHANGES = (
    ('version = "2026.1"', 'version = "draft"'),
    ("novice_months = 2 ", "novice_months = 1 "),
    ("service_floor = 140 ", "service_floor = 150.01 "),
    ("credit_floor = 80 ", "credit_floor = 100 "),
    ("[100000, 40]", "[120000, 55.5]"),
    ("[0.05, 40]", "[0.0333, 61.7]"),
    ("[4.4, 150]", "[4.4, 153.33]"),
    ("cap = 100 ", "cap = 33.3 "),
    ("min_total = 550", "min_total = 512.34"),
)


def draft_from(month: date) -> str:
    text = DEFAULT.read_text(encoding="utf-8")
    changes = (*CHANGES, ('effective_from = "2000-01"', f'effective_from = "{month:%Y-%m}"'))
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def seen(evaluation: Evaluation) -> dict[int, tuple[object, ...]]:
    """Each agency's published result: stage, level, total, points, both ranks."""
    ranks = {
        kind: dict(
            Place.objects.filter(board__evaluation=evaluation, board__kind=kind).values_list(
                "agency_id", "rank"
            )
        )
        for kind in BoardKind
    }
    return {
        each.agency_id: (
            each.stage,
            each.level,
            each.total,
            {key: found["points"] for key, found in each.indicators.items()},
            ranks[BoardKind.STRENGTH].get(each.agency_id),
            ranks[BoardKind.GROWTH].get(each.agency_id),
        )
        for each in Assessment.objects.filter(evaluation=evaluation)
    }


def told(test: BackTest, month: date) -> dict[int, tuple[object, ...]]:
    results = BackTestResult.objects.filter(back_test=test, month=month)
    return {
        each.agency_id: (
            *(each.stage, each.level, each.total, each.points, each.strength, each.growth),
        )
        for each in results
    }


@pytest.mark.django_db(transaction=True)
def test_the_figures_are_the_effect(tmp_path: Path) -> None:
    months = load_platform(tmp_path / "demo", DemoSize(agencies=60, creators=600, months=4))
    for month in months:
        before = publish_month(month)
    tried = months[1:]
    draft, _ = store_rulebook(draft_from(tried[0]), at=timezone.now())
    by = UserFactory.create()
    test, _ = ask_back_test(version_id=draft.pk, months=tried, at=timezone.now(), by=by)
    assert run_back_test(test.pk, clock=timezone.now)
    test.refresh_from_db()
    was = seen(before)

    store_rulebook(draft.text, at=timezone.now(), activate=True)
    for month in tried:
        now = publish_month(month, reason="other rules")
        assert now.rulebook == draft
        assert told(test, month) == seen(now), month
    assert test.summary["all"]["left_out"] == 0
    assert test.summary["all"]["agencies"] == BackTestResult.objects.filter(back_test=test).count()
    # it was worth trying: levels rise and fall, novices are assessed, stages change
    newest = test.summary["months"][f"{tried[-1]:%Y-%m}"]
    assert newest["up"]
    assert newest["down"]
    assert newest["matrix"]["novice"].keys() - {"novice"}
    before_rows = BackTestResult.objects.filter(back_test=test, month=tried[-1])
    assert {
        each.agency_id: (
            *(each.stage_before, each.level_before, each.total_before),
            *(each.strength_before, each.growth_before),
        )
        for each in before_rows
    } == {agency: (*found[:3], *found[4:]) for agency, found in was.items()}
