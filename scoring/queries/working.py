"""How a value became points and where the value came from, written out to be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scoring.rulebook import Indicator, Knot


@dataclass(frozen=True)
class KnotRow:
    """A line of the knots table: a knot, or the agency's own position among them."""

    value: Decimal
    points: Decimal
    own: bool


@dataclass(frozen=True)
class Working:
    """The way from a value to points on an indicator's curve (docs/rules.md §4).

    `lower` and `upper` are the knots around the value; both are the same knot where the curve is
    flat, both are None when there is no value. `unrounded` is the result before rounding, cut
    off after 6 decimals; `cut` says that more would follow.
    """

    rows: tuple[KnotRow, ...]
    lower: Knot | None
    upper: Knot | None
    unrounded: str
    cut: bool

    @property
    def between(self) -> bool:
        """Whether points were interpolated between two knots."""
        return self.lower != self.upper


def working(indicator: Indicator, value: Decimal | None, points: Decimal) -> Working:
    """The knots table of an indicator with the own position, and the interpolation behind it."""
    knots = indicator.knots
    if value is None:
        rows = tuple(KnotRow(knot.value, knot.points, False) for knot in knots)
        return Working(rows=rows, lower=None, upper=None, unrounded="", cut=False)
    below = [knot for knot in knots if knot.value <= value]
    above = knots[len(below) :]
    lower = below[-1] if below else above[0]
    # On a knot exactly there is nothing to interpolate: its points are the answer.
    upper = above[0] if below and above and lower.value != value else lower
    unrounded, cut = _digits(_interpolated(lower, upper, value))
    rows = (
        *(KnotRow(knot.value, knot.points, False) for knot in below),
        KnotRow(value, points, True),
        *(KnotRow(knot.value, knot.points, False) for knot in above),
    )
    return Working(rows=rows, lower=lower, upper=upper, unrounded=unrounded, cut=cut)


def _interpolated(lower: Knot, upper: Knot, value: Decimal) -> Fraction:
    if lower == upper:
        return Fraction(lower.points)
    share = (Fraction(value) - Fraction(lower.value)) / (
        Fraction(upper.value) - Fraction(lower.value)
    )
    return Fraction(lower.points) + share * (Fraction(upper.points) - Fraction(lower.points))


def _digits(number: Fraction, decimals: int = 6) -> tuple[str, bool]:
    """A number that is not negative, cut off after so many decimals; whether anything was cut."""
    scaled, rest = divmod(number.numerator * 10**decimals, number.denominator)
    whole, part = divmod(scaled, 10**decimals)
    digits = f"{part:0{decimals}d}"
    if rest:
        return f"{whole}.{digits}", True
    digits = digits.rstrip("0")
    return (f"{whole}.{digits}" if digits else f"{whole}"), False


@dataclass(frozen=True)
class Operand:
    """One side of a quotient, with its name and unit."""

    name: Promise
    value: Decimal
    unit: str


@dataclass(frozen=True)
class Quotient:
    """Over divided by under: where a share or a mean comes from."""

    over: Operand
    under: Operand


# In the order in which a receipt lists them: all fields of `scoring.points.Totals`.
_NAMES: Final[dict[str, Promise]] = {
    "settled_cents": _("Settled amount"),
    "showcase_cents": _("Showcase amount"),
    "good_goods_cents": _("Good-goods amount"),
    "settled_orders": _("Settled orders"),
    "worry_free_orders": _("Worry-free service orders"),
    "live_minutes": _("Live minutes"),
    "creator_days": _("Bound creator-days"),
    "l5_creators": _("Creators at L5 and above, bound on the last day"),
    "showcase_creators": _("Creators with a showcase amount above 0"),
    "reputation_points": _("Sum of reputation × settled orders"),
    "reputation_orders": _("Settled orders of creators with a reputation"),
}

_COUNTED: Final[dict[str, Promise]] = {
    "settled_orders": _("orders"),
    "worry_free_orders": _("orders"),
    "live_minutes": _("minutes"),
    "creator_days": _("creator-days"),
    "l5_creators": pgettext_lazy("unit of a count", "creators"),
    "showcase_creators": pgettext_lazy("unit of a count", "creators"),
    "reputation_points": _("points × orders"),
    "reputation_orders": _("orders"),
}

_QUOTIENTS: Final[dict[str, tuple[str, str]]] = {
    "live_minutes_per_creator_day": ("live_minutes", "creator_days"),
    "showcase_share": ("showcase_cents", "settled_cents"),
    "good_goods_share": ("good_goods_cents", "settled_cents"),
    "reputation": ("reputation_points", "reputation_orders"),
}


def quotient(key: str, totals: Mapping[str, int]) -> Quotient | None:
    """The division behind an indicator, from the month's frozen sums; None for plain sums."""
    pair = _QUOTIENTS.get(key)
    return Quotient(*(_operand(name, totals[name]) for name in pair)) if pair else None


def remark(key: str, totals: Mapping[str, int]) -> Promise | None:
    """Why the division behind an indicator is not its value as it stands; None where it is.

    A rule takes its place (D, section 4 "Exactness").
    """
    if key == "reputation" and totals["reputation_orders"] <= 0:
        return _("No creator with a reputation settled an order, so there is no value.")
    if key == "live_minutes_per_creator_day" and totals["creator_days"] == 0:
        return _("There was no bound creator-day, so the value is 0.")
    if key not in ("showcase_share", "good_goods_share"):
        return None
    part = totals[key.replace("share", "cents")]
    if totals["settled_cents"] <= 0:
        return _("Nothing was settled, or refunds were larger, so the share is 0.")
    if part < 0:
        return _("Refunds were larger than the sales, so the share is 0.")
    if part > totals["settled_cents"]:
        return _("A share counts up to 100%.")
    return None


@dataclass(frozen=True)
class TotalLine:
    """A sum of the month with what was counted; amounts carry their currency themselves."""

    operand: Operand
    counted: Promise | None


def total_lines(totals: Mapping[str, int]) -> tuple[TotalLine, ...]:
    """All sums that decided a score, with names and units, in the order of a receipt."""
    return tuple(TotalLine(_operand(name, totals[name]), _COUNTED.get(name)) for name in _NAMES)


def _operand(name: str, total: int) -> Operand:
    """Cents become yuan; the reputation sum is kept in hundredths of a point."""
    if name.endswith("_cents"):
        return Operand(_NAMES[name], Decimal(total).scaleb(-2), "yuan")
    if name == "reputation_points":
        return Operand(_NAMES[name], Decimal(total).scaleb(-2), "plain")
    return Operand(_NAMES[name], Decimal(total), "count")
