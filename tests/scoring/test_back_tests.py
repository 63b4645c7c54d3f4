"""A back-test is run once and kept, whatever is asked twice, stopped, killed or late."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import django_rq
import pytest
from django.db import IntegrityError, transaction

from agencies.enums import Measure, Stage
from agencies.refusals import Refused
from rankings.actions import make_boards, try_boards
from scoring.backtests import boards
from scoring.backtests.boards import Contender, boards_of
from scoring.backtests.life import (
    MOST_ATTEMPTS,
    QUIET,
    STOPPED,
    AttemptLost,
    ask_back_test,
    claim,
    complete,
    fail,
    fenced,
    stop_back_test,
)
from scoring.backtests.run import run_back_test
from scoring.due import settle_back_tests
from scoring.enums import BackTestState, EvaluationState
from scoring.jobs import back_test
from scoring.models import Assessment, BackTest, BackTestResult, Evaluation, RulebookVersion
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory, UserFactory
from tests.factories.backtests import (
    NOW,
    OCTOBER,
    SEPTEMBER,
    asked_test,
    draft_of,
    published_month,
    ready_test,
)
from tests.factories.cases import PenaltyFactory
from tests.factories.contributions import contribute

pytestmark = pytest.mark.django_db

ASKED, RUNNING, READY = BackTestState.ASKED, BackTestState.RUNNING, BackTestState.READY
FAILED = BackTestState.FAILED
LATER = NOW + QUIET


@pytest.fixture
def draft() -> RulebookVersion:
    return draft_of()


@pytest.fixture
def october() -> Evaluation:
    return published_month(OCTOBER)


def ask(version: RulebookVersion, *months: date) -> tuple[BackTest, bool]:
    return ask_back_test(version_id=version.pk, months=months, at=NOW, by=UserFactory.create())


# --- asking -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "living",
    [
        {},
        {"state": RUNNING, "attempt": 1, "claimed_at": NOW},
        {"state": READY, "ready_at": NOW},
    ],
)
def test_the_same_again_leads_to_the_kept_one(
    draft: RulebookVersion, october: Evaluation, living: dict[str, Any]
) -> None:
    test = asked_test(draft, OCTOBER, **living)
    assert ask(draft, OCTOBER, OCTOBER) == (test, False)


def test_another_text_or_revision_or_a_failed_one_is_tried_anew(
    draft: RulebookVersion, october: Evaluation
) -> None:
    first = asked_test(draft, OCTOBER)
    assert (first.months, first.revisions) == ([OCTOBER], {"2026-10": october.pk})
    assert first.text == draft.text
    Evaluation.objects.update(state=EvaluationState.SUPERSEDED)
    newer = EvaluationFactory.create(month=OCTOBER, revision=2)
    second, new = ask(draft, OCTOBER)
    assert new
    assert second.revisions == {"2026-10": newer.pk}
    BackTest.objects.filter(pk=second.pk).update(state=FAILED)
    assert ask(draft, OCTOBER)[1]


def test_it_needs_one_to_twelve_published_months(
    draft: RulebookVersion, october: Evaluation
) -> None:
    with pytest.raises(Refused, match="at least one month"):
        ask(draft)
    with pytest.raises(Refused, match="2026-09 has no published result"):
        ask(draft, SEPTEMBER, OCTOBER)
    with pytest.raises(Refused, match="at most 12 months"):
        ask(
            draft,
            *(date(2025, 1, 1).replace(month=n % 12 + 1, year=2025 + n // 12) for n in range(13)),
        )
    assert not BackTest.objects.exists()


def test_a_version_with_faults_is_refused(october: Evaluation) -> None:
    version = RulebookVersion.objects.create(
        version="broken", effective_from=OCTOBER, text="nothing", sha256="0" * 64, created_at=NOW
    )
    with pytest.raises(Refused, match="has faults and cannot be tried"):
        ask(version, OCTOBER)


def test_what_somebody_discarded_meanwhile_is_neither_tried_nor_stopped(
    draft: RulebookVersion, october: Evaluation
) -> None:
    test = asked_test(draft, OCTOBER)
    draft.delete()
    with pytest.raises(Refused, match="This version is gone"):
        ask_back_test(version_id=test.version_id, months=[OCTOBER], at=NOW, by=UserFactory.create())
    with pytest.raises(Refused, match="is over already"):
        stop_back_test(test_id=test.pk, by=test.asked_by)


# --- the job ----------------------------------------------------------------------------------


def test_it_is_run_once(draft: RulebookVersion, october: Evaluation) -> None:
    test = asked_test(draft, OCTOBER)
    back_test(test.pk)
    test.refresh_from_db()
    assert (test.state, test.progress, test.attempt, test.error) == (READY, 100, 1, "")
    result = BackTestResult.objects.get(back_test=test)
    stored = Assessment.objects.get(evaluation=october)
    assert (result.level_before, result.level) == (stored.level, "V1")
    assert result.total == result.total_before == stored.total
    assert (result.strength_before, result.strength, result.moved_by) == (1, 1, "")
    assert result.points == {key: each["points"] for key, each in stored.indicators.items()}
    assert not run_back_test(test.pk, clock=lambda: LATER)
    assert not run_back_test(test.pk + 1, clock=lambda: LATER)


def test_one_of_two_claimants_wins_and_a_dead_one_is_replaced(
    draft: RulebookVersion, october: Evaluation
) -> None:
    test = asked_test(draft, OCTOBER)
    first = claim(test.pk, at=NOW)
    assert first is not None
    assert claim(test.pk, at=NOW + QUIET - timedelta(seconds=1)) is None
    with fenced(first, at=NOW, progress=50):
        BackTestResult.objects.create(
            back_test=test, month=OCTOBER, agency=AgencyFactory.create(), stage=Stage.NOVICE
        )
    second = claim(test.pk, at=LATER)
    assert second is not None
    assert (second.attempt, second.progress) == (2, 0)
    assert not BackTestResult.objects.exists()
    with pytest.raises(AttemptLost):
        complete(first, {}, at=LATER)
    assert not fail(first, ValueError())
    assert run_back_test(test.pk, clock=lambda: LATER + QUIET)


def test_a_failure_is_tried_three_times_and_told(
    draft: RulebookVersion, october: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = asked_test(draft, OCTOBER)
    monkeypatch.setattr(boards, "_rankers", [])
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with pytest.raises(RuntimeError, match="Nobody orders the boards"):
            run_back_test(test.pk, clock=lambda: NOW)
        test.refresh_from_db()
        assert test.attempt == attempt
        assert test.state == (FAILED if attempt == MOST_ATTEMPTS else ASKED)
        assert test.error.startswith("RuntimeError: Nobody orders the boards")
    assert not BackTestResult.objects.exists()


def test_one_whose_workers_all_died_is_given_up(
    draft: RulebookVersion, october: Evaluation
) -> None:
    test = asked_test(draft, OCTOBER, state=RUNNING, attempt=MOST_ATTEMPTS, claimed_at=NOW)
    assert claim(test.pk, at=LATER) is None
    test.refresh_from_db()
    assert (test.state, test.error) == (FAILED, "Its worker ended without a word.")


def test_a_stopped_one_writes_nothing_more(
    draft: RulebookVersion, october: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    published_month(SEPTEMBER)
    test, by = asked_test(draft, SEPTEMBER, OCTOBER), UserFactory.create()
    months: list[date] = []

    def stops_at_the_second(evaluation: Evaluation, contenders: Any) -> Any:
        months.append(evaluation.month)
        if evaluation.month == OCTOBER:
            assert BackTestResult.objects.count() == 1
            assert BackTest.objects.get().progress == 50
            stop_back_test(test_id=test.pk, by=by)
        return try_boards(evaluation, contenders)

    monkeypatch.setattr(boards, "_rankers", [stops_at_the_second])
    assert not run_back_test(test.pk, clock=lambda: NOW)
    assert months == [SEPTEMBER, OCTOBER]
    test.refresh_from_db()
    assert (test.state, test.error) == (FAILED, f"{STOPPED}{by}")
    assert not BackTestResult.objects.exists()
    with pytest.raises(Refused, match="is over already"):
        stop_back_test(test_id=test.pk, by=by)


def test_reconcile_rings_for_what_waits(
    draft: RulebookVersion, october: Evaluation, django_capture_on_commit_callbacks: Any
) -> None:
    test = asked_test(draft, OCTOBER)
    queue = django_rq.get_queue("default")
    queue.empty()
    with django_capture_on_commit_callbacks(execute=True):
        assert settle_back_tests(now=NOW) == ["rang for the back-test of draft"]
    assert [job.args for job in queue.jobs] == [(test.pk,)]
    queue.empty()
    assert run_back_test(test.pk, clock=lambda: NOW)
    assert settle_back_tests(now=LATER) == []


# --- novices, months before, boards -----------------------------------------------------------


def test_novices_are_assessed_by_their_contributions_or_left_out_and_counted() -> None:
    evaluation, gone = EvaluationFactory.create(), EvaluationFactory.create(month=SEPTEMBER)
    agency = AgencyFactory.create(joined_on=OCTOBER)
    AssessmentFactory.create(evaluation=evaluation, agency=agency, stage=Stage.NOVICE)
    early = AgencyFactory.create(joined_on=SEPTEMBER)
    AssessmentFactory.create(evaluation=gone, agency=early, stage=Stage.NOVICE)
    contribute(evaluation, agency, {})
    test = ready_test(
        draft_of(changes=[("novice_months = 2", "novice_months = 0")]), SEPTEMBER, OCTOBER
    )
    result = BackTestResult.objects.get()
    assert (result.agency, result.month, result.stage) == (agency, OCTOBER, Stage.OBSERVATION)
    assert (result.total_before, result.total, result.creators) == (None, Decimal(0), 0)
    assert test.summary["months"]["2026-09"]["left_out"] == 1
    assert test.summary["all"]["left_out"] == 1
    assert test.summary["months"]["2026-10"]["matrix"] == {"novice": {"observation": 1}}


def test_what_an_appeal_holds_is_the_level_of_the_month_before_in_the_test() -> None:
    agency = AgencyFactory.create()
    september = EvaluationFactory.create(month=SEPTEMBER)
    october = EvaluationFactory.create()
    AssessmentFactory.create(evaluation=september, agency=agency)
    AssessmentFactory.create(
        evaluation=october,
        agency=agency,
        stage=Stage.OBSERVATION,
        level="",
        credit=70,
        contested=20,
        level_before="V4",
    )
    holding = [("hold_fall = false", "hold_fall = true")]
    ready_test(draft_of("alone", holding), OCTOBER)
    strict = [
        ("min_total = 550", "min_total = 800"),
        ("min_total = 700", "min_total = 810"),
    ]
    ready_test(draft_of("both", [*holding, *strict]), SEPTEMBER, OCTOBER)
    found = BackTestResult.objects.filter(month=OCTOBER).order_by("back_test_id")
    before = BackTestResult.objects.get(month=SEPTEMBER)
    assert [each.level for each in found] == [Assessment.objects.get(stage="assessed").level, "V2"]
    assert before.level == "V2"


def contender(evaluation: Evaluation, **fields: Any) -> Contender:
    agency = AgencyFactory.create(**fields)
    AssessmentFactory.create(
        evaluation=evaluation, agency=agency, stage=Stage.OBSERVATION, level=""
    )
    ordinary = [Decimal(500), Decimal(300), Decimal(9), Decimal(100), Decimal(0), Decimal(1)]
    return Contender(agency.pk, agency.code, *ordinary, was_assessed=False)


def test_who_was_left_out_of_a_board_stays_out_and_newcomers_are_asked_the_same() -> None:
    evaluation = EvaluationFactory.create()
    shown, barred = (AssessmentFactory.create(evaluation=evaluation).agency for _ in range(2))
    cancelled = {"kind": Measure.CANCEL_HONOURS, "starts_on": OCTOBER, "until": None}
    PenaltyFactory.create(violation__agency=barred, **cancelled)
    make_boards(evaluation, at=evaluation.published_at or NOW)
    newcomer = contender(evaluation)
    removed = contender(evaluation, removed_on=date(2026, 11, 1))
    fined = contender(evaluation)
    PenaltyFactory.create(
        violation__agency_id=fined.agency_id,
        kind=Measure.CANCEL_HONOURS,
        starts_on=OCTOBER,
        until=None,
    )
    stayed = [
        newcomer._replace(agency_id=agency.pk, code=agency.code, was_assessed=True)
        for agency in (shown, barred)
    ]
    found = boards_of(evaluation, [newcomer, removed, fined, *stayed])
    assert found.before.strength == found.before.growth == {shown.pk: 1}
    assert set(found.after.strength) == set(found.after.growth) == {shown.pk, newcomer.agency_id}


# --- constraints ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"state": "gone"}, "back_test_state_known"),
        ({"state": READY}, "back_test_ready_is_complete"),
        ({"state": RUNNING}, "back_test_running_is_claimed"),
        ({"months": []}, "back_test_has_months"),
    ],
)
def test_constraints_of_a_back_test(
    draft: RulebookVersion, october: Evaluation, fields: dict[str, Any], name: str
) -> None:
    asked_test(draft, OCTOBER)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        BackTest.objects.update(**fields)


def test_an_agency_has_one_result_in_a_month(draft: RulebookVersion, october: Evaluation) -> None:
    result = BackTestResult.objects.get(back_test=ready_test(draft, OCTOBER))
    result.pk = None
    with pytest.raises(IntegrityError, match="back_test_result_once"), transaction.atomic():
        result.save()
