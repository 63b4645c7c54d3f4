"""Values, points, stages and levels: the examples of the rules, and properties against them."""

from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scoring.rulebook
from scoring.points import (
    Totals,
    indicator_points,
    indicator_values,
    is_novice,
    level_for,
    level_in,
    percentiles,
    score,
    stage_of,
)
from scoring.rulebook import DIMENSIONS, INDICATOR_KEYS, Indicator, Knot, parse

BOOK = parse(
    (Path(scoring.rulebook.__file__).parent.parent / "rulebooks/default.toml").read_text(
        encoding="utf-8"
    )
)

numbers = st.decimals(-(10**9), 10**9, places=4)


def rounded(number: Fraction, places: int) -> Decimal:
    """The schoolbook half-up rounding of a number that is not negative, by long division."""
    whole, rest = divmod(number.numerator * 10**places, number.denominator)
    if 2 * rest >= number.denominator:
        whole += 1
    return Decimal(f"{whole}e-{places}")


@st.composite
def indicators(draw: st.DrawFn) -> Indicator:
    values = sorted(draw(st.sets(numbers, min_size=1, max_size=7)))
    heights = st.decimals(0, 500, places=3)
    points = sorted(draw(st.lists(heights, min_size=len(values), max_size=len(values))))
    knots = tuple(Knot(value, point) for value, point in zip(values, points, strict=True))
    return Indicator("settled_amount", "operating", "D", knots)


@st.composite
def totals(draw: st.DrawFn) -> Totals:
    amounts = st.integers(-(10**6), 10**13)
    counts = st.integers(0, 10**9)
    orders = draw(counts)
    return Totals(
        settled_cents=draw(amounts),
        showcase_cents=draw(amounts),
        good_goods_cents=draw(amounts),
        settled_orders=draw(counts),
        worry_free_orders=draw(counts),
        live_minutes=draw(counts),
        creator_days=draw(st.integers(0, 10**5)),
        l5_creators=draw(st.integers(0, 10**4)),
        showcase_creators=draw(st.integers(0, 10**4)),
        reputation_points=draw(st.integers(0, 500)) * orders,
        reputation_orders=orders,
    )


def some_totals(**changes: int) -> Totals:
    usual = dict.fromkeys(Totals.__dataclass_fields__, 0)
    return Totals(**(usual | changes))


def reference_points(indicator: Indicator, value: Decimal) -> Decimal:
    knots, at = indicator.knots, Fraction(value)
    if value <= knots[0].value:
        return rounded(Fraction(knots[0].points), 2)
    for left, right in pairwise(knots):
        if value <= right.value:
            part = (at - Fraction(left.value)) / (Fraction(right.value) - Fraction(left.value))
            low, high = Fraction(left.points), Fraction(right.points)
            return rounded(low + part * (high - low), 2)
    return rounded(Fraction(knots[-1].points), 2)


