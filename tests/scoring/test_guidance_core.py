"""The ways to a level: they reach it, nothing of them can be spared, nothing cheaper was missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.guidance import (
    DECIMALS,
    Goal,
    Obstacle,
    Part,
    Way,
    goals,
    holding,
    on_grid,
    worth_telling,
)
from scoring.points import level_for, score
from scoring.rulebook import INDICATOR_KEYS, Indicator, Knot, Level, Rulebook
from tests.scoring.test_points import BOOK

Values = dict[str, Decimal | None]

START: Values = {
    "settled_amount": Decimal("1234567.89"),
    "settled_orders": Decimal(12345),
    "l5_creators": Decimal(7),
    "live_minutes_per_creator_day": Decimal("87.6145"),
    "showcase_share": Decimal("0.1"),
    "showcase_creators": Decimal(13),
    "good_goods_share": Decimal("0.19"),
    "reputation": Decimal("4.65"),
    "worry_free_orders": Decimal(4321),
}
SHARES = {"showcase_share": Decimal(1), "good_goods_share": Decimal(1)}
LIMITS = {**SHARES, "reputation": Decimal(5), "live_minutes_per_creator_day": Decimal(1440)}


def ways_to(level: str, values: Values, **wanted: Any) -> Goal:
    found = goals(BOOK, values, **{"most": LIMITS, "credit": 120, **wanted})
    return next(goal for goal in found if goal.level.key == level)


def after(values: Mapping[str, Decimal | None], way: Way) -> Values:
    return {**values, **{part.key: part.target for part in way.parts}}


def holds(book: Rulebook, values: Mapping[str, Decimal | None], level: Level) -> bool:
    """What a way promises, asked of the scoring itself."""
    result = score(book, values)
    return result.total >= level.min_total and result.service >= book.stages.service_floor


def one_less(key: str, value: Decimal, base: Decimal | None) -> Decimal | None:
    lower = value - Decimal(1).scaleb(-DECIMALS[key])
    return None if base is None and lower < 0 else lower


def assert_exact(book: Rulebook, values: Values, goal: Goal) -> None:
    """Every way reaches its level, and one smallest unit less of any part does not."""
    for way in goal.ways:
        reached = after(values, way)
        assert holds(book, reached, goal.level)
        assert score(book, reached).total == way.total
        for part in way.parts:
            less = {**reached, part.key: one_less(part.key, part.target, values[part.key])}
            assert not holds(book, less, goal.level), part


# --- by example ---


def test_points_missing_are_those_of_the_cut_off() -> None:
    found = goals(BOOK, START, most=LIMITS, credit=120)
    assert [(goal.level.key, str(goal.missing), goal.reached) for goal in found] == [
        ("V1", "0.00", True),
        ("V2", "0.00", True),
        ("V3", "0.00", True),
        ("V4", "58.89", False),
        ("V5", "208.89", False),
    ]


def test_a_single_indicator_rises_exactly_as_far_as_needed() -> None:
    goal = ways_to("V4", START)
    alone = {way.parts[0].key: way.parts[0].target for way in goal.ways if len(way.parts) == 1}
    # 102.93 + 58.89 = 161.82 points: 5,000,000 + 11.815 / 40 × 15,000,000
    assert alone["settled_amount"] == Decimal("9430625.00")
    assert_exact(BOOK, START, goal)


def test_the_cheapest_way_stands_first() -> None:
    goal = ways_to("V4", START)
    efforts = [way.effort for way in goal.ways]
    assert efforts == sorted(efforts)
    assert all(1 <= len(way.parts) <= 2 for way in goal.ways)


def test_effort_is_the_rise_by_what_is_there_today() -> None:
    amounts = [
        part
        for way in ways_to("V4", START).ways
        for part in way.parts
        if part.key == "settled_amount"
    ]
    base = Fraction("1234567.89")
    assert amounts
    for part in amounts:
        assert part.effort == (Fraction(part.target) - base) / base


def test_effort_of_a_reputation_counts_from_where_its_points_begin() -> None:
    goal = ways_to("V4", {**START, "reputation": Decimal("4.2")})
    parts = [part for way in goal.ways for part in way.parts if part.key == "reputation"]
    assert parts
    for part in parts:
        assert part.effort == (Fraction(part.target) - Fraction("4.2")) / Fraction("1.2")


def test_effort_from_nothing_is_measured_by_the_first_knot_that_earns() -> None:
    goal = ways_to("V4", {**START, "worry_free_orders": Decimal(0), "l5_creators": Decimal(7)})
    parts = [part for way in goal.ways for part in way.parts if part.key == "worry_free_orders"]
    assert parts
    for part in parts:
        assert part.effort == Fraction(part.target) / 1000


@pytest.mark.parametrize("reputation", [None, Decimal(0), Decimal("2.9999"), Decimal(3)])
def test_effort_below_where_points_begin_is_measured_from_there(
    reputation: Decimal | None,
) -> None:
    part = ways_to("V1", {**START, "reputation": reputation}).ways[0].parts[0]
    assert (part.key, part.base, part.target) == ("reputation", reputation, Decimal("4.3000"))
    # from 3 to 4.3, measured by the first knot that earns: 4
    assert part.effort == Fraction("1.3")


def test_effort_after_refunds_is_measured_from_nothing() -> None:
    goal = ways_to("V4", {**START, "settled_amount": Decimal("-50.00")})
    parts = [part for way in goal.ways for part in way.parts if part.key == "settled_amount"]
    assert parts
    for part in parts:
        assert part.effort == Fraction(part.target) / 100_000
    assert_exact(BOOK, {**START, "settled_amount": Decimal("-50.00")}, goal)


def test_credit_below_its_floor_leaves_no_way_to_any_level() -> None:
    found = goals(BOOK, START, most=LIMITS, credit=79)
    assert {goal.obstacle for goal in found} == {Obstacle.CREDIT}
    assert not any(goal.reached or goal.ways for goal in found)


def test_credit_exactly_on_its_floor_is_enough() -> None:
    assert ways_to("V4", START, credit=80).ways


def test_service_below_its_floor_is_part_of_every_way() -> None:
    values = {**START, "reputation": Decimal("4.2")}
    found = goals(BOOK, values, most=LIMITS, credit=120)
    lowest = found[0]
    assert lowest.service_missing == Decimal("10.00")
    assert [(part.key, part.target) for part in lowest.ways[0].parts] == [
        ("reputation", Decimal("4.3000"))
    ]
    for goal in found:
        assert not goal.reached
        assert_exact(BOOK, values, goal)
        for way in goal.ways:
            assert "reputation" in {part.key for part in way.parts}


def test_a_service_floor_beyond_the_limit_leaves_no_way() -> None:
    values = {**START, "reputation": Decimal("4.2")}
    goal = ways_to("V1", values, most={**LIMITS, "reputation": Decimal("4.2999")})
    assert (goal.obstacle, goal.ways) == (Obstacle.SERVICE, ())


def test_without_a_reputation_the_way_begins_with_one() -> None:
    goal = ways_to("V1", {**START, "reputation": None})
    part = goal.ways[0].parts[0]
    assert (part.key, part.base, part.target) == ("reputation", None, Decimal("4.3000"))


def test_a_level_that_everything_at_its_limit_misses_is_out_of_reach() -> None:
    limits = {key: value for key, value in START.items() if key != "settled_amount"}
    goal = ways_to("V5", START, most=limits)
    assert (goal.obstacle, goal.ways) == (Obstacle.BOUNDS, ())


def test_a_level_that_takes_three_indicators_says_so() -> None:
    nothing: Values = {**dict.fromkeys(INDICATOR_KEYS, Decimal(0)), "reputation": Decimal("4.8")}
    goal = ways_to("V5", nothing)
    assert (goal.obstacle, goal.ways) == (Obstacle.MANY, ())


def test_the_binding_cap_limits_creators() -> None:
    goal = ways_to("V4", START, most={**LIMITS, "l5_creators": Decimal(9)})
    targets = [p.target for way in goal.ways for p in way.parts if p.key == "l5_creators"]
    assert targets
    assert all(target <= 9 for target in targets)


def test_the_bonus_is_worth_no_more_than_its_cap() -> None:
    book = replace(BOOK, bonus_cap=Decimal(50))
    found = goals(book, START, most=LIMITS, credit=120)
    for goal in found:
        assert_exact(book, START, goal)
        for way in goal.ways:
            assert score(book, after(START, way)).bonus <= 50


def test_a_value_finer_than_its_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        goals(BOOK, {**START, "l5_creators": Decimal("7.5")}, most=LIMITS, credit=120)


def test_holding_names_the_least_value_that_keeps_the_level() -> None:
    level = level_for(BOOK, score(BOOK, START).total)
    found = {each.key: each.least for each in holding(BOOK, START, level)}
    assert found["reputation"] == Decimal("4.3000")
    for key, least in found.items():
        if least is None:
            assert holds(BOOK, {**START, key: Decimal(0)}, level)
        else:
            assert holds(BOOK, {**START, key: least}, level)
            assert not holds(BOOK, {**START, key: one_less(key, least, None)}, level)


@pytest.mark.parametrize(
    ("key", "value", "rounded"),
    [
        ("settled_amount", Fraction(1, 3), "0.33"),
        ("settled_amount", Fraction(1, 200), "0.01"),
        ("settled_orders", Fraction(7, 2), "4"),
        ("showcase_share", Fraction(1, 3), "0.333333"),
    ],
)
def test_a_pace_is_rounded_half_up_to_the_unit(key: str, value: Fraction, rounded: str) -> None:
    assert str(on_grid(key, value)) == rounded


# --- by property, under the default rulebook ---


@st.composite
def bases(draw: st.DrawFn) -> Values:
    return {
        "settled_amount": draw(st.decimals(-(10**5), 10**8, places=2)),
        "settled_orders": Decimal(draw(st.integers(0, 10**6))),
        "l5_creators": Decimal(draw(st.integers(0, 60))),
        "live_minutes_per_creator_day": draw(st.decimals(0, 200, places=4)),
        "showcase_share": draw(st.decimals(0, 1, places=6)),
        "showcase_creators": Decimal(draw(st.integers(0, 120))),
        "good_goods_share": draw(st.decimals(0, 1, places=6)),
        "reputation": draw(st.none() | st.decimals("2.5", 5, places=4)),
        "worry_free_orders": Decimal(draw(st.integers(0, 10**5))),
    }


def cheapest(goal: Goal) -> Fraction | None:
    return goal.ways[0].effort if goal.ways else None


@settings(max_examples=60)
@given(bases(), st.integers(0, 150), st.integers(0, 80))
def test_every_way_reaches_its_level_and_nothing_of_it_can_be_spared(
    values: Values, credit: int, cap: int
) -> None:
    most = {**LIMITS, "l5_creators": Decimal(cap), "showcase_creators": Decimal(cap)}
    found = goals(BOOK, values, most=most, credit=credit)
    for goal in found:
        assert goal.reached == (holds(BOOK, values, goal.level) and credit >= 80)
        assert goal.reached + bool(goal.ways) + (goal.obstacle is not None) == 1
        assert (goal.obstacle is Obstacle.CREDIT) == (credit < 80)
        assert_exact(BOOK, values, goal)
        for way in goal.ways:
            for part in way.parts:
                assert part.key not in most or part.target <= most[part.key]
    ordered = [cheapest(goal) for goal in found if not goal.reached]
    reachable = [effort for effort in ordered if effort is not None]
    assert ordered[: len(reachable)] == reachable
    assert reachable == sorted(reachable)


@settings(max_examples=60)
@given(bases(), st.decimals("4.3", 5, places=4))
def test_what_holds_a_level_is_the_least_that_does(values: Values, reputation: Decimal) -> None:
    values["reputation"] = reputation
    level = level_for(BOOK, score(BOOK, values).total)
    assert holds(BOOK, values, level)
    for each in holding(BOOK, values, level):
        assert each.value == values[each.key]
        if each.least is None:
            nothing = None if each.key == "reputation" else Decimal(0)
            assert holds(BOOK, {**values, each.key: nothing}, level)
            continue
        assert each.least <= each.value
        assert holds(BOOK, {**values, each.key: each.least}, level)
        less = one_less(each.key, each.least, None)
        assert not holds(BOOK, {**values, each.key: less}, level)


# --- against trying everything, on small grids ---

MOST_POSITIONS = 10


@st.composite
def small_books(draw: st.DrawFn) -> Rulebook:
    """A rulebook whose curves rise within a few units, so that every position can be tried."""
    indicators = []
    for each in BOOK.indicators:
        unit = Decimal(1).scaleb(-DECIMALS[each.key])
        places = sorted(draw(st.sets(st.integers(0, MOST_POSITIONS), min_size=1, max_size=4)))
        heights = st.decimals(0, 40, places=draw(st.sampled_from([0, 3])))
        points = sorted(draw(st.lists(heights, min_size=len(places), max_size=len(places))))
        knots = tuple(Knot(p * unit, h) for p, h in zip(places, points, strict=True))
        indicators.append(Indicator(each.key, each.dimension, "D", knots))
    cuts = sorted(draw(st.sets(st.decimals(1, 250, places=2), min_size=2, max_size=2)))
    levels = tuple(
        Level(f"V{n}", cut, None, None) for n, cut in enumerate([Decimal(0), *cuts], start=1)
    )
    stages = replace(BOOK.stages, service_floor=draw(st.decimals(0, 40, places=1)))
    cap = draw(st.decimals(0, 40, places=2))
    return replace(BOOK, indicators=tuple(indicators), levels=levels, stages=stages, bonus_cap=cap)


@st.composite
def small_bases(draw: st.DrawFn) -> Values:
    positions = st.integers(0, MOST_POSITIONS)
    values: Values = {
        key: Decimal(draw(positions)).scaleb(-DECIMALS[key]) for key in INDICATOR_KEYS
    }
    if draw(st.booleans()):
        values["reputation"] = None
    return values


def every_value(book: Rulebook, key: str, base: Decimal | None, most: Decimal | None) -> Any:
    """The base and everything above it that can matter, up to the limit."""
    unit = Decimal(1).scaleb(-DECIMALS[key])
    last = book.indicator(key).knots[-1].value
    top = last if most is None else min(last, most)
    at = Decimal(0) if base is None else base + unit
    found: list[Decimal | None] = [base]
    while at <= top:
        found.append(at)
        at += unit
    return found


def measured(book: Rulebook, key: str, base: Decimal | None, value: Decimal | None) -> Fraction:
    """The effort as the rules put it, in fractions of the indicator's own unit."""
    knots = book.indicator(key).knots
    earning = next((n for n, knot in enumerate(knots) if knot.points > knots[0].points), 0)
    zero, first = Fraction(knots[max(earning - 1, 0)].value), Fraction(knots[earning].value)
    unit = Fraction(1, 10 ** DECIMALS[key])
    begun = -unit if base is None else Fraction(base)
    ended = -unit if value is None else Fraction(value)
    rise = max(ended, zero) - max(begun, zero)
    return rise / max(begun - zero, first - zero, unit)


