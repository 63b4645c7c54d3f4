"""The search for ways on curves of many knots: exact, agreeing with trying all, and quick."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.guidance import DECIMALS, goals
from scoring.guidance.pairs import PairSearch
from scoring.guidance.reach import FEW, Reach, reach_of
from scoring.points import indicator_points
from scoring.rulebook import Indicator, Knot, Rulebook
from tests.scoring.test_guidance_core import LIMITS, START, Values, after, holds
from tests.scoring.test_points import BOOK

NOTHING: Values = {key: None if key == "reputation" else Decimal(0) for key in START}
BEGINNER: Values = {
    "settled_amount": Decimal("60000.00"),
    "settled_orders": Decimal(600),
    "l5_creators": Decimal(1),
    "live_minutes_per_creator_day": Decimal("4.0000"),
    "showcase_share": Decimal("0.02"),
    "showcase_creators": Decimal(1),
    "good_goods_share": Decimal("0.02"),
    "reputation": Decimal("4.4"),
    "worry_free_orders": Decimal(200),
}


# --- one curve: positions, points, and back ---


@st.composite
def curves(draw: st.DrawFn) -> Reach:
    """A curve whose knots may lie between positions, whose steps may be flat or steep."""
    key = draw(st.sampled_from(["settled_amount", "l5_creators", "showcase_share", "reputation"]))
    unit = Decimal(1).scaleb(-DECIMALS[key])
    places = draw(st.sets(st.decimals(-5, 300, places=1), min_size=1, max_size=6))
    heights = st.decimals(0, 40, places=draw(st.sampled_from([0, 2, 4])))
    points = sorted(draw(st.lists(heights, min_size=len(places), max_size=len(places))))
    knots = tuple(Knot(p * unit, h) for p, h in zip(sorted(places), points, strict=True))
    base = draw(st.none() | st.integers(-10 if key == "settled_amount" else 0, 310))
    return reach_of(
        Indicator(key, "growth", "D", knots),
        None if base is None else base * unit,
        draw(st.none() | st.integers(0, 320).map(lambda n: n * unit)),
        draw(st.none() | st.decimals(0, 40, places=2)),
    )


@settings(max_examples=150)
@given(curves())
def test_a_position_earns_what_the_scoring_gives_for_its_value(reach: Reach) -> None:
    for position in range(reach.base, reach.top + 3):
        earned = int(indicator_points(reach.indicator, reach.value(position)).scaleb(2))
        assert reach.cents(position) == (earned if reach.cap is None else min(earned, reach.cap))


@settings(max_examples=150)
@given(curves(), st.integers(0, 4100))
def test_the_least_position_is_the_first_that_earns_so_much(reach: Reach, cents: int) -> None:
    enough = (p for p in range(reach.start, reach.top + 1) if reach.cents(p) >= cents)
    assert reach.least(cents) == next(enough, None)


# --- two curves ---


@st.composite
def wide_pairs(draw: st.DrawFn) -> tuple[Reach, Reach]:
    """Two curves of more positions than are all tried, each worth two hundredths or nothing."""
    pair = []
    for key in ("settled_orders", "worry_free_orders"):
        width = draw(st.integers(FEW + 6, 160))
        inner = draw(st.sets(st.integers(1, width - 1), max_size=8))
        places = [0, *sorted(inner), width]
        knots = [Knot(Decimal(0), Decimal(0))]
        for left, right in pairwise(places):
            each = draw(st.integers(2, 30) | st.just(0))
            knots.append(
                Knot(Decimal(right), knots[-1].points + Decimal(each * (right - left)).scaleb(-2))
            )
        curve = Indicator(key, "growth", "D", tuple(knots))
        pair.append(reach_of(curve, Decimal(draw(st.integers(0, 5))), None, None))
    one, other = pair
    return (one, other) if one.top - one.start <= other.top - other.start else (other, one)


def cost(first: Reach, second: Reach, position: int, other: int) -> int:
    return first.rise(position) * second.measure + second.rise(other) * first.measure


@settings(max_examples=100)
@given(wide_pairs(), st.integers(1, 3000))
def test_no_pair_is_cheaper_by_more_than_rounding(pair: tuple[Reach, Reach], short: int) -> None:
    first, second = pair
    together = first.begun + second.begun + short
    ends = {each.key: each.least(each.begun + short) for each in pair}
    alone = {key: end for key, end in ends.items() if end is not None}
    limits = [
        cost(first, second, *(alone[key] if key == each.key else each.start for each in pair))
        for key in alone
    ]
    tried = [
        cost(first, second, position, other)
        for position in range(first.start + 1, first.top + 1)
        if (other := second.least(together - first.cents(position))) is not None
        and other > second.start
    ]
    found = PairSearch(first, second, together, alone).cheapest(None)
    # one smallest unit of each: what the rounding of points to hundredths can be worth here
    rounding = first.measure + second.measure
    if found is None:
        assert not tried or min(tried) >= min(limits) - rounding
        return
    position, other = found
    assert first.cents(position) + second.cents(other) >= together
    assert first.cents(position - 1) + second.cents(other) < together
    assert first.cents(position) + second.cents(other - 1) < together
    assert all(cost(first, second, *found) < limit for limit in limits)
    assert min(tried) <= cost(first, second, *found) <= min(tried) + rounding


# --- 200 knots each ---


def dense(indicator: Indicator, count: int) -> Indicator:
    """The indicator with so many knots as a rulebook may have, where it has as many places."""
    random = Random(indicator.key)
    first, last = indicator.knots[0], indicator.knots[-1]
    decimals = DECIMALS[indicator.key]
    width = int((last.value - first.value).scaleb(decimals))
    places = sorted(random.sample(range(1, width), min(count, width - 1) - 2))
    points = sorted(random.randrange(int(last.points) * 100) for _ in places)
    inner = (
        Knot(first.value + Decimal(place).scaleb(-decimals), Decimal(cents).scaleb(-2))
        for place, cents in zip(places, points, strict=True)
    )
    return replace(indicator, knots=(first, *inner, last))


@pytest.fixture(scope="module")
def dense_book() -> Rulebook:
    return replace(BOOK, indicators=tuple(dense(each, 200) for each in BOOK.indicators))


@pytest.mark.parametrize("values", [START, BEGINNER, NOTHING])
def test_many_knots_keep_every_promise(dense_book: Rulebook, values: Values) -> None:
    found = goals(dense_book, values, most=LIMITS, credit=120)
    assert any(goal.ways for goal in found)
    for goal in found:
        for way in goal.ways:
            assert holds(dense_book, after(values, way), goal.level)


@pytest.mark.parametrize("values", [START, BEGINNER, NOTHING])
def test_many_knots_take_little_time(dense_book: Rulebook, values: Values) -> None:
    goals(dense_book, values, most=LIMITS, credit=120)
    times = []
    for _ in range(5):
        begun = time.process_time()
        goals(dense_book, values, most=LIMITS, credit=120)
        times.append(time.process_time() - begun)
    assert min(times) < 0.02
