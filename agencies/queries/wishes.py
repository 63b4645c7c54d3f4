"""Bindings and wishes to part at the desk of the platform's people."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from agencies.enums import Subject, UnbindingState
from agencies.models import Agency, Binding, ConductEvent, Unbinding
from agencies.models.creator import BindingQuerySet
from agencies.models.request import OPEN_UNBINDING


class Phase(Enum):
    """Where a binding stands on a day."""

    CURRENT = "current"
    FUTURE = "future"
    OVER = "over"


def phase_of(binding: Binding, *, today: date) -> Phase:
    """Whether a binding holds today, begins later or is over; its range is half-open."""
    if binding.bound_until is not None and binding.bound_until <= today:
        return Phase.OVER
    return Phase.FUTURE if binding.bound_from > today else Phase.CURRENT


def in_phase(bindings: BindingQuerySet, phase: Phase, *, today: date) -> BindingQuerySet:
    """The bindings of a list that hold today, begin later, or are over."""
    if phase is Phase.OVER:
        return bindings.filter(bound_until__lte=today)
    standing = bindings.not_over_on(today)
    after = Q(bound_from__gt=today)
    return standing.filter(after) if phase is Phase.FUTURE else standing.exclude(after)


def without_silent(bindings: BindingQuerySet, *, on: date, today: date) -> BindingQuerySet:
    """Without those that silence up to today has ended before `on`, settled or not (P, §9).

    Silence ends a binding after its first day at the earliest.
    """
    # the whole condition within, so that the few wishes are looked up once, not per binding
    silent = Unbinding.objects.filter(
        binding=OuterRef("pk"),
        binding__bound_from__lt=on,
        state=UnbindingState.ASKED,
        silent_on__lte=min(on, today),
    )
    return bindings.exclude(Exists(silent))


def places_taken(agency: Agency, *, today: date) -> BindingQuerySet:
    """The bindings that the cap counts: of today or later, not ended by silence (D, §9)."""
    bindings = agency.bindings.not_over_on(today)
    return without_silent(bindings, on=today, today=today)


def places_used(agency: Agency, *, today: date) -> int:
    """How many creators take a place. One query."""
    return places_taken(agency, today=today).values("creator").distinct().count()


def places_counted(agency: Agency, *, today: date) -> QuerySet[Any, Any]:
    """The same number as a subquery; without a row where nobody takes one."""
    taken = places_taken(agency, today=today).order_by().values("agency")
    return taken.annotate(creators=Count("creator", distinct=True)).values("creators")


def all_bindings() -> BindingQuerySet:
    """All bindings with agency and creator, the last recorded first: by an index."""
    return Binding.objects.select_related("agency", "creator").order_by("-pk")


def wishes_due_first() -> QuerySet[Unbinding, Unbinding]:
    """The open wishes to part by what is due first (P, docs/rules.md §9).

    1. Those before the platform, who waits longest first.
    2. Those that end by silence, by that day; then those refused, which wait for the side that
       asked.
    """
    return (
        Unbinding.objects.filter(state__in=OPEN_UNBINDING)
        .select_related("binding__agency", "binding__creator")
        .annotate(
            urgency=Case(
                When(state=UnbindingState.CALLED_IN, then=Value(0)),
                When(state=UnbindingState.ASKED, then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            )
        )
        .order_by("urgency", F("called_in_at").asc(nulls_last=True), "silent_on", "pk")
    )


def steps_of(unbinding: Unbinding) -> QuerySet[ConductEvent, ConductEvent]:
    """What was done about a wish to part, first step first."""
    return (
        ConductEvent.objects.filter(subject=Subject.UNBINDING, subject_id=unbinding.pk)
        .select_related("actor")
        .order_by("pk")
    )
