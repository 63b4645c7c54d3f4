"""One creator's days, and what binding or parting would change."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import AgencyRequest, agency_required, owner_required
from agencies.actions.binding_checks import Limits, check_agency, check_cap, limits_of
from agencies.actions.unbinding import ask_unbinding_by_agency
from agencies.enums import Role, StarPhase
from agencies.forms.agency import AskBindingForm, UnbindForm
from agencies.models import Agency, Unbinding
from agencies.policy import conduct_policy
from agencies.queries.wishes import places_used
from agencies.refusals import Refused
from agencies.star_source.plans import plan_of_creator
from agencies.views.missing import missing_is_404
from scoring.queries.binding_preview import addition, days_left, freed_place, parting_effect
from scoring.queries.disputes import open_windows
from scoring.queries.rules.clause import short
from scoring.queries.timeline import timeline_of


@require_safe
@agency_required
def creator(request: AgencyRequest, creator_id: str) -> HttpResponse:
    """The days of a creator who is or was bound here, month by month."""
    today = timezone.localdate()
    timeline = timeline_of(request.agency, creator_id, today=today)
    if timeline is None:
        raise Http404
    star = plan_of_creator(request.agency, creator_id, today)
    windows = open_windows(request.agency, now=timezone.now())
    context = {
        "timeline": timeline,
        "acting": request.membership.role == Role.OWNER,
        "today": today,
        "star": star,
        "star_phase": StarPhase(star.phase) if star else None,
        "disputable": windows[0].month if windows else None,
    }
    return render(request, "scoring/creator.html", context)


@require_safe
@agency_required
def binding_preview(request: AgencyRequest) -> HttpResponse:
    """What one more creator would change, and which rule would refuse one today.

    Only what the agency knows of itself: of a creator nothing is told before one is asked.
    """
    agency, today = request.agency, timezone.localdate()
    limits = limits_of(agency, today=today)
    used = places_used(agency, today=today)
    more = addition(agency)
    return render(
        request,
        "scoring/creators_preview.html",
        {
            "limits": limits,
            "most_followers": limits.followers_below and short(limits.followers_below),
            "used": used,
            "next": used + 1,
            "refusals": _refusals(agency, limits, used, today),
            "addition": more,
            "evaluation": more.evaluation if more else None,
            "form": AskBindingForm(),
            "acting": request.membership.role == Role.OWNER,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@agency_required
@owner_required
def unbind(request: AgencyRequest, pk: int) -> HttpResponse:
    """Say what parting means and would have changed, then ask for it."""
    agency, today = request.agency, timezone.localdate()
    bindings = agency.bindings.not_over_on(today).select_related("creator")
    binding = get_object_or_404(bindings, pk=pk)
    form = UnbindForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            with missing_is_404():
                asked = ask_unbinding_by_agency(
                    agency=agency,
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
    silent_on = today + timedelta(days=days)
    return render(
        request,
        "scoring/creators_unbind.html",
        {
            "binding": binding,
            "form": form,
            "days": days,
            "silent_on": silent_on,
            "left": days_left(binding, silent_on=silent_on, today=today),
            "place": freed_place(agency, binding, today=today),
            "cap": limits_of(agency, today=today).cap,
            "effect": parting_effect(agency, binding.creator_id),
        },
    )


def _refusals(agency: Agency, limits: Limits, used: int, today: date) -> list[Refused]:
    """The rules that would refuse any creator today, each with its sentence."""
    found = []
    for check in (
        lambda: check_agency(agency, on=today),
        lambda: check_cap(limits, used),
    ):
        try:
            check()
        except Refused as refused:
            found.append(refused)
    return found


def _asked_to_part(asked: Unbinding) -> str:
    return _("%(creator)s has been asked. Without an answer before %(day)s the binding ends.") % {
        "creator": asked.binding.creator,
        "day": date_format(asked.silent_on),
    }