class TestIndicatorValues:
    def test_a_whole_month(self) -> None:
        values = indicator_values(
            Totals(
                settled_cents=300_00,
                showcase_cents=100_00,
                good_goods_cents=200_00,
                settled_orders=12,
                worry_free_orders=7,
                live_minutes=200,
                creator_days=3,
                l5_creators=1,
                showcase_creators=2,
                reputation_points=480 * 10 + 450 * 2,
                reputation_orders=12,
            )
        )
        assert {key: str(value) for key, value in values.items()} == {
            "settled_amount": "300.00",
            "settled_orders": "12",
            "l5_creators": "1",
            "live_minutes_per_creator_day": "66.6667",
            "showcase_share": "0.333333",
            "showcase_creators": "2",
            "good_goods_share": "0.666667",
            "reputation": "4.7500",
            "worry_free_orders": "7",
        }
        assert tuple(values) == INDICATOR_KEYS

    def test_an_empty_month_has_no_reputation_and_zeros(self) -> None:
        values = indicator_values(some_totals())
        assert values.pop("reputation") is None
        assert set(values.values()) == {Decimal(0)}

    @pytest.mark.parametrize(
        ("part", "whole", "share"),
        [
            (1, 2_000_000, "0.000001"),
            (1, 2_000_001, "0.000000"),
            (-5, 100, "0.000000"),
            (101, 100, "1.000000"),
            (50, 0, "0.000000"),
            (50, -100, "0.000000"),
            (-50, -100, "0.000000"),
        ],
    )
    def test_shares_round_half_up_and_stay_within_0_and_1(
        self, part: int, whole: int, share: str
    ) -> None:
        values = indicator_values(
            some_totals(settled_cents=whole, showcase_cents=part, good_goods_cents=part)
        )
        assert str(values["showcase_share"]) == share
        assert str(values["good_goods_share"]) == share

    def test_refunds_can_make_the_amount_negative(self) -> None:
        assert indicator_values(some_totals(settled_cents=-5))["settled_amount"] == Decimal("-0.05")

    def test_half_a_ten_thousandth_rounds_up(self) -> None:
        values = indicator_values(
            some_totals(
                live_minutes=1, creator_days=20_000, reputation_points=1, reputation_orders=200
            )
        )
        assert values["live_minutes_per_creator_day"] == Decimal("0.0001")
        assert values["reputation"] == Decimal("0.0001")

    @given(totals())
    def test_quotients_are_those_of_fractions(self, month: Totals) -> None:
        values = indicator_values(month)
        assert values["settled_amount"] == Fraction(month.settled_cents, 100)
        if month.creator_days:
            live = rounded(Fraction(month.live_minutes, month.creator_days), 4)
            assert values["live_minutes_per_creator_day"] == live
        if month.settled_cents > 0:
            share = Fraction(max(month.showcase_cents, 0), month.settled_cents)
            assert values["showcase_share"] == rounded(min(share, Fraction(1)), 6)
        if month.reputation_orders:
            mean = Fraction(month.reputation_points, month.reputation_orders) / 100
            assert values["reputation"] == rounded(mean, 4)


class TestIndicatorPoints:
    @pytest.mark.parametrize(
        ("key", "value", "points"),
        [
            ("settled_amount", "-12.50", "0.00"),
            ("settled_amount", "1234567.89", "102.93"),
            ("settled_amount", "100000000.01", "220.00"),
            ("l5_creators", "3", "35.00"),
            ("showcase_share", "0.05", "40.00"),
            ("showcase_share", "0.100001", "65.00"),
            ("reputation", "2.99", "0.00"),
            ("reputation", "4.3", "140.00"),
            ("reputation", "4.2999", "139.99"),
            ("worry_free_orders", "50000", "77.78"),
        ],
    )
    def test_of_the_default_rulebook(self, key: str, value: str, points: str) -> None:
        assert str(indicator_points(BOOK.indicator(key), Decimal(value))) == points

    def test_no_value_earns_nothing_even_where_the_curve_starts_above_0(self) -> None:
        indicator = Indicator("reputation", "service", "D", (Knot(Decimal(0), Decimal(5)),))
        assert indicator_points(indicator, None) == 0
        assert indicator_points(indicator, Decimal(-1)) == 5

    def test_half_a_hundredth_rounds_up(self) -> None:
        knots = (Knot(Decimal(0), Decimal(0)), Knot(Decimal(200), Decimal(1)))
        indicator = Indicator("l5_creators", "operating", "D", knots)
        assert indicator_points(indicator, Decimal(1)) == Decimal("0.01")
        assert indicator_points(indicator, Decimal("0.9999")) == Decimal("0.00")

    def test_the_caller_s_decimal_context_changes_nothing(self) -> None:
        value = Decimal("98765432.10")
        expected = indicator_points(BOOK.indicator("settled_amount"), value)
        with localcontext(Context(prec=2)):
            assert indicator_points(BOOK.indicator("settled_amount"), value) == expected
            amount = indicator_values(some_totals(settled_cents=98_765_432_10))["settled_amount"]
            assert str(amount) == "98765432.10"

    @given(indicators(), numbers)
    def test_agree_with_fractions(self, indicator: Indicator, value: Decimal) -> None:
        assert indicator_points(indicator, value) == reference_points(indicator, value)

    @given(indicators(), numbers, numbers)
    def test_never_fall_and_stay_between_first_and_last_knot(
        self, indicator: Indicator, one: Decimal, other: Decimal
    ) -> None:
        low, high = sorted((one, other))
        first = rounded(Fraction(indicator.knots[0].points), 2)
        last = rounded(Fraction(indicator.max_points), 2)
        assert (
            first <= indicator_points(indicator, low) <= indicator_points(indicator, high) <= last
        )

    @given(indicators())
    def test_a_knot_earns_its_own_points(self, indicator: Indicator) -> None:
        for knot in indicator.knots:
            assert indicator_points(indicator, knot.value) == rounded(Fraction(knot.points), 2)


