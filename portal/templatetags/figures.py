"""Figures as people read them, for templates; `portal.formats.figures` writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.formats import figures

register = template.Library()

exact = register.filter(figures.exact)
compact = register.filter(figures.compact)
signed = register.filter(figures.signed)
signed_compact = figures.signed_compact


@register.filter
def points(value: Decimal | None) -> str:
    """Points with their two decimals."""
    return exact(value, "points")


@register.filter
def maximum(value: Decimal) -> str:
    """A maximum or cut-off, without needless decimals."""
    return exact(value)


@register.filter
def month_key(value: date) -> str:
    """A month as addresses carry it: YYYY-MM."""
    return f"{value:%Y-%m}"


@register.filter
def magnitude(value: Decimal) -> Decimal:
    """A number without its sign."""
    return abs(value)


@register.simple_tag
def figure(value: Decimal | int | None, unit: str) -> SafeString | str:
    """The compact figure with the exact one in its title, where the two differ."""
    if value is None:
        return "–"
    return _titled(value, compact(value, unit), exact(value, unit))


@register.simple_tag
def signed_figure(value: Decimal | None, unit: str) -> SafeString | str:
    """A change rounded for reading, with its sign; every digit in its title, where they differ."""
    if value is None:
        return "–"
    return _titled(value, signed_compact(value, unit), signed(value, unit))


@register.simple_tag
def figures_apart(before: Decimal, now: Decimal, unit: str) -> SafeString:
    """Two compact figures, one after the other; exact where rounding would make them alike."""
    alike = before != now and compact(before, unit) == compact(now, unit)
    told = [exact(each, unit) if alike else figure(each, unit) for each in (before, now)]
    return format_html("{} → {}", *told)


def _titled(value: Decimal | int, short: str, full: str) -> SafeString | str:
    if short == full:
        return short
    return format_html('<data value="{}" title="{}">{}</data>', str(value), full, short)
