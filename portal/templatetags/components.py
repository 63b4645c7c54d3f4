"""The components of the house: each renders the template of its name in `_components/`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.functional import Promise

register = template.Library()

LEVEL_BARS = 5


@register.inclusion_tag("_components/level_badge.html")
def level_badge(level: str, stage: str, stage_label: str) -> dict[str, Any]:
    """The large badge of the home page: level in bars and letters, or the stage without one."""
    number = int(level[1:]) if level[1:].isdecimal() else 0
    bars = [
        {"x": 14 * (each - 1), "y": 40 - 8 * each, "height": 8 * each, "on": each <= number}
        for each in range(1, LEVEL_BARS + 1)
    ]
    return {"level": level, "stage": stage, "stage_label": stage_label, "bars": bars}


@register.inclusion_tag("_components/level_mark.html")
def level_mark(level: str) -> dict[str, Any]:
    """A level inside a line or table cell: letters, with as many bars as its number."""
    return {"value": level}


@register.inclusion_tag("_components/delta.html")
def delta(value: Decimal | int | None, unit: str = "points") -> dict[str, Any]:
    """A change as arrow and number, with words for screen readers; a dash where there is none."""
    return {"value": value, "unit": unit}


@register.inclusion_tag("_components/meter.html")
def meter(value: Decimal, most: Decimal) -> dict[str, Any]:
    """A bar of `value` in `most`; an ornament beside figures that say the same."""
    width = round(100 * value / most, 2) if most else Decimal(0)
    return {"width": str(width)}


@register.inclusion_tag("_components/blank_slate.html")
def blank_slate(
    icon: str, title: str, text: str, url: str = "", action: str = ""
) -> dict[str, Any]:
    """What stands where there is nothing yet: what is missing, and what will bring it.

    `url` and `action`, what its link says, lead on from there.
    """
    return {"icon": icon, "title": title, "text": text, "url": url, "action": action}


@register.inclusion_tag("_components/notice.html")
def notice(kind: str, title: str, text: str) -> dict[str, Any]:
    """A message of the house; kinds: info, good, warn, danger."""
    icons = {
        "info": "info-circle",
        "good": "check-circle",
        "warn": "exclamation-triangle",
        "danger": "x-octagon",
    }
    return {"kind": kind, "icon": icons[kind], "title": title, "text": text}


@register.inclusion_tag("_components/ask_link.html")
def ask_link(
    page: str, *, month: date | None = None, what: str | Promise = "", **about: str
) -> dict[str, Any]:
    """The way to ask the platform about what a page shows; for a page of its members.

    `page` is one of `portal.support.context.PAGES`; `about` may name an `indicator`, a `violation`,
    a `creator` or a `clause`. `what` tells links of one page apart for whoever cannot see them.
    """
    given = {"page": page, "month": f"{month:%Y-%m}" if month else "", **about}
    asked = urlencode({key: value for key, value in given.items() if value})
    return {"url": f"{reverse('ask')}?{asked}", "what": what}
