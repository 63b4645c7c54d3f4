"""What to do for the next level: the cheapest ways, a simulator, the platform's advice."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from scoring.forms import SimulatorForm
from scoring.queries.guidance import guidance_of
from scoring.queries.levers import levers
from scoring.queries.plan import plan_of
from scoring.queries.simulation import simulate


@require_safe
@agency_required
def guidance(request: AgencyRequest) -> HttpResponse:
    """What each level lacks and the cheapest ways there."""
    page = guidance_of(request.agency, today=timezone.localdate())
    return render(request, "scoring/guidance.html", {"page": page, "plan": page.plan})


@require_safe
@agency_required
def simulator(request: AgencyRequest) -> HttpResponse:
    """Nine values and what they would give; htmx gets the answer alone."""
    plan = plan_of(request.agency, today=timezone.localdate())
    form = SimulatorForm(request.GET, plan=plan)
    context: dict[str, Any] = {
        "plan": plan,
        "form": form,
        "result": simulate(plan, form.values()),
        "swapped": bool(request.htmx),  # type: ignore[attr-defined] # set by its middleware
    }
    template = "scoring/_simulation.html" if context["swapped"] else "scoring/simulator.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@agency_required
def advice(request: AgencyRequest) -> HttpResponse:
    """What the platform advises for each lever."""
    plan = plan_of(request.agency, today=timezone.localdate())
    context = {"plan": plan, "levers": levers(plan.rulebook, plan.values)}
    return render(request, "scoring/levers.html", context)