class TestScore:
    def test_the_worked_month(self) -> None:
        result = score(
            BOOK,
            {
                "settled_amount": Decimal("1234567.89"),
                "settled_orders": Decimal(5500),
                "l5_creators": Decimal(3),
                "live_minutes_per_creator_day": Decimal("45.0000"),
                "showcase_share": Decimal("0.100000"),
                "showcase_creators": Decimal(10),
                "good_goods_share": Decimal("0.200000"),
                "reputation": Decimal("4.3000"),
                "worry_free_orders": Decimal(2000),
            },
        )
        assert {key: str(points) for key, points in result.points.items()} == {
            "settled_amount": "102.93",
            "settled_orders": "35.00",
            "l5_creators": "35.00",
            "live_minutes_per_creator_day": "40.00",
            "showcase_share": "65.00",
            "showcase_creators": "40.00",
            "good_goods_share": "42.50",
            "reputation": "140.00",
            "worry_free_orders": "33.33",
        }
        assert [str(getattr(result, each)) for each in DIMENSIONS] == [
            "212.93",
            "147.50",
            "140.00",
            "33.33",
        ]
        assert str(result.total) == "533.76"
        assert level_for(BOOK, result.total).key == "V2"

    def test_the_bonus_is_capped_and_its_indicator_shown_in_full(self) -> None:
        path = Path(scoring.rulebook.__file__).parent.parent / "rulebooks/default.toml"
        text = path.read_text(encoding="utf-8").replace("cap = 100 ", "cap = 60.5 ")
        values = dict.fromkeys(INDICATOR_KEYS, Decimal(0)) | {"worry_free_orders": Decimal(10**5)}
        result = score(parse(text), values)
        assert result.points["worry_free_orders"] == 100
        assert (str(result.bonus), str(result.total)) == ("60.50", "60.50")

    def test_a_month_without_anything_scores_zero_with_two_decimals(self) -> None:
        result = score(BOOK, dict.fromkeys(INDICATOR_KEYS, None))
        assert str(result.total) == "0.00"

    @given(totals())
    def test_sums_are_those_of_the_rounded_parts(self, month: Totals) -> None:
        values = indicator_values(month)
        result = score(BOOK, values)
        for dimension in DIMENSIONS:
            parts = [
                indicator_points(each, values[each.key])
                for each in BOOK.indicators
                if each.dimension == dimension
            ]
            assert getattr(result, dimension) == sum(parts)
            assert getattr(result, dimension) <= BOOK.dimension_max(dimension)
        assert result.total == sum(result.points.values())
        assert result.total.as_tuple().exponent == -2


