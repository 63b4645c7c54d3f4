"""What the charts of the level's pages draw; the shapes are told by the tag `chart`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from scoring.queries.breakdown import Breakdown
from scoring.queries.creator_effects import CreatorEffects
from scoring.queries.movement import Movement

Chart = Mapping[str, Any]

# So many creators are drawn; the table has all of them.
DRAWN_CREATORS: Final = 10


def radar_chart(breakdown: Breakdown) -> Chart:
    """Each indicator's points as a share of its most, beside the month before if it had points."""
    series = [
        {
            "name": date_format(breakdown.month, "YEAR_MONTH_FORMAT"),
            "values": [line.reached for line in breakdown.lines],
        }
    ]
    if breakdown.before:
        series.append(
            {
                "name": date_format(breakdown.before, "YEAR_MONTH_FORMAT"),
                "values": [line.reached_before for line in breakdown.lines],
            }
        )
    return {
        "unit": "share",
        "head": [_("Indicator")],
        "axes": [str(line.name) for line in breakdown.lines],
        "series": series,
    }


def trend_chart(breakdown: Breakdown) -> Chart:
    """The total over the months, with the cut-offs of the levels in this month's rulebook."""
    return {
        "unit": "points",
        "head": [_("Month"), _("Total"), _("Level or stage")],
        "months": [
            {
                "month": each.month,
                "value": each.total,
                "note": str(each.told),
                "open": not each.level,
            }
            for each in breakdown.trend
        ],
        "lines": [
            {"name": each.key, "value": each.min_total}
            for each in breakdown.rulebook.levels
            if each.min_total > 0
        ],
    }


def waterfall_chart(movement: Movement) -> Chart:
    """From last month's total to this one's, step by step."""
    fall = movement.fall
    if fall is None:
        raise ValueError("There is nothing to draw without points in both months.")
    bars = [_total(date_format(movement.month_before, "YEAR_MONTH_FORMAT"), fall.start)]
    if movement.rules_changed:
        bars.append(_step(_("Changed rulebook"), fall.start, fall.start + fall.rules))
    bars += [_step(str(each.name), each.after - each.points, each.after) for each in movement.moves]
    if fall.cap:
        bars.append(_step(_("Bonus cap"), fall.end - fall.cap, fall.end))
    bars.append(_total(date_format(movement.month, "YEAR_MONTH_FORMAT"), fall.end))
    return {
        "unit": "points",
        "head": [_("What moved"), _("Change in points"), _("Total")],
        "bars": bars,
    }


def creators_chart(effects: CreatorEffects) -> Chart:
    """The largest effects, all other creators together, and what does not add up by creator.

    Creators without an effect have no bar.
    """
    drawn = [each for each in effects.rows[:DRAWN_CREATORS] if each.effect != 0]
    bars: list[dict[str, Any]] = [
        {"name": each.nickname or each.creator_id, "value": each.effect or Decimal(0)}
        for each in drawn
    ]
    together = sum((each.effect or Decimal(0) for each in drawn), start=Decimal(0))
    rest = effects.change - effects.remainder - together
    if rest or effects.moved > len(drawn):
        bars.append({"name": _("All other creators"), "value": rest})
    if effects.mean:
        bars.append({"name": _("Interplay"), "value": effects.remainder})
    return {"unit": effects.unit, "head": [_("Creator"), _("Effect")], "bars": bars}


def _total(name: str, reached: Decimal) -> dict[str, Any]:
    return {"name": name, "start": reached, "end": reached, "total": True}


def _step(name: str, start: Decimal, end: Decimal) -> dict[str, Any]:
    return {"name": name, "start": start, "end": end, "total": False}
