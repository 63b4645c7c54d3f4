"""Which events people see, and how full they are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.utils.translation import get_language

from agencies.models import Agency
from portal.enums import EventState, SeatState
from portal.models import Event, EventMaterial, Registration

# How many cancelled registrations an agency is still shown.
MOST_CANCELLED: Final = 20
TAKEN = Count("registrations", filter=Q(registrations__state=SeatState.SEATED))
WAITING = Count("registrations", filter=Q(registrations__state=SeatState.WAITING))
CAME = Count("registrations", filter=Q(registrations__checked_in_at__isnull=False))


def language() -> str:
    """How the columns in the reader's language end."""
    return "en" if get_language() == "en" else "zh"


def in_words(event: Event) -> dict[str, str]:
    """City, title, text and venue of an event in the reader's language."""
    fields = ("city", "title", "text", "venue")
    return {field: getattr(event, f"{field}_{language()}") for field in fields}


def with_seats() -> QuerySet[Event]:
    """All events, each with how many seats are `taken` and how many people `wait` and `came`."""
    return Event.objects.annotate(taken=TAKEN, wait=WAITING, came=CAME)


def shown_to_agencies() -> QuerySet[Event]:
    """What agencies see: all but drafts, with their seats."""
    return with_seats().exclude(state=EventState.DRAFT)


def coming(now: datetime) -> QuerySet[Event]:
    """Events that are not over, the next one first; cancelled ones until their day has passed."""
    return shown_to_agencies().filter(ends_at__gt=now).order_by("starts_at", "id")


def past(now: datetime) -> QuerySet[Event]:
    """Events that took place, the newest first, with how many materials there are of each."""
    return (
        # without seats: two counts over two joins would multiply one another
        Event.objects.filter(ends_at__lte=now, state=EventState.PUBLISHED)
        .annotate(files=Count("materials"))
        .order_by("-starts_at", "-id")
    )


def with_programme(found: QuerySet[Event]) -> QuerySet[Event]:
    """The same events with their programme and materials, without the bytes of these."""
    return found.prefetch_related(
        "items__speaker_agency",
        Prefetch("materials", EventMaterial.objects.defer("content").order_by("id")),
    )


@dataclass(frozen=True)
class Ahead:
    """A coming event with how many people of the agency have a seat, and how many wait."""

    event: Event
    seated: int
    waiting: int


@dataclass(frozen=True)
class Own:
    """A registration of the agency; `place` is that in the waiting list, 1 for the next one."""

    registration: Registration
    place: int | None


def ahead_of(agency: Agency, now: datetime) -> list[Ahead]:
    """What is coming, the next one first, with what the agency has of it. Two queries."""
    events = list(coming(now))
    own = Counter(
        Registration.objects.filter(agency=agency, event__in=events).values_list(
            "event_id", "state"
        )
    )
    return [
        Ahead(each, own[each.pk, SeatState.SEATED.value], own[each.pk, SeatState.WAITING.value])
        for each in events
    ]


def own_registrations(agency: Agency, event: Event) -> list[Own]:
    """Whom an agency sends to an event, in the order of registration; then the newest cancelled."""
    own = Registration.objects.filter(agency=agency, event=event)
    cancelled = own.filter(state=SeatState.CANCELLED).order_by("-cancelled_at", "-id")
    shown = own.filter(
        ~Q(state=SeatState.CANCELLED) | Q(pk__in=cancelled.values("pk")[:MOST_CANCELLED])
    ).order_by(F("cancelled_at").asc(nulls_first=True), "id")
    return [Own(each, each.place) for each in placed(shown)]


def placed(found: QuerySet[Registration]) -> QuerySet[Any]:
    """Registrations with their `place` in the waiting list, 1 for the next one, None elsewhere."""
    waiting = Registration.objects.filter(
        event=OuterRef("event"), state=SeatState.WAITING, pk__lte=OuterRef("pk")
    )
    number = waiting.order_by().values("event").annotate(number=Count("pk")).values("number")
    return found.annotate(place=Case(When(state=SeatState.WAITING, then=Subquery(number))))


def attendees(event: Event) -> QuerySet[Registration]:
    """Everybody who is or was registered: seats, then the waiting list, then cancelled ones."""
    position = Case(
        When(state=SeatState.SEATED, then=0),
        When(state=SeatState.WAITING, then=1),
        default=2,
        output_field=IntegerField(),
    )
    return event.registrations.select_related("agency", "checked_in_by").order_by(position, "id")
