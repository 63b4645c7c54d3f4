"""How figures are written: compact where they compare, exact where they check."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

MINUS: Final = "\N{MINUS SIGN}"
SCALES: Final = {
    "zh": ((Decimal(10**8), "亿"), (Decimal(10**4), "万")),
    "en": ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K")),
}
COMPACT_FROM: Final = Decimal(10_000)
TWO_PLACES: Final = Decimal("0.01")


def exact(value: Decimal | int | None, unit: str = "plain") -> str:
    """The figure with every digit it has, grouped by thousands; a dash where there is none.

    Units: yuan (always 2 decimals), points (always 2), rating (always 4), share (shown in per
    cent), minutes, mean, count, plain.
    """
    if value is None:
        return "–"
    number = Decimal(value)
    if unit == "share":
        return f"{_trimmed(number.scaleb(2))}%"
    if unit == "points":
        return _signless(f"{number:,.2f}")
    if unit == "rating":
        return _signless(f"{number:,.4f}")
    if unit == "yuan":
        return _yuan(f"{abs(number):,.2f}", number)
    if unit == "minutes":
        return _("%(number)s min") % {"number": _trimmed(number)}
    return _trimmed(number)


def compact(value: Decimal | int | None, unit: str = "plain") -> str:
    """The figure at a glance: 万/亿 or K/M from 10,000 on, shares and means with 2 decimals."""
    if value is None:
        return "–"
    number = Decimal(value)
    if unit == "share":
        return f"{_rounded(number.scaleb(2)):,.2f}%"
    if unit == "mean":
        return f"{_rounded(number):,.2f}"
    if unit == "minutes":
        return _("%(number)s min") % {"number": f"{_rounded(number, Decimal('0.1')):,.1f}"}
    if unit in ("points", "rating") or abs(number) < COMPACT_FROM:
        return exact(number, unit)
    short = _scaled(abs(number))
    return _yuan(short, number) if unit == "yuan" else f"{MINUS if number < 0 else ''}{short}"


def signed(value: Decimal | None, unit: str = "points") -> str:
    """A change with its sign; unchanged is a bare zero."""
    if value is None:
        return "–"
    text = exact(abs(value), unit)
    return text if value == 0 else f"{'+' if value > 0 else MINUS}{text}"


def signed_compact(change: Decimal, unit: str) -> str:
    """A change at a glance, with its sign; unchanged is a bare zero, and nothing else is."""
    if change == 0:
        return compact(change, unit)
    short = compact(abs(change), unit)
    if short == compact(Decimal(0), unit):
        short = exact(abs(change), unit)
    return f"{'+' if change > 0 else MINUS}{short}"


def apart(before: Decimal | None, now: Decimal | None, unit: str) -> tuple[str, str]:
    """Two figures, compact; exact where rounding would make them alike."""
    alike = before != now and compact(before, unit) == compact(now, unit)
    write = exact if alike else compact
    return write(before, unit), write(now, unit)


def _scaled(number: Decimal) -> str:
    """Two decimals of the largest unit that the figure fills once it is rounded."""
    scales = SCALES["zh" if (get_language() or "").startswith("zh") else "en"]
    for position, (scale, suffix) in enumerate(scales):
        # 99,999,999 is 1.00亿, not 10,000.00万: what rounds up to a unit is told in it
        finer = scales[position + 1][0] / 100 if position + 1 < len(scales) else Decimal(0)
        if number + finer / 2 >= scale:
            return f"{_rounded(number / scale):,.2f}{suffix}"
    return _trimmed(number)


def _rounded(number: Decimal, places: Decimal = TWO_PLACES) -> Decimal:
    return number.quantize(places, rounding=ROUND_HALF_UP)


def _trimmed(number: Decimal) -> str:
    text = f"{number:,f}"
    return _signless(text.rstrip("0").rstrip(".") if "." in text else text)


def _yuan(digits: str, number: Decimal) -> str:
    return f"{MINUS if number < 0 else ''}¥{digits}"


def _signless(text: str) -> str:
    return text.replace("-", MINUS)
