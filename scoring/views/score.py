"""Pages of the level."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from scoring.queries import breakdown_of


@require_safe
@agency_required
def score(request: AgencyRequest) -> HttpResponse:
    """The score of a month by dimension and indicator, checkable by hand."""
    breakdown = breakdown_of(request.agency, request.GET.get("month", ""))
    return render(request, "scoring/score.html", {"breakdown": breakdown})
