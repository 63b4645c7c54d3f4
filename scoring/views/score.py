"""The score of a month by dimension and indicator."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from scoring.queries import breakdown_of
from scoring.queries.standing import novice_term
from scoring.views.charts import radar_chart, trend_chart


@require_safe
@agency_required
def score(request: AgencyRequest) -> HttpResponse:
    """The score of a month by dimension and indicator, checkable by hand."""
    breakdown = breakdown_of(request.agency, request.GET.get("month", ""))
    context: dict[str, object] = {"breakdown": breakdown}
    if breakdown and breakdown.blocks:
        context |= {"radar": radar_chart(breakdown), "trend": trend_chart(breakdown)}
    elif breakdown:
        context |= {"term": novice_term(breakdown.rulebook, request.agency.joined_on)}
    return render(request, "scoring/score.html", context)
