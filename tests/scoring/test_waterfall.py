"""Why a total moved: a month worked out by hand, and exactness whatever the rules."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.points import score
from scoring.rulebook import DIMENSION_OF, INDICATOR_KEYS, Indicator, Knot, Rulebook
from scoring.waterfall import Step, waterfall
from tests.scoring.test_points import BOOK

SEPTEMBER: dict[str, Decimal | None] = {
    "settled_amount": Decimal("1000000.00"),  # on a knot: 100
    "settled_orders": Decimal(10_000),  # 50
    "l5_creators": Decimal(5),  # 50
    "live_minutes_per_creator_day": Decimal("60.0000"),  # 50
    "showcase_share": Decimal("0.150000"),  # 90
    "showcase_creators": Decimal(20),  # 60
    "good_goods_share": Decimal("0.300000"),  # 60
    "reputation": Decimal("4.6000"),  # 175
    "worry_free_orders": Decimal(10_000),  # 60
}
OCTOBER = {
    **SEPTEMBER,
    "settled_amount": Decimal("550000.00"),  # halfway from 40 to 100: 70
    "l5_creators": Decimal(4),  # 42.50
    "reputation": None,  # 0
    "worry_free_orders": Decimal(100_000),  # 100
}


def knots_of(book: Rulebook, key: str, *knots: tuple[str, str]) -> Rulebook:
    curve = tuple(Knot(Decimal(value), Decimal(points)) for value, points in knots)
    return replace(
        book,
        indicators=tuple(
            replace(each, knots=curve) if each.key == key else each for each in book.indicators
        ),
    )


def moved(steps: tuple[Step, ...]) -> dict[str, str]:
    return {step.key: str(step.points) for step in steps if step.points}


def test_a_month_under_the_same_rules() -> None:
    fall = waterfall(SEPTEMBER, BOOK, OCTOBER, BOOK)
    assert (fall.start, fall.end) == (Decimal("695.00"), Decimal("522.50"))
    assert moved(fall.steps) == {
        "settled_amount": "-30.00",
        "l5_creators": "-7.50",
        "reputation": "-175.00",
        "worry_free_orders": "40.00",
    }
    assert (fall.rules, fall.rule_cap, fall.cap) == (0, 0, 0)
    assert moved(fall.rule_steps) == {}
    assert [step.key for step in fall.steps] == list(INDICATOR_KEYS)


def test_the_part_of_changed_rules_stands_apart() -> None:
    # reputation 4.6 earns 160 instead of 175; the bonus counts up to 50: of 60 it was, 10 are cut
    harder = knots_of(BOOK, "reputation", ("3", "0"), ("4.6", "160"), ("4.8", "200"))
    fall = waterfall(SEPTEMBER, BOOK, OCTOBER, replace(harder, bonus_cap=Decimal(50)))
    assert fall.rules == Decimal("-25.00")
    assert moved(fall.rule_steps) == {"reputation": "-15.00"}
    assert fall.rule_cap == Decimal("-10.00")
    assert moved(fall.steps) == {
        "settled_amount": "-30.00",
        "l5_creators": "-7.50",
        "reputation": "-160.00",
        "worry_free_orders": "40.00",
    }
    assert fall.cap == Decimal("-40.00")
    assert fall.end == Decimal("472.50")


def test_removed_knots_are_a_change_of_the_rules() -> None:
    flat = knots_of(BOOK, "l5_creators", ("0", "7"))
    fall = waterfall(SEPTEMBER, BOOK, SEPTEMBER, flat)
    assert moved(fall.rule_steps) == {"l5_creators": "-43.00"}
    assert moved(fall.steps) == {}
    assert (fall.rules, fall.end) == (Decimal("-43.00"), Decimal("652.00"))


numbers = st.decimals(-1_000, 1_000_000, places=4)


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    """Rules whose curves have one to five knots, and any cap."""
    curves = []
    for key in INDICATOR_KEYS:
        values = sorted(draw(st.sets(numbers, min_size=1, max_size=5)))
        heights = st.lists(
            st.decimals(0, 500, places=3), min_size=len(values), max_size=len(values)
        )
        knots = zip(values, sorted(draw(heights)), strict=True)
        curves.append(Indicator(key, DIMENSION_OF[key], "D", tuple(Knot(*knot) for knot in knots)))
    return replace(BOOK, indicators=tuple(curves), bonus_cap=draw(st.decimals(0, 300, places=2)))


values = st.fixed_dictionaries({key: st.none() | numbers for key in INDICATOR_KEYS})


@settings(max_examples=60)
@given(values, rulebooks(), values, rulebooks())
def test_the_parts_add_up_exactly_whatever_the_rules(
    before: dict[str, Decimal | None],
    rules_before: Rulebook,
    now: dict[str, Decimal | None],
    rules_now: Rulebook,
) -> None:
    fall = waterfall(before, rules_before, now, rules_now)
    steps = sum((step.points for step in fall.steps), start=Decimal(0))
    assert fall.start == score(rules_before, before).total
    assert fall.end == score(rules_now, now).total
    assert fall.start + fall.rules + steps + fall.cap == fall.end
    by_rules = sum((step.points for step in fall.rule_steps), start=Decimal(0))
    assert by_rules + fall.rule_cap == fall.rules


@settings(max_examples=20)
@given(values, values, rulebooks())
def test_unchanged_rules_have_no_part(
    before: dict[str, Decimal | None], now: dict[str, Decimal | None], rules: Rulebook
) -> None:
    fall = waterfall(before, rules, now, rules)
    assert (fall.rules, fall.rule_cap, moved(fall.rule_steps)) == (0, 0, {})
