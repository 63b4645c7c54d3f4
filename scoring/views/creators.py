"""The creators of an agency: what each brought, who is asked, who wants to part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from agencies.access import AgencyRequest, agency_required, owner_required
from agencies.actions import unbinding
from agencies.actions.binding_requests import ask_binding, withdraw_request
from agencies.enums import Role, Side
from agencies.exports import csv_response
from agencies.forms.agency import AskBindingForm, ObjectionForm
from agencies.models import BindingRequest, Unbinding
from agencies.queries.bound import open_requests, open_wishes, places
from agencies.refusals import Refused
from agencies.views.missing import missing_is_404
from scoring.filters import CreatorsForm
from scoring.queries.creators import Wanted, all_rows, listing, published_evaluations
from scoring.queries.months import pick_month
from scoring.tables import FILE_COLUMNS, file_rows, heads, lines, sums

# Those that await the agency come first; the others come up once these are answered.
MOST_WISHES, WISHES_PER_PAGE = 200, 5
ANSWERS: dict[str, tuple[Callable[..., Unbinding], str | Promise]] = {
    "agree": (unbinding.agree, gettext_lazy("The binding ends with today.")),
    "object": (
        unbinding.object_to,
        gettext_lazy("You refused to part; the creator may call the platform in."),
    ),
    "call-in": (unbinding.call_in, gettext_lazy("The platform has been called in and decides.")),
    "withdraw": (unbinding.withdraw, gettext_lazy("Your wish to part has been withdrawn.")),
}


@require_safe
@agency_required
def creators(request: AgencyRequest) -> HttpResponse:
    """What each creator brought in a month, what is open with them, and the form to ask for one.

    The list also as CSV.
    """
    return _list(request, AskBindingForm())


@require_POST
@agency_required
@owner_required
def ask(request: AgencyRequest) -> HttpResponse:
    """Ask a creator to be bound; the creator answers by a link of their own."""
    form = AskBindingForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    try:
        asked = ask_binding(
            agency=request.agency, **form.cleaned_data, at=timezone.now(), by=request.user
        )
    except Refused as refused:
        form.add_error("creator_id", str(refused))
        return _list(request, form)
    messages.success(
        request,
        _("%(creator)s has been asked and gets a link to confirm with (valid until %(day)s).")
        % {
            "creator": asked.creator,
            "day": date_format(timezone.localtime(asked.expires_at), "DATETIME_FORMAT"),
        },
    )
    return redirect("creators")


@require_POST
@agency_required
@owner_required
def withdraw(request: AgencyRequest, pk: int) -> HttpResponse:
    """Take back a request that the creator has not answered."""
    asked = get_object_or_404(BindingRequest.objects.filter(agency=request.agency), pk=pk)
    return _done(
        request,
        lambda: withdraw_request(
            agency=request.agency, request_id=asked.pk, at=timezone.now(), by=request.user
        ),
        _("The request has been withdrawn; its link opens nothing any more."),
    )


@require_POST
@agency_required
@owner_required
def answer_unbinding(request: AgencyRequest, pk: int, answer: str) -> HttpResponse:
    """Agree to part, refuse with a reason, call the platform in, or withdraw the own wish."""
    if answer not in ANSWERS:
        raise Http404
    wish = get_object_or_404(Unbinding.objects.filter(binding__agency=request.agency), pk=pk)
    action, success = ANSWERS[answer]
    more: dict[str, Any] = {}
    if answer == "object":
        form = ObjectionForm(request.POST)
        if not form.is_valid():
            messages.error(request, " ".join(map(str, form.errors["objection"])))
            return redirect("creators")
        more = form.cleaned_data
    return _done(
        request,
        lambda: action(
            unbinding_id=wish.pk,
            side=Side.AGENCY,
            agency=request.agency,
            at=timezone.now(),
            by=request.user,
            **more,
        ),
        str(success),
    )


def _list(request: AgencyRequest, form: AskBindingForm) -> HttpResponse:
    today, now, agency = timezone.localdate(), timezone.now(), request.agency
    evaluations = {each.month: each for each in published_evaluations(agency)}
    months = list(evaluations)
    month = pick_month(request.GET.get("month", ""), months) if months else None
    evaluation = evaluations[month] if month else None
    chosen = CreatorsForm(request.GET, months=months)
    wanted = chosen.wanted
    if wanted and request.GET.get("export") == "csv":
        rows = all_rows(agency, evaluation, wanted, today=today)
        name = f"creators-{month:%Y-%m}.csv" if month else "creators.csv"
        return csv_response(name, FILE_COLUMNS, file_rows(rows, month))
    found = None
    if wanted:
        page = request.GET.get("page")
        found = listing(agency, evaluation, wanted, today=today, page=page)
    shown = chosen.shown
    context = {
        "places": places(agency, today=today),
        "form": form,
        "acting": request.membership.role == Role.OWNER,
        "evaluation": evaluation,
        "chosen": chosen,
        "found": found,
        "heads": list(heads(shown, wanted or Wanted())),
        "lines": list(lines(found.rows, shown)) if found else [],
        "sums": list(sums(found, shown)) if found else [],
        "requests": list(open_requests(agency, now=now)),
        "wishes": Paginator(list(open_wishes(agency)[:MOST_WISHES]), WISHES_PER_PAGE).get_page(
            request.GET.get("wishes")
        ),
    }
    return render(request, "scoring/creators.html", context)


def _done(request: AgencyRequest, act: Callable[[], object], success: str) -> HttpResponse:
    """Act and say so, or say why not."""
    try:
        with missing_is_404():
            act()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, success)
    return redirect("creators")
