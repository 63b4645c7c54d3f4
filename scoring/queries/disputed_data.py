"""What the data say on the days of a dispute, and what changed in them since it was filed.

Facts themselves are not read while a page is served: their days are told from the manifest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from agencies.enums import FileKind, ImportOutcome
from agencies.models import Binding, Creator, ImportedFile
from agencies.queries.binding_days import Days, days_that_differ
from scoring.enums import DisputeKind, EvaluationState
from scoring.models import CreatorContribution, Dispute, Evaluation, FactPart
from scoring.queries.contributed import Brought


@dataclass(frozen=True)
class DisputedDay:
    """One day: to whom the creator was bound, and the part with everybody's facts of the day.

    `changed` says that the part was written after the dispute had been filed.
    """

    day: date
    binding: Binding | None
    part: FactPart | None
    changed: bool


@dataclass(frozen=True)
class Counted:
    """What a computed revision counted of the creator for one agency."""

    agency: str
    brought: Brought


@dataclass(frozen=True)
class DisputedData:
    """What is known about a dispute's creator and days.

    `creator` is None where nobody has the code. `evaluation` is the newest computed or published
    revision of the month, None before there is one; `counted` what it counted of the creator;
    `published` whether any is published.
    """

    creator: Creator | None
    days: tuple[DisputedDay, ...]
    evaluation: Evaluation | None
    published: bool
    counted: tuple[Counted, ...]


def disputed_data(dispute: Dispute) -> DisputedData:
    """What the data say, for the staff: whose creator it was is told. At most five queries."""
    creator = Creator.objects.filter(creator_id=dispute.creator_code).first()
    bindings = list(_bindings(dispute)) if creator else []
    parts = {part.day: part for part in current_parts(dispute).select_related("imported_file")}
    revisions = list(
        Evaluation.objects.of_month(dispute.month)
        .filter(state__in=[EvaluationState.COMPUTED, EvaluationState.PUBLISHED])
        .only("month", "revision", "state", "data_through")
    )
    evaluation = revisions[0] if revisions else None
    return DisputedData(
        creator=creator,
        days=tuple(
            _day(day, bindings, parts.get(day), dispute)
            for day in days_between(dispute.first_day, dispute.last_day)
        ),
        evaluation=evaluation,
        published=any(each.state == EvaluationState.PUBLISHED for each in revisions),
        counted=_counted(evaluation, creator),
    )


def days_between(first: date, last: date) -> Iterable[date]:
    """Every day of [first, last]."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _bindings(dispute: Dispute) -> QuerySet[Binding]:
    """Bindings of the creator that hold on one of the days."""
    return (
        Binding.objects.filter(
            Q(bound_until=None) | Q(bound_until__gt=dispute.first_day),
            creator__creator_id=dispute.creator_code,
            bound_from__lte=dispute.last_day,
        )
        .select_related("agency")
        .order_by("bound_from")
    )


def current_parts(dispute: Dispute) -> QuerySet[FactPart]:
    """The current facts of the dispute's days."""
    return FactPart.objects.current().of_days(dispute.first_day, dispute.last_day).order_by("day")


def _day(
    day: date, bindings: list[Binding], part: FactPart | None, dispute: Dispute
) -> DisputedDay:
    return DisputedDay(
        day=day,
        binding=next(
            (
                each
                for each in bindings
                if each.bound_from <= day and (each.bound_until is None or day < each.bound_until)
            ),
            None,
        ),
        part=part,
        changed=part is not None and part.created_at > dispute.filed_at,
    )


def _counted(evaluation: Evaluation | None, creator: Creator | None) -> tuple[Counted, ...]:
    if evaluation is None or creator is None:
        return ()
    rows = (
        CreatorContribution.objects.filter(evaluation=evaluation, creator=creator)
        .select_related("agency")
        .order_by("agency__code")
    )
    return tuple(Counted(str(row.agency), Brought(row)) for row in rows)


def corrections(dispute: Dispute) -> QuerySet[ImportedFile]:
    """The imports since the filing that changed what is disputed, the newest first (D, §2).

    1. Of data: those that wrote the current facts of one of the days after the filing. A part
       holds the whole day, so whether the creator's own row changed is the answer's to say.
    2. Of attribution: applied files of bindings, where a binding of the creator changed.
    """
    if dispute.kind == DisputeKind.DATA:
        parts = current_parts(dispute).filter(created_at__gt=dispute.filed_at).order_by()
        return ImportedFile.objects.filter(pk__in=parts.values("imported_file")).order_by("-pk")
    if not bindings_changed(dispute):
        return ImportedFile.objects.none()
    return ImportedFile.objects.filter(
        kind=FileKind.BINDINGS,
        outcome=ImportOutcome.APPLIED,
        accepted__gt=0,
        finished_at__gt=dispute.filed_at,
    ).order_by("-pk")


def bindings_changed(dispute: Dispute) -> bool:
    """Whether a change since the filing gave or took one of these days, by whomever. Two queries.

    The kept changes of the creator's bindings are told against what was kept of each before. Both
    times are the database's, whose triggers keep changes.
    """
    filed = _kept("scoring", "DisputeEvent").filter(pgh_obj_id=dispute.pk, pgh_label="insert")
    since = filed.values_list("pgh_created_at", flat=True).get()
    changes = _kept("agencies", "BindingEvent").filter(creator__creator_id=dispute.creator_code)
    before: dict[int, Days] = {}
    for pk, label, first, until, at in changes.order_by("pgh_id").values_list(
        "pgh_obj_id", "pgh_label", "bound_from", "bound_until", "pgh_created_at"
    ):
        after = None if label == "delete" else (first, until)
        if at >= since and _touches(days_that_differ(before.get(pk), after), dispute):
            return True
        before[pk] = first, until
    return False


def _kept(room: str, model: str) -> Any:
    return apps.get_model(room, model).objects


def _touches(stretches: Iterable[Days], dispute: Dispute) -> bool:
    return any(
        first <= dispute.last_day and (until is None or until > dispute.first_day)
        for first, until in stretches
    )
