"""Charts: one set of figures, drawn for those who see it and written as a table for everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import date_format

from portal.templatetags.figures import compact, exact, signed, signed_compact

register = template.Library()

Data = Mapping[str, Any]
Rows = list[list[str]]


@register.inclusion_tag("_components/chart.html")
def chart(kind: str, data: Data, label: str, table: bool = True) -> dict[str, Any]:
    """A chart beneath its caption, with the same figures as a table.

    `data` holds Decimals in `unit` (one that the filter `exact` knows), names ready to be read, and
    `head`, the column names of the table. By kind:

    1. "radar": axes: [name], series: [{name, values: [Decimal]}], one value from 0 to 1 for each
       axis; head: what the axes are, then nothing (the series name the other columns).
    2. "trend": months: [{month: date, value: Decimal or None, note, open: bool}], lines: [{name,
       value}] for thresholds; None leaves a gap, `open` draws a hollow point; head: month, value,
       note.
    3. "waterfall": bars: [{name, start, end, total: bool}], the start of each being the end of the
       one before; a total is a level rather than a change; head: name, change, what is reached.
    4. "bars": bars: [{name, value}], from zero to either side; head: name, value.

    `table=False` where the page itself has these figures in a table beside the chart. A page with
    charts includes `_partials/chart_scripts.html` in its block `scripts`. Raises KeyError for an
    unknown kind.
    """
    drawing, rows = _KINDS[kind](data)
    return {
        "kind": kind,
        "label": label,
        "drawing": drawing,
        "head": _head(kind, data) if table else [],
        "rows": rows if table else [],
    }


def _head(kind: str, data: Data) -> list[str]:
    series = [each["name"] for each in data["series"]] if kind == "radar" else []
    return [str(each) for each in (*data["head"], *series)]


def _radar(data: Data) -> tuple[Data, Rows]:
    unit = data["unit"]
    series = [
        {
            "name": each["name"],
            "values": each["values"],
            "texts": [compact(value, unit) for value in each["values"]],
        }
        for each in data["series"]
    ]
    rows = [
        [str(axis), *(each["texts"][at] for each in series)] for at, axis in enumerate(data["axes"])
    ]
    return {"axes": data["axes"], "series": series}, rows


def _trend(data: Data) -> tuple[Data, Rows]:
    unit = data["unit"]
    months = [
        {
            "month": each["month"],
            "name": date_format(each["month"], "YEAR_MONTH_FORMAT"),
            "value": each["value"],
            "text": exact(each["value"], unit),
            "note": str(each["note"]),
            "open": each["open"],
        }
        for each in data["months"]
    ]
    rows = [[each["name"], each["text"], each["note"]] for each in months]
    return {"months": months, "lines": data["lines"]}, rows


def _waterfall(data: Data) -> tuple[Data, Rows]:
    bars = [
        _bar(each["name"], each["start"], each["end"], data, each["total"]) for each in data["bars"]
    ]
    rows = [
        [each["name"], "" if each["total"] else each["text"], exact(each["end"], data["unit"])]
        for each in bars
    ]
    return {"bars": bars}, rows


def _bars(data: Data) -> tuple[Data, Rows]:
    bars = [_bar(each["name"], Decimal(0), each["value"], data) for each in data["bars"]]
    return {"bars": bars}, [[each["name"], each["text"]] for each in bars]


def _bar(
    name: object, start: Decimal, end: Decimal, data: Data, total: bool = False
) -> dict[str, Any]:
    """A bar with its text: every digit where one looks closer, short beside the drawing."""
    unit, change = data["unit"], end - start
    return {
        "name": str(name),
        "start": start,
        "end": end,
        "total": total,
        "text": exact(end, unit) if total else signed(change, unit),
        "short": compact(end, unit) if total else signed_compact(change, unit),
    }


_KINDS: Mapping[str, Callable[[Data], tuple[Data, Rows]]] = {
    "radar": _radar,
    "trend": _trend,
    "waterfall": _waterfall,
    "bars": _bars,
}
