"""The boards, for agencies and for everybody."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agencies.access import AgencyRequest, agency_required
from rankings.models import BoardKind
from rankings.queries import (
    PAGE_SIZE,
    PUBLIC_PLACES,
    own_place,
    places_of_board,
    published_board,
)
from rankings.tables import PlaceTable


@require_safe
@agency_required
def board(request: AgencyRequest, kind: str) -> HttpResponse:
    """A board with the own place always in sight."""
    context: dict[str, Any] = {"kind": BoardKind(kind), "view": None}
    view = published_board(kind, request.GET.get("month", ""))
    if view:
        table = PlaceTable(places_of_board(view.board), kind=kind, own=request.agency.pk)
        table.request = request
        table.paginate(per_page=PAGE_SIZE)
        table.page = table.paginator.get_page(request.GET.get("page"))
        own = own_place(request.agency, view.board)
        context |= {"view": view, "table": table, "own": own}
    return render(request, "rankings/board.html", context)


@login_not_required
@require_safe
def public_board(request: HttpRequest, kind: str) -> HttpResponse:
    """The first hundred places of a board, for everybody."""
    context: dict[str, Any] = {"kind": BoardKind(kind), "view": None, "limit": PUBLIC_PLACES}
    view = published_board(kind, request.GET.get("month", ""))
    if view:
        table = PlaceTable(places_of_board(view.board)[:PUBLIC_PLACES], kind=kind, own=None)
        context |= {"view": view, "table": table, "total": view.board.places.count()}
    return render(request, "rankings/public_board.html", context)
