"""How support does, and which rules agencies ask about again and again."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agencies.access import StaffRequest, looked, staff_required
from portal.forms.periods import PeriodForm
from portal.support.figures import figures
from portal.support.unclear import DAYS, unclear_rules

READ = "portal.view_question"
DAYS_SHOWN = 30


@require_safe
@staff_required(READ)
def staff_question_figures(request: StaffRequest) -> HttpResponse:
    """What waits, how soon first answers come, by clause, person and month."""
    now = timezone.now()
    today = timezone.localdate(now)
    period = {"first": today - timedelta(days=DAYS_SHOWN - 1), "last": today}
    form = PeriodForm(request.GET if request.GET else None, initial=period)
    if form.is_valid():
        period = form.cleaned_data
    context = {"form": form, "figures": figures(**period, now=now), "now": now}
    return render(request, "portal/staff_figures.html", context)


@require_safe
@staff_required(READ)
def staff_unclear_rules(request: StaffRequest) -> HttpResponse:
    """The clauses with the most questions, with examples and what answers them already."""
    looked(request, None, _("Unclear rules"))
    context = {"found": unclear_rules(now=timezone.now()), "days": DAYS}
    return render(request, "portal/staff_unclear.html", context)
