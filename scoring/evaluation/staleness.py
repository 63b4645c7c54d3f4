"""Marking months whose inputs changed after they were computed, and reading the marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from scoring.enums import Cause, EvaluationState
from scoring.models import Assessment, Evaluation, StaleMark
from scoring.models.evaluation import OPEN
from scoring.months import last_day, next_month

# Where several things changed, the reason that agencies read is the first of these.
BY_IMPORTANCE: Final = (Cause.APPEAL, Cause.RULES, Cause.FACTS, Cause.BINDINGS, Cause.CREDIT)
EVERY: Final = Q()
# What was asked for and froze nothing yet will read whatever has changed until it begins.
UNFROZEN: Final = Q(state=EvaluationState.REQUESTED, inputs_digest="")


@transaction.atomic
def mark_stale(
    first: date,
    last: date | None,
    *,
    at: datetime,
    cause: Cause,
    about: Mapping[str, Any] | None = None,
    only: Q = EVERY,
) -> int:
    """Mark open and published evaluations that use days in [first, last]; how many were not yet.

    1. Each is given a mark with the `cause` and `about`, plain values that name what changed.
    2. A run that is under way keeps what it froze, and is stale from its first moment on; what is
       asked for and not begun is passed over.
    3. `only` says which of them the change concerns; all are locked, in the order of months.
    4. `last` None means an open end. Nothing is computed again here: see `scoring.due`.
    """
    ids = _locked(first, last)
    concerned = Evaluation.objects.filter(only, pk__in=ids).exclude(UNFROZEN)
    marked = sorted(set(concerned.values_list("id", flat=True)))
    StaleMark.objects.bulk_create(
        StaleMark(
            evaluation_id=pk, cause=cause, at=at, first=first, last=last, about=dict(about or {})
        )
        for pk in marked
    )
    return Evaluation.objects.filter(pk__in=marked, stale_since=None).update(stale_since=at)


def _locked(first: date, last: date | None) -> list[int]:
    """The open and published evaluations of these days, under their locks.

    Everybody locks them in this order; those marked before too, as a run that is just freezing
    takes its mark off and must not do so past this change.
    """
    months = Evaluation.objects.filter(
        state__in=[*OPEN, EvaluationState.PUBLISHED], month__gte=first.replace(day=1)
    )
    if last is not None:
        months = months.filter(month__lte=last)
    return list(months.order_by("month", "id").select_for_update().values_list("id", flat=True))


def holding_on_their_way() -> Q:
    """The unpublished evaluations whose rulebook holds a fall, or that are freezing. One query."""
    coming = Evaluation.objects.filter(state__in=OPEN, rulebook__isnull=False)
    holding = [
        each.pk
        for each in coming.select_related("rulebook").order_by("month")
        if each.rules.appeals.hold_fall
    ]
    return Q(pk__in=holding) | Q(state=EvaluationState.RUNNING, inputs_digest="")


def mark_month_after(published: Evaluation, *, at: datetime) -> int:
    """Mark the month after a published one where it holds levels by another level before (D, §8).

    1. Only rules that hold a fall read the level before, and only of agencies with points under an
       appeal. A run without results yet may have read it too.
    2. The mark has the cause of the correction: what an appeal corrected is followed by itself.

    How many were not marked yet. Locks the evaluations of that month.
    """
    after = next_month(published.month)
    seen = Assessment.objects.filter(evaluation=published, agency=OuterRef("agency"))
    other = (
        Assessment.objects.filter(evaluation__month=after, contested__gt=0)
        .annotate(before=Coalesce(Subquery(seen.values("level")), Value("")))
        .exclude(level_before=F("before"))
    )
    computed = Evaluation.objects.filter(
        pk__in=other.values("evaluation"),
        state__in=[EvaluationState.COMPUTED, EvaluationState.PUBLISHED],
    ).select_related("rulebook")
    holding = [each.pk for each in computed if each.rules.appeals.hold_fall]
    running = holding_on_their_way() & ~Q(state=EvaluationState.COMPUTED)
    routine = published.cause == Cause.ROUTINE
    return mark_stale(
        after,
        last_day(after),
        at=at,
        cause=Cause.CHECK if routine else Cause(published.cause),
        about={"month_before": f"{published.month:%Y-%m-%d}"},
        only=Q(pk__in=holding) | running,
    )


def marks_since_frozen(evaluation: Evaluation) -> list[StaleMark]:
    """What changed since an evaluation froze its inputs, the oldest first; at most two queries.

    `stale_since` is the time of the first of them: freezing takes it off, and so does finding the
    inputs unchanged. Later marks may bear an earlier time, as long imports have that of their
    beginning.
    """
    if evaluation.stale_since is None:
        return []
    marks = evaluation.marks.order_by("id")
    first = marks.filter(at=evaluation.stale_since).values_list("id", flat=True).first()
    return [] if first is None else list(marks.filter(id__gte=first))


def cause_of(marks: Iterable[StaleMark]) -> Cause:
    """Why a month is computed again, where this changed; CHECK where nothing did (D, §2)."""
    found = {mark.cause for mark in marks}
    return next((cause for cause in BY_IMPORTANCE if cause in found), Cause.CHECK)


def only_appeals(marks: Sequence[StaleMark]) -> bool:
    """Whether all of what changed follows from appeals (D, §2).

    That is: decided appeals, and credit that the very cases of these appeals had taken. Nothing
    at all does not.
    """
    appeals = [mark for mark in marks if mark.cause == Cause.APPEAL]
    won = {case for mark in appeals for case in mark.about.get("references", [])}
    return bool(appeals) and all(
        mark.cause == Cause.APPEAL
        or (mark.cause == Cause.CREDIT and _cases(mark) and _cases(mark) <= won)
        for mark in marks
    )


def _cases(mark: StaleMark) -> set[str]:
    return set(mark.about.get("references", []))


def newest_mark(evaluation: Evaluation) -> int:
    """The number of the last change that was marked; 0 without any. For `take_mark_off`."""
    return evaluation.marks.aggregate(last=Max("id"))["last"] or 0


@transaction.atomic
def take_mark_off(evaluation_id: int, *, seen: int) -> bool:
    """Say that an evaluation answers its marks: its inputs turned out to be the same.

    `seen` is the `newest_mark` from before the inputs were compared. False, and nothing done,
    where more was marked since. Locks the row.
    """
    evaluation = Evaluation.objects.select_for_update().get(pk=evaluation_id)
    if newest_mark(evaluation) != seen:
        return False
    return bool(
        Evaluation.objects.filter(pk=evaluation_id, stale_since__isnull=False).update(
            stale_since=None
        )
    )
