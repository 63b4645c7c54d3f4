"""The curve of one indicator as rows of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.forms.rulebook_fields import NumberField, ShareField, SourceField
from scoring.forms.rulebook_part import PartForm, RowSet, row_set
from scoring.rulebook import Indicator, Knot, Rulebook
from scoring.rulebook.parsing import MOST_POINTS
from scoring.rulebook.reading import MOST_ITEMS
from scoring.wording import UNITS

VALUE_LABELS = {
    "yuan": gettext_lazy("Value (yuan)"),
    "share": gettext_lazy("Value (per cent)"),
    "minutes": gettext_lazy("Value (minutes)"),
    "mean": gettext_lazy("Value (mean)"),
    "count": gettext_lazy("Value (number)"),
}


class KnotForm(forms.Form):
    """A corner of the curve: this value earns these points."""

    points = NumberField(gettext_lazy("Points"), 0, MOST_POINTS)

    def __init__(self, *args: Any, unit: str, **options: Any) -> None:
        super().__init__(*args, **options)
        kind = ShareField if unit == "share" else NumberField
        self.fields["value"] = kind(VALUE_LABELS[unit])
        self.order_fields(["value", "points"])


class KnotRows(RowSet):
    """Knots in any order; they are taken by rising value.

    `readable` are the knots that could be read, right or not as a curve: the picture shows what
    was typed.
    """

    readable: tuple[Knot, ...] = ()

    def clean(self) -> None:
        """Refuse no knot at all, a value twice, and points that fall as the value rises."""
        rows = [row for row in self.kept() if not row.errors]
        rows.sort(key=lambda row: row.cleaned_data["value"])
        self.readable = tuple(_knot(row) for row in rows)
        if not self.kept():
            raise forms.ValidationError(_("A curve needs at least one row."))
        before: Knot | None = None
        for row, knot in zip(rows, self.readable, strict=True):
            if before is not None and knot.value == before.value:
                row.add_error("value", _("Another row has this value already."))
            elif before is not None and knot.points < before.points:
                row.add_error(
                    "points",
                    _("Points never fall as the value rises: the value before has %(most)s.")
                    % {"most": _plain(before.points)},
                )
            before = knot


def _knot(row: forms.Form) -> Knot:
    return Knot(row.cleaned_data["value"], row.cleaned_data["points"])


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


class IndicatorForm(PartForm):
    """Source and curve of one indicator."""

    row_set = row_set(KnotForm, KnotRows, most=MOST_ITEMS)
    look = "scoring/_staff_rulebook_knots.html"
    groups = ((gettext_lazy("Source"), ("source",)),)

    source = SourceField()

    def __init__(self, rulebook: Rulebook, data: QueryDict | None = None, *, key: str) -> None:
        self.indicator = rulebook.indicator(key)
        super().__init__(rulebook, data)

    def begin(self) -> Mapping[str, Any]:
        return {"source": self.indicator.source}

    def row_options(self) -> dict[str, Any]:
        return {"unit": UNITS[self.indicator.key]}

    def begin_rows(self) -> list[dict[str, Any]]:
        return [dict(vars(knot)) for knot in self.indicator.knots]

    @property
    def typed_knots(self) -> tuple[Knot, ...]:
        """What the picture shows: the stored knots, or those that were sent."""
        if self.rows is None or not self.rows.is_bound:
            return self.indicator.knots
        self.rows.is_valid()
        return self.rows.readable  # type: ignore[attr-defined] # these are KnotRows

    def result(self) -> Rulebook:
        assert self.rows is not None
        knots = sorted(
            (Knot(row["value"], row["points"]) for row in self.rows.cleaned()),
            key=lambda knot: knot.value,
        )
        changed = Indicator(
            self.indicator.key,
            self.indicator.dimension,
            self.cleaned_data["source"],
            tuple(knots),
        )
        every = tuple(
            changed if each.key == changed.key else each for each in self.rulebook.indicators
        )
        return replace(self.rulebook, indicators=every)
