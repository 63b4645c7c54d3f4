"""The board as a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rankings.models import BoardKind, Place

SCORE_NAMES = {
    BoardKind.STRENGTH.value: _("Total"),
    BoardKind.GROWTH.value: _("Growth points"),
}
LEADING = 3


class PlaceTable(tables.Table):
    """Places of one board; the row of the agency `own` is marked, for eyes and screen readers."""

    rank = tables.Column(
        verbose_name=_("Rank"), attrs={"th": {"class": "num"}, "td": {"class": "num rank"}}
    )
    change = tables.TemplateColumn(
        template_name="rankings/_change.html",
        verbose_name=pgettext_lazy("against last month", "Change"),
        attrs={"td": {"class": "change"}},
    )
    name = tables.TemplateColumn(
        template_name="rankings/_name.html",
        verbose_name=_("Agency"),
        attrs={"td": {"class": "name"}},
    )
    level = tables.TemplateColumn(
        template_name="_components/level_mark.html", verbose_name=_("Level")
    )
    score = tables.Column(attrs={"th": {"class": "num"}, "td": {"class": "num"}})

    class Meta:
        model = Place
        fields = ("rank", "change", "name", "level", "score")
        orderable = False
        template_name = "_components/table.html"
        attrs = {"class": "table table-data board"}
        row_attrs = {
            "class": lambda record, table: table.row_class(record),
            "id": lambda record, table: "own" if record.agency_id == table.own_agency_id else None,
        }

    def __init__(self, *args: Any, kind: str, own: int | None, **kwargs: Any) -> None:
        self.own_agency_id = own
        super().__init__(*args, **kwargs)
        self.columns["score"].column.verbose_name = SCORE_NAMES[kind]

    def render_rank(self, value: int) -> str:
        """Grouped by thousands, in both languages."""
        return f"{value:,}"

    def render_score(self, value: Decimal) -> str:
        """Points with their two decimals, in both languages."""
        return f"{value:,.2f}"

    def row_class(self, place: Place) -> str:
        """Marks the own row and the first three."""
        marks = ["own"] if place.agency_id == self.own_agency_id else []
        return " ".join(marks + (["leading"] if place.rank <= LEADING else []))
