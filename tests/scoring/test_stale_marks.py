"""Why a revision is out of date, in sentences."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from scoring.enums import Cause
from scoring.queries.stale_marks import MOST_MARKS, changes_since_frozen, told
from tests.factories import EvaluationFactory
from tests.factories.evaluations import AT, mark_of

pytestmark = pytest.mark.django_db
FOURTH, SIXTH = date(2026, 10, 4), date(2026, 10, 6)


@pytest.mark.parametrize(
    ("cause", "about", "sentence"),
    [
        (
            Cause.FACTS,
            {"import": 7, "file": "oct.csv", "days": 3},
            "Promotion data of 3 days (Oct. 4, 2026 – Oct. 6, 2026) changed by the file oct.csv.",
        ),
        (Cause.FACTS, {"agencies": 1}, "1 agency joined on a day of the past."),
        (
            Cause.BINDINGS,
            {"creators": 2},
            "2 bindings changed; it concerns Oct. 4, 2026 – Oct. 6, 2026.",
        ),
        (Cause.BINDINGS, {}, "Bindings changed; it concerns Oct. 4, 2026 – Oct. 6, 2026."),
        (
            Cause.APPEAL,
            {"month_before": "2026-09-01"},
            "The result of September 2026 was corrected: levels that appeals hold depend on it.",
        ),
        (Cause.APPEAL, {"references": ["V-1"]}, "The appeal in case V-1 was decided."),
        (
            Cause.CREDIT,
            {"references": [f"V-{number}" for number in range(1, 8)]},
            "The decisions in the cases V-1, V-2, V-3, V-4, V-5, … changed credit.",
        ),
        (
            Cause.RULES,
            {"version": "2026.2"},
            "Version 2026.2 of the rules counts from Oct. 4, 2026 on.",
        ),
        (
            Cause.CREDIT,
            {},
            "Decisions on violations or credit changed; it concerns Oct. 4, 2026 – Oct. 6, 2026.",
        ),
    ],
)
def test_a_change_is_told_by_what_it_was(
    cause: Cause, about: dict[str, Any], sentence: str
) -> None:
    mark = mark_of(EvaluationFactory.create(), cause, first=FOURTH, last=SIXTH, about=about)
    assert told(mark) == sentence


def test_an_open_end_is_told_as_one() -> None:
    mark = mark_of(EvaluationFactory.create(), Cause.BINDINGS, first=FOURTH, last=None)
    assert told(mark) == "Bindings changed; it concerns all days from Oct. 4, 2026 on."


def test_changes_are_told_from_the_one_that_made_it_stale_the_newest_first() -> None:
    evaluation = EvaluationFactory.create()
    mark_of(evaluation, Cause.RULES, at=AT - timedelta(days=1))
    evaluation.stale_since = None
    evaluation.save(update_fields=["stale_since"])
    assert changes_since_frozen(evaluation).count == 0
    mark_of(evaluation, Cause.APPEAL)
    mark_of(evaluation, Cause.FACTS, at=AT - timedelta(hours=1))
    changes = changes_since_frozen(evaluation)
    assert [each.cause for each in changes.newest] == [
        "Promotion data arrived late or was corrected",
        "An appeal was decided",
    ]


def test_many_changes_are_counted_rather_than_listed() -> None:
    evaluation = EvaluationFactory.create()
    for _ in range(MOST_MARKS + 2):
        mark_of(evaluation)
    changes = changes_since_frozen(evaluation)
    assert (len(changes.newest), changes.count, changes.more) == (MOST_MARKS, MOST_MARKS + 2, 2)
