"""The order of the boards: each rule on its own, and that there is always exactly one order."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rankings.order import Candidate, change, growth_order, strength_order

STRENGTH = ("total", "operating", "settled_amount")
GROWTH = ("growth", "growth_rise", "showcase_amount")
BOARDS = [(strength_order, STRENGTH), (growth_order, GROWTH)]

Order = Callable[[list[Candidate]], list[Candidate]]


def candidate(code: str, **numbers: str) -> Candidate:
    usual = dict.fromkeys(STRENGTH + GROWTH, Decimal(0))
    given_numbers = {name: Decimal(number) for name, number in numbers.items()}
    return Candidate(agency_id=1, code=code, **(usual | given_numbers))


def codes(candidates: list[Candidate]) -> list[str]:
    return [each.code for each in candidates]


# Few distinct numbers, so that every rule of the order gets its ties.
few = st.sampled_from([Decimal("-1.50"), Decimal(0), Decimal("0.00"), Decimal("700.01")])
boards = st.dictionaries(
    st.text("AZaz09_-", min_size=1, max_size=3), st.tuples(*[few] * 6), max_size=12
).map(
    lambda rows: [
        Candidate(position, code, *numbers) for position, (code, numbers) in enumerate(rows.items())
    ]
)


@pytest.mark.parametrize(("order", "fields"), BOARDS)
def test_an_earlier_field_outweighs_the_later_ones(order: Order, fields: tuple[str, ...]) -> None:
    first, second, third = fields
    found = order(
        [
            candidate("A", **{first: "500.00", second: "1.00", third: "1.00"}),
            candidate("B", **{first: "500.00", second: "1.00", third: "2.00"}),
            candidate("C", **{first: "500.00", second: "2.00", third: "0.00"}),
            candidate("D", **{first: "500.01", second: "0.00", third: "0.00"}),
        ]
    )
    assert codes(found) == ["D", "C", "B", "A"]


@pytest.mark.parametrize(("order", "fields"), BOARDS)
def test_the_fields_of_the_other_board_do_not_count(order: Order, fields: tuple[str, ...]) -> None:
    foreign = {name: "900.00" for name in STRENGTH + GROWTH if name not in fields}
    assert codes(order([candidate("B", **foreign), candidate("A")])) == ["A", "B"]


@pytest.mark.parametrize(("order", "_fields"), BOARDS)
def test_codes_compare_by_code_point(order: Order, _fields: tuple[str, ...]) -> None:
    mixed = [candidate(code) for code in ("a", "_1", "B", "A-1", "A1", "A", "10", "9", "-")]
    assert codes(order(mixed)) == ["-", "10", "9", "A", "A-1", "A1", "B", "_1", "a"]


def test_a_fall_in_growth_points_stands_behind_no_rise() -> None:
    found = growth_order(
        [
            candidate("A", growth="100.00", growth_rise="-5.00"),
            candidate("B", growth="100.00", growth_rise="0"),
            candidate("C", growth="100.00", growth_rise="12.50"),
        ]
    )
    assert codes(found) == ["C", "B", "A"]


def test_numbers_beyond_any_decimal_context_are_told_apart() -> None:
    long = "9" * 40
    found = strength_order([candidate("A", total=f"{long}.01"), candidate("B", total=f"{long}.02")])
    assert codes(found) == ["B", "A"]


@pytest.mark.parametrize(("order", "fields"), BOARDS)
@given(data=st.data())
def test_neighbours_stand_in_order(
    order: Order, fields: tuple[str, ...], data: st.DataObject
) -> None:
    found = order(data.draw(boards))
    for upper, lower in pairwise(found):
        above = [getattr(upper, field) for field in fields]
        below = [getattr(lower, field) for field in fields]
        assert above > below or (above == below and upper.code < lower.code)


@pytest.mark.parametrize(("order", "_fields"), BOARDS)
@given(data=st.data())
def test_the_order_of_arrival_does_not_matter_and_nobody_is_lost(
    order: Order, _fields: tuple[str, ...], data: st.DataObject
) -> None:
    board = data.draw(boards)
    shuffled = data.draw(st.permutations(board))
    assert order(shuffled) == order(board)
    assert set(order(board)) == set(board)
    assert len(order(board)) == len(board)


@pytest.mark.parametrize(
    ("previous", "rank", "expected"), [(5, 2, 3), (2, 5, -3), (4, 4, 0), (None, 1, None)]
)
def test_change_is_last_month_s_rank_minus_this_one(
    previous: int | None, rank: int, expected: int | None
) -> None:
    assert change(previous, rank) == expected
