"""Marking months whose inputs changed, beside whoever publishes or computes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from agencies.enums import Stage
from agencies.models import Agency
from agencies.signals import Changed, appeal_decided, appeal_filed, history_changed
from scoring.enums import Cause, EvaluationState
from scoring.evaluation.actions import publish, request_evaluation
from scoring.evaluation.staleness import (
    BY_IMPORTANCE,
    cause_of,
    mark_month_after,
    mark_stale,
    marks_since_frozen,
    newest_mark,
    only_appeals,
    take_mark_off,
)
from scoring.models import Evaluation, RulebookVersion, StaleMark
from scoring.receivers import CAUSES
from tests.agencies.beside import Beside, until_waiting
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory
from tests.factories.appeals import hold_falls

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def october(transactional_db: None) -> Evaluation:
    evaluation: Evaluation = EvaluationFactory.create(
        state=EvaluationState.COMPUTED, published_at=None
    )
    AssessmentFactory.create(evaluation=evaluation, agency=AgencyFactory.create())
    return evaluation


def test_a_publication_waits_for_conduct_and_then_goes_on(october: Evaluation) -> None:
    """Conduct locks the agency, then the months it marks: the other way round is a deadlock."""
    now = timezone.now()
    with transaction.atomic():
        list(Agency.objects.select_for_update(no_key=True).order_by("id"))
        publication = Beside(
            lambda: publish(evaluation_id=october.pk, at=now, release_reason="no facts here")
        ).start()
        until_waiting(1)
        assert mark_stale(OCTOBER, None, at=now, cause=Cause.CHECK) == 1
    assert publication.end() == october
    october.refresh_from_db()
    assert (october.state, october.stale_since) == (EvaluationState.PUBLISHED, now)


def test_a_publication_and_marking_lock_the_month_in_one_order(october: Evaluation) -> None:
    """The revision that is replaced first, as marking does: imports of facts lock no agencies."""
    again = EvaluationFactory.create(
        revision=2, state=EvaluationState.COMPUTED, published_at=None, month=SEPTEMBER
    )
    EvaluationFactory.create(month=SEPTEMBER, revision=1, pk=again.pk - 1_000)
    now = timezone.now()
    with transaction.atomic():
        list(Evaluation.objects.filter(month=SEPTEMBER, revision=1).select_for_update())
        publication = Beside(
            lambda: publish(evaluation_id=again.pk, at=now, release_reason="no facts here")
        ).start()
        until_waiting(1)
        assert mark_stale(SEPTEMBER, None, at=now, cause=Cause.FACTS) == 3
    assert publication.end() == again


def test_a_new_revision_waits_for_who_is_marking(october: Evaluation) -> None:
    """Else it would freeze what was before the change, and bear no mark of it."""
    Evaluation.objects.update(state=EvaluationState.PUBLISHED, published_at=AT)
    with transaction.atomic():
        assert mark_stale(OCTOBER, None, at=AT, cause=Cause.FACTS) == 1
        asked = Beside(
            lambda: request_evaluation(month=OCTOBER, at=AT, reason="late facts")
        ).start()
        until_waiting(1)
        assert not Evaluation.objects.filter(revision=2).exists()
    assert isinstance(asked.end(), Evaluation)


def test_a_month_that_is_marked_already_is_held_until_the_change_is_there(
    october: Evaluation,
) -> None:
    """Else a run that is just freezing would take the mark off and read what was before."""
    Evaluation.objects.update(stale_since=timezone.now())

    def take_the_mark_off() -> None:
        with transaction.atomic():
            Evaluation.objects.select_for_update(nowait=True).get(pk=october.pk)

    with transaction.atomic():
        assert mark_stale(OCTOBER, None, at=timezone.now(), cause=Cause.CHECK) == 0
        assert isinstance(Beside(take_the_mark_off).start().end(), OperationalError)


def test_what_has_not_begun_will_read_the_change_and_bears_no_mark(db: None) -> None:
    asked = EvaluationFactory.create(
        state=EvaluationState.REQUESTED, published_at=None, inputs_digest=""
    )
    retried = EvaluationFactory.create(
        month=SEPTEMBER, state=EvaluationState.REQUESTED, published_at=None
    )

    assert mark_stale(SEPTEMBER, None, at=AT, cause=Cause.FACTS) == 1

    assert list(StaleMark.objects.values_list("evaluation", flat=True)) == [retried.pk]
    asked.refresh_from_db()
    assert asked.stale_since is None


def test_only_those_concerned_are_marked(db: None) -> None:
    september, october = EvaluationFactory.create(month=SEPTEMBER), EvaluationFactory.create()

    assert mark_stale(SEPTEMBER, None, at=AT, cause=Cause.APPEAL, only=Q(pk=october.pk)) == 1

    assert (september.marks.count(), october.marks.count()) == (0, 1)


def test_marks_are_those_since_the_inputs_were_frozen(db: None) -> None:
    """A long import bears the time of its beginning: the order of writing decides."""
    october = EvaluationFactory.create()
    mark_stale(OCTOBER, None, at=AT - HOUR, cause=Cause.RULES)
    Evaluation.objects.update(stale_since=None)
    mark_stale(OCTOBER, None, at=AT, cause=Cause.APPEAL)
    mark_stale(OCTOBER, None, at=AT - 2 * HOUR, cause=Cause.FACTS)

    october.refresh_from_db()

    assert [mark.cause for mark in marks_since_frozen(october)] == [Cause.APPEAL, Cause.FACTS]


def test_a_mark_stays_where_more_changed_meanwhile(db: None) -> None:
    october = EvaluationFactory.create()
    mark_stale(OCTOBER, None, at=AT, cause=Cause.CREDIT)
    seen = newest_mark(october)
    mark_stale(OCTOBER, None, at=AT, cause=Cause.CREDIT)

    assert not take_mark_off(october.pk, seen=seen)
    assert take_mark_off(october.pk, seen=newest_mark(october))
    assert not take_mark_off(october.pk, seen=newest_mark(october))
    october.refresh_from_db()
    assert october.stale_since is None


def changed(*causes: Cause) -> list[StaleMark]:
    return [StaleMark(cause=cause) for cause in causes]


def test_the_cause_is_the_weightiest_of_what_changed() -> None:
    assert cause_of([]) == Cause.CHECK
    for place, cause in enumerate(BY_IMPORTANCE):
        assert cause_of(changed(*reversed(BY_IMPORTANCE[place:]))) == cause


@pytest.mark.parametrize(
    ("others", "only"),
    [
        ([], True),
        ([StaleMark(cause=Cause.APPEAL)], True),
        ([StaleMark(cause=Cause.CREDIT, about={"references": ["A"]})], True),
        ([StaleMark(cause=Cause.CREDIT, about={"references": ["A", "C"]})], False),
        ([StaleMark(cause=Cause.CREDIT, about={"cases": 30_000})], False),
        ([StaleMark(cause=Cause.FACTS, about={"references": ["A"]})], False),
    ],
)
def test_only_appeals_and_what_their_cases_had_taken(others: list[StaleMark], only: bool) -> None:
    won = StaleMark(cause=Cause.APPEAL, about={"references": ["A", "B"]})
    assert only_appeals([*others, won]) is only


def test_nothing_at_all_follows_from_no_appeal() -> None:
    assert not only_appeals([])
    assert not only_appeals(changed(Cause.CREDIT))


@pytest.mark.parametrize("what", list(Changed))
def test_senders_say_what_changed(db: None, what: Changed) -> None:
    october = EvaluationFactory.create()

    history_changed.send(sender=Agency, first=OCTOBER, last=None, what=what, about={"a": 1})

    mark = october.marks.get()
    assert (mark.cause, mark.first, mark.last, mark.about) == (
        CAUSES[what],
        OCTOBER,
        None,
        {"a": 1},
    )


@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("state", [EvaluationState.COMPUTED, EvaluationState.PUBLISHED])
def test_an_appeal_marks_months_on_their_way_that_may_be_held(
    db: None, state: str, holds: bool
) -> None:
    october = EvaluationFactory.create(state=state)
    if holds:
        hold_falls(RulebookVersion.objects.get())

    appeal_filed.send(sender=Agency, agency_id=1, references=["A"], first=OCTOBER, at=AT)

    marked = holds and state == EvaluationState.COMPUTED
    assert list(october.marks.values_list("cause", "about")) == (
        [(Cause.APPEAL, {"references": ["A"]})] if marked else []
    )


class TestMonthAfter:
    """September is published with a result of an agency that October may hold by it."""

    def marked(self, *, holds: bool = True, level_before: str = "V1", **september: Any) -> bool:
        if holds:
            hold_falls(RulebookVersion.objects.get())
        agency = AgencyFactory.create()
        published = EvaluationFactory.create(month=SEPTEMBER, cause=Cause.APPEAL)
        AssessmentFactory.create(evaluation=published, agency=agency, **september)
        october = AssessmentFactory.create(
            agency=agency, contested=september.get("contested", 60), level_before=level_before
        ).evaluation
        assert mark_month_after(published, at=AT) == october.marks.count()
        return bool(october.marks.filter(cause=Cause.APPEAL, about={"month_before": "2026-09-01"}))

    def test_another_level_before_marks_it(self, db: None) -> None:
        assert self.marked(stage=Stage.OBSERVATION, level="")

    def test_the_same_level_before_does_not(self, db: None) -> None:
        assert not self.marked(level="V1")

    def test_rules_that_hold_nothing_do_not_read_it(self, db: None) -> None:
        assert not self.marked(holds=False, level="V2")

    def test_nor_is_it_read_without_points_under_appeal(self, db: None) -> None:
        assert not self.marked(level="V2", contested=0)

    def test_a_run_without_results_may_have_read_it(self, db: None) -> None:
        hold_falls(RulebookVersion.objects.get())
        published = EvaluationFactory.create(month=SEPTEMBER)
        october = EvaluationFactory.create(state=EvaluationState.RUNNING, published_at=None)
        assert mark_month_after(published, at=AT) == 1
        assert october.marks.get().cause == Cause.CHECK


def test_a_verdict_marks_the_months_that_were_held_for_the_agency(db: None) -> None:
    agency, other = AgencyFactory.create_batch(2)
    months = [SEPTEMBER, OCTOBER, date(2026, 8, 1)]
    for month, whose, held in zip(
        months, (agency, other, agency), (True, True, False), strict=True
    ):
        AssessmentFactory.create(
            evaluation=EvaluationFactory.create(month=month),
            agency=whose,
            held=held,
            contested=60,
            level_before="V1",
        )

    appeal_decided.send(
        sender=Agency, agency_id=agency.pk, references=["A"], first=date(2026, 8, 9), at=AT
    )

    (mark,) = StaleMark.objects.select_related("evaluation")
    assert (mark.evaluation.month, mark.cause) == (SEPTEMBER, Cause.APPEAL)
