"""Marking months whose inputs changed, beside whoever publishes or computes them."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from agencies.models import Agency
from scoring.enums import Cause, EvaluationState
from scoring.evaluation.actions import publish
from scoring.evaluation.staleness import mark_stale
from scoring.models import Evaluation
from tests.agencies.beside import Beside, until_waiting
from tests.factories import AgencyFactory, AssessmentFactory, EvaluationFactory

OCTOBER = date(2026, 10, 1)


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
