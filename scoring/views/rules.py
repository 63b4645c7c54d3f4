"""The rules as readable text, for agencies and for everybody."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from scoring.queries.rules import NoSuchVersion, rules_page
from scoring.wording import SOURCE_MEANINGS


@require_safe
@agency_required
def rules(request: AgencyRequest) -> HttpResponse:
    """The rules beside the agency's other pages."""
    return _rules(request, "consultation")


@login_not_required
@require_safe
def public_rules(request: HttpRequest) -> HttpResponse:
    """The rules for everybody."""
    return _rules(request, "public-consultation")


def _rules(request: HttpRequest, target: str) -> HttpResponse:
    """The page, leading to consultations where this reader reads them (`target`)."""
    try:
        page = rules_page(request.GET.get("version", ""), now=timezone.now())
    except NoSuchVersion as missing:
        return render(request, "404.html", {"reason": str(missing)}, status=404)
    context = {"page": page, "meanings": SOURCE_MEANINGS, "target": target}
    return render(request, "scoring/rules.html", context)
