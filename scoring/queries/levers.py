"""The platform's advice per lever, beside what its indicators earn and leave."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language

from scoring.enums import LeverKey
from scoring.models import LeverText
from scoring.points import indicator_points
from scoring.rulebook import Rulebook
from scoring.wording import INDICATOR_NAMES, UNITS

# Which indicators a lever moves (S, docs/rules.md §11).
MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "showcase": ("showcase_share", "showcase_creators"),
    "image_text": ("settled_amount", "settled_orders"),
    "good_goods": ("good_goods_share",),
    "reputation": ("reputation",),
    "worry_free": ("worry_free_orders",),
}
# What sells by a showcase is settled like everything else: the lever lifts the sums as well (D).
LIFTS: Final[Mapping[str, tuple[str, ...]]] = {"showcase": ("settled_amount", "settled_orders")}


@dataclass(frozen=True)
class Moved:
    """An indicator that a lever moves: its value, and the points that are still to be had.

    `maximum` is the most that counts: of the bonus no more than its cap (S, docs/rules.md §4).
    `known` is False where the agency has no values yet.
    """

    key: str
    name: Promise
    unit: str
    known: bool
    value: Decimal | None
    points: Decimal
    left: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class Lever:
    """A lever in the reader's language; `body` is plain text."""

    key: str
    title: str
    body: str
    moves: tuple[Moved, ...]


def advice_on(key: str, known: Collection[str]) -> tuple[LeverKey, ...]:
    """The levers among `known` whose advice fits an indicator: those that move it, then others."""
    fitting = [lever for moves in (MOVES, LIFTS) for lever, keys in moves.items() if key in keys]
    return tuple(LeverKey(lever) for lever in fitting if lever in known)


def levers(rulebook: Rulebook, values: Mapping[str, Decimal | None]) -> tuple[Lever, ...]:
    """The levers in their order, beside what `values` leave of each indicator. One query."""
    chinese = (get_language() or "").startswith("zh")
    return tuple(
        Lever(
            key=text.key,
            title=text.title_zh if chinese else text.title_en,
            body=text.body_zh if chinese else text.body_en,
            moves=tuple(_moved(key, rulebook, values) for key in MOVES[text.key]),
        )
        for text in LeverText.objects.order_by("position", "key")
    )


def _moved(key: str, rulebook: Rulebook, values: Mapping[str, Decimal | None]) -> Moved:
    indicator = rulebook.indicator(key)
    points = indicator_points(indicator, values.get(key))
    counting = indicator.max_points
    if indicator.dimension == "bonus":
        counting = min(counting, rulebook.bonus_cap)
    return Moved(
        key=key,
        name=INDICATOR_NAMES[key],
        unit=UNITS[key],
        known=bool(values),
        value=values.get(key),
        points=points,
        left=max(counting - points, Decimal(0)),
        maximum=counting,
    )
