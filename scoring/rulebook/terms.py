"""What a rulebook is made of: frozen values, in the words of docs/rules.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Final

DIMENSIONS: Final = ("operating", "growth", "service", "bonus")

DIMENSION_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "settled_amount": "operating",
        "settled_orders": "operating",
        "l5_creators": "operating",
        "live_minutes_per_creator_day": "operating",
        "showcase_share": "growth",
        "showcase_creators": "growth",
        "good_goods_share": "growth",
        "reputation": "service",
        "worry_free_orders": "bonus",
    }
)

INDICATOR_KEYS: Final = tuple(DIMENSION_OF)

SOURCES: Final = ("S", "P", "D")

EVERYONE: Final = "everyone"

FAMILIES: Final = ("operations", "creators", "exclusive", "marketing", "publicity")

VIOLATION_KINDS: Final = (
    "dispute",
    "impersonation",
    "false_information",
    "fake_traffic",
    "prohibited_content",
    "breach_of_agreement",
    "other",
)

MEASURES: Final = (
    "warning",
    "suspend_binding",
    "cancel_honours",
    "linked_agencies",
    "deduct_credit",
    "removal",
)


@dataclass(frozen=True)
class Text:
    """A text in both languages of the portal."""

    zh: str
    en: str


@dataclass(frozen=True)
class Knot:
    """A corner of an indicator's curve: this value earns these points."""

    value: Decimal
    points: Decimal


@dataclass(frozen=True)
class Indicator:
    """One measured quantity and the curve that turns it into points (S; knots D, section 4)."""

    key: str
    dimension: str
    source: str
    knots: tuple[Knot, ...]

    @property
    def max_points(self) -> Decimal:
        """The most points the indicator can earn: those of its last knot."""
        return self.knots[-1].points

    @cached_property
    def first_rise(self) -> tuple[int, int]:
        """The two knots, by their numbers, between which points begin; of a flat curve the last."""
        least, last = self.knots[0].points, len(self.knots) - 1
        end = next((n for n, knot in enumerate(self.knots) if knot.points > least), last)
        return max(end - 1, 0), end

    @property
    def points_begin(self) -> Decimal:
        """The value at which points begin."""
        return self.knots[self.first_rise[0]].value

    @cached_property
    def scaled_knots(self) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """The curve in whole numbers: (scale, values × scale, points × scale), nothing rounded.

        Kept with the indicator because a month asks for it once per agency and indicator.
        """
        values = [Fraction(knot.value) for knot in self.knots]
        points = [Fraction(knot.points) for knot in self.knots]
        scale = 1
        while any((number * scale).denominator != 1 for number in values + points):
            scale *= 10
        return (
            scale,
            tuple(int(value * scale) for value in values),
            tuple(int(point * scale) for point in points),
        )


@dataclass(frozen=True)
class Level:
    """A level and what it allows: from this total, at most so many creators, none so large.

    Units: points; creators; followers. None means without limit (S and D, section 5).
    """

    key: str
    min_total: Decimal
    binding_cap: int | None
    followers_below: int | None


@dataclass(frozen=True)
class Stages:
    """When an agency is assessed, and the binding limits while it is not (section 3).

    Units: natural months; service points; credit points; creators; followers.
    """

    novice_months: int
    service_floor: Decimal
    credit_floor: int
    binding_cap: int | None
    followers_below: int | None


@dataclass(frozen=True)
class Ban:
    """A credit balance below so many points stops new bindings for so many days (P, section 7)."""

    below: int
    days: int


@dataclass(frozen=True)
class Credit:
    """The credit score: opening balance, cap, way back and bans, the mildest first (section 7)."""

    opening: int
    cap: int
    restore_points: int
    restore_clean_days: int
    bans: tuple[Ban, ...]


@dataclass(frozen=True)
class Appeals:
    """How many days an appeal is open, and whether an open one holds back a fall (D, section 8)."""

    days: int
    hold_fall: bool


@dataclass(frozen=True)
class Bindings:
    """After how many days of silence an unbinding is granted (P, section 9)."""

    silence_days: int


@dataclass(frozen=True)
class Gate:
    """The share of agencies, 0 to 1, that may move by more than one level unseen (D)."""

    max_jump_share: Decimal


@dataclass(frozen=True)
class StarPlan:
    """The phases of the Star Source plan around the first live day, in days (section 10)."""

    preparation_days: int
    trial_days: int
    development_days: int


@dataclass(frozen=True)
class Benefit:
    """A benefit and the levels that have it, both ends included (section 5).

    `from_level` is a level's key or "everyone"; without `to_level` it holds to the highest.
    """

    key: str
    family: str
    from_level: str
    to_level: str | None
    title: Text
    source: str


@dataclass(frozen=True)
class ViolationKind:
    """A kind of violation with the points and measures proposed for it (D, section 8)."""

    kind: str
    title: Text
    points: int
    measures: tuple[str, ...]


@dataclass(frozen=True)
class Rulebook:
    """All the numbers of one version of the rules, valid as a whole.

    1. `indicators` holds each of INDICATOR_KEYS once and in that order.
    2. `levels` ascends from V1, whose cut-off is 0, so that every total has a level.
    3. `effective_from` is the first data month, "YYYY-MM".
    """

    version: str
    effective_from: str
    title: Text
    stages: Stages
    bonus_cap: Decimal
    credit: Credit
    appeals: Appeals
    bindings: Bindings
    gate: Gate
    star_plan: StarPlan
    indicators: tuple[Indicator, ...]
    levels: tuple[Level, ...]
    benefits: tuple[Benefit, ...]
    violations: tuple[ViolationKind, ...]

    def indicator(self, key: str) -> Indicator:
        """The indicator of that key; KeyError when there is none."""
        for indicator in self.indicators:
            if indicator.key == key:
                return indicator
        raise KeyError(key)

    def dimension_max(self, dimension: str) -> Decimal:
        """The most points a dimension can give; the bonus never more than its cap.

        Raises KeyError for a name that is not in DIMENSIONS. S, section 4; numbers D.
        """
        if dimension not in DIMENSIONS:
            raise KeyError(dimension)
        most = sum(
            (each.max_points for each in self.indicators if each.dimension == dimension),
            start=Decimal(0),
        )
        return min(most, self.bonus_cap) if dimension == "bonus" else most

    @property
    def total_max(self) -> Decimal:
        """The most points of all dimensions together."""
        return sum((self.dimension_max(each) for each in DIMENSIONS), start=Decimal(0))

    def level(self, key: str) -> Level:
        """The level of that key; KeyError when there is none."""
        for level in self.levels:
            if level.key == key:
                return level
        raise KeyError(key)
