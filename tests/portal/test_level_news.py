"""A publication tells each agency whose level or stage is another one, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from agencies.enums import News, Stage
from agencies.models import Agency
from portal.models import OutboxEntry
from portal.outbox.levels import tell_levels
from scoring.enums import Cause, EvaluationState
from scoring.models import Evaluation
from scoring.signals import evaluation_published
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, MembershipFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)
AT = datetime(2026, 11, 2, 19, 0, tzinfo=UTC)


def result(evaluation: Evaluation, agency: Agency, level: str) -> None:
    """A result by its level; "observation" and "novice" are stages without one."""
    if level in Stage.values:
        AssessmentFactory.create(evaluation=evaluation, agency=agency, stage=level, level="")
    else:
        AssessmentFactory.create(evaluation=evaluation, agency=agency, level=level)


def months(*months: date) -> list[Evaluation]:
    return [EvaluationFactory.create(month=each) for each in months]


def told() -> list[tuple[str, dict[str, Any]]]:
    rows = OutboxEntry.objects.order_by("id").values_list("agency__code", "news", "about")
    assert {news for _, news, _ in rows} <= {News.LEVEL_CHANGED}
    return [(code, about) for code, _, about in rows]


def corrected_october(seen: dict[str, Any], now: dict[str, Any], **given: Any) -> Evaluation:
    """A second revision of October; each agency has a level, or values of its result."""
    (first,) = months(OCTOBER)
    Evaluation.objects.filter(pk=first.pk).update(state=EvaluationState.SUPERSEDED)
    second = EvaluationFactory.create(month=OCTOBER, revision=2, **given)
    for code, values in seen.items():
        agency = AgencyFactory.create(code=code)
        for evaluation, found in ((first, values), (second, now[code])):
            AssessmentFactory.create(evaluation=evaluation, agency=agency, **found)
    return second


def about(before: str, now: str, **others: Any) -> dict[str, Any]:
    def stage(each: str) -> str:
        return each if each in Stage.values else "assessed"

    def level(each: str) -> str:
        return "" if each in Stage.values else each

    return {
        "month": "2026-10-01",
        "corrected": False,
        "level": level(now),
        "stage": stage(now),
        "level_before": level(before),
        "stage_before": stage(before),
        **others,
    }


def test_a_publication_tells_those_whose_level_or_stage_changed() -> None:
    september, october = months(SEPTEMBER, OCTOBER)
    changes = {
        "FALL": ("V4", "V3"),
        "LOST": ("V2", "observation"),
        "SAME": ("V3", "V3"),
        "STILL": ("observation", "observation"),
        "YOUNG": ("novice", "V1"),
    }
    for code, (before, now) in changes.items():
        agency = AgencyFactory.create(code=code)
        result(september, agency, before)
        result(october, agency, now)
    evaluation_published.send(sender=Evaluation, evaluation=october, at=AT)
    assert told() == [
        ("FALL", about("V4", "V3")),
        ("LOST", about("V2", "observation")),
        ("YOUNG", about("novice", "V1")),
    ]
    entry = OutboxEntry.objects.first()
    assert entry is not None
    assert (entry.at, entry.attempts, entry.last_error, entry.sent_at) == (AT, 0, "", None)


def test_a_first_result_changes_nothing() -> None:
    _, october = months(SEPTEMBER, OCTOBER)
    result(october, AgencyFactory.create(), "novice")
    result(october, AgencyFactory.create(), "V2")
    tell_levels(october, at=AT)
    assert told() == []


def test_after_a_gap_nothing_is_compared() -> None:
    august, october = months(AUGUST, OCTOBER)
    agency = AgencyFactory.create()
    result(august, agency, "V4")
    result(october, agency, "V2")
    tell_levels(october, at=AT)
    assert told() == []


def test_a_corrected_month_is_compared_with_what_was_seen_of_it() -> None:
    september, seen = months(SEPTEMBER, OCTOBER)
    unseen = EvaluationFactory.create(
        month=OCTOBER, revision=2, state=EvaluationState.SUPERSEDED, published_at=None
    )
    Evaluation.objects.filter(pk=seen.pk).update(state=EvaluationState.SUPERSEDED)
    corrected = EvaluationFactory.create(month=OCTOBER, revision=3)
    for code, levels in {"BACK": ("V3", "V2", "V1", "V3"), "OLD": ("V3", "V2", "V3", "V2")}.items():
        agency = AgencyFactory.create(code=code)
        for evaluation, level in zip((september, seen, unseen, corrected), levels, strict=True):
            result(evaluation, agency, level)
    tell_levels(corrected, at=datetime(2028, 1, 1, tzinfo=UTC))
    assert told() == [("BACK", about("V2", "V3", corrected=True))]


@pytest.mark.parametrize(
    ("at", "count"),
    [(datetime(2027, 1, 2, 18, 59, tzinfo=UTC), 1), (datetime(2027, 1, 2, 19, 0, tzinfo=UTC), 0)],
)
def test_a_month_published_much_too_late_is_no_news(at: datetime, count: int) -> None:
    september, october = months(SEPTEMBER, OCTOBER)
    agency = AgencyFactory.create()
    result(september, agency, "V4")
    result(october, agency, "V3")
    tell_levels(october, at=at)
    assert len(told()) == count


@pytest.mark.parametrize("agencies", [1, 3])
def test_two_queries_tell_however_many(
    agencies: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    september, october = months(SEPTEMBER, OCTOBER)
    for agency in AgencyFactory.create_batch(agencies):
        result(september, agency, "V2")
        result(october, agency, "V3")
    with django_assert_num_queries(2):
        tell_levels(october, at=AT)
    assert len(told()) == agencies


def test_the_message_leads_to_the_movement_of_its_month() -> None:
    september, october = months(SEPTEMBER, OCTOBER)
    agency = AgencyFactory.create()
    result(september, agency, "V4")
    result(october, agency, "V3")
    tell_levels(october, at=AT)
    member: Client = signed_in(MembershipFactory.create(agency=agency).user)
    page = " ".join(member.get("/messages/").content.decode().split())
    assert '<a href="/score/movement/?month=2026-10">The level or stage changed</a>' in page
    assert "Result of October 2026: V3; the month before: V4." in page
    assert member.get("/score/movement/?month=2026-10").status_code == 200


def test_a_correction_says_why_to_those_whose_result_is_another_one() -> None:
    seen = {
        "FALL": {"level": "V3", "total": "560.00"},
        "MOVED": {"level": "V3", "total": "612.30"},
        "SAME": {"level": "V3", "total": "600.00"},
        "YOUNG": {"stage": Stage.NOVICE},
    }
    now = {
        **seen,
        "FALL": {"level": "V2", "total": "540.00"},
        "MOVED": {"level": "V3", "total": "655.1"},
    }
    corrected = corrected_october(seen, now, cause=Cause.FACTS, reason="for the staff only")
    tell_levels(corrected, at=AT)
    rows = OutboxEntry.objects.order_by("id").values_list("agency__code", "news", "about")
    assert list(rows) == [
        ("FALL", News.LEVEL_CHANGED, about("V3", "V2", corrected=True, cause="facts")),
        (
            "MOVED",
            News.RESULT_CORRECTED,
            {
                "month": "2026-10-01",
                "total": "655.10",
                "total_before": "612.30",
                "cause": "facts",
            },
        ),
    ]
    page = signed_in(MembershipFactory.create(agency=Agency.objects.get(code="MOVED")).user)
    text = " ".join(page.get("/messages/").content.decode().split())
    assert "655.10 points instead of 612.30" in text
    assert "Promotion data arrived late or was corrected" in text
    assert "for the staff only" not in text
    assert page.get("/score/?month=2026-10").status_code == 200


def test_a_correction_without_a_cause_names_none() -> None:
    corrected = corrected_october(
        {"OWN": {"level": "V3"}}, {"OWN": {"level": "V2"}}, cause=Cause.ROUTINE
    )
    tell_levels(corrected, at=AT)
    assert told() == [("OWN", about("V3", "V2", corrected=True))]


@pytest.mark.parametrize("agencies", [1, 3])
def test_three_queries_tell_of_a_correction(
    agencies: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    codes = [f"A{number}" for number in range(agencies)]
    corrected = corrected_october(
        {code: {"total": "600.00"} for code in codes},
        {code: {"total": "601.00"} for code in codes},
        cause=Cause.APPEAL,
    )
    with django_assert_num_queries(3):
        tell_levels(corrected, at=AT)
    assert OutboxEntry.objects.filter(news=News.RESULT_CORRECTED).count() == agencies
