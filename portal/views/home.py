"""The agency's home page and the choice among one's agencies."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import SESSION_KEY, AgencyRequest, as_seen, closed, refuse_writing
from portal.outbox import told
from portal.queries import home_page


@require_safe
def home(request: AgencyRequest) -> HttpResponse:
    """Which level, why, and what next; a person without an agency is told what to do.

    Members of a removed agency and barred accounts are led to the decision and its appeal.
    """
    if not request.memberships:
        return render(request, "portal/home_no_agency.html")
    if closed(request):
        return redirect("conduct")
    return as_seen(_home_of, request)


def _home_of(request: AgencyRequest) -> HttpResponse:
    page = home_page(request.agency, now=timezone.now())
    template = "portal/home.html" if page.standing else "portal/home_waiting.html"
    return render(request, template, {"page": page, "told": told(page.news)})


@require_POST
def switch_agency(request: AgencyRequest) -> HttpResponse:
    """Act for another of one's own agencies; a foreign or missing one is not found.

    Goes on to the page of ours that `next` names, or home.
    """
    refuse_writing(request)
    chosen = request.POST.get("agency", "")
    for membership in request.memberships:
        if membership.agency.code == chosen:
            request.session[SESSION_KEY] = membership.agency_id
            messages.success(
                request, _("You now see the pages of %(name)s.") % {"name": membership.agency.name}
            )
            return redirect(_way_on(request))
    raise Http404


def _way_on(request: AgencyRequest) -> str:
    wished = request.POST.get("next", "")
    here = {request.get_host()}
    if url_has_allowed_host_and_scheme(wished, here, require_https=request.is_secure()):
        return wished
    return reverse("home")
