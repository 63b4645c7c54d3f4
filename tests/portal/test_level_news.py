"""A publication tells each agency its result: another level or stage with why, or that it stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from agencies.enums import News, Stage
from agencies.models import Agency
from portal.models import OutboxEntry
from portal.outbox import words
from portal.outbox.levels import tell_levels
from scoring.enums import Cause, EvaluationState
from scoring.models import Evaluation, RulebookVersion
from scoring.signals import evaluation_published
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, MembershipFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)
# What every change says besides its reason.
COMPARED = {"month", "corrected", "level", "stage", "level_before", "stage_before"}
AT = datetime(2026, 11, 2, 19, 0, tzinfo=UTC)


def result(evaluation: Evaluation, agency: Agency, level: str) -> None:
    """A result by its level; "observation" and "novice" are stages without one."""
    if level in Stage.values:
        AssessmentFactory.create(
            evaluation=evaluation, agency=agency, stage=level, level="", credit=79
        )
    else:
        AssessmentFactory.create(evaluation=evaluation, agency=agency, level=level)


def months(*months: date) -> list[Evaluation]:
    return [EvaluationFactory.create(month=each) for each in months]


def told(news: News = News.LEVEL_CHANGED) -> list[tuple[str, dict[str, Any]]]:
    rows = OutboxEntry.objects.filter(news=news).order_by("id")
    return list(rows.values_list("agency__code", "about"))


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
    floors = {"service": "181.25", "service_floor": "140", "credit": 79, "credit_floor": 80}
    assert told() == [
        ("FALL", about("V4", "V3")),
        ("LOST", about("V2", "observation", reason="credit", **floors)),
        ("YOUNG", about("novice", "V1", reason="first_assessment")),
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
def test_four_queries_tell_however_many(
    agencies: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    september, october = months(SEPTEMBER, OCTOBER)
    for agency in AgencyFactory.create_batch(agencies):
        result(september, agency, "V2")
        result(october, agency, "V3")
    october = Evaluation.objects.get(pk=october.pk)
    with django_assert_num_queries(4):
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
def test_four_queries_tell_of_a_correction(
    agencies: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    codes = [f"A{number}" for number in range(agencies)]
    corrected = corrected_october(
        {code: {"total": "600.00"} for code in codes},
        {code: {"total": "601.00"} for code in codes},
        cause=Cause.APPEAL,
    )
    corrected = Evaluation.objects.get(pk=corrected.pk)
    with django_assert_num_queries(4):
        tell_levels(corrected, at=AT)
    assert OutboxEntry.objects.filter(news=News.RESULT_CORRECTED).count() == agencies


FLOORS = {"service_floor": "140", "credit_floor": 80}
LOW = {"stage": Stage.OBSERVATION, "level": ""}


def moved(**points: str) -> dict[str, Any]:
    """A result by the points of its indicators, and their sum."""
    total = sum((Decimal(each) for each in points.values()), Decimal(0))
    return {"total": total, "indicators": {key: {"points": each} for key, each in points.items()}}


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        (
            {"level": "V3"},
            {**LOW, "service": "139.99", "credit": 80},
            {"reason": "service", "service": "139.99", "credit": 80, **FLOORS},
        ),
        (
            {"level": "V3"},
            {**LOW, "service": "140.00", "credit": 79},
            {"reason": "credit", "service": "140.00", "credit": 79, **FLOORS},
        ),
        (
            {"stage": Stage.NOVICE, "level": ""},
            {**LOW, "service": "0.00", "credit": 0},
            {"reason": "both", "service": "0.00", "credit": 0, **FLOORS},
        ),
        ({**LOW, "credit": 79}, {"level": "V2"}, {"reason": "floors_reached"}),
        ({"stage": Stage.NOVICE, "level": ""}, {"level": "V2"}, {"reason": "first_assessment"}),
        (
            {"level": "V4", "held": True, "contested": 10, "level_before": "V4"},
            {"level": "V3"},
            {"reason": "hold_over"},
        ),
        (
            {"level": "V4", **moved(reputation="150", showcase_share="90", settled_amount="10")},
            {"level": "V3", **moved(reputation="140", showcase_share="60.50", settled_amount="30")},
            {"reason": "indicator", "indicator": "showcase_share", "points": "-29.50"},
        ),
        (
            {"level": "V3", **moved(reputation="140", showcase_share="90")},
            {"level": "V4", **moved(reputation="150", showcase_share="100")},
            {"reason": "indicator", "indicator": "reputation", "points": "10"},
        ),
        ({"level": "V4", "total": "700"}, {"level": "V3", "total": "700"}, {}),
    ],
)
def test_a_change_keeps_its_reason(
    before: dict[str, Any], now: dict[str, Any], reason: dict[str, Any]
) -> None:
    agency = AgencyFactory.create()
    september, october = months(SEPTEMBER, OCTOBER)
    AssessmentFactory.create(evaluation=september, agency=agency, **before)
    AssessmentFactory.create(evaluation=october, agency=agency, **now)
    tell_levels(october, at=AT)
    ((_, about),) = told()
    assert {key: about[key] for key in about if key not in COMPARED} == reason
    assert "Result of October 2026" in words(OutboxEntry.objects.get()).sentence


def test_new_rules_are_named_before_any_indicator() -> None:
    agency = AgencyFactory.create()
    rules = RulebookVersion.objects.for_month(SEPTEMBER)
    old = RulebookVersion.objects.create(
        version="2020.1",
        effective_from=date(2020, 1, 1),
        text=rules.text,
        sha256=rules.sha256,
        created_at=AT,
    )
    september = EvaluationFactory.create(month=SEPTEMBER, rulebook=old)
    (october,) = months(OCTOBER)
    AssessmentFactory.create(
        evaluation=september, agency=agency, level="V4", **moved(reputation="150")
    )
    AssessmentFactory.create(
        evaluation=october, agency=agency, level="V3", **moved(reputation="140")
    )
    tell_levels(october, at=AT)
    assert told() == [(agency.code, about("V4", "V3", reason="rules"))]


def test_who_stays_is_told_the_result_once() -> None:
    september, october = months(SEPTEMBER, OCTOBER)
    stays = {
        "A-SAME": ({"level": "V3", "total": "600.00"}, {"level": "V3", "total": "612.30"}),
        "B-LOW": ({**LOW, "total": "500"}, {**LOW, "total": "499.90"}),
        "C-YOUNG": ({"stage": Stage.NOVICE}, {"stage": Stage.NOVICE}),
        "D-OTHER": ({"level": "V3"}, {"level": "V4"}),
        "E-NEW": (None, {"level": "V2", "total": "433.00"}),
        "F-GONE": ({"level": "V3"}, {"level": "V3"}),
    }
    for code, (before, now) in stays.items():
        removed_on = date(2026, 11, 3) if code == "F-GONE" else None
        agency = AgencyFactory.create(code=code, joined_on=date(2026, 1, 1), removed_on=removed_on)
        if before is not None:
            AssessmentFactory.create(evaluation=september, agency=agency, **before)
        AssessmentFactory.create(evaluation=october, agency=agency, **now)
    tell_levels(october, at=AT)
    month = {"month": "2026-10-01"}
    same = {"level": "V3", "stage": "assessed", "total": "612.30", "total_before": "600.00"}
    low = {"level": "", "stage": "observation", "total": "499.90", "total_before": "500.00"}
    assert told(News.RESULT_PUBLISHED) == [
        ("A-SAME", {**month, **same}),
        ("B-LOW", {**month, **low}),
        ("C-YOUNG", {**month, "level": "", "stage": "novice"}),
        ("E-NEW", {**month, "level": "V2", "stage": "assessed", "total": "433.00"}),
    ]
    assert [code for code, _ in told()] == ["D-OTHER"]


def test_the_very_first_month_is_told_to_all() -> None:
    (october,) = months(OCTOBER)
    result(october, AgencyFactory.create(code="FIRST"), "V2")
    tell_levels(october, at=AT)
    assert [code for code, _ in told(News.RESULT_PUBLISHED)] == ["FIRST"]
    assert told() == []


def test_a_correction_publishes_no_result_again() -> None:
    corrected = corrected_october({"OWN": {"level": "V3"}}, {"OWN": {"level": "V3"}})
    tell_levels(corrected, at=AT)
    assert OutboxEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"reason": "service", "service": "139.99", "credit": 120, **FLOORS},
            "Service power was 139.99, below 140: that gives no level.",
        ),
        (
            {"reason": "credit", "service": "150.00", "credit": 0, **FLOORS},
            "Credit was 0, below 80: that gives no level.",
        ),
        (
            {"reason": "both", "service": "139.99", "credit": 79, **FLOORS},
            "Service power was 139.99, below 140, and credit 79, below 80: that gives no level.",
        ),
        ({"reason": "floors_reached"}, "Service power and credit reach their floors again."),
        (
            {"reason": "first_assessment"},
            "The novice months are over: this is the first assessment.",
        ),
        ({"reason": "hold_over"}, "No open appeal held the level any more."),
        (
            {"reason": "rules"},
            "New rules count from this month on: the page parts what they changed from what your"
            " figures did.",
        ),
        (
            {"reason": "indicator", "indicator": "reputation", "points": "10.00"},
            "What moved most: Creators' reputation, points +10.00.",
        ),
        ({}, ""),
    ],
)
def test_a_reason_is_said(values: dict[str, Any], said: str) -> None:
    entry = OutboxEntry(news=News.LEVEL_CHANGED, about=about("V4", "V3", **values))
    start = "Result of October 2026: V3; the month before: V4."
    assert words(entry).sentence == f"{start} {said}".strip()
