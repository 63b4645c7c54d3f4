"""Seats and the waiting list: one row per person, decided under the lock of the event."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.actions.plain_text import check_one_line
from agencies.models import Agency
from agencies.refusals import Refused
from portal.enums import EventState, SeatState
from portal.events.news import tell_seated
from portal.models import Event, Registration

if TYPE_CHECKING:
    from portal.models import User

PHONE: Final = re.compile(r"\+?[0-9]{5,20}")


@transaction.atomic
def register(
    *,
    agency: Agency,
    event_id: int,
    person: str,
    phone: str,
    request_key: UUID,
    at: datetime,
    by: User,
) -> Registration:
    """Register a person of an agency: a seat while there is one, else the end of the waiting list.

    1. Until `register_until`, by any member of an agency that is on the platform.
    2. At most `most_per_agency` people of an agency, seats and waiting list together; each phone
       number once.
    3. A free seat goes to the first of the waiting list, never past it; agencies that left the
       platform hold nobody up there.
    4. The same `request_key` again returns the same registration.

    Raises Event.DoesNotExist for a draft, Refused with the rule "removed", "cancelled", "over",
    "person", "phone", "many", "twice" or "sent". Locks the event.
    """
    event = _locked(event_id)
    earlier = Registration.objects.filter(request_key=request_key).first()
    if earlier is not None:
        return _same(earlier, agency, event)
    _refuse_closed(agency, event, at)
    person, phone = _plain(person, phone)
    _refuse_more(agency, event, phone)
    seated = event.registrations.filter(state=SeatState.SEATED).count() < event.seats
    seated = seated and not _in_line(event, at).exists()
    return Registration.objects.create(
        event=event,
        agency=agency,
        person=person,
        phone=phone,
        state=SeatState.SEATED if seated else SeatState.WAITING,
        seated_at=at if seated else None,
        registered_by=by,
        at=at,
        request_key=request_key,
    )


@transaction.atomic
def cancel_registration(
    *, agency: Agency, registration_id: int, at: datetime, by: User
) -> Registration:
    """Give a seat or a place in the waiting list back; the first who waits gets a freed seat.

    Raises Registration.DoesNotExist for what is not the agency's, Refused with the rule
    "cancelled", "came" or "over". Locks the event.
    """
    event = _locked(Registration.objects.get(agency=agency, pk=registration_id).event_id)
    registration = event.registrations.get(pk=registration_id)
    if registration.state == SeatState.CANCELLED:
        raise Refused(_("This registration was cancelled already."), rule="cancelled")
    if registration.checked_in_at is not None:
        raise Refused(
            _("%(person)s is there already: the registration stays.")
            % {"person": registration.person},
            rule="came",
        )
    if at >= event.ends_at:
        raise Refused(_("The event is over: there is nothing to cancel."), rule="over")
    registration.state = SeatState.CANCELLED
    registration.cancelled_at = at
    registration.save(update_fields=["state", "cancelled_at"])
    fill_seats(event, at=at)
    return registration


def fill_seats(event: Event, *, at: datetime) -> list[Registration]:
    """Give free seats to those who wait, in their order, and tell their agencies; who got one.

    Agencies that left the platform are passed over. Nobody is seated once the event has begun.
    Call it with the event locked.
    """
    if event.state != EventState.PUBLISHED or at >= event.starts_at:
        return []
    free = event.seats - event.registrations.filter(state=SeatState.SEATED).count()
    lucky = list(_in_line(event, at).order_by("id")[: max(free, 0)])
    Registration.objects.filter(pk__in=[each.pk for each in lucky]).update(
        state=SeatState.SEATED, seated_at=at
    )
    tell_seated(event, lucky, at=at)
    return lucky


def _in_line(event: Event, at: datetime) -> QuerySet[Registration]:
    """Those who wait for a seat and may get one: their agencies are on the platform."""
    left = Q(agency__removed_on__lte=timezone.localdate(at))
    return event.registrations.filter(state=SeatState.WAITING).exclude(left)


def _locked(event_id: int) -> Event:
    """The event, held until the transaction ends: whoever wants a seat of it takes turns."""
    found = Event.objects.select_for_update(of=("self",), no_key=True)
    return found.exclude(state=EventState.DRAFT).get(pk=event_id)


def _same(earlier: Registration, agency: Agency, event: Event) -> Registration:
    if earlier.agency_id != agency.pk or earlier.event_id != event.pk:
        raise Refused(
            _("This form was sent for something else already: open the event again."), rule="sent"
        )
    return earlier


def _refuse_closed(agency: Agency, event: Event, at: datetime) -> None:
    if agency.is_removed(timezone.localdate(at)):
        raise Refused(_("Removed agencies cannot register for events."), rule="removed")
    if event.state == EventState.CANCELLED:
        raise Refused(_("This event was cancelled: nobody can register."), rule="cancelled")
    if at >= event.register_until:
        until = date_format(timezone.localtime(event.register_until), "SHORT_DATETIME_FORMAT")
        raise Refused(
            _("Registration ended on %(until)s; cancelling is still possible.") % {"until": until},
            rule="over",
        )


def _plain(person: str, phone: str) -> tuple[str, str]:
    """Name and number as they are kept: one line, and digits alone after a plus, if any."""
    person = person.strip()
    try:
        check_one_line(person)
    except ValidationError as fault:
        raise Refused(str(fault.messages[0]), rule="person") from fault
    longest: int = Registration._meta.get_field("person").max_length or 0
    if not person or len(person) > longest:
        raise Refused(
            _("Write the name of who comes, in at most %(most)s characters.") % {"most": longest},
            rule="person",
        )
    phone = re.sub(r"[\s().\-]", "", phone)
    if not PHONE.fullmatch(phone):
        raise Refused(
            _("Write the phone number in 5 to 20 digits, for example 13800001234."), rule="phone"
        )
    return person, phone


def _refuse_more(agency: Agency, event: Event, phone: str) -> None:
    standing = _standing(event.registrations.filter(agency=agency))
    if any(each.phone == phone for each in standing):
        raise Refused(
            _("Somebody with the number %(phone)s is registered already.") % {"phone": phone},
            rule="twice",
        )
    if len(standing) >= event.most_per_agency:
        raise Refused(
            ngettext(
                "An agency sends at most %(most)d person: cancel a registration first.",
                "An agency sends at most %(most)d people: cancel a registration first.",
                event.most_per_agency,
            )
            % {"most": event.most_per_agency},
            rule="many",
        )


def _standing(found: Iterable[Registration]) -> list[Registration]:
    return [each for each in found if each.state != SeatState.CANCELLED]
