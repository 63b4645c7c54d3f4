"""Disputes beside a publication: whoever is first is seen by the other."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from agencies.refusals import Refused
from scoring.disputes import accept_dispute, file_dispute, mark_corrected
from scoring.enums import DisputeKind, EvaluationState
from scoring.evaluation.actions import publish
from scoring.evaluation.gate import DISPUTES
from scoring.models import Dispute, Evaluation
from tests.agencies.beside import Beside, until_waiting
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    EvaluationFactory,
    MembershipFactory,
)
from tests.factories.disputes import AFTER_DUE, FIRST, MONTH, SECOND, DisputeFactory
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db(transaction=True)


def computed() -> Evaluation:
    return EvaluationFactory.create(
        month=MONTH, state=EvaluationState.COMPUTED, published_at=None, computed_at=AFTER_DUE
    )


def test_a_dispute_after_the_publication_began_is_refused() -> None:
    member = MembershipFactory.create()
    evaluation = computed()
    filing = Beside(
        lambda: file_dispute(
            agency=member.agency,
            month=MONTH,
            kind=DisputeKind.ATTRIBUTION,
            creator_code="C-1",
            first_day=date(2026, 10, 5),
            last_day=date(2026, 10, 5),
            text="达人当时属于我们",
            request_key=uuid4(),
            at=AFTER_DUE,
            by=member.user,
        )
    )
    with transaction.atomic():
        publish(evaluation_id=evaluation.pk, at=AFTER_DUE, release_reason="看过了")
        filing.start()
        until_waiting(1)
    refused = filing.end()
    assert isinstance(refused, Refused)
    assert refused.rule == "published"
    assert not Dispute.objects.exists()


def test_a_publication_sees_the_dispute_that_is_just_accepted() -> None:
    dispute, staff, evaluation = DisputeFactory.create(), operator(), computed()
    publication = Beside(
        lambda: publish(evaluation_id=evaluation.pk, at=AFTER_DUE, release_reason="看过了")
    )
    with transaction.atomic():
        accept_dispute(dispute_id=dispute.pk, answer="属实", at=SECOND, by=staff)
        publication.start()
        until_waiting(1)
    released = publication.end()
    assert released.state == EvaluationState.PUBLISHED
    assert DISPUTES in [finding["code"] for finding in released.gate["findings"]]


def test_what_changed_before_the_dispute_is_no_correction_of_it() -> None:
    staff, creator = operator(), CreatorFactory.create(creator_id="C-1")
    BindingFactory.create(creator=creator, bound_until=date(2026, 10, 6))
    dispute = DisputeFactory.create(creator_code="C-1", filed_at=FIRST)
    accept_dispute(dispute_id=dispute.pk, answer="属实", at=SECOND, by=staff)
    step = {"dispute_id": dispute.pk, "imported_file_id": None, "at": SECOND, "by": staff}
    with pytest.raises(Refused) as refused:
        mark_corrected(**step)
    assert refused.value.rule == "unchanged"
    BindingFactory.create(
        agency=AgencyFactory.create(),
        creator=creator,
        bound_from=date(2026, 10, 6),
        bound_until=dispute.last_day + timedelta(days=1),
    )
    assert mark_corrected(**step).corrected_at == SECOND
