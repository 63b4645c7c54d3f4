"""What the platform does with an event: writing, publishing, changing, cancelling, checking in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.actions.case_files import NewFile, checked, stored_name
from agencies.enums import News
from agencies.refusals import Refused
from portal.enums import EventState, SeatState
from portal.events.listing import language
from portal.events.news import about, tell_agencies
from portal.events.registering import fill_seats
from portal.models import Event, EventItem, EventMaterial, Registration
from portal.outbox.everyone import tell_everyone

if TYPE_CHECKING:
    from portal.models import User

MOST_MATERIALS: Final = 20
# Those who registered are told when one of these becomes another.
TOLD: Final = ("city_zh", "city_en", "venue_zh", "venue_en", "starts_at", "ends_at")


@transaction.atomic
def write_event(
    *,
    event_id: int | None,
    values: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    seen: str = "",
    at: datetime,
    by: User,
) -> Event:
    """Write a new draft, or change an event with its programme as a whole.

    1. `seen` is `changed_at` (ISO) as the writer saw it: nobody writes over what others wrote.
    2. An event that is over, or cancelled, keeps its times, seats and programme; a draft never
       does, and no published event is moved to where it would be over already.
    3. Of a published one, calendars get the next `sequence`; who registered is told where place,
       time or programme changed. More seats go to the waiting list; fewer than are taken: refused.
    4. A form that is sent twice writes one draft: who writes has none that is the same.

    Raises Event.DoesNotExist, Refused with the rule "changed", "closed", "items", "seats" or
    "over". Locks the event, of a new one whoever writes it.
    """
    if event_id is None:
        return _new_draft(values, items, at=at, by=by)
    event = _locked(event_id)
    _refuse_closed(event, seen, at)
    moved = any(getattr(event, name) != values[name] for name in TOLD if name in values)
    for name, value in values.items():
        setattr(event, name, value)
    _refuse_items(event, items)
    _refuse_fewer_seats(event)
    _refuse_bygone(event, at)
    moved = _write_items(event, items) or moved
    event.changed_at = at
    event.sequence += 1
    event.save()
    if event.state == EventState.PUBLISHED:
        fill_seats(event, at=at)
        if moved:
            _tell_registered(News.EVENT_CHANGED, event, at=at)
    return event


@transaction.atomic
def publish_event(*, event_id: int, at: datetime, by: User) -> Event:
    """Show a draft to all agencies and tell them; registration is open from now on.

    Raises Event.DoesNotExist, Refused with the rule "state", "over" or "items". Locks the event.
    """
    event = _locked(event_id)
    if event.state != EventState.DRAFT:
        raise Refused(_("This event is published already."), rule="state")
    if at >= event.register_until or at >= event.starts_at:
        raise Refused(
            _("Registration would be over before it began: change its last day first."),
            rule="over",
        )
    if not event.items.exists():
        raise Refused(_("An event needs a programme: write at least one line."), rule="items")
    event.state = EventState.PUBLISHED
    event.changed_at = at
    event.save(update_fields=["state", "changed_at"])
    tell_everyone(News.EVENT_ANNOUNCED, about=about(event), at=at)
    return event


@transaction.atomic
def discard_event(*, event_id: int, at: datetime, by: User) -> None:
    """Delete a draft. Raises Event.DoesNotExist, Refused with the rule "state". Locks the event."""
    event = _locked(event_id)
    if event.state != EventState.DRAFT:
        raise Refused(
            _("A published event is not deleted: cancel it, with a reason."), rule="state"
        )
    event.delete()


@transaction.atomic
def cancel_event(*, event_id: int, reason: str, at: datetime, by: User) -> Event:
    """Call a published event off; who registered is told why. Registrations stay as they are.

    Raises Event.DoesNotExist, Refused with the rule "state", "over" or "reason". Locks the event.
    """
    event = _locked(event_id)
    if event.state != EventState.PUBLISHED:
        raise Refused(_("Only a published event can be cancelled."), rule="state")
    if at >= event.ends_at:
        raise Refused(_("The event is over: there is nothing to cancel."), rule="over")
    if not reason.strip():
        raise Refused(_("Say why: the reason is kept with the step."), rule="reason")
    event.state = EventState.CANCELLED
    event.cancel_reason = reason.strip()
    event.sequence += 1
    event.changed_at = at
    event.save(update_fields=["state", "cancel_reason", "sequence", "changed_at"])
    _tell_registered(News.EVENT_CANCELLED, event, at=at, reason=event.cancel_reason)
    return event


@transaction.atomic
def check_in(*, event_id: int, registration_id: int, at: datetime, by: User) -> Registration:
    """Note that a person with a seat came; the first note counts.

    From the day of the event on. Raises Registration.DoesNotExist, Refused with the rule "state"
    or "early". Locks the event.
    """
    event = _locked(event_id)
    registration = event.registrations.get(pk=registration_id)
    if event.state != EventState.PUBLISHED or registration.state != SeatState.SEATED:
        raise Refused(
            _("%(person)s has no seat: nobody without one is checked in.")
            % {"person": registration.person},
            rule="state",
        )
    if timezone.localdate(at) < timezone.localdate(event.starts_at):
        raise Refused(_("Check-in begins on the day of the event."), rule="early")
    if registration.checked_in_at is None:
        registration.checked_in_at, registration.checked_in_by = at, by
        registration.save(update_fields=["checked_in_at", "checked_in_by"])
    return registration


@transaction.atomic
def undo_check_in(*, event_id: int, registration_id: int, at: datetime, by: User) -> Registration:
    """Take a mistaken check-in back. Raises Registration.DoesNotExist. Locks the event."""
    event = _locked(event_id)
    registration = event.registrations.get(pk=registration_id)
    registration.checked_in_at = registration.checked_in_by = None
    registration.save(update_fields=["checked_in_at", "checked_in_by"])
    return registration


@transaction.atomic
def add_material(
    *, event_id: int, title_zh: str, title_en: str, file: NewFile, at: datetime, by: User
) -> EventMaterial:
    """Put a file up for all agencies: PDF, PNG or JPEG, 10 MB, at most 20; the same once.

    Agencies that registered are told of the first one. Raises Event.DoesNotExist, Refused with
    the rule "state", "many" or one of the file. Locks the event.
    """
    event = _locked(event_id)
    if event.state != EventState.PUBLISHED:
        raise Refused(_("Materials go with a published event only."), rule="state")
    content_type = checked(file.name, file.content)
    digest = sha256(file.content).hexdigest()
    there = event.materials.defer("content").filter(sha256=digest).first()
    if there is not None:
        return there
    if event.materials.count() >= MOST_MATERIALS:
        raise Refused(
            _("An event takes %(most)s files at most: take one away first.")
            % {"most": MOST_MATERIALS},
            rule="many",
        )
    material = EventMaterial.objects.create(
        event=event,
        title_zh=title_zh,
        title_en=title_en,
        name=stored_name(file.name, content_type),
        content_type=content_type,
        size=len(file.content),
        sha256=digest,
        content=file.content,
        added_by=by,
        at=at,
    )
    _tell_registered(News.EVENT_MATERIALS, event, at=at, once=f"event-materials:{event.pk}")
    return material


@transaction.atomic
def remove_material(*, event_id: int, material_id: int, at: datetime, by: User) -> None:
    """Take a file away again. Raises EventMaterial.DoesNotExist. Locks the event."""
    _locked(event_id).materials.defer("content").get(pk=material_id).delete()


def _locked(event_id: int) -> Event:
    return Event.objects.select_for_update(of=("self",), no_key=True).get(pk=event_id)


def _refuse_closed(event: Event, seen: str, at: datetime) -> None:
    if seen and event.changed_at.isoformat() != seen:
        raise Refused(
            _("Somebody changed this event meanwhile: open it again and enter your changes there."),
            rule="changed",
        )
    over = event.state == EventState.PUBLISHED and at >= event.ends_at
    if event.state == EventState.CANCELLED or over:
        raise Refused(_("This event is closed: it is not changed any more."), rule="closed")


def _refuse_bygone(event: Event, at: datetime) -> None:
    if event.state == EventState.PUBLISHED and event.ends_at <= at:
        raise Refused(
            _("The event would be over already, and closed for good: correct its times."),
            rule="over",
        )


def _refuse_items(event: Event, items: Sequence[Mapping[str, Any]]) -> None:
    """Every line of the programme lies within the event."""
    for item in items:
        if not event.starts_at <= item["starts_at"] < item["ends_at"] <= event.ends_at:
            raise Refused(
                _("“%(title)s” does not lie within the event: correct its times.")
                % {"title": item[f"title_{language()}"]},
                rule="items",
            )


def _refuse_fewer_seats(event: Event) -> None:
    taken = event.registrations.filter(state=SeatState.SEATED).count()
    if event.seats < taken:
        raise Refused(
            ngettext(
                "%(taken)d seat is taken: there cannot be fewer.",
                "%(taken)d seats are taken: there cannot be fewer.",
                taken,
            )
            % {"taken": taken},
            rule="seats",
        )


def _new_draft(
    values: Mapping[str, Any], items: Sequence[Mapping[str, Any]], *, at: datetime, by: User
) -> Event:
    # who sends the form twice takes turns with themselves
    get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)
    for draft in Event.objects.filter(state=EventState.DRAFT, created_by=by, **values):
        if _has_programme(draft, _lines(draft, items)):
            return draft
    event = Event(created_by=by, **values, changed_at=at)
    _refuse_items(event, items)
    event.save()
    _write_items(event, items)
    return event


def _lines(event: Event, items: Sequence[Mapping[str, Any]]) -> list[EventItem]:
    fresh = [EventItem(event=event, **item) for item in items]
    return sorted(fresh, key=lambda each: each.starts_at)


def _has_programme(event: Event, lines: Sequence[EventItem]) -> bool:
    fields = [field.attname for field in EventItem._meta.concrete_fields if not field.primary_key]
    there = list(event.items.values_list(*fields))
    return there == [tuple(getattr(each, name) for name in fields) for each in lines]


def _write_items(event: Event, items: Sequence[Mapping[str, Any]]) -> bool:
    """Replace the programme where it became another one; whether it did."""
    fresh = _lines(event, items)
    if _has_programme(event, fresh):
        return False
    event.items.all().delete()
    EventItem.objects.bulk_create(fresh)
    return True


def _tell_registered(news: News, event: Event, *, at: datetime, **more: Any) -> None:
    standing = event.registrations.exclude(state=SeatState.CANCELLED)
    tell_agencies(news, event, standing.values_list("agency_id", flat=True), at=at, **more)
