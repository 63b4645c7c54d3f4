"""Marking months whose inputs changed after they were computed."""

from __future__ import annotations

from datetime import date, datetime

from scoring.enums import EvaluationState
from scoring.models import Evaluation


def mark_stale(first: date, last: date | None, *, at: datetime) -> int:
    """Mark computed and published evaluations that used days in [first, last]; how many.

    `last` None means an open end. The first change counts; nothing is computed again by itself
    unless the month is still unpublished (`scoring.due`).
    """
    months = Evaluation.objects.filter(
        state__in=[EvaluationState.COMPUTED, EvaluationState.PUBLISHED],
        month__gte=first.replace(day=1),
        stale_since__isnull=True,
    )
    if last is not None:
        months = months.filter(month__lte=last)
    return months.update(stale_since=at)
