"""The Star Source plan as an agency sees it: its own creators, its own days."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from agencies.enums import StarPhase
from agencies.star_source.plans import (
    LEFT,
    bound_to,
    by_what_is_next,
    counts_by_phase,
    in_phase,
    with_phase,
)
from agencies.star_source.shown import shown_to_agency, star_plan_of
from agencies.views.lists import CountedPaginator

PER_PAGE: Final = 20
CHOICES: Final = [*StarPhase.choices, (LEFT, _("Left the plan"))]


@require_safe
@agency_required
def star_source(request: AgencyRequest) -> HttpResponse:
    """The creators of the agency who are in the plan: where each stands and what is due."""
    agency, today = request.agency, timezone.localdate()
    counts = counts_by_phase(agency, today)
    chosen = request.GET.get("phase", "")
    if chosen not in counts:
        chosen = ""
    plans = by_what_is_next(with_phase(bound_to(agency, today), today))
    counted = counts[chosen] if chosen else sum(counts.values())
    rows = in_phase(plans, chosen) if chosen else plans
    page = CountedPaginator(rows, PER_PAGE, counted=counted).get_page(request.GET.get("page"))
    context = {
        "today": today,
        "page": page,
        "shown": shown_to_agency(agency, list(page.object_list), today),
        "chosen": chosen,
        "total": sum(counts.values()),
        "choices": [(key, name, counts[key]) for key, name in CHOICES if key in counts],
    }
    return render(request, "agencies/star_source.html", context)


@require_safe
@agency_required
def star_source_creator(request: AgencyRequest, creator_id: str) -> HttpResponse:
    """One creator's plan: the phases, the support of each, and the traffic given."""
    today = timezone.localdate()
    shown = star_plan_of(request.agency, creator_id, today)
    if shown is None:
        raise Http404
    return render(request, "agencies/star_source_creator.html", {"shown": shown, "today": today})
