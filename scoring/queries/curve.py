"""Where the lines and words of an indicator's curve go, as a picture of fixed size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final

from scoring.queries.rules.clause import per_cent, plain, short
from scoring.rulebook import Knot

# Units of the picture, whose width fits a phone at its own size.
WIDTH, HEIGHT = 360, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 350, 12, 204
# The curve is flat outside its knots: so much of it is shown on both sides.
FLAT: Final = 16
# Knots nearer to each other than this could not be told apart on an even axis.
NEAREST: Final = Fraction(1, 25)
WORD_ROOM: Final = 52
MOST_LINES: Final = 5


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis: what is written there, and where it stands in the picture."""

    label: str
    at: str


@dataclass(frozen=True)
class Dot:
    """A knot in the picture."""

    x: str
    y: str


@dataclass(frozen=True)
class Curve:
    """An indicator's curve, drawn; all places are units of a picture of WIDTH by HEIGHT.

    `line` and `before` are the points of polylines, `before` empty where there is nothing to
    compare with. `even` says whether equal widths mean equal steps of the value; where they do not,
    the stretches between neighbouring knots are equally wide.
    """

    line: str
    before: str
    dots: tuple[Dot, ...]
    values: tuple[Tick, ...]
    points: tuple[Tick, ...]
    even: bool
    first: Knot
    last: Knot


def drawn(knots: Sequence[Knot], *, unit: str, before: Sequence[Knot] = ()) -> Curve | None:
    """The curve through some knots, and faintly another one; None without any knot.

    `unit` is that of the values (`scoring.wording.UNITS`); labels are in the reader's language.

    1. Knots are taken by rising value; of several with one value the last counts. Points may fall:
       it is drawn as it was typed.
    2. The axis of values is even unless knots would lie on top of each other; then each stretch
       between neighbouring knots of the two curves is equally wide, and a line bends where the
       measure changes.
    3. Nothing is drawn outside the axes, and both curves run on flat to their ends.
    """
    if not knots:
        return None
    now, then = _by_value(knots), _by_value(before)
    stops = sorted({knot.value for knot in (*now, *then)})
    even = _apart(stops)
    across = {value: _across(stops, number, even=even) for number, value in enumerate(stops)}
    most = max(Decimal(1), *(knot.points for knot in (*now, *then)))
    return Curve(
        line=_polyline(now, across, most),
        before=_polyline(then, across, most),
        dots=tuple(
            Dot(_written(across[knot.value]), _written(_up(knot.points, most))) for knot in now
        ),
        values=_value_ticks([knot.value for knot in now], across, unit),
        points=tuple(Tick(plain(each), _written(_up(each, most))) for each in _lines(most)),
        even=even,
        first=now[0],
        last=now[-1],
    )


def _by_value(knots: Sequence[Knot]) -> list[Knot]:
    return sorted({knot.value: knot for knot in knots}.values(), key=lambda knot: knot.value)


def _apart(stops: Sequence[Decimal]) -> bool:
    """Whether an even axis keeps every two neighbours far enough from each other."""
    whole = Fraction(stops[-1]) - Fraction(stops[0])
    gaps = (Fraction(b) - Fraction(a) for a, b in pairwise(stops))
    return all(gap >= whole * NEAREST for gap in gaps)


def _across(stops: Sequence[Decimal], number: int, *, even: bool) -> Fraction:
    begin, room = LEFT + FLAT, RIGHT - LEFT - 2 * FLAT
    if len(stops) == 1:
        return Fraction(LEFT + RIGHT, 2)
    if not even:
        return begin + Fraction(room * number, len(stops) - 1)
    first, last = Fraction(stops[0]), Fraction(stops[-1])
    return begin + room * (Fraction(stops[number]) - first) / (last - first)


def _points_at(knots: Sequence[Knot], value: Decimal) -> Fraction:
    """The points that a value earns: on the straight line between two knots, flat outside."""
    for left, right in pairwise(knots):
        if left.value <= value <= right.value:
            part = Fraction(value - left.value) / Fraction(right.value - left.value)
            return Fraction(left.points) + part * Fraction(right.points - left.points)
    nearest = knots[0] if value < knots[0].value else knots[-1]
    return Fraction(nearest.points)


def _up(points: Decimal | Fraction, most: Decimal) -> Fraction:
    return BOTTOM - (BOTTOM - TOP) * Fraction(points) / Fraction(most)


def _polyline(knots: Sequence[Knot], across: dict[Decimal, Fraction], most: Decimal) -> str:
    """The curve at every knot of both curves, as the measure of the axis may change there."""
    if not knots:
        return ""
    inner = [(place, _up(_points_at(knots, value), most)) for value, place in across.items()]
    corners = [(Fraction(LEFT), inner[0][1]), *inner, (Fraction(RIGHT), inner[-1][1])]
    return " ".join(f"{_written(x)},{_written(y)}" for x, y in corners)


def _value_ticks(
    values: Sequence[Decimal], across: dict[Decimal, Fraction], unit: str
) -> tuple[Tick, ...]:
    """As many of the knots' values as have room beside each other, first and last among them."""
    kept = [values[-1]]
    for value in reversed(values[1:-1]):
        ahead = across[kept[-1]] - across[value]
        if ahead >= WORD_ROOM and across[value] - across[values[0]] >= WORD_ROOM:
            kept.append(value)
    if len(values) > 1:
        kept.append(values[0])
    return tuple(Tick(_label(value, unit), _written(across[value])) for value in reversed(kept))


def _label(value: Decimal, unit: str) -> str:
    """A value in as few signs as are exact."""
    if unit == "share":
        return per_cent(value)
    text = short(int(value)) if value == int(value) else plain(value)
    return f"¥{text}" if unit == "yuan" else text


def _lines(most: Decimal) -> list[Decimal]:
    """Round numbers of points from 0 on, at most five steps of them."""
    step = Decimal(1)
    while most / step > MOST_LINES:
        step *= Decimal(2) if step.as_tuple().digits[0] != 2 else Decimal("2.5")
    return [step * number for number in range(int(most / step) + 1)]


def _written(place: Fraction) -> str:
    """A place with two decimals at most, rounded half up."""
    cents = Decimal(place.numerator * 100) / Decimal(place.denominator)
    number = cents.quantize(Decimal(1), ROUND_HALF_UP).scaleb(-2)
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
