"""The calendar of facts: which days are there, late, corrected, and what results used."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agencies.access import StaffRequest, looked, staff_required
from scoring.facts import data_through
from scoring.months import next_month, previous_month, publication_due
from scoring.queries.coverage import (
    Standing,
    asked_month,
    coverage_of,
    months_shown,
    stale_months,
)
from scoring.views.staff_imports import READ

# In the order of what is well to what is not.
STANDINGS = [
    *(Standing.THERE, Standing.CORRECTED, Standing.LATE),
    *(Standing.DIFFERS, Standing.MISSING, Standing.FUTURE),
]


@require_safe
@staff_required(READ)
def staff_coverage(request: StaffRequest) -> HttpResponse:
    """A month of days as a calendar and as a list, and the published months that are stale."""
    now = timezone.now()
    first, last = months_shown(now=now)
    month = asked_month(request.GET.get("month", ""), first, last)
    looked(request, None, _("Coverage of facts"))
    context = {
        "coverage": coverage_of(month, now=now),
        "through": data_through(),
        "due": publication_due(month),
        "first": first,
        "last": last,
        "before": previous_month(month) if month > first else None,
        "after": next_month(month) if month < last else None,
        "stale": stale_months(),
        "standings": STANDINGS,
        "weekdays": [(WEEKDAYS_ABBR[number], WEEKDAYS[number]) for number in WEEKDAYS],
    }
    return render(request, "scoring/staff_coverage.html", context)
