"""Events as the platform's people run them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.exports import csv_response
from agencies.queries.changes import changes_of
from agencies.refusals import Refused
from agencies.views.downloads import download
from agencies.views.lists import PER_PAGE, paged, wants_file
from agencies.views.missing import missing_is_404
from agencies.views.staff_decisions import taken
from portal.enums import EventState, SeatState
from portal.events.listing import attendees, with_programme, with_seats
from portal.events.running import (
    add_material,
    cancel_event,
    check_in,
    discard_event,
    publish_event,
    remove_material,
    undo_check_in,
    write_event,
)
from portal.filters.events import EventFilter
from portal.forms.events import CancelEventForm, EventForm, Items, MaterialForm, lines_of
from portal.models import Event, EventMaterial
from portal.tables.events import EventTable

READ, RUN = "portal.view_event", "portal.manage_event"
FORM_METHODS = ["GET", "HEAD", "POST"]
COLUMNS = ("title_zh", "title_en", "city_zh", "starts_at", "state", "seats", "taken", "waiting")
ATTENDEES = (
    *("agency_code", "agency_name", "person", "phone", "state"),
    *("registered_at", "seat_since", "came_at"),
)


@require_safe
@staff_required(READ)
def staff_events(request: StaffRequest) -> HttpResponse:
    """All events, drafts and the next ones first, with filters in the address; also as CSV."""
    chosen = EventFilter(request.GET, queryset=with_seats(), user=request.user)
    if wants_file(request, chosen):
        return csv_response("events.csv", COLUMNS, _rows(chosen.found))
    context = {"filter": chosen, "table": paged(EventTable(chosen.found), request)}
    return render(request, "portal/staff_events.html", context)


def _rows(found: Any) -> Iterator[list[object]]:
    for each in found.iterator(chunk_size=2_000):
        yield [
            *(each.title_zh, each.title_en, each.city_zh, each.starts_at, each.state),
            *(each.seats, each.taken, each.wait),
        ]


@require_safe
@staff_required(READ)
def staff_event(request: StaffRequest, pk: int) -> HttpResponse:
    """One event with everything about it, and the steps that can be taken."""
    return _page(request, pk, MaterialForm())


def _page(request: StaffRequest, pk: int, form: MaterialForm) -> HttpResponse:
    found = get_object_or_404(with_programme(with_seats()), pk=pk)
    people = Paginator(attendees(found), PER_PAGE).get_page(request.GET.get("page"))
    looked(request, None, f"{_('Event')}: {found}")
    now = timezone.now()
    context = {
        "event": found,
        "people": people,
        "form": form,
        "may_run": request.user.has_perm(RUN),
        "over": now >= found.ends_at,
        "check_in_open": timezone.localdate(now) >= timezone.localdate(found.starts_at),
        "changes": changes_of(found),
    }
    return render(request, "portal/staff_event.html", context)


@require_http_methods(FORM_METHODS)
@staff_required(RUN)
def staff_event_new(request: StaffRequest) -> HttpResponse:
    """Write an event with its programme; nobody sees it before it is published."""
    form = EventForm(request.POST or None)
    items = Items(request.POST or None, prefix="items")
    written = _written(request, form, items, None)
    if written is not None:
        messages.success(request, _("The draft is kept. Nobody sees it before you publish it."))
        return redirect("staff-event", written.pk)
    return render(
        request, "portal/staff_event_form.html", {"form": form, "items": items, "event": None}
    )


@require_http_methods(FORM_METHODS)
@staff_required(RUN)
def staff_event_change(request: StaffRequest, pk: int) -> HttpResponse:
    """Change an event and its programme; who registered is told of what concerns them."""
    found = get_object_or_404(Event.objects.prefetch_related("items__speaker_agency"), pk=pk)
    initial = {"seen": found.changed_at.isoformat()}
    form = EventForm(request.POST or None, instance=found, initial=initial)
    items = Items(request.POST or None, prefix="items", initial=lines_of(found))
    written = _written(request, form, items, pk)
    if written is not None:
        messages.success(request, _("The event is changed."))
        return redirect("staff-event", pk)
    return render(
        request, "portal/staff_event_form.html", {"form": form, "items": items, "event": found}
    )


def _written(
    request: StaffRequest, form: EventForm, items: Any, event_id: int | None
) -> Event | None:
    """The event as it was written; None where the form is to be shown (again)."""
    if request.method != "POST" or not (form.is_valid() and items.is_valid()):
        return None
    try:
        with missing_is_404():
            return write_event(
                event_id=event_id,
                values=form.values,
                items=items.values,
                seen=form.cleaned_data["seen"],
                at=timezone.now(),
                by=request.user,
            )
    except Refused as refused:
        form.add_error(None, str(refused))
        return None


@require_POST
@staff_required(RUN)
def staff_event_publish(request: StaffRequest, pk: int) -> HttpResponse:
    """Show a draft to all agencies."""
    said = _("All agencies see the event now and are told of it.")
    _step(request, said, lambda: publish_event(event_id=pk, at=timezone.now(), by=request.user))
    return redirect("staff-event", pk)


@require_POST
@staff_required(RUN)
def staff_event_discard(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete a draft."""
    said = _("The draft is discarded.")
    done = _step(
        request, said, lambda: discard_event(event_id=pk, at=timezone.now(), by=request.user)
    )
    return redirect("staff-events") if done else redirect("staff-event", pk)