def least_effort(
    book: Rulebook, values: Values, most: Mapping[str, Decimal], level: Level
) -> Fraction | None:
    """The least effort that raises two indicators at most, besides reputation to its floor."""
    floor = [
        each
        for each in every_value(book, "reputation", values["reputation"], most.get("reputation"))
        if score(book, {**values, "reputation": each}).service >= book.stages.service_floor
    ]
    if not floor:
        return None
    started = {**values, "reputation": floor[0]}
    ranges = {
        key: floor if key == "reputation" else every_value(book, key, values[key], most.get(key))
        for key in INDICATOR_KEYS
    }
    efforts = [
        sum((measured(book, key, values[key], tried[key]) for key in INDICATOR_KEYS), Fraction(0))
        for one, two in combinations(INDICATOR_KEYS, 2)
        for a, b in product(ranges[one], ranges[two])
        if holds(book, tried := {**started, one: a, two: b}, level)
    ]
    return min(efforts, default=None)


@settings(max_examples=40)
@given(small_books(), small_bases(), st.integers(0, MOST_POSITIONS))
def test_no_cheaper_way_exists_where_everything_can_be_tried(
    book: Rulebook, values: Values, cap: int
) -> None:
    most = {"l5_creators": Decimal(cap), "showcase_share": Decimal(cap).scaleb(-6)}
    goal = goals(book, values, most=most, credit=120)[-1]
    assume(not goal.reached)
    assert_exact(book, values, goal)
    assert cheapest(goal) == least_effort(book, values, most, goal.level)


def way(**efforts: str) -> Way:
    parts = tuple(
        Part(key, Decimal(1), Decimal(2), Fraction(effort)) for key, effort in efforts.items()
    )
    return Way(parts, Decimal(550))


def test_a_pair_that_hardly_saves_anything_is_not_told() -> None:
    single = way(reputation="0.2")
    little = way(settled_amount="0.001", reputation="0.181")
    much = way(settled_orders="0.08", reputation="0.1")
    other = way(settled_amount="0.3", showcase_share="0.1")
    assert worth_telling([much, little, single, other]) == (much, single, other)


def test_of_ways_that_read_alike_the_simpler_one_stands_first() -> None:
    pair = way(settled_amount="0.0999", showcase_share="0.0999")
    single = way(reputation="0.2")
    assert worth_telling([pair, single]) == (single, pair)
