"""The score of a month by dimension and indicator."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from agencies.enums import Role
from scoring.queries import breakdown_of
from scoring.queries.disputes import unanswered
from scoring.queries.provisional import Provisional, provisional_month, provisional_of
from scoring.queries.standing import novice_term
from scoring.views.charts import radar_chart, trend_chart


@require_safe
@agency_required
def score(request: AgencyRequest) -> HttpResponse:
    """The score of a month by dimension and indicator, checkable by hand.

    `?revision=` asks for one that was published once, to be read. A month that is over and not
    published has a provisional one (D, docs/rules.md §2).
    """
    now, month = timezone.now(), request.GET.get("month", "")
    draft = provisional_month(request.agency, now=now)
    if draft is not None and month == f"{draft:%Y-%m}":
        provisional = provisional_of(request.agency, now=now)
        if provisional is not None:
            return _provisional(request, provisional)
    breakdown = breakdown_of(request.agency, month, request.GET.get("revision", ""))
    context: dict[str, object] = {"breakdown": breakdown, "draft": draft}
    if breakdown and breakdown.blocks:
        context |= {"radar": radar_chart(breakdown), "trend": trend_chart(breakdown)}
    elif breakdown:
        context |= {"term": novice_term(breakdown.rulebook, request.agency.joined_on)}
    return render(request, "scoring/score.html", context)


def _provisional(request: AgencyRequest, provisional: Provisional) -> HttpResponse:
    context = {
        "breakdown": provisional,
        "draft": provisional.month,
        "term": novice_term(provisional.rulebook, request.agency.joined_on),
        "waiting": unanswered(request.agency, provisional.month),
        "acting": request.membership.role == Role.OWNER,
    }
    return render(request, "scoring/provisional.html", context)
