"""Marking months whose inputs changed after they were computed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from scoring.enums import Cause, EvaluationState
from scoring.models import Evaluation, StaleMark
from scoring.models.evaluation import OPEN


@transaction.atomic
def mark_stale(
    first: date,
    last: date | None,
    *,
    at: datetime,
    cause: Cause,
    about: Mapping[str, Any] | None = None,
) -> int:
    """Mark open and published evaluations that use days in [first, last]; how many were not yet.

    Each is given a mark with the `cause` and `about`, plain values that name what changed.

    A run that is under way keeps what it froze, and is stale from its first moment on.
    `last` None means an open end. The first change counts; nothing is computed again by itself
    unless the month is still unpublished (`scoring.due`).
    """
    months = Evaluation.objects.filter(
        state__in=[*OPEN, EvaluationState.PUBLISHED], month__gte=first.replace(day=1)
    )
    if last is not None:
        months = months.filter(month__lte=last)
    # everybody locks them in this order; those marked before too, as a run that is just freezing
    # takes its mark off and must not do so past this change
    ids = list(months.order_by("month", "id").select_for_update().values_list("id", flat=True))
    StaleMark.objects.bulk_create(
        StaleMark(
            evaluation_id=pk, cause=cause, at=at, first=first, last=last, about=dict(about or {})
        )
        for pk in ids
    )
    unmarked = Evaluation.objects.filter(pk__in=ids, stale_since__isnull=True)
    return unmarked.update(stale_since=at)