@require_http_methods(FORM_METHODS)
@staff_required(RUN)
def staff_event_cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Call a published event off, with a reason that the agencies read."""
    found = get_object_or_404(with_seats(), pk=pk)
    form = CancelEventForm(request.POST or None)
    if request.method == "POST" and _taken(
        form,
        lambda: cancel_event(event_id=pk, at=timezone.now(), by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("The event is cancelled; who registered is told why."))
        return redirect("staff-event", pk)
    return render(request, "portal/staff_event_cancel.html", {"form": form, "event": found})


def _taken(form: forms.Form, step: Callable[[], object]) -> bool:
    """Whether the form was right and the step was taken; 404 where the event is gone."""
    with missing_is_404():
        return taken(form, step)


def _step(request: StaffRequest, said: str, step: Callable[[], object]) -> bool:
    """Take a step without a form; whether it was taken is said on the next page."""
    try:
        with missing_is_404():
            step()
    except Refused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, said)
    return True


@require_safe
@staff_required(READ)
def staff_event_door(request: StaffRequest, pk: int) -> HttpResponse:
    """The check-in list at the door: search, one button per person."""
    found = get_object_or_404(with_seats().exclude(state=EventState.DRAFT), pk=pk)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    people = attendees(found).filter(state=SeatState.SEATED)
    if words:
        people = people.filter(
            Q(person__icontains=words)
            | Q(phone__contains=words)
            | Q(agency__name__icontains=words)
            | Q(agency__code=words)
        )
    looked(request, None, f"{_('Check-in')}: {found}")
    today = timezone.localdate()
    context = {
        "event": found,
        "people": Paginator(people, PER_PAGE).get_page(request.GET.get("page")),
        "q": words,
        "may_run": request.user.has_perm(RUN),
        "early": today < timezone.localdate(found.starts_at),
    }
    return render(request, "portal/staff_event_door.html", context)


@require_POST
@staff_required(RUN)
def staff_event_check_in(request: StaffRequest, pk: int, registration: int) -> HttpResponse:
    """Note that a person came, or take that back with `undo`."""
    undo = bool(request.POST.get("undo"))
    act = undo_check_in if undo else check_in
    said = _("The check-in is taken back.") if undo else _("Checked in.")
    _step(
        request,
        said,
        lambda: act(event_id=pk, registration_id=registration, at=timezone.now(), by=request.user),
    )
    # back to where the person was found
    asked = request.GET.urlencode()
    return redirect(f"{reverse('staff-event-door', args=[pk])}{asked and f'?{asked}'}")


@require_safe
@staff_required(READ)
def staff_event_people(request: StaffRequest, pk: int) -> HttpResponse:
    """Everybody who is or was registered, as CSV."""
    found = get_object_or_404(Event, pk=pk)
    looked(request, None, f"{_('Registrations')}: {found}")
    rows = (
        [
            *(each.agency.code, each.agency.name, each.person, each.phone, each.state),
            *(each.at, each.seated_at, each.checked_in_at),
        ]
        for each in attendees(found).iterator(chunk_size=2_000)
    )
    return csv_response(f"event-{found.pk}.csv", ATTENDEES, rows)


@require_POST
@staff_required(RUN)
def staff_event_material_add(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a file up for the agencies."""
    form = MaterialForm(request.POST, request.FILES)
    if _taken(
        form,
        lambda: add_material(event_id=pk, at=timezone.now(), by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("The file is there for all agencies."))
        return redirect("staff-event", pk)
    return _page(request, pk, form)


@require_POST
@staff_required(RUN)
def staff_event_material_remove(request: StaffRequest, pk: int, material: int) -> HttpResponse:
    """Take a file away again."""
    said = _("The file is taken away.")
    _step(
        request,
        said,
        lambda: remove_material(
            event_id=pk, material_id=material, at=timezone.now(), by=request.user
        ),
    )
    return redirect("staff-event", pk)


@require_safe
@staff_required(READ)
def staff_event_material(request: StaffRequest, pk: int) -> HttpResponse:
    """A file of an event, as a download."""
    return download(get_object_or_404(EventMaterial, pk=pk))
