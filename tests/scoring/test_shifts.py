"""What moved most between two months: the sentence of home, by its figures."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.queries.shifts import Shift, shift_of
from scoring.rulebook import INDICATOR_KEYS, Rulebook, parse
from scoring.rulebook_versions import DEFAULT
from scoring.waterfall import Step, Waterfall

RULEBOOK: Rulebook = parse(DEFAULT.read_text(encoding="utf-8"))


def moved(*, cap: str = "0", rules: str = "0", **changes: str) -> Shift | None:
    steps = tuple(Step(key, Decimal(changes.get(key, "0"))) for key in INDICATOR_KEYS)
    parts = Decimal(rules) + Decimal(cap) + sum((each.points for each in steps), start=Decimal(0))
    return shift_of(
        RULEBOOK,
        Waterfall(
            start=Decimal(500),
            rules=Decimal(rules),
            rule_steps=(),
            rule_cap=Decimal(0),
            steps=steps,
            cap=Decimal(cap),
            end=Decimal(500) + parts,
        ),
    )


def told(shift: Shift | None) -> tuple[str, Decimal, str, Decimal, str]:
    assert shift is not None
    return shift.dimension, shift.change, shift.indicator, shift.indicator_change, shift.share


def test_the_shift_goes_the_way_of_the_total() -> None:
    assert told(moved(settled_amount="-9", l5_creators="-2", reputation="10.5")) == (
        "operating",
        Decimal(-11),
        "settled_amount",
        Decimal(-9),
        "most",
    )
    assert told(moved(settled_amount="-9", reputation="10.5")) == (
        "service",
        Decimal("10.5"),
        "reputation",
        Decimal("10.5"),
        "all",
    )


@pytest.mark.parametrize(
    ("first", "others", "share"),
    [
        ("9", ("0", "0"), "all"),
        ("9", ("8.99", "0"), "most"),
        ("9", ("9", "0"), "part"),
        ("4", ("3", "3"), "part"),
        ("9", ("-0.01", "0"), "over"),
        ("-9", ("-8.99", "0"), "most"),
        ("-9", ("0.01", "0"), "over"),
    ],
)
def test_most_is_more_than_half_and_at_most_all(
    first: str, others: tuple[str, str], share: str
) -> None:
    shift = moved(settled_amount=first, settled_orders=others[0], l5_creators=others[1])
    assert shift is not None
    assert (shift.indicator, shift.share) == ("settled_amount", share)


def test_what_moved_furthest_against_it_is_named() -> None:
    shift = moved(settled_amount="30", settled_orders="-10", l5_creators="-12")
    assert shift is not None
    assert (shift.change, shift.share) == (8, "over")
    assert (str(shift.against), shift.against_change) == ("Creators at L5 and above", -12)


def test_the_bonus_cap_can_move_against_the_bonus() -> None:
    shift = moved(worry_free_orders="40", cap="-15")
    assert told(shift) == ("bonus", Decimal(25), "worry_free_orders", Decimal(40), "over")
    assert shift is not None
    assert (str(shift.against), shift.against_change) == ("Bonus cap", -15)


def test_what_changed_rules_did_is_not_in_it() -> None:
    assert moved(rules="-25") is None
    assert told(moved(rules="-25", reputation="3"))[:2] == ("service", Decimal(3))


def test_without_a_change_nothing_moved() -> None:
    assert moved() is None


def test_where_the_total_stayed_the_larger_move_counts() -> None:
    shift = moved(settled_amount="-9", reputation="4", showcase_share="5")
    assert told(shift)[:2] == ("operating", Decimal(-9))


@given(st.dictionaries(st.sampled_from(INDICATOR_KEYS), st.integers(-300, 300), max_size=9))
def test_a_shift_never_tells_the_wrong_way(changes: dict[str, int]) -> None:
    shift = moved(**{key: str(value) for key, value in changes.items()})
    total = sum(changes.values())
    if shift is None:
        assert total == 0
        return
    assert shift.change * total >= 0
    assert shift.change * shift.indicator_change > 0
    assert (shift.share == "over") <= (shift.against is not None)
