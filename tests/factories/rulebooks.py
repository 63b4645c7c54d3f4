"""Rulebooks: drafts of the default one with some parts exchanged, and any valid one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from string import ascii_lowercase, digits
from typing import Any

from hypothesis import strategies as st

from scoring.models import RulebookVersion
from scoring.queries.rules.clause import default_rulebook
from scoring.rulebook import (
    DIMENSION_OF,
    EVERYONE,
    FAMILIES,
    INDICATOR_KEYS,
    MEASURES,
    SOURCES,
    VIOLATION_KINDS,
    Appeals,
    Ban,
    Benefit,
    Bindings,
    Credit,
    Gate,
    Indicator,
    Knot,
    Level,
    Rulebook,
    Stages,
    StarPlan,
    Text,
    ViolationKind,
)
from scoring.rulebook_text import toml_of
from scoring.rulebook_versions import store_rulebook

STORED = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def rules(version: str = "2027.1", effective_from: str = "2027-01", **parts: Any) -> Rulebook:
    """The default rules under another name, with some parts exchanged."""
    return replace(default_rulebook(), version=version, effective_from=effective_from, **parts)


def with_knots(book: Rulebook, key: str, *pairs: tuple[str, str]) -> Rulebook:
    """The rules with another curve of one indicator."""
    knots = tuple(Knot(Decimal(value), Decimal(points)) for value, points in pairs)
    every = (replace(each, knots=knots) if each.key == key else each for each in book.indicators)
    return replace(book, indicators=tuple(every))


def draft(book: Rulebook | None = None, **options: Any) -> RulebookVersion:
    """A stored draft; put in force with `activate=True`."""
    return store_rulebook(toml_of(book or rules()), at=STORED, **options)[0]


@cache
def any_rulebook() -> st.SearchStrategy[Rulebook]:
    """Every rulebook that may be written, in all its parts."""
    return _rulebooks()


def _numbers(low: int, high: int, places: int = 6) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places)


_DAYS = st.integers(1, 3_650)
_CREDIT = st.integers(0, 100_000)
_CAPS = st.none() | st.integers(0, 2**31 - 1)
_FOLLOWERS = st.none() | st.integers(1, 10**12)
_LINES = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30).filter(
    lambda text: text == text.strip() != ""
)
_TEXTS = st.builds(Text, _LINES, _LINES)
_SOURCES = st.sampled_from(SOURCES)
_KEYS = st.text(ascii_lowercase + digits + "_", max_size=12).map(lambda rest: "b" + rest)


@st.composite
def _knots(draw: st.DrawFn) -> tuple[Knot, ...]:
    values = draw(st.sets(_numbers(-(10**9), 10**9), min_size=1, max_size=6))
    points = draw(st.lists(_numbers(0, 10_000), min_size=len(values), max_size=len(values)))
    return tuple(map(Knot, sorted(values), sorted(points)))


@st.composite
def _credits(draw: st.DrawFn) -> Credit:
    cap = draw(st.integers(1, 100_000))
    below = sorted(draw(st.sets(st.integers(1, 100_000), max_size=4)), reverse=True)
    return Credit(
        opening=draw(st.integers(0, cap)),
        cap=cap,
        restore_points=draw(_CREDIT),
        restore_clean_days=draw(_DAYS),
        bans=tuple(Ban(each, draw(_DAYS)) for each in below),
    )


@st.composite
def _benefits(draw: st.DrawFn, levels: tuple[str, ...]) -> tuple[Benefit, ...]:
    found = []
    for key in draw(st.lists(_KEYS, unique=True, max_size=4)):
        lowest = draw(st.sampled_from((EVERYONE, *levels)))
        above = levels[levels.index(lowest) :] if lowest in levels else levels
        highest = draw(st.none() | st.sampled_from(above))
        family = draw(st.sampled_from(FAMILIES))
        found.append(Benefit(key, family, lowest, highest, draw(_TEXTS), draw(_SOURCES)))
    return tuple(found)


@st.composite
def _violations(draw: st.DrawFn) -> tuple[ViolationKind, ...]:
    kinds = draw(st.lists(st.sampled_from(VIOLATION_KINDS), unique=True))
    measures = st.lists(st.sampled_from(MEASURES), unique=True).map(tuple)
    return tuple(ViolationKind(kind, draw(_TEXTS), draw(_CREDIT), draw(measures)) for kind in kinds)


@st.composite
def _rulebooks(draw: st.DrawFn) -> Rulebook:
    above = sorted(draw(st.sets(_numbers(1, 10_000, 2), max_size=8)))
    levels = tuple(
        Level(f"V{number}", total, draw(_CAPS), draw(_FOLLOWERS))
        for number, total in enumerate([Decimal(0), *above], start=1)
    )
    points = _numbers(0, 10_000, 2)
    return Rulebook(
        version=draw(_LINES),
        effective_from=f"{draw(st.integers(2000, 2099))}-{draw(st.integers(1, 12)):02}",
        title=draw(_TEXTS),
        stages=Stages(
            draw(st.integers(0, 120)), draw(points), draw(_CREDIT), draw(_CAPS), draw(_FOLLOWERS)
        ),
        bonus_cap=draw(points),
        credit=draw(_credits()),
        appeals=Appeals(draw(_DAYS), draw(st.booleans())),
        bindings=Bindings(draw(_DAYS)),
        gate=Gate(draw(_numbers(0, 1))),
        star_plan=StarPlan(draw(_DAYS), draw(_DAYS), draw(_DAYS)),
        indicators=tuple(
            Indicator(key, DIMENSION_OF[key], draw(_SOURCES), draw(_knots()))
            for key in INDICATOR_KEYS
        ),
        levels=levels,
        benefits=draw(_benefits(tuple(level.key for level in levels))),
        violations=draw(_violations()),
    )
