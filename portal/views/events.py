"""Events as agencies see them: what is coming, who goes, what is left afterwards."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import AgencyRequest, agency_required
from agencies.refusals import Refused
from agencies.views.downloads import download
from agencies.views.missing import missing_is_404
from agencies.views.private import kept_private
from portal.enums import EventState, SeatState
from portal.events.calendar_file import calendar_file
from portal.events.listing import (
    ahead_of,
    own_registrations,
    past,
    placed,
    shown_to_agencies,
    with_programme,
)
from portal.events.registering import cancel_registration, register
from portal.forms.events import RegisterForm
from portal.models import Event, EventMaterial, Registration

PER_PAGE = 20


@require_safe
@agency_required
def events(request: AgencyRequest) -> HttpResponse:
    """What is coming, and what took place, a page at a time."""
    now = timezone.now()
    page = Paginator(past(now), PER_PAGE).get_page(request.GET.get("page"))
    context = {"ahead": ahead_of(request.agency, now), "page": page}
    return render(request, "portal/events.html", context)


@require_safe
@agency_required
def event(request: AgencyRequest, pk: int) -> HttpResponse:
    """One event: programme, seats, whom the agency sends, materials."""
    form = RegisterForm(initial={"request_key": uuid4()})
    return _page(request, pk, form)


def _page(request: AgencyRequest, pk: int, form: RegisterForm) -> HttpResponse:
    found: Any = get_object_or_404(with_programme(shown_to_agencies()), pk=pk)
    own = own_registrations(request.agency, found)
    standing = [each for each in own if each.registration.state != SeatState.CANCELLED]
    now = timezone.now()
    context = {
        "event": found,
        "own": own,
        "form": form,
        "free": max(found.seats - found.taken, 0) if not found.wait else 0,
        "room": max(found.most_per_agency - len(standing), 0),
        "open": found.state == EventState.PUBLISHED and now < found.register_until,
        "over": now >= found.ends_at,
    }
    return render(request, "portal/event.html", context)


@require_POST
@agency_required
def event_register(request: AgencyRequest, pk: int) -> HttpResponse:
    """Register a person: a seat, or the end of the waiting list."""
    form = RegisterForm(request.POST)
    if form.is_valid():
        try:
            with missing_is_404():
                made = register(
                    agency=request.agency,
                    event_id=pk,
                    at=timezone.now(),
                    by=request.user,
                    **form.cleaned_data,
                )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            _say(request, made)
            return redirect("event", pk)
    return _page(request, pk, form)


def _say(request: AgencyRequest, made: Any) -> None:
    # as it is by now: a freed seat may have come, or the form be an old one
    made = placed(Registration.objects.filter(pk=made.pk)).get()
    if made.state == SeatState.SEATED:
        messages.success(request, _("%(person)s has a seat.") % {"person": made.person})
    elif made.state == SeatState.CANCELLED:
        messages.info(
            request,
            _("The registration of %(person)s was cancelled since: register anew to send them.")
            % {"person": made.person},
        )
    else:
        messages.info(
            request,
            _(
                "All seats are taken: %(person)s has place %(place)s in the waiting list and gets"
                " the next free seat in turn."
            )
            % {"person": made.person, "place": made.place},
        )


@require_POST
@agency_required
def event_cancel_registration(request: AgencyRequest, pk: int) -> HttpResponse:
    """Give one of the agency's own seats or places back."""
    with missing_is_404():
        event_id = Registration.objects.get(agency=request.agency, pk=pk).event_id
    try:
        gone = cancel_registration(
            agency=request.agency, registration_id=pk, at=timezone.now(), by=request.user
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, _("The registration of %(person)s is cancelled.") % {"person": gone.person}
        )
    return redirect("event", event_id)


@require_safe
@agency_required
def event_calendar(request: AgencyRequest, pk: int) -> HttpResponse:
    """The event as a file for calendars."""
    found = get_object_or_404(with_programme(shown_to_agencies()), pk=pk)
    return HttpResponse(
        calendar_file(found),
        content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="event-{found.pk}.ics"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_safe
@agency_required
@kept_private
def event_material(request: AgencyRequest, pk: int) -> HttpResponse:
    """A file of an event, as a download."""
    open_to_agencies = EventMaterial.objects.filter(
        event__in=Event.objects.exclude(state=EventState.DRAFT)
    )
    return download(get_object_or_404(open_to_agencies, pk=pk))
