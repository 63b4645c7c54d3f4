"""The calendar of facts: what is there, late, corrected, and what published months used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scoring.facts.retracting import retract
from scoring.models import Evaluation, FactPart
from scoring.months import publication_due
from scoring.queries.coverage import (
    Standing,
    asked_month,
    coverage_of,
    months_shown,
    stale_months,
)
from scoring.queries.evaluation_desk import days_of
from tests.agencies.desk import said
from tests.factories import EvaluationFactory
from tests.factories.staff import operator, signed_in, supporter
from tests.factories.uploads import AT, FACT, facts_imported

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_today")]
OCTOBER = date(2026, 10, 1)
PAGE = "/staff/coverage/"
IN_TIME = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
OTHER = "2,0,0,1,0,0,,,"


@pytest.fixture
def _today() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


def october(day: int) -> str:
    return f"2026-10-{day:02}"


def published(**fields: object) -> Evaluation:
    """October, computed from what is there now."""
    evaluation: Evaluation = EvaluationFactory.create(**fields)
    evaluation.parts.set(FactPart.objects.current().filter(day__month=10))
    return evaluation


def test_what_was_taken_back_was_not_there_in_time() -> None:
    wrong = facts_imported(f"C1,{october(1)},{OTHER}", name="wrong.csv", at=IN_TIME)
    retract(imported_id=wrong.pk, reason="x", by=operator(), at=IN_TIME)
    assert coverage_of(OCTOBER, now=AT).days[0].first_at is None
    facts_imported(f"C1,{october(1)},{FACT}", name="right.csv")
    day = coverage_of(OCTOBER, now=AT).days[0]
    assert (day.first_at, day.late, day.corrected, day.taken_back) == (AT, True, 0, 1)


def test_the_desk_of_evaluations_says_the_same_of_frozen_days() -> None:
    first, second = f"C1,{october(1)},{FACT}", f"C1,{october(2)},{FACT}"
    facts_imported(first, second, f"C1,{october(3)},{FACT}", at=IN_TIME)
    facts_imported(first, f"C1,{october(3)},{OTHER}", name="again.csv")
    wrong = facts_imported(f"C1,{october(2)},{OTHER}", name="wrong.csv")
    retract(imported_id=wrong.pk, reason="x", by=operator(), at=AT)
    facts_imported(f"C1,{october(4)},{FACT}", name="late.csv")
    days = days_of(published()).days[:5]
    assert [day.state for day in days] == ["there", "there", "corrected", "late", "missing"]


def test_each_day_says_how_it_stands() -> None:
    days = [f"C1,{october(day)},{FACT}" for day in (1, 2, 3, 4)]
    facts_imported(*days, name="first.csv", at=IN_TIME)
    facts_imported(f"C1,{october(2)},{OTHER}", name="second.csv", at=IN_TIME)
    wrong = facts_imported(f"C1,{october(3)},{OTHER}", name="wrong.csv", at=IN_TIME)
    retract(imported_id=wrong.pk, reason="x", by=operator(), at=IN_TIME)
    published()
    facts_imported(f"C1,{october(4)},{OTHER}", f"C1,{october(5)},{FACT}", name="late.csv")
    found = coverage_of(OCTOBER, now=AT)
    said_of = [
        (
            day.standing,
            day.corrected,
            day.taken_back,
            day.late,
            day.differs,
            day.current.imported_file.name if day.current else "",
        )
        for day in found.days[:6]
    ]
    assert said_of == [
        (Standing.THERE, 0, 0, False, False, "first.csv"),
        (Standing.CORRECTED, 1, 0, False, False, "second.csv"),
        (Standing.CORRECTED, 0, 1, False, False, "first.csv"),
        (Standing.DIFFERS, 1, 0, False, True, "late.csv"),
        (Standing.DIFFERS, 0, 0, True, True, "late.csv"),
        (Standing.MISSING, 0, 0, False, False, ""),
    ]
    assert (found.with_facts, found.missing, found.late, found.differing) == (5, 26, 1, 2)
    assert found.days[3].frozen != found.days[3].current
    assert found.days[0].first_at == IN_TIME
    assert [day.changes for day in found.days[:3]] == ["", "corrected 1×", "taken back 1×"]


def test_a_day_that_a_result_used_and_that_is_gone_differs() -> None:
    entry = facts_imported(f"C1,{october(1)},{FACT}", at=IN_TIME)
    published()
    retract(imported_id=entry.pk, reason="x", by=operator(), at=AT)
    day = coverage_of(OCTOBER, now=AT).days[0]
    assert (day.standing, day.current, day.taken_back) == (Standing.DIFFERS, None, 1)


@pytest.mark.parametrize(
    ("after", "standing"), [(timedelta(0), Standing.THERE), (timedelta(seconds=1), Standing.LATE)]
)
def test_late_is_after_the_result_was_due(after: timedelta, standing: Standing) -> None:
    facts_imported(f"C1,{october(1)},{FACT}", at=publication_due(OCTOBER) + after)
    assert coverage_of(OCTOBER, now=AT).days[0].standing == standing


def test_today_and_later_are_not_missing_yet() -> None:
    facts_imported(f"C1,2026-11-21,{FACT}")
    days = coverage_of(date(2026, 11, 1), now=AT).days
    assert [day.standing for day in days[19:23]] == [
        Standing.MISSING,
        Standing.THERE,
        Standing.FUTURE,
        Standing.FUTURE,
    ]


def test_weeks_begin_on_monday() -> None:
    weeks = list(coverage_of(OCTOBER, now=AT).weeks)  # the first is a Thursday
    assert [len(week) for week in weeks] == [7] * 5
    first, last = weeks[0], weeks[-1]
    assert [day.day.day if day else None for day in first] == [None, None, None, 1, 2, 3, 4]
    assert [day.day.day if day else None for day in last] == [26, 27, 28, 29, 30, 31, None]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-10", OCTOBER),
        ("2020-01", date(2026, 9, 1)),
        ("2099-01", date(2026, 11, 1)),
        ("", date(2026, 11, 1)),
        ("x", date(2026, 11, 1)),
    ],
)
def test_the_month_asked_for_or_the_nearest(text: str, month: date) -> None:
    facts_imported(f"C1,2026-09-30,{FACT}")
    assert asked_month(text, *months_shown(now=AT)) == month


def test_stale_months_say_why_and_lead_to_the_difference() -> None:
    facts_imported(f"C1,{october(1)},{FACT}", at=IN_TIME)
    evaluation = published()
    assert stale_months() == []
    wrong = facts_imported(f"C1,{october(1)},{OTHER}", name="late.csv")
    retract(imported_id=wrong.pk, reason="x", by=operator(), at=AT)
    [stale] = stale_months()
    assert (stale.published, stale.newer, stale.under_way) == (evaluation, None, False)
    assert [sentence for _, sentence in stale.changes] == [
        "The import of late.csv was taken back: 1 day (Oct. 1, 2026) holds what it held before.",
        "Promotion data of 1 day (Oct. 1, 2026) changed by the file late.csv.",
    ]
    client, reader = signed_in(operator()), signed_in(supporter())
    assert "/staff/evaluations/ask/?month=2026-10" in said(client.get(PAGE))
    assert "/staff/evaluations/ask/" not in said(reader.get(PAGE))
    EvaluationFactory.create(revision=2, state="running", published_at=None)
    assert "being computed" in said(reader.get(PAGE))
    Evaluation.objects.filter(revision=2).update(state="computed")
    newer = Evaluation.objects.get(revision=2)
    assert f"/staff/evaluations/{newer.pk}/compare/" in said(reader.get(PAGE))


def test_the_page_tells_it(client: Client) -> None:
    facts_imported(f"C1,{october(1)},{FACT}", name="first.csv", at=IN_TIME)
    published()
    facts_imported(f"C1,{october(1)},{OTHER}", name="late.csv")
    page = said(signed_in(supporter()).get(f"{PAGE}?month=2026-10"))
    for told in (
        "Data through Oct. 1, 2026",
        "another content with 1 row",
        "1 day holds something else today than the result was computed from.",
        ">late.csv</a>",
        "revision 1, out of date since Nov. 22, 2026, 10 a.m.",
    ):
        assert told in page


def test_without_facts_the_page_shows_the_running_month() -> None:
    page = said(signed_in(supporter()).get(PAGE))
    assert "November 2026" in page
    assert "Data through" not in page


def test_the_same_queries_for_one_and_for_three_days() -> None:
    desk = signed_in(operator())
    facts_imported(f"C1,{october(1)},{FACT}", at=IN_TIME)
    published()
    facts_imported(f"C1,{october(1)},{OTHER}")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(f"{PAGE}?month=2026-10")
        return len(asked)

    queries()
    one = queries()
    facts_imported(*(f"C1,{october(day)},{FACT}" for day in (1, 2, 3)), again=True)
    assert (queries(), one <= 14) == (one, True)
