"""What undecided appeals hold: the rule, what is frozen for it, and what becomes of the month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

import scoring.rulebook
from agencies.actions.appeals import decide_appeal
from agencies.enums import Stage, ViolationState
from agencies.models import Agency, Violation
from rankings.models import Place
from scoring.evaluation.assess import AgencyInput, Result, assess, result_digest
from scoring.evaluation.freeze import Scope, current_inputs, frozen_path, read_agencies, read_inputs
from scoring.models import Assessment, RulebookVersion
from scoring.points import Outcome, Totals, held_level, level_for, outcome_of
from scoring.rulebook import Rulebook, parse
from tests.factories import AssessmentFactory
from tests.factories.appeals import appealed, hold_falls
from tests.factories.cases import AppealFactory
from tests.factories.level import TOTALS
from tests.factories.staff import operator
from tests.scoring.conftest import JULY, JUNE, Platform, computed, published

DEFAULT = Path(scoring.rulebook.__file__).parent.parent / "rulebooks/default.toml"
OFF = parse(DEFAULT.read_text(encoding="utf-8"))
ON = replace(OFF, appeals=replace(OFF.appeals, hold_fall=True))
KEYS = [level.key for level in OFF.levels]
RANK = {key: rank for rank, key in enumerate(KEYS)}

credits = st.integers(0, 150)
taken = st.integers(0, 150)
services = st.decimals(0, 200, places=2)
totals = st.decimals(0, 1100, places=2)
levels = st.sampled_from(["", *KEYS, "V6", "X"])


def held(
    rulebook: Rulebook = ON,
    *,
    level_before: str = "V3",
    credit: int = 60,
    contested: int = 20,
    service: str = "140.00",
    total: str = "560.00",
) -> str:
    return held_level(
        rulebook,
        level_before=level_before,
        credit=credit,
        contested=contested,
        service=Decimal(service),
        total=Decimal(total),
    )


class TestRule:
    def test_an_appeal_that_decides_the_level_holds_it(self) -> None:
        assert held() == "V3"

    def test_the_switch_is_off_by_default(self) -> None:
        assert held(OFF) == ""

    @pytest.mark.parametrize(
        ("credit", "contested", "level"),
        [
            (60, 20, "V3"),
            (60, 19, ""),
            (79, 1, "V3"),
            (0, 80, "V3"),
            (80, 40, ""),
            (60, 0, ""),
        ],
    )
    def test_credit_and_contested_points_together_reach_the_floor(
        self, credit: int, contested: int, level: str
    ) -> None:
        assert held(credit=credit, contested=contested) == level

    def test_service_points_reach_their_floor(self) -> None:
        assert (held(service="140.00"), held(service="139.99")) == ("V3", "")

    @pytest.mark.parametrize(
        ("before", "level"),
        [("V1", "V1"), ("V2", "V2"), ("V3", "V3"), ("V4", "V3"), ("V5", "V3"), ("", ""), ("X", "")],
    )
    def test_the_lower_level_of_the_two_is_held(self, before: str, level: str) -> None:
        assert held(level_before=before) == level

    @given(levels, credits, taken, services, totals)
    def test_it_holds_a_fall_and_never_lifts(
        self, before: str, credit: int, contested: int, service: Decimal, total: Decimal
    ) -> None:
        found = held_level(
            ON,
            level_before=before,
            credit=credit,
            contested=contested,
            service=service,
            total=total,
        )
        by_total = level_for(ON, total).key
        decides = credit < 80 and credit + contested >= 80 and service >= 140
        assert bool(found) == (decides and before in RANK)
        if found:
            assert RANK[found] == min(RANK[before], RANK[by_total])

    @given(
        st.fixed_dictionaries({"level_before": levels, "credit": credits, "contested": taken}),
        st.fixed_dictionaries({"service": services, "total": totals}),
        st.integers(0, 4),
    )
    def test_only_who_would_be_in_observation_is_held_and_no_higher_than_won(
        self, appeal: dict[str, Any], points: dict[str, Decimal], months: int
    ) -> None:
        def outcome(rulebook: Rulebook, **given: Any) -> Outcome:
            joined_on = date(2026, 6 - months, 28)
            month = date(2026, 6, 1)
            return outcome_of(rulebook, joined_on=joined_on, month=month, **points, **given)

        plain, found = outcome(OFF, **appeal), outcome(ON, **appeal)
        assert plain == outcome(ON, **{**appeal, "contested": 0})
        if not found.held:
            assert found == plain
            return
        assert plain == Outcome("observation", "")
        won = outcome(ON, credit=appeal["credit"] + appeal["contested"])
        assert found.stage == won.stage == "assessed"
        assert RANK[won.level] >= RANK[found.level]


class TestResults:
    def results(self, rulebook: Rulebook, **appeals: Any) -> list[Result]:
        agencies = [
            AgencyInput(1, "a", date(2024, 1, 1), 60, **appeals),
            AgencyInput(2, "b", date(2024, 1, 1), 120),
            AgencyInput(3, "c", date(2026, 7, 1), 60, contested=60, level_before="V2"),
        ]
        better = replace(TOTALS, settled_orders=TOTALS.settled_orders + 1)
        sums: dict[int, Totals] = {1: TOTALS, 2: better}
        return assess(rulebook, JULY, agencies, sums)

    def test_a_held_agency_is_assessed_in_every_respect(self) -> None:
        first, second, novice = self.results(ON, contested=60, level_before="V5")
        assert (first.stage, first.held) == (Stage.ASSESSED, True)
        assert first.level == level_for(ON, first.sums[-1] or Decimal(0)).key
        assert (first.credit, first.contested, first.level_before) == (60, 60, "V5")
        assert first.percentiles["settled_orders"] == Decimal("0.0")
        assert second.percentiles["settled_orders"] == Decimal("100.0")
        assert (novice.stage, novice.level, novice.held) == (Stage.NOVICE, "", False)

    def test_without_the_switch_contested_points_are_only_recorded(self) -> None:
        first, second, _novice = self.results(OFF, contested=60, level_before="V5")
        assert (first.stage, first.level, first.held) == (Stage.OBSERVATION, "", False)
        assert (first.contested, first.level_before) == (60, "V5")
        assert second.percentiles["settled_orders"] == Decimal("100.0")

    def test_agencies_see_the_hold_hence_it_is_in_the_digest(self) -> None:
        def digest(rulebook: Rulebook, **appeals: Any) -> str:
            return result_digest(JULY, self.results(rulebook, **appeals))

        held_one = digest(ON, contested=60, level_before="V5")
        assert held_one != digest(OFF, contested=60, level_before="V5")
        assert held_one != digest(ON, contested=61, level_before="V5")
        assert digest(ON) == digest(OFF)
        assert digest(OFF, contested=60, level_before="V5") == digest(OFF)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"contested": 0, "level_before": "V3"},
        {"contested": 20, "level_before": ""},
        {"contested": 20, "level_before": "V3", "stage": Stage.OBSERVATION, "level": ""},
    ],
)
def test_the_database_refuses_a_hold_without_an_appeal(changes: dict[str, object]) -> None:
    with (
        pytest.raises(IntegrityError, match="assessment_held_by_an_appeal"),
        transaction.atomic(),
    ):
        AssessmentFactory.create(held=True, **changes)


def frozen(agency: Agency) -> AgencyInput:
    """The agency as it would be frozen for July now."""
    inputs = current_inputs(JULY)
    found = read_agencies(frozen_path(inputs.agencies), frozen_path(inputs.appeals))
    return next(each for each in found if each.agency == agency.pk)


def decided(case: Violation, verdict: str) -> None:
    decide_appeal(
        appeal_id=case.appeal_id or 0,
        verdicts={case.pk: verdict},
        reason="复核结论",
        at=timezone.make_aware(datetime(2026, 8, 12, 12)),
        by=operator(),
    )


@pytest.mark.django_db(transaction=True)
class TestFrozen:
    def test_points_really_taken_under_undecided_appeals_are_read(self, platform: Platform) -> None:
        assert frozen(platform.strong) == AgencyInput(
            platform.strong.pk, "strong", platform.strong.joined_on, 120
        )
        appealed(platform.strong, date(2026, 7, 31), points=70)
        appealed(platform.strong, date(2026, 8, 1), points=10)  # after the month
        appealed(platform.strong, date(2026, 7, 3), points=30, undecided=False)
        appealed(platform.strong, date(2026, 7, 4), points=60)  # takes the 10 that are left
        found = frozen(platform.strong)
        assert (found.credit, found.contested, found.level_before) == (10, 80, "")
        assert frozen(platform.weak).contested == 0

    def test_the_level_before_is_read_only_where_points_are_contested(
        self, platform: Platform
    ) -> None:
        level = published(JUNE).assessments.get(agency=platform.strong).level
        assert level
        assert frozen(platform.strong).level_before == ""
        appealed(platform.strong, date(2026, 7, 31), points=70)
        assert frozen(platform.strong).level_before == level
        assert frozen(platform.weak).level_before == ""

    @pytest.mark.parametrize("holds", [True, False])
    def test_an_appeal_is_an_input_only_where_falls_are_held(
        self, platform: Platform, holds: bool
    ) -> None:
        """Filing one changes nothing of a published month, which then answers as it is."""
        if holds:
            hold_falls(RulebookVersion.objects.get())
        case = appealed(platform.strong, date(2026, 7, 31), points=70, undecided=False)
        before = current_inputs(JULY)
        Violation.objects.filter(pk=case.pk).update(
            state=ViolationState.APPEALED, appeal=AppealFactory.create(agency=platform.strong)
        )
        after = current_inputs(JULY)
        assert (after.agencies == before.agencies, after.appeals == before.appeals) == (True, False)
        assert (after.digest != before.digest) is holds

    def test_a_projection_reads_what_is_contested_by_its_day(
        self, platform: Platform, tmp_path: Path
    ) -> None:
        appealed(platform.strong, date(2026, 7, 31), points=70)
        for day, contested in ((date(2026, 7, 30), 0), (date(2026, 7, 31), 70)):
            scope = replace(Scope.whole(JULY), credit_on=day)
            inputs = read_inputs(scope, tmp_path)
            found = read_agencies(tmp_path / inputs.agencies, tmp_path / inputs.appeals)
            assert {each.code: each.contested for each in found}["strong"] == contested


@pytest.mark.django_db(transaction=True)
class TestMonths:
    @pytest.fixture
    def case(self, platform: Platform) -> Violation:
        """A case of 41 points that alone takes `strong` below the floor of July."""
        hold_falls(RulebookVersion.objects.get())
        published(JUNE)
        return appealed(platform.strong, date(2026, 7, 31), points=41)

    def result(self, platform: Platform, month: date = JULY) -> Assessment:
        return Assessment.objects.get(
            agency=platform.strong, evaluation__month=month, evaluation__state="published"
        )

    def test_the_level_is_held_with_board_and_binding_rules(
        self, platform: Platform, case: Violation
    ) -> None:
        published(JULY)
        before, now = self.result(platform, JUNE), self.result(platform)
        assert (now.stage, now.level, now.held) == (Stage.ASSESSED, before.level, True)
        assert (now.credit, now.contested, now.level_before) == (79, 41, before.level)
        assert Place.objects.filter(agency=platform.strong, board__evaluation__month=JULY).exists()
        platform.strong.refresh_from_db()
        assert (platform.strong.level, platform.strong.level_since) == (before.level, JUNE)

    @pytest.mark.parametrize(
        ("verdict", "stage", "credit"),
        [("revoke", Stage.ASSESSED, 120), ("uphold", Stage.OBSERVATION, 79)],
    )
    def test_once_decided_the_month_is_computed_without_it(
        self, platform: Platform, case: Violation, verdict: str, stage: str, credit: int
    ) -> None:
        published(JULY)
        decided(case, verdict)
        published(JULY, reason="the appeal was decided")
        now = self.result(platform)
        assert (now.stage, now.held, now.contested, now.level_before) == (stage, False, 0, "")
        assert now.credit == credit

    def test_one_more_point_falls_without_hold(self, platform: Platform, case: Violation) -> None:
        appealed(platform.strong, date(2026, 7, 31), points=41, undecided=False)
        assert computed(JULY).assessments.get(agency=platform.strong).stage == Stage.OBSERVATION