class TestLevels:
    @pytest.mark.parametrize(
        ("total", "level"),
        [
            ("0.00", "V1"),
            ("399.99", "V1"),
            ("400.00", "V2"),
            ("549.99", "V2"),
            ("550.00", "V3"),
            ("700.00", "V4"),
            ("849.99", "V4"),
            ("850.00", "V5"),
            ("1100.00", "V5"),
        ],
    )
    def test_a_cut_off_reached_exactly_counts(self, total: str, level: str) -> None:
        assert level_for(BOOK, Decimal(total)).key == level

    @given(st.decimals(0, 1100, places=2))
    def test_the_level_is_the_highest_one_reached(self, total: Decimal) -> None:
        reached = [level for level in BOOK.levels if level.min_total <= total]
        assert level_for(BOOK, total) == reached[-1]

    @pytest.mark.parametrize(
        ("stage", "level"), [("assessed", "V3"), ("observation", ""), ("novice", "")]
    )
    def test_unless_assessed_there_is_none(self, stage: str, level: str) -> None:
        assert level_in(BOOK, stage, Decimal(600)) == level


class TestStages:
    @pytest.mark.parametrize(
        ("joined", "month", "novice"),
        [
            (date(2026, 4, 15), date(2026, 4, 1), True),
            (date(2026, 4, 15), date(2026, 5, 1), True),
            (date(2026, 4, 15), date(2026, 6, 1), False),
            (date(2026, 4, 1), date(2026, 5, 1), True),
            (date(2026, 8, 31), date(2026, 9, 1), True),
            (date(2026, 8, 31), date(2026, 10, 1), False),
            (date(2025, 12, 31), date(2026, 1, 1), True),
            (date(2025, 12, 31), date(2026, 2, 1), False),
        ],
    )
    def test_the_joining_month_is_the_first_novice_month(
        self, joined: date, month: date, novice: bool
    ) -> None:
        assert is_novice(BOOK, joined_on=joined, month=month) is novice

    @pytest.mark.parametrize(
        ("service", "credit", "stage"),
        [
            ("140.00", 80, "assessed"),
            ("139.99", 80, "observation"),
            ("140.00", 79, "observation"),
            ("0.00", 0, "observation"),
            ("200.00", 150, "assessed"),
        ],
    )
    def test_a_floor_reached_exactly_is_reached(
        self, service: str, credit: int, stage: str
    ) -> None:
        found = [
            stage_of(
                BOOK,
                joined_on=joined_on,
                month=date(2026, 6, 1),
                service=Decimal(service),
                credit=credit,
            )
            for joined_on in (date(2026, 4, 15), date(2026, 5, 15))
        ]
        assert found == [stage, "novice"]


class TestPercentiles:
    def test_examples(self) -> None:
        values = [Decimal(5), None, Decimal(1), Decimal("5.0"), Decimal(9)]
        assert [None if each is None else str(each) for each in percentiles(values)] == [
            "33.3",
            None,
            "0.0",
            "33.3",
            "100.0",
        ]

    def test_half_a_tenth_rounds_up(self) -> None:
        found = percentiles([Decimal(each) for each in range(401)])
        assert (found[1], found[3]) == (Decimal("0.3"), Decimal("0.8"))

    def test_a_single_one_stands_at_100_and_nobody_nowhere(self) -> None:
        assert percentiles([None, Decimal(3)]) == [None, Decimal("100.0")]
        assert percentiles([None, None]) == [None, None]
        assert percentiles([]) == []

    @settings(max_examples=60)
    @given(st.lists(st.none() | st.decimals(-5, 5, places=1), max_size=30))
    def test_agree_with_counting(self, values: list[Decimal | None]) -> None:
        known = [value for value in values if value is not None]
        found = percentiles(values)
        assert len(found) == len(values)
        for value, percentile in zip(values, found, strict=True):
            if value is None:
                assert percentile is None
            elif len(known) == 1:
                assert percentile == 100
            else:
                lower = sum(other < value for other in known)
                exact = Decimal(100 * lower) / (len(known) - 1)
                assert percentile == exact.quantize(Decimal("0.1"), ROUND_HALF_UP)
