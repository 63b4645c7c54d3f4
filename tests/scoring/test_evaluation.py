"""An evaluation is asked for, computed and published once; everything else is refused in words."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.models import Agency
from rankings.models import Board, Place
from scoring.enums import Cause, EvaluationState
from scoring.evaluation.actions import (
    EvaluationRefused,
    GateHeld,
    publish,
    request_evaluation,
)
from scoring.evaluation.freeze import current_inputs, frozen_path, prune_frozen
from scoring.evaluation.run import run_evaluation
from scoring.evaluation.staleness import mark_stale, marks_since_frozen
from scoring.models import Assessment, CreatorContribution, Evaluation, EvaluationEvent, FactPart
from tests.factories import AgencyFactory, BindingFactory, EvaluationFactory, ViolationFactory
from tests.factories.facts import deliver_facts, deliver_month
from tests.scoring.conftest import JULY, JUNE, MAY, NOW, Platform, computed, published

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_month_is_computed_and_published(platform: Platform) -> None:
    evaluation = published(JULY)

    assert evaluation.state == EvaluationState.PUBLISHED
    assert list(evaluation.events.values_list("from_state", "to_state")) == [
        ("", "requested"),
        ("requested", "running"),
        ("running", "computed"),
        ("computed", "published"),
    ]
    found = dict(evaluation.assessments.values_list("agency__code", "stage"))
    assert found == {
        "strong": "assessed",
        "weak": "assessed",
        "quiet": "observation",
        "fresh": "novice",
    }
    assert (evaluation.attempt, evaluation.progress, evaluation.step) == (1, 100, "done")
    assert evaluation.data_through == date(2026, 7, 31)


def test_publication_writes_standing_and_boards(platform: Platform) -> None:
    evaluation = published(JULY)

    platform.strong.refresh_from_db()
    platform.quiet.refresh_from_db()
    platform.fresh.refresh_from_db()
    result = Assessment.objects.get(evaluation=evaluation, agency=platform.strong)
    assert (platform.strong.stage, platform.strong.level) == ("assessed", result.level)
    assert platform.strong.level_since == JULY
    assert (platform.quiet.stage, platform.quiet.level, platform.quiet.binding_cap) == (
        "observation",
        "",
        20,
    )
    assert platform.fresh.stage == "novice"
    assert list(
        Place.objects.filter(board__kind="strength").values_list("rank", "code", "previous_rank")
    ) == [(1, "strong", None), (2, "weak", None)]


def test_level_since_is_the_first_month_of_an_unbroken_run(platform: Platform) -> None:
    for month in (MAY, JUNE, JULY):
        published(month)

    platform.strong.refresh_from_db()
    assert platform.strong.level_since == MAY


def test_level_since_starts_again_after_a_month_without_a_result(platform: Platform) -> None:
    for month in (MAY, JULY):
        published(month)

    platform.strong.refresh_from_db()
    assert platform.strong.level_since == JULY


def test_level_since_starts_again_after_another_level(platform: Platform) -> None:
    deliver_month(JUNE, platform.star)
    deliver_month(JUNE, platform.starter)
    for month in (MAY, JUNE, JULY):
        evaluation = computed(month)
        publish(evaluation_id=evaluation.pk, at=NOW, release_reason="a test")

    platform.strong.refresh_from_db()
    assert platform.strong.level_since == JULY


def test_each_creator_s_contribution_is_kept(platform: Platform) -> None:
    evaluation = computed(JULY)

    rows = CreatorContribution.objects.filter(evaluation=evaluation, agency=platform.weak)
    assert list(
        rows.values_list(
            "creator__creator_id", "bound_days", "settled_cents", "live_minutes", "level"
        )
    ) == [(platform.starter.creator_id, 31, 3_100_000, 1860, 5)]


def test_a_superseded_evaluation_s_contributions_are_dropped(platform: Platform) -> None:
    first = published(JULY)
    second = published(JULY, reason="a correction")

    first.refresh_from_db()
    assert first.state == EvaluationState.SUPERSEDED
    assert not CreatorContribution.objects.filter(evaluation=first).exists()
    assert CreatorContribution.objects.filter(evaluation=second).count() == 2
    assert first.assessments.count() == second.assessments.count() == 4


def test_the_same_inputs_give_the_same_digests(platform: Platform) -> None:
    first = published(JULY)
    second = published(JULY, reason="once more")

    assert (first.inputs_digest, first.result_digest) == (
        second.inputs_digest,
        second.result_digest,
    )


def test_a_published_month_with_unchanged_inputs_is_left_alone(platform: Platform) -> None:
    evaluation = published(JULY)

    assert request_evaluation(month=JULY, at=NOW) == evaluation
    assert Evaluation.objects.count() == 1


def test_changed_inputs_make_a_new_revision_that_says_why(platform: Platform) -> None:
    first = published(JULY)
    deliver_facts({(platform.star, JULY): {"settled_cents": 1}})
    for cause in (Cause.BINDINGS, Cause.FACTS):
        mark_stale(JULY, JULY, at=NOW, cause=cause)

    again = request_evaluation(month=JULY, at=NOW)

    assert (first.cause, first.reason) == (Cause.ROUTINE, "")
    assert (again.revision, again.cause, again.reason) == (2, Cause.FACTS, "")


def test_a_revision_that_a_person_wants_says_so_and_keeps_the_reason(platform: Platform) -> None:
    published(JULY)

    again = request_evaluation(month=JULY, at=NOW, reason="we looked twice")

    assert (again.cause, again.reason) == (Cause.CHECK, "we looked twice")


def test_a_third_revision_answers_what_the_published_one_did_not(platform: Platform) -> None:
    """The second was computed for an appeal and never published: agencies never heard of it."""
    published(JULY)
    mark_stale(JULY, JULY, at=NOW, cause=Cause.APPEAL)
    second = computed(JULY, reason="the appeal", by=None)
    mark_stale(JULY, JULY, at=NOW, cause=Cause.FACTS)

    third = request_evaluation(month=JULY, at=NOW, reason="late facts")

    assert (second.cause, third.cause) == (Cause.APPEAL, Cause.APPEAL)


def test_marks_that_changed_nothing_are_taken_off(platform: Platform) -> None:
    evaluation = published(JULY)
    mark_stale(JULY, JULY, at=NOW, cause=Cause.CREDIT)

    assert request_evaluation(month=JULY, at=NOW) == evaluation

    evaluation.refresh_from_db()
    assert (evaluation.stale_since, marks_since_frozen(evaluation)) == (None, [])


def test_what_arrives_during_a_run_does_not_change_it(platform: Platform) -> None:
    clean = published(JULY)
    evaluation = request_evaluation(month=JULY, at=NOW, reason="again")
    Evaluation.objects.filter(pk=evaluation.pk).update(
        inputs=clean.inputs, inputs_digest=clean.inputs_digest, rulebook=clean.rulebook
    )
    evaluation.parts.set(clean.parts.all())
    deliver_facts({(platform.star, JULY): {"settled_cents": 1}})

    run_evaluation(evaluation.pk)

    evaluation.refresh_from_db()
    assert evaluation.result_digest == clean.result_digest


@pytest.mark.parametrize("month", [date(2026, 8, 1), date(2026, 9, 1)])
def test_a_month_that_is_not_over_is_refused(platform: Platform, month: date) -> None:
    with pytest.raises(EvaluationRefused, match="is not over yet"):
        request_evaluation(month=month, at=NOW)


def test_a_month_before_the_first_agency_is_refused(platform: Platform) -> None:
    with pytest.raises(EvaluationRefused, match="No agency had joined"):
        request_evaluation(month=date(2020, 1, 1), at=NOW)


def test_only_a_computed_evaluation_can_be_published(platform: Platform) -> None:
    evaluation = request_evaluation(month=JULY, at=NOW)

    with pytest.raises(EvaluationRefused, match="only a computed evaluation"):
        publish(evaluation_id=evaluation.pk, at=NOW)


def test_publishing_twice_publishes_once(platform: Platform) -> None:
    evaluation = published(JULY)

    publish(evaluation_id=evaluation.pk, at=NOW)

    assert EvaluationEvent.objects.filter(to_state="published").count() == 1
    assert Board.objects.count() == 2


def test_a_missing_day_holds_the_publication_and_is_named(platform: Platform) -> None:
    FactPart.objects.filter(day=date(2026, 7, 9)).delete()
    evaluation = computed(JULY)

    with pytest.raises(GateHeld) as held:
        publish(evaluation_id=evaluation.pk, at=NOW)

    assert held.value.findings == [{"code": "missing_days", "days": ["2026-07-09"]}]
    evaluation.refresh_from_db()
    assert evaluation.state == EvaluationState.COMPUTED
    assert Agency.objects.exclude(level="").count() == 0


def test_many_jumps_hold_the_publication(platform: Platform) -> None:
    published(JUNE)
    deliver_month(JULY, platform.star)
    deliver_month(JULY, platform.starter)
    evaluation = computed(JULY)

    with pytest.raises(GateHeld) as held:
        publish(evaluation_id=evaluation.pk, at=NOW)

    (finding,) = held.value.findings
    assert (finding["code"], finding["moved"], finding["compared"]) == ("jumps", 1, 2)
    assert (finding["share"], finding["allowed"]) == ("0.5000", "0.05")


def test_a_release_publishes_what_the_gate_holds_and_keeps_the_reason(platform: Platform) -> None:
    FactPart.objects.filter(day=date(2026, 7, 9)).delete()
    evaluation = computed(JULY)

    publish(evaluation_id=evaluation.pk, at=NOW, release_reason="the day is lost for good")

    evaluation.refresh_from_db()
    assert evaluation.release_reason == "the day is lost for good"
    assert evaluation.events.get(to_state="published").reason == "the day is lost for good"


def test_an_unneeded_release_is_not_recorded_as_one(platform: Platform) -> None:
    evaluation = publish(evaluation_id=computed(JULY).pk, at=NOW, release_reason="to be sure")

    assert evaluation.release_reason == ""


def test_a_failed_run_is_asked_for_again_and_given_up_after_three(platform: Platform) -> None:
    evaluation = request_evaluation(month=JULY, at=NOW)
    from django.conf import settings

    for part in FactPart.objects.filter(day=JULY):
        (settings.FACTS_DIR / part.path).unlink()
    states = []
    for _ in range(3):
        with pytest.raises(Exception, match=r"No files found|No such file"):
            run_evaluation(evaluation.pk)
        evaluation.refresh_from_db()
        states.append((evaluation.state, evaluation.failures))

    assert states == [("requested", 1), ("requested", 2), ("failed", 3)]
    assert "No" in evaluation.error
    assert run_evaluation(evaluation.pk) is None


def test_credit_counts_as_of_the_month_s_last_day(platform: Platform) -> None:
    from agencies.ledger import Deduction, deduct

    for on in (date(2026, 7, 31), date(2026, 8, 1)):
        violation = ViolationFactory(agency=platform.strong, decided_on=on)
        deduct([Deduction(platform.strong.pk, violation.pk, 30, on, violation.reference)], at=NOW)

    assert computed(JULY).assessments.get(agency=platform.strong).credit == 90


def test_removed_agencies_are_out_of_scope_after_their_month(platform: Platform) -> None:
    Agency.objects.filter(pk=platform.quiet.pk).update(removed_on=date(2026, 6, 30))

    assert computed(JUNE).assessments.filter(agency=platform.quiet).exists()
    assert not computed(JULY).assessments.filter(agency=platform.quiet).exists()


def test_a_removed_agency_is_on_no_board(platform: Platform) -> None:
    Agency.objects.filter(pk=platform.weak.pk).update(removed_on=date(2026, 8, 2))

    published(JULY)

    assert list(Place.objects.values_list("code", flat=True)) == ["strong", "strong"]


def test_percentiles_compare_assessed_agencies(platform: Platform) -> None:
    evaluation = computed(JULY)

    indicators = dict(evaluation.assessments.values_list("agency__code", "indicators"))
    assert indicators["strong"]["settled_amount"]["percentile"] == "100.0"
    assert indicators["weak"]["settled_amount"]["percentile"] == "0.0"
    assert indicators["quiet"]["settled_amount"]["percentile"] is None
    assert indicators["fresh"] == {}


def test_days_of_a_mover_count_for_the_agency_of_the_day(platform: Platform) -> None:
    mover = platform.starter
    mover.bindings.update(bound_until=date(2026, 7, 11))
    BindingFactory(agency=platform.quiet, creator=mover, bound_from=date(2026, 7, 21))

    evaluation = computed(JULY)

    days = dict(
        CreatorContribution.objects.filter(evaluation=evaluation, creator=mover).values_list(
            "agency__code", "live_minutes"
        )
    )
    assert days == {"weak": 600, "quiet": 660}


def test_totals_are_kept_for_the_receipt(platform: Platform) -> None:
    found = computed(JULY).assessments.get(agency=platform.weak)

    assert found.totals["settled_cents"] == 3_100_000
    assert found.indicators["settled_amount"]["value"] == "31000.00"
    assert found.total == Decimal(found.operating + found.growth + found.service + found.bonus)


def test_sums_stay_whole_numbers_beyond_what_a_float_holds(platform: Platform) -> None:
    deliver_month(JULY, platform.starter, settled_cents=9_007_199_254_740_993)

    totals = computed(JULY).assessments.get(agency=platform.weak).totals

    assert totals["settled_cents"] == 31 * 9_007_199_254_740_993
    assert {type(value) for value in totals.values()} == {int}


def test_two_revisions_cannot_be_published_for_a_month(db: None) -> None:
    EvaluationFactory(revision=1)
    with (
        pytest.raises(IntegrityError, match="evaluation_one_published_per_month"),
        transaction.atomic(),
    ):
        EvaluationFactory(revision=2)


def test_two_evaluations_cannot_be_open_for_a_month(db: None) -> None:
    EvaluationFactory(revision=1, state="requested")
    with pytest.raises(IntegrityError, match="evaluation_one_open_per_month"), transaction.atomic():
        EvaluationFactory(revision=2, state="computed")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"month": date(2026, 10, 2)}, "evaluation_month_first_day"),
        ({"state": "held"}, "evaluation_state_known"),
        ({"result_digest": ""}, "evaluation_published_is_complete"),
        ({"state": "running", "attempt": 0}, "evaluation_running_has_attempt"),
        ({"failures": 2}, "evaluation_failures_within_attempts"),
    ],
)
def test_the_database_refuses_an_impossible_evaluation(
    db: None, changes: dict[str, object], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        EvaluationFactory(**changes)


@pytest.mark.parametrize(
    "changes",
    [{"level": ""}, {"stage": "observation", "level": "V1"}, {"total": None}],
)
def test_the_database_refuses_a_level_without_points(db: None, changes: dict[str, object]) -> None:
    from tests.factories import AssessmentFactory

    with (
        pytest.raises(IntegrityError, match="assessment_level_and_points_by_stage"),
        transaction.atomic(),
    ):
        AssessmentFactory(**changes)


def test_an_agency_of_another_month_is_not_compared(platform: Platform) -> None:
    published(MAY)
    AgencyFactory(code="late", joined_on=MAY + timedelta(days=40))

    assert published(JULY).gate["moves"] == []


def test_snapshots_that_nothing_needs_are_removed_after_a_day(platform: Platform) -> None:
    published(JULY)
    named = set(frozen_path("").glob("*"))
    deliver_facts({(platform.star, JULY): {}})
    BindingFactory(agency=platform.quiet)
    current_inputs(JULY)
    assert len(set(frozen_path("").glob("*")) - named) == 1

    assert prune_frozen(timezone.now()) == 0
    assert prune_frozen(timezone.now() + timedelta(days=2)) == 1
    assert set(frozen_path("").glob("*")) == named
