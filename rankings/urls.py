"""Addresses of the boards."""

from __future__ import annotations

from django.urls import path, register_converter

from rankings.models import BoardKind
from rankings.views import board, public_board


class BoardKindConverter:
    """One of the two boards in an address."""

    regex = "|".join(BoardKind.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(BoardKindConverter, "board_kind")

urlpatterns = [
    path("boards/<board_kind:kind>/", board, name="board"),
    path("public/boards/<board_kind:kind>/", public_board, name="public-board"),
]
