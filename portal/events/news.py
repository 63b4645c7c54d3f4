"""What agencies are told of events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from agencies.enums import News
from portal.models import Event, OutboxEntry, Registration


def about(event: Event, **more: Any) -> dict[str, Any]:
    """The plain values of a sentence on an event."""
    return {
        "event": event.pk,
        "event_zh": event.title_zh,
        "event_en": event.title_en,
        "on": timezone.localdate(event.starts_at).isoformat(),
        **more,
    }


def tell_agencies(
    news: News,
    event: Event,
    agency_ids: Iterable[int],
    *,
    at: datetime,
    once: str = "",
    **more: Any,
) -> None:
    """Tell some agencies, in one statement; with `once`, only those that were not told yet."""
    told = about(event, **more)
    OutboxEntry.objects.bulk_create(
        [
            OutboxEntry(agency_id=each, news=news, about=told, at=at, next_attempt_at=at, once=once)
            for each in sorted(set(agency_ids))
        ],
        ignore_conflicts=bool(once),
    )


def tell_seated(event: Event, people: Iterable[Registration], *, at: datetime) -> None:
    """Tell the agency of each of some people that they have a seat now, in one statement."""
    OutboxEntry.objects.bulk_create(
        [
            OutboxEntry(
                agency_id=each.agency_id,
                news=News.EVENT_SEATED,
                about=about(event, person=each.person),
                at=at,
                next_attempt_at=at,
            )
            for each in people
        ]
    )
