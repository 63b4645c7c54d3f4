"""The published boards, as they were frozen."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.admin.base import LookedAtAdmin, ReadOnlyAdmin
from rankings.models import Board, Place


@admin.register(Board)
class BoardAdmin(ReadOnlyAdmin):
    list_display = ["evaluation", "kind"]
    list_display_links = ["evaluation", "kind"]
    list_select_related = ["evaluation"]
    list_filter = ["kind"]
    ordering = ["-id"]


@admin.register(Place)
class PlaceAdmin(LookedAtAdmin, ReadOnlyAdmin):
    list_display = ["board_shown", "rank", "change_shown", "code", "name", "level", "score"]
    list_display_links = ["code"]
    list_select_related = ["board__evaluation", "agency"]
    list_filter = ["board__kind"]
    search_fields = ["agency__code__exact"]
    search_help_text = _("The whole code of an agency")
    ordering = ["-board_id", "rank"]
    list_per_page = 100

    @admin.display(description=_("board"), ordering="board_id")
    def board_shown(self, place: Place) -> str:
        return f"{place.board.evaluation} · {place.board.get_kind_display()}"

    @admin.display(description=_("change"))
    def change_shown(self, place: Place) -> str:
        return gettext("new") if place.change is None else f"{place.change:+d}"
