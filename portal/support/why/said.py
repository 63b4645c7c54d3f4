"""How the explanation of a level writes months, figures and lists, in the language at hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from portal.formats.figures import exact, signed, signed_compact
from scoring.queries.creator_effects import CreatorEffects
from scoring.wording import UNITS


def month(day: date) -> str:
    return date_format(day, "YEAR_MONTH_FORMAT")


def on(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def points(value: Decimal | None) -> str:
    """Points with both decimals, as the score page has them."""
    return exact(value, "points")


def together(sentences: Iterable[str]) -> str:
    """Sentences one after the other; Chinese ones stand without a blank between them."""
    return ("" if (get_language() or "").startswith("zh") else " ").join(sentences)


def listed(lines: Iterable[str]) -> str:
    """Lines of a list, each on its own and with a dot before it."""
    return "\n".join(f"· {line}" for line in lines)


def effect_of(effects: CreatorEffects, effect: Decimal) -> str:
    """What a creator changed of an indicator, with its sign and in the indicator's unit."""
    if UNITS[effects.key] == "share":
        return _("%(change)s percentage points") % {"change": signed(effect, "plain")}
    if UNITS[effects.key] == "yuan":
        return signed_compact(effect, "yuan")
    return signed(effect, effects.unit)
