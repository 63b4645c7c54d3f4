"""Agencies at the desk: search, one at a glance, seeing what it sees; and who looked at what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import AgencyRequest, StaffRequest, agency_required, looked, staff_required
from agencies.exports import csv_response
from agencies.models import Agency
from agencies.views.lists import paged, uncounted, wants_file
from portal.filters.seeing import AgencyFilter, LookFilter
from portal.support.agencies import at_a_glance, counted_agencies
from portal.support.looks import all_looks, own_look, own_looks
from portal.support.seeing import RIGHT, begin_seeing, stop_seeing
from portal.tables.seeing import AgencyTable, LookTable, OwnLookTable

AGENCY_COLUMNS: Final = (
    *("code", "name", "stage", "level", "level_since", "city", "category", "joined_on"),
    "removed_on",
)
LOOK_COLUMNS: Final = ("at", "email", "name", "role", "agency_code", "what", "address")


@require_safe
@staff_required("agencies.view_agency")
def staff_agencies(request: StaffRequest) -> HttpResponse:
    """Any agency by code or name, level, stage; also as CSV."""
    every = Agency.objects.order_by("code")
    chosen = AgencyFilter(request.GET, queryset=every, user=request.user)
    looked(request, None, _("Agencies"))
    if wants_file(request, chosen):
        rows = chosen.found.values_list(*AGENCY_COLUMNS).iterator(chunk_size=5_000)
        return csv_response("agencies.csv", AGENCY_COLUMNS, rows)
    table = paged(AgencyTable(chosen.found, today=timezone.localdate()), request)
    return render(request, "portal/staff_agencies.html", {"filter": chosen, "table": table})


@require_safe
@staff_required("agencies.view_agency")
def staff_agency(request: StaffRequest, code: str) -> HttpResponse:
    """One agency: where it stands, what waits, who looked at it, and the ways on."""
    now = timezone.now()
    agency = get_object_or_404(counted_agencies(at=now), code=code)
    looked(request, agency)
    context = {
        "agency": agency,
        "glance": at_a_glance(agency, at=now),
        "removed_on": agency.left_by(timezone.localdate(now)),
        "may_see": request.user.has_perm(RIGHT),
    }
    return render(request, "portal/staff_agency.html", context)


@require_POST
@staff_required(RIGHT)
def staff_see(request: StaffRequest, code: str) -> HttpResponse:
    """Begin to see what the agency sees, at the page that was asked for or at its home.

    From here on the agency's pages are this person's to read: `agencies.access.as_seen`.
    """
    agency = get_object_or_404(Agency, code=code)
    looked(request, agency)
    begin_seeing(request.session, agency=agency, by=request.user, at=timezone.now())
    return redirect(_page_of_agencies(request.POST.get("next", "")))


@require_POST
@staff_required(RIGHT)
def staff_stop_seeing(request: StaffRequest) -> HttpResponse:
    """See nothing in an agency's place any more, and go back to its page at the desk."""
    agency = request.seeing.agency if request.seeing else None
    stop_seeing(request.session)
    if agency is None:
        return redirect("staff-agencies")
    messages.success(
        request, _("You no longer see the pages of %(agency)s in its place.") % {"agency": agency}
    )
    return redirect("staff-agency", code=agency.code)


def _page_of_agencies(wanted: str) -> str:
    """The address of a page of agencies, with its parameters; home for any other address."""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        parts = urlsplit(wanted)
        try:
            found = resolve(parts.path)
        except Resolver404:
            return "home"
        if getattr(found.func, "agency_scoped", False):
            return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return "home"


@require_safe
@staff_required("portal.view_stafflook")
def staff_looks(request: StaffRequest) -> HttpResponse:
    """Who of the platform looked at what, the newest first, never counted; also as CSV."""
    chosen = LookFilter(request.GET, queryset=all_looks(), user=request.user)
    looked(request, chosen.agency_asked, _("Who looked at what"))
    if wants_file(request, chosen):
        return csv_response("looks.csv", LOOK_COLUMNS, _look_rows(chosen.found))
    page = uncounted(chosen.found, request)
    table = LookTable(page.object_list, today=timezone.localdate())
    context = {"filter": chosen, "table": table, "page": page}
    return render(request, "portal/staff_looks.html", context)


def _look_rows(looks: QuerySet[Any]) -> Iterator[tuple[object, ...]]:
    return looks.values_list(
        *("at", "actor__email", "actor__name", "role", "agency__code", "object_label", "path")
    ).iterator(chunk_size=5_000)


@require_safe
@agency_required
def looks(request: AgencyRequest) -> HttpResponse:
    """When the platform looked at the agency, at which of its pages, and as what."""
    page: Page = uncounted(own_looks(request.agency), request)
    table = OwnLookTable([own_look(row) for row in page.object_list])
    return render(request, "portal/looks.html", {"table": table, "page": page})
