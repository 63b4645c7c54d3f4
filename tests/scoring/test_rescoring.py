"""Re-scoring what was stored gives what was published: nothing else decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.enums import Stage
from portal.demo import DemoSize
from scoring.models import Assessment, Evaluation, RulebookVersion
from scoring.rescoring import NOTHING, NoValues, novice_totals, rescore
from scoring.rulebook import Rulebook
from tests.factories import AgencyFactory, CreatorFactory
from tests.factories.contributions import contribute
from tests.factories.demo import load_platform, publish_month
from tests.factories.level import AssessmentFactory, EvaluationFactory

OCTOBER = date(2026, 10, 1)


def no_novices(rules: Rulebook) -> Rulebook:
    """The same rules, with everybody assessed from the month of joining on."""
    return replace(rules, stages=replace(rules.stages, novice_months=0))


def assert_reproduced(months: list[date]) -> None:
    """Every published assessment of the months is what re-scoring gives, exactly."""
    for evaluation in Evaluation.objects.published().filter(month__in=months):
        rules = evaluation.rules
        totals = novice_totals([evaluation.pk])[evaluation.pk]
        own = Assessment.objects.filter(evaluation=evaluation).select_related("agency")
        stages = set()
        for stored in own:
            joined_on = stored.agency.joined_on
            found = rescore(rules, stored, month=evaluation.month, joined_on=joined_on)
            sums = (found.score.operating, found.score.growth) if found.score else (None, None)
            points = {
                key: str(value)
                for key, value in (found.score.points if found.score else {}).items()
            }
            assert found.stage == stored.stage, stored
            assert found.level == stored.level, stored
            assert found.total == stored.total, stored
            assert sums == (stored.operating, stored.growth), stored
            assert points == {key: each["points"] for key, each in stored.indicators.items()}
            stages.add(stored.stage)
            # the sums that novices are assessed by are those that were stored of the others
            if stored.totals:
                again = totals.get(stored.agency_id, NOTHING)
                assert {name: getattr(again, name) for name in stored.totals} == stored.totals
        assert stages == set(Stage.values)


@pytest.mark.django_db(transaction=True)
def test_every_published_assessment_of_a_demo_is_reproduced(tmp_path: Path) -> None:
    months = load_platform(tmp_path / "demo", DemoSize(agencies=60, creators=600, months=4))
    for month in months:
        publish_month(month)
    assert Evaluation.objects.published().count() == len(months) == 3
    assert_reproduced(months)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_every_published_assessment_of_the_small_demo_is_reproduced(tmp_path: Path) -> None:
    months = load_platform(tmp_path / "demo", "small")
    for month in months:
        publish_month(month)
    assert Evaluation.objects.published().count() == len(months) == 6
    assert_reproduced(months)


@pytest.fixture
def rules() -> Rulebook:
    return RulebookVersion.objects.for_month(OCTOBER).rulebook


@pytest.mark.django_db
def test_other_cut_offs_give_another_level(rules: Rulebook) -> None:
    stored = AssessmentFactory.create(level="V3")
    high = replace(
        rules, levels=(rules.levels[0], replace(rules.levels[1], min_total=stored.total))
    )
    found = rescore(high, stored, month=OCTOBER, joined_on=stored.agency.joined_on)
    assert (found.level, found.total) == ("V2", stored.total)
    higher = stored.total + Decimal("0.01")
    high = replace(rules, levels=(rules.levels[0], replace(rules.levels[1], min_total=higher)))
    assert rescore(high, stored, month=OCTOBER, joined_on=stored.agency.joined_on).level == "V1"


@pytest.mark.django_db
def test_a_higher_credit_floor_takes_the_level_and_longer_novice_months_the_points(
    rules: Rulebook,
) -> None:
    stored = AssessmentFactory.create(credit=99, agency__joined_on=date(2026, 8, 5))
    strict = replace(rules, stages=replace(rules.stages, credit_floor=100))
    found = rescore(strict, stored, month=OCTOBER, joined_on=stored.agency.joined_on)
    assert (found.stage, found.level, found.total) == (Stage.OBSERVATION, "", stored.total)
    patient = replace(rules, stages=replace(rules.stages, novice_months=3))
    found = rescore(patient, stored, month=OCTOBER, joined_on=stored.agency.joined_on)
    assert (found.stage, found.level, found.total) == (Stage.NOVICE, "", None)


@pytest.mark.django_db
def test_an_appeal_that_decides_holds_the_level_where_the_draft_says_so(rules: Rulebook) -> None:
    stored = AssessmentFactory.create(
        stage=Stage.OBSERVATION, level="", credit=70, contested=20, level_before="V1"
    )
    holding = replace(rules, appeals=replace(rules.appeals, hold_fall=True))
    found = rescore(holding, stored, month=OCTOBER, joined_on=stored.agency.joined_on)
    assert (found.stage, found.level, found.held) == (Stage.ASSESSED, "V1", True)
    found = rescore(rules, stored, month=OCTOBER, joined_on=stored.agency.joined_on)
    assert (found.stage, found.level, found.held) == (Stage.OBSERVATION, "", False)


@pytest.mark.django_db
def test_a_novice_is_assessed_by_what_its_creators_brought(rules: Rulebook) -> None:
    agency, other = AgencyFactory.create_batch(2, joined_on=OCTOBER)
    evaluation = EvaluationFactory.create()
    stored = AssessmentFactory.create(evaluation=evaluation, agency=agency, stage=Stage.NOVICE)
    creators = CreatorFactory.create_batch(3)
    special = {"reputation": None, "level": None, "showcase_cents": -5, "bound_on_last_day": False}
    brought = contribute(evaluation, agency, dict(zip(creators, ({}, special, {}), strict=True)))
    contribute(evaluation, other, {CreatorFactory.create(): {}})
    with CaptureQueriesContext(connection) as queries:
        totals = novice_totals([evaluation.pk], [agency.pk])
    assert len(queries) == 1
    assert totals == {evaluation.pk: {agency.pk: brought}}
    assert set(novice_totals([evaluation.pk])[evaluation.pk]) == {agency.pk, other.pk}

    draft = no_novices(rules)
    with pytest.raises(NoValues):
        rescore(draft, stored, month=OCTOBER, joined_on=agency.joined_on)
    found = rescore(draft, stored, month=OCTOBER, joined_on=agency.joined_on, totals=brought)
    like = AssessmentFactory.create(evaluation=evaluation, agency=other, from_totals=brought)
    assert found.total == like.total
    assert rescore(rules, stored, month=OCTOBER, joined_on=agency.joined_on).total is None


@pytest.mark.django_db
def test_contributions_that_are_gone_are_told_from_none_at_all() -> None:
    gone, empty = EvaluationFactory.create(), EvaluationFactory.create(month=date(2026, 9, 1))
    contribute(empty, AgencyFactory.create(), {})
    assert novice_totals([gone.pk, empty.pk]) == {empty.pk: {}}
    assert novice_totals([]) == {}
