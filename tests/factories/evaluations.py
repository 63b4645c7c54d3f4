"""Revisions as the desk of evaluations meets them, without running one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from agencies.enums import FileKind, ImportOutcome
from agencies.models import Agency, ImportedFile
from portal.models import User
from scoring.enums import Cause, DisputeKind, DisputeState, EvaluationState, ReleaseState
from scoring.evaluation.gate import gate_report
from scoring.models import Dispute, Evaluation, FactPart, GateRelease, StaleMark
from scoring.months import last_day
from tests.factories.conduct import AgencyFactory
from tests.factories.level import AssessmentFactory, EvaluationFactory
from tests.factories.people import UserFactory

OCTOBER = date(2026, 10, 1)
AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


def computed_revision(
    *, facts: bool = True, results: Iterable[dict[str, Any]] = ({},), **fields: Any
) -> Evaluation:
    """A computed revision with the gate's report; it passes when its month has all facts.

    `results` are the fields of its assessments.
    """
    given: dict[str, Any] = {"state": EvaluationState.COMPUTED, "published_at": None}
    evaluation: Evaluation = EvaluationFactory.create(**given | fields)
    for result in results:
        AssessmentFactory.create(evaluation=evaluation, **result)
    if facts:
        evaluation.parts.set(parts_of(evaluation.month))
    evaluation.gate = gate_report(evaluation)
    evaluation.save(update_fields=["gate"])
    return evaluation


def parts_of(month: date) -> list[FactPart]:
    """A part for each day of the month, those that are there already included."""
    days = [month + timedelta(days=n) for n in range(last_day(month).day)]
    there = FactPart.objects.current().of_days(days[0], days[-1])
    if there.exists():
        return list(there)
    source = ImportedFile.objects.create(
        kind=FileKind.FACTS,
        name=f"facts-{month:%Y-%m}.csv",
        sha256="0" * 64,
        size=1,
        outcome=ImportOutcome.APPLIED,
        started_at=AT,
        finished_at=AT,
    )
    return FactPart.objects.bulk_create(
        FactPart(
            day=day,
            sha256=f"{day.toordinal():064d}",
            rows=1,
            size=1,
            imported_file=source,
            created_at=datetime(day.year, day.month, day.day, 20, tzinfo=UTC),
        )
        for day in days
    )


def release_of(evaluation: Evaluation, **fields: Any) -> GateRelease:
    """A proposal that waits, by somebody of the staff."""
    given: dict[str, Any] = {
        "evaluation": evaluation,
        "result_digest": evaluation.result_digest,
        "state": ReleaseState.PROPOSED,
        "reason": "The three days are lost for good",
        "proposed_at": AT,
    }
    if "proposed_by" not in fields:
        given["proposed_by"] = UserFactory.create(is_staff=True)
    return GateRelease.objects.create(**given | fields)


def mark_of(evaluation: Evaluation, cause: Cause = Cause.FACTS, **fields: Any) -> StaleMark:
    """A change since the inputs were frozen; the evaluation bears its mark."""
    given: dict[str, Any] = {
        "evaluation": evaluation,
        "cause": cause,
        "at": AT,
        "first": evaluation.month,
        "last": evaluation.month,
    }
    mark = StaleMark.objects.create(**given | fields)
    Evaluation.objects.filter(pk=evaluation.pk, stale_since=None).update(stale_since=mark.at)
    evaluation.refresh_from_db()
    return mark


def dispute_of(month: date, *, agency: Agency | None = None, **fields: Any) -> Dispute:
    """An accepted dispute of the month that waits for the correction of its data."""
    author: User = UserFactory.create()
    given: dict[str, Any] = {
        "agency": agency or AgencyFactory.create(),
        "month": month,
        "kind": DisputeKind.DATA,
        "creator_code": "C1",
        "first_day": month,
        "last_day": month,
        "text": "The orders of that day are missing",
        "state": DisputeState.ACCEPTED,
        "filed_by": author,
        "filed_at": AT,
        "answer": "True",
        "answered_by": author,
        "answered_at": AT,
    }
    return Dispute.objects.create(**given | fields)
