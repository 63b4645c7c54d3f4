"""The gallery: every component of the house in every state, for whoever builds or judges pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agencies.access import staff_required
from agencies.enums import Stage
from agencies.views.lists import paged
from portal.context_processors import NAV_ICONS
from portal.templatetags.figures import exact
from scoring.wording import DIMENSION_NAMES

LEVELS = ("V1", "V2", "V3", "V4", "V5")
COLOURS = (
    *("paper", "surface", "surface-sunk", "ink", "ink-soft", "ink-faint", "line", "line-strong"),
    *("accent", "accent-strong", "accent-soft", "warn", "warn-soft", "danger", "danger-soft"),
    *("level-1", "level-2", "level-3", "level-4", "level-5"),
)
CHANGES = (Decimal("12.5"), Decimal("-3.25"), Decimal(0), None)
UNIT_NAMES = {
    "yuan": _("yuan"),
    "count": _("count"),
    "share": _("share"),
    "mean": _("mean"),
    "minutes": _("minutes"),
    "points": _("points"),
}
FIGURES = (
    (Decimal("123456789.5"), "yuan"),
    (Decimal("-9876.54"), "yuan"),
    (Decimal(12345678), "count"),
    (Decimal("0.123456"), "share"),
    (Decimal("4.6543"), "mean"),
    (Decimal("61.2345"), "minutes"),
    (Decimal("612.4"), "points"),
    (None, "count"),
)


class SampleForm(forms.Form):
    """One field of each sort; bound to nothing useful, so that each shows its complaint."""

    text = forms.CharField(
        label=_("A line of text"),
        help_text=_("What belongs here, before anybody asks."),
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    amount = forms.DecimalField(
        label=_("An amount"),
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "decimal"}),
    )
    choice = forms.ChoiceField(
        label=_("A choice"),
        choices=[("", "–"), *Stage.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    day = forms.DateField(
        label=_("A day"), widget=forms.DateInput(attrs={"class": "form-control", "type": "date"})
    )


class SampleTable(tables.Table):
    """A list with a text and a figure."""

    name = tables.Column(verbose_name=_("Agency"))
    orders = tables.Column(
        verbose_name=_("Orders"), attrs={"th": {"class": "num"}, "td": {"class": "num"}}
    )

    class Meta:
        template_name = "_components/table.html"
        attrs = {"class": "table table-data"}
        orderable = False

    def render_orders(self, value: int) -> str:
        """With every digit, grouped by thousands."""
        return exact(value)


@require_safe
@staff_required("agencies.view_agency")
def gallery(request: HttpRequest) -> HttpResponse:
    """All components with invented data; nobody's figures are on it."""
    rows = [{"name": f"晴川文化 {number}", "orders": 1_000 * number} for number in range(1, 8)]
    context: dict[str, Any] = {
        "colours": COLOURS,
        "levels": LEVELS,
        "stages": [(stage, stage.label) for stage in Stage if stage != Stage.ASSESSED],
        "changes": CHANGES,
        "figures": [(value, unit, UNIT_NAMES[unit]) for value, unit in FIGURES],
        "icons": sorted(NAV_ICONS),
        "empty_form": SampleForm(prefix="new"),
        "wrong_form": SampleForm({"bad-amount": "12 or so"}, prefix="bad"),
        **_charts(),
        "table": paged(SampleTable(rows), request, per_page=3),
    }
    return render(request, "portal/gallery.html", context)


def _charts() -> dict[str, Any]:
    """One chart of each kind."""
    names = list(DIMENSION_NAMES.values())
    bars = [
        {"name": names[0], "start": Decimal(0), "end": Decimal(612), "total": True},
        {"name": names[1], "start": Decimal(612), "end": Decimal(655), "total": False},
        {"name": names[2], "start": Decimal(655), "end": Decimal(587), "total": False},
        {"name": names[3], "start": Decimal(0), "end": Decimal(587), "total": True},
    ]
    return {
        "radar": {
            "unit": "share",
            "axes": names,
            "series": [
                {"name": "2026-10", "values": [Decimal(each) / 10 for each in (7, 4, 9, 2)]},
                {"name": "2026-09", "values": [Decimal(each) / 10 for each in (6, 5, 8, 3)]},
            ],
            "head": [_("Dimension")],
        },
        "trend": {
            "unit": "points",
            "months": [
                {
                    "month": date(2026, number, 1),
                    "value": None if number == 4 else Decimal(480 + 20 * number),
                    "note": "",
                    "open": number == 9,
                }
                for number in range(1, 10)
            ],
            "lines": [{"name": "V3", "value": Decimal(550)}],
            "head": [_("Month"), _("Total"), _("Note")],
        },
        "waterfall": {
            "unit": "points",
            "bars": bars,
            "head": [_("Name"), _("Change"), _("Reached")],
        },
        "bars": {
            "unit": "count",
            "bars": [{"name": name, "value": 5 - 3 * at} for at, name in enumerate(names)],
            "head": [_("Name"), _("Change")],
        },
    }
