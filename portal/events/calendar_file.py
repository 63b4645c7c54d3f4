"""An event as a file that calendars take (RFC 5545)."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar
from icalendar import Event as Entry

from portal.enums import EventState
from portal.events.listing import in_words, language
from portal.models import Event

# The zone has had no summer time since.
SINCE = date(1992, 1, 1)


def calendar_file(event: Event) -> bytes:
    """The event in the reader's language, with its programme, as calendars take it over.

    The same event has the same UID for ever; a change has the next SEQUENCE, and a cancelled event
    removes itself from the calendars that had it. Times bear the platform's zone.
    """
    said = in_words(event)
    cancelled = event.state == EventState.CANCELLED
    zone = ZoneInfo(settings.TIME_ZONE)
    address = f"{settings.PORTAL_URL}{reverse('event', args=[event.pk])}"
    entry = Entry()
    entry.add("uid", f"event-{event.pk}@{urlsplit(settings.PORTAL_URL).hostname or 'portal'}")
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", event.changed_at)
    entry.add("last-modified", event.changed_at)
    entry.add("dtstart", event.starts_at.astimezone(zone))
    entry.add("dtend", event.ends_at.astimezone(zone))
    entry.add("summary", said["title"])
    entry.add("location", f"{said['city']} · {said['venue']}")
    entry.add("description", "\n".join([*_programme(event, zone), address]))
    entry.add("url", address)
    entry.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Agency Level Portal//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    calendar.add_component(entry)
    calendar.add_missing_timezones(first_date=SINCE)
    return calendar.to_ical()


def _programme(event: Event, zone: ZoneInfo) -> list[str]:
    return [
        f"{item.starts_at.astimezone(zone):%H:%M} {getattr(item, f'title_{language()}')}"
        + (f" · {item.speaker}" if item.speaker else "")
        for item in event.items.all()
    ]
