"""Disputes as an agency files and reads them."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import AgencyRequest, agency_required, owner_required
from agencies.enums import Role
from agencies.refusals import Refused
from agencies.views.downloads import download
from agencies.views.lists import paged
from agencies.views.missing import missing_is_404
from agencies.views.private import kept_private
from scoring.disputes import file_dispute, withdraw_dispute
from scoring.enums import DisputeState
from scoring.forms.disputes import DisputeForm, first_values
from scoring.models import DisputeFile
from scoring.queries.disputes import Window, disputes_of, is_published, open_windows, with_files
from scoring.tables import OwnDisputeTable

PER_PAGE = 20


@require_safe
@agency_required
def disputes(request: AgencyRequest) -> HttpResponse:
    """The agency's disputes with their answers, and which months can be disputed now."""
    table = OwnDisputeTable(disputes_of(request.agency))
    context = {
        "windows": open_windows(request.agency, now=timezone.now()),
        "table": paged(table, request, per_page=PER_PAGE),
        "acting": request.membership.role == Role.OWNER,
    }
    return render(request, "scoring/disputes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@agency_required
@owner_required
def dispute_new(request: AgencyRequest) -> HttpResponse:
    """Say which creator, which days and what is wrong; `?creator=` and `?month=` are filled in."""
    windows = open_windows(request.agency, now=timezone.now())
    months = [window.month for window in windows]
    if request.method == "POST":
        form = DisputeForm(request.POST, request.FILES, months=months)
        if form.is_valid():
            try:
                filed = file_dispute(
                    agency=request.agency, at=timezone.now(), by=request.user, **form.entries()
                )
            except Refused as refused:
                form.refuse(refused)
            else:
                messages.success(
                    request, _("Your dispute has been filed. The platform answers on this page.")
                )
                return redirect("dispute", filed.pk)
    else:
        creator = request.GET.get("creator", "").replace("\x00", "")
        initial = first_values(_chosen(request, months), creator=creator) if months else {}
        form = DisputeForm(initial=initial, months=months)
    context = {"form": form, "windows": windows, "window": _window(form, windows)}
    return render(request, "scoring/dispute_new.html", context)


def _chosen(request: AgencyRequest, months: list[date]) -> date:
    """The month that the address names, or the newest of those that can be disputed."""
    asked = request.GET.get("month", "")
    return next((month for month in months if f"{month:%Y-%m}" == asked), months[0])


def _window(form: DisputeForm, windows: tuple[Window, ...]) -> Window | None:
    """That of the month which the form has chosen."""
    chosen = form["month"].value()
    found = (window for window in windows if f"{window.month:%Y-%m}" == chosen)
    return next(found, windows[0] if windows else None)


@require_safe
@agency_required
def dispute(request: AgencyRequest, pk: int) -> HttpResponse:
    """One of the agency's disputes: what it says, and what became of it."""
    found = get_object_or_404(with_files(disputes_of(request.agency)), pk=pk)
    context = {
        "dispute": found,
        "published": is_published(found.month),
        "withdrawable": (
            found.state == DisputeState.OPEN and request.membership.role == Role.OWNER
        ),
    }
    return render(request, "scoring/dispute.html", context)


@require_POST
@agency_required
@owner_required
def dispute_withdraw(request: AgencyRequest, pk: int) -> HttpResponse:
    """Take back a dispute that nobody answered."""
    try:
        with missing_is_404():
            withdraw_dispute(
                agency=request.agency, dispute_id=pk, at=timezone.now(), by=request.user
            )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The dispute has been withdrawn; it stays readable here."))
    return redirect("dispute", pk)


@require_safe
@agency_required
@kept_private
def dispute_file(request: AgencyRequest, pk: int) -> HttpResponse:
    """A file of one of the agency's own disputes, as a download."""
    own = DisputeFile.objects.filter(dispute__in=request.agency.disputes.all())
    return download(get_object_or_404(own, pk=pk))
