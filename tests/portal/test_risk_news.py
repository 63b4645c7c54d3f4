"""What is told before it is too late: levels at risk and appeals about to end, each once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from agencies.enums import News, Stage, ViolationState
from agencies.models import Agency
from portal.models import OutboxEntry, RiskRound
from portal.outbox import risks as slices
from portal.outbox import words
from portal.outbox.appeals import tell_appeals_ending
from portal.outbox.once import tell_once
from portal.outbox.risks import tell_risks
from portal.queries import home_page
from scoring.models import Assessment, Evaluation, ProjectionRun, RulebookVersion
from scoring.points import Totals
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, ViolationFactory
from tests.factories.appeals import appealed, hold_falls
from tests.factories.level import TOTALS
from tests.factories.projections import ProjectionFactory, ProjectionRunFactory
from tests.portal.test_home_reasons import rules

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 15, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SLOW = replace(
    TOTALS,
    settled_cents=40_000_000,
    settled_orders=3000,
    showcase_cents=2_000_000,
    good_goods_cents=2_000_000,
    worry_free_orders=300,
)


@pytest.fixture(autouse=True)
def _mid_november() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def run() -> ProjectionRun:
    EvaluationFactory.create()
    return ProjectionRunFactory.create()


def agency(run: ProjectionRun, code: str, totals: Totals = TOTALS, **given: Any) -> Agency:
    """An agency with V3 by its result of October, and so much of November."""
    fields = {"stage": Stage.ASSESSED, "level": "V3", **given}
    made = AgencyFactory.create(code=code, joined_on=date(2025, 1, 1), **fields)
    result = {"stage": fields["stage"], "level": fields["level"]}
    AssessmentFactory.create(evaluation=Evaluation.objects.get(), agency=made, **result)
    ProjectionFactory.create(run=run, agency=made, from_totals=totals)
    return made


def told(news: News = News.AT_RISK) -> list[tuple[str, dict[str, Any]]]:
    rows = OutboxEntry.objects.filter(news=news).order_by("agency__code", "id")
    return list(rows.values_list("agency__code", "about"))


def test_who_falls_at_this_pace_is_told_with_the_figures_of_home(run: ProjectionRun) -> None:
    falls = agency(run, "FALLS", SLOW)
    agency(run, "SAFE")
    agency(run, "NONE", SLOW, stage=Stage.OBSERVATION, level="")
    agency(run, "GONE", SLOW, removed_on=date(2026, 11, 15))
    assert tell_risks(NOW) == ["Told agencies of 1 risks."]
    (risk,) = home_page(falls, now=NOW).risks
    ((code, about),) = told()
    assert (code, risk.name) == ("FALLS", "level_fall")
    assert about == {
        "month": "2026-11-01",
        "risk": "level_fall",
        "value": str(risk.value),
        "threshold": "550",
        "level": "V3",
        "to_level": risk.to_level,
    }
    said = words(OutboxEntry.objects.get())
    assert said.sentence == (
        f"November 2026 leads to {risk.value} points, and V3 begins at 550. It would be V2."
    )
    assert said.url == "/guidance/"


def test_a_risk_is_told_once_a_month_and_looked_for_after_new_facts(run: ProjectionRun) -> None:
    own = agency(run, "OWN", SLOW)
    assert len(tell_risks(NOW)) == 1
    assert tell_risks(NOW) == []
    agency(run, "LATER", SLOW)
    assert tell_risks(NOW + DAY) == []
    later = ProjectionRunFactory.create(data_through=date(2026, 11, 16))
    own.projection.run = later
    own.projection.save()
    assert tell_risks(NOW + 2 * DAY) == ["Told agencies of 1 risks."]
    assert [code for code, _ in told()] == ["LATER", "OWN"]
    assert RiskRound.objects.filter(is_done=True).count() == 2


def test_without_projections_nobody_looks() -> None:
    assert tell_risks(NOW) == []
    assert not RiskRound.objects.exists()


def test_facts_that_come_twice_a_day_are_looked_at_the_next(run: ProjectionRun) -> None:
    assert tell_risks(NOW) == []
    ProjectionRunFactory.create(data_through=date(2026, 11, 15))
    tell_risks(NOW)
    assert list(RiskRound.objects.values_list("day", flat=True)) == [date(2026, 11, 15)]
    tell_risks(NOW + DAY)
    assert RiskRound.objects.count() == 2


def test_credit_that_costs_the_level_is_told_and_its_appeal(run: ProjectionRun) -> None:
    low = agency(run, "LOW")
    appealed(low, date(2026, 11, 10), points=60, undecided=False)
    tell_risks(NOW)
    ((_, about),) = told()
    assert about == {
        "month": "2026-11-01",
        "risk": "credit_low",
        "value": "60",
        "threshold": "80",
        "level": "V3",
        "day": "2026-11-30",
        "foreseen": 60,
    }
    said = words(OutboxEntry.objects.get())
    assert said.sentence == (
        "By what is known today, credit is 60 on Nov. 30, 2026. Below 80, November 2026 gives no"
        " level."
    )
    assert said.url == "/conduct/"


def test_a_level_that_only_an_appeal_holds_is_told(run: ProjectionRun) -> None:
    hold_falls(RulebookVersion.objects.get())
    held = agency(run, "HELD")
    appealed(held, date(2026, 10, 20), points=60, reference="R-7")
    Assessment.objects.filter(agency=held).update(
        held=True, contested=60, level_before="V3", credit=60
    )
    tell_risks(NOW)
    kinds = [about["risk"] for _, about in told()]
    assert kinds == ["level_held"]
    assert words(OutboxEntry.objects.get()).sentence == (
        "Credit of Nov. 15, 2026 is 60, below 80, and only an open appeal (R-7) holds V3."
    )


def test_service_below_its_floor_is_told(run: ProjectionRun) -> None:
    agency(run, "POOR", replace(TOTALS, reputation_points=420 * TOTALS.reputation_orders))
    tell_risks(NOW)
    (about,) = (each for _, each in told() if each["risk"] == "service_low")
    assert words(OutboxEntry(news=News.AT_RISK, about=about)).sentence == (
        "Service power for November 2026 is at 130 points, below 140: V3 would be lost."
    )


def test_rules_that_count_now_are_named() -> None:
    EvaluationFactory.create()
    run = ProjectionRunFactory.create(data_through=date(2026, 11, 2))
    own = agency(run, "OWN")
    rules("2026-11", ("min_total = 550", "min_total = 690"))
    ProjectionRun.objects.update(rulebook=RulebookVersion.objects.for_month(date(2026, 11, 1)))
    tell_risks(NOW)
    total = own.assessments.get().total
    assert words(OutboxEntry.objects.get()).sentence == (
        f"Under the rules 2026.2, October 2026 would have {total} points, and V3 begins at 690."
    )


def test_a_look_goes_on_where_the_last_one_ended(
    run: ProjectionRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in ("A", "B", "C"):
        agency(run, code, SLOW)
    monkeypatch.setattr(slices, "AGENCIES_AT_ONCE", 2)
    monkeypatch.setattr(slices, "SECONDS", 0)
    assert tell_risks(NOW) == []
    monkeypatch.setattr(slices, "SECONDS", 20)
    assert tell_risks(NOW) == ["Told agencies of 3 risks."]
    assert RiskRound.objects.get().is_done


@pytest.mark.parametrize("agencies", [1, 3])
def test_who_is_safe_costs_no_query_of_their_own(
    run: ProjectionRun, agencies: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(agencies):
        agency(run, f"A{number}")
    tell_risks(NOW - DAY)
    RiskRound.objects.update(is_done=False, through=0)
    with django_assert_num_queries(15):
        tell_risks(NOW - DAY)


def test_a_round_lies_within_its_month() -> None:
    wrong = {"day": NOW.date(), "month": date(2026, 11, 2), "data_through": date(2026, 11, 3)}
    with pytest.raises(IntegrityError, match="risk_round_within_its_month"), transaction.atomic():
        RiskRound.objects.create(**wrong)
    known = {**wrong, "month": date(2026, 11, 1)}
    RiskRound.objects.create(**known)
    with pytest.raises(IntegrityError, match="portal_riskround_day_key"), transaction.atomic():
        RiskRound.objects.create(**known)


def test_what_is_told_once_the_database_keeps_once() -> None:
    own = AgencyFactory.create()

    def entry() -> OutboxEntry:
        return OutboxEntry(agency=own, news=News.AT_RISK, at=NOW, once="risk:2026-11:level_fall")

    assert [tell_once([entry()]), tell_once([entry()])] == [1, 0]
    with pytest.raises(IntegrityError, match="outbox_entry_told_once"), transaction.atomic():
        entry().save()


def test_an_appeal_about_to_end_is_told_once() -> None:
    today = date(2026, 11, 15)
    for reference, days, state in (
        ("PAST", -1, ViolationState.ISSUED),
        ("TODAY", 0, ViolationState.ISSUED),
        ("SOON", 3, ViolationState.ISSUED),
        ("LATE", 4, ViolationState.ISSUED),
    ):
        ViolationFactory.create(
            reference=reference,
            state=state,
            decided_on=today - 5 * DAY,
            occurred_on=today - 9 * DAY,
            appeal_until=today + days * DAY,
        )
    filed = appealed(AgencyFactory.create(), today - 10 * DAY, points=5)
    type(filed).objects.filter(pk=filed.pk).update(appeal_until=today + DAY)
    assert tell_appeals_ending(NOW) == ["Told agencies of 2 appeals about to end."]
    assert tell_appeals_ending(NOW) == []
    found = OutboxEntry.objects.filter(news=News.APPEAL_ENDING).order_by("id")
    assert [each.about for each in found] == [
        {"reference": "TODAY", "appeal_until": "2026-11-15"},
        {"reference": "SOON", "appeal_until": "2026-11-18"},
    ]
    assert tell_appeals_ending(NOW + DAY) == ["Told agencies of 1 appeals about to end."]
