"""The creators of an agency: who is bound, who is asked, who wants to part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
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
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import AgencyRequest, agency_required, owner_required
from agencies.actions import unbinding
from agencies.actions.binding_checks import limits_of
from agencies.actions.binding_requests import ask_binding, withdraw_request
from agencies.enums import Role, Side
from agencies.forms.agency import AskBindingForm, ObjectionForm, SearchForm, UnbindForm
from agencies.models import BindingRequest, Unbinding
from agencies.policy import conduct_policy
from agencies.queries.bound import bound_creators, open_requests, open_wishes, places
from agencies.refusals import Refused
from agencies.tables.agency import BoundTable
from agencies.views.lists import paged
from agencies.views.missing import missing_is_404

PER_PAGE = 50
WISHES_PER_PAGE = 20
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
    """The bound creators, what is open with them, and the form to ask for another."""
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


@require_http_methods(["GET", "HEAD", "POST"])
@agency_required
@owner_required
def unbind(request: AgencyRequest, pk: int) -> HttpResponse:
    """Say what parting means, then ask for it."""
    today = timezone.localdate()
    binding = get_object_or_404(bound_creators(request.agency, today=today), pk=pk)
    form = UnbindForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            with missing_is_404():
                asked = unbinding.ask_unbinding_by_agency(
                    agency=request.agency,
                    binding_id=binding.pk,
                    reason=form.cleaned_data["reason"],
                    at=timezone.now(),
                    by=request.user,
                )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _asked_to_part(asked))
            return redirect("creators")
    days = conduct_policy(today).silence_days
    return render(
        request,
        "agencies/creators_unbind.html",
        {
            "binding": binding,
            "form": form,
            "days": days,
            "silent_on": today + timedelta(days=days),
        },
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
    today, now = timezone.localdate(), timezone.now()
    search = SearchForm(request.GET)
    looked_for = search.cleaned_data["q"].strip() if search.is_valid() else ""
    acting = request.membership.role == Role.OWNER
    found = bound_creators(request.agency, today=today, search=looked_for)
    return render(
        request,
        "agencies/creators.html",
        {
            "places": places(
                request.agency, cap=limits_of(request.agency, today=today).cap, today=today
            ),
            "form": form,
            "search": search,
            "looked_for": looked_for,
            "acting": acting,
            "table": paged(BoundTable(found, acting=acting), request, per_page=PER_PAGE),
            "requests": list(open_requests(request.agency, now=now)),
            "wishes": Paginator(open_wishes(request.agency), WISHES_PER_PAGE).get_page(
                request.GET.get("wishes")
            ),
        },
    )


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


def _asked_to_part(asked: Unbinding) -> str:
    return _("%(creator)s has been asked. Without an answer before %(day)s the binding ends.") % {
        "creator": asked.binding.creator,
        "day": date_format(asked.silent_on),
    }
