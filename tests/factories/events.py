"""Salons in December 2026, and who goes to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import factory

from portal.enums import EventState, SeatState
from portal.models import Event, EventItem, EventMaterial, Registration
from tests.factories.conduct import AgencyFactory
from tests.factories.people import UserFactory

# 10:00 of the platform; registration ends the day after, two days before the event.
NOW = datetime(2026, 12, 7, 2, 0, tzinfo=UTC)
UNTIL = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
BEGINS = datetime(2026, 12, 10, 6, 0, tzinfo=UTC)
ENDS = datetime(2026, 12, 10, 9, 30, tzinfo=UTC)
ON_THE_DAY = BEGINS - timedelta(hours=1)
AFTERWARDS = ENDS + timedelta(days=1)


class EventFactory(factory.django.DjangoModelFactory[Event]):
    """A published salon in Hangzhou with three seats, two people per agency."""

    class Meta:
        model = Event
        skip_postgeneration_save = True

    city_zh, city_en = "杭州", "Hangzhou"
    title_zh, title_en = "橱窗增长私享会", "Salon on showcase growth"
    text_zh, text_en = "谈橱窗运营。", "On running showcases."
    venue_zh, venue_en = "西湖区文三路一号", "1 Wensan Road"
    starts_at, ends_at, register_until = BEGINS, ENDS, UNTIL
    seats, most_per_agency = 3, 2
    state = EventState.PUBLISHED
    created_by = factory.SubFactory(UserFactory)
    changed_at = NOW

    @factory.post_generation
    def items(self: Any, create: bool, extracted: Any, **_: Any) -> None:
        """One line of programme, unless `items=False`."""
        if create and extracted is not False:
            EventItem.objects.create(
                event=self,
                starts_at=self.starts_at,
                ends_at=self.starts_at + timedelta(hours=1),
                title_zh="开场",
                title_en="Opening",
                speaker="林岚",
                speaker_zh="平台运营",
                speaker_en="Platform operations",
            )


class RegistrationFactory(factory.django.DjangoModelFactory[Registration]):
    """Somebody with a seat."""

    class Meta:
        model = Registration

    event = factory.SubFactory(EventFactory)
    agency = factory.SubFactory(AgencyFactory)
    person = factory.Sequence(lambda number: f"来宾{number}")
    phone = factory.Sequence(lambda number: f"138{number:08d}")
    state = SeatState.SEATED
    seated_at = factory.LazyAttribute(lambda row: NOW if row.state == SeatState.SEATED else None)
    registered_by = factory.SubFactory(UserFactory)
    at = NOW
    request_key = factory.LazyFunction(uuid4)


def waiting_list(event: Event) -> list[int]:
    """The numbers of the registrations that wait for a seat, the next one first."""
    waiting = event.registrations.filter(state=SeatState.WAITING).order_by("id")
    return list(waiting.values_list("id", flat=True))


def material_of(event: Event, **fields: Any) -> EventMaterial:
    """A PDF for the agencies."""
    ordinary = {
        "title_zh": "讲义",
        "title_en": "Slides",
        "name": "slides.pdf",
        "content_type": "application/pdf",
        "size": 5,
        "sha256": "1" * 64,
        "content": b"%PDF-",
        "added_by": UserFactory.create(),
        "at": AFTERWARDS,
    }
    return EventMaterial.objects.create(event=event, **{**ordinary, **fields})
