"""Why the score moved: by indicator, and by creator for one indicator."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from scoring.queries.creator_effects import creator_effects
from scoring.queries.departures import departures_of
from scoring.queries.movement import Movement, movement_of
from scoring.queries.standing import novice_term
from scoring.rulebook import INDICATOR_KEYS
from scoring.views.charts import creators_chart, waterfall_chart


@require_safe
@agency_required
def movement(request: AgencyRequest) -> HttpResponse:
    """From last month's total to this one's, indicator by indicator."""
    found = movement_of(request.agency, request.GET.get("month", ""))
    context = _beginning(request, found)
    if found and found.fall and found.before:
        departures = departures_of(found.before, found.now)
        context |= {"chart": waterfall_chart(found), "departures": departures}
    return render(request, "scoring/movement.html", context)


@require_safe
@agency_required
def movement_creators(request: AgencyRequest, key: str) -> HttpResponse:
    """How each own creator moved one indicator, in its own unit."""
    if key not in INDICATOR_KEYS:
        raise Http404
    found = movement_of(request.agency, request.GET.get("month", ""))
    context = _beginning(request, found) | {"move": None, "effects": None}
    if found and found.fall and found.before:
        effects = creator_effects(key, found.before, found.now, request.GET.get("page", ""))
        move = next(each for each in found.moves if each.key == key)
        context |= {"move": move, "effects": effects}
        if effects:
            context |= {"chart": creators_chart(effects)}
    return render(request, "scoring/movement_creators.html", context)


def _beginning(request: AgencyRequest, found: Movement | None) -> dict[str, object]:
    """A movement, and where a novice has none the months that are not assessed."""
    context: dict[str, object] = {"movement": found}
    if found and found.now.total is None:
        context |= {"term": novice_term(found.rules, request.agency.joined_on)}
    return context
