"""What a level brings."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from scoring.queries.benefits import benefits_page


@require_safe
@agency_required
def benefits(request: AgencyRequest) -> HttpResponse:
    """What the agency has, what the next level adds, and the whole matrix."""
    page = benefits_page(request.agency, now=timezone.now())
    return render(request, "scoring/benefits.html", {"page": page})
