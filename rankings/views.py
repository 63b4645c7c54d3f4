"""The boards, for agencies and for everybody."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from rankings.models import BoardKind
from rankings.queries import (
    PAGE_SIZE,
    PUBLIC_PLACES,
    count_places,
    found_ranks,
    own_place,
    places_of_ranks,
    public_places,
    published_board,
    searched,
)
from rankings.tables import PlaceTable


@require_safe
@agency_required
def board(request: AgencyRequest, kind: str) -> HttpResponse:
    """A board with the own place always in sight."""
    context = _context(request, kind)
    view = context["view"]
    if view:
        total = count_places(view.board)
        ranks = found_ranks(view.board, context["q"]) if context["q"] else range(1, total + 1)
        page = Paginator(ranks, PAGE_SIZE).get_page(request.GET.get("page"))
        places = places_of_ranks(view.board, list(page.object_list))
        context |= {
            "table": PlaceTable(
                kind, places, own=request.agency.pk, compared=view.compared, page=page
            ),
            "found": len(ranks),
            "total": total,
            "own": own_place(request.agency, view.board),
        }
    return render(request, "rankings/board.html", context)


@login_not_required
@require_safe
def public_board(request: HttpRequest, kind: str) -> HttpResponse:
    """The first hundred places of a board, for everybody."""
    context = _context(request, kind)
    view = context["view"]
    if view:
        places = public_places(view.board, context["q"])
        context |= {
            "table": PlaceTable(kind, places, own=None, compared=view.compared),
            "found": len(places),
            "total": count_places(view.board),
            "limit": PUBLIC_PLACES,
        }
    return render(request, "rankings/public_board.html", context)


def _context(request: HttpRequest, kind: str) -> dict[str, Any]:
    """What both pages of a board need; `view` is None while none is published."""
    return {
        "kind": BoardKind(kind),
        "kinds": list(BoardKind),
        "q": searched(request.GET.get("q", "")),
        "view": published_board(kind, request.GET.get("month", "")),
    }
