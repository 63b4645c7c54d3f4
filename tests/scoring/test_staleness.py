"""Marking months whose inputs changed, beside whoever publishes or computes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from agencies.models import Agency
from agencies.signals import Changed, appeal_decided, appeal_filed, history_changed
from scoring.enums import Cause, EvaluationState
from scoring.evaluation.actions import publish
from scoring.evaluation.staleness import (
    BY_IMPORTANCE,
    cause_of,
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
