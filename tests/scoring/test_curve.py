"""The picture of an indicator's curve: every place in it follows from the knots, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.points import indicator_points
from scoring.queries.curve import Curve, Dot, Tick, drawn
from scoring.rulebook import Indicator, Knot


def knots(*pairs: tuple[str, str]) -> tuple[Knot, ...]:
    return tuple(Knot(Decimal(value), Decimal(points)) for value, points in pairs)


def picture(*args: object, **options: object) -> Curve:
    found = drawn(*args, **{"unit": "count", **options})  # type: ignore[arg-type]
    assert found is not None
    return found


def test_without_a_knot_there_is_no_picture() -> None:
    assert drawn((), unit="count", before=knots(("0", "0"))) is None


def test_an_even_axis_is_measured_by_the_values() -> None:
    found = picture(knots(("0", "0"), ("25", "50"), ("100", "100")))
    # from 60 to 334 across, from 204 up to 12
    assert found.line == "44,204 60,204 128.5,108 334,12 350,12"
    assert found.dots == (Dot("60", "204"), Dot("128.5", "108"), Dot("334", "12"))
    assert found.values == (Tick("0", "60"), Tick("25", "128.5"), Tick("100", "334"))
    assert [tick.label for tick in found.points] == ["0", "20", "40", "60", "80", "100"]
    assert [tick.at for tick in found.points] == ["204", "165.6", "127.2", "88.8", "50.4", "12"]
    assert (found.even, found.before) == (True, "")
    assert (found.first, found.last) == knots(("0", "0"), ("100", "100"))


def test_values_far_apart_get_stretches_of_one_width() -> None:
    found = picture(knots(("0", "0"), ("1", "50"), ("100", "100")))
    assert not found.even
    assert found.line == "44,204 60,204 197,108 334,12 350,12"


def test_a_line_bends_where_the_measure_of_the_axis_changes() -> None:
    straight, other = knots(("0", "0"), ("100", "100")), knots(("0", "0"), ("1", "50"))
    found = picture(straight, before=other)
    assert not found.even
    # at 1 the line has 1 point of 100, not the half of the picture's height
    assert found.line == "44,204 60,204 197,202.08 334,12 350,12"
    assert found.before == "44,204 60,204 197,108 334,108 350,108"


def test_the_version_in_force_shares_both_axes() -> None:
    found = picture(knots(("0", "0"), ("50", "50")), before=knots(("0", "20"), ("100", "200")))
    assert found.line == "44,204 60,204 197,156 334,156 350,156"
    assert found.before == "44,184.8 60,184.8 197,98.4 334,12 350,12"
    assert found.dots == (Dot("60", "204"), Dot("197", "156"))


def test_rows_in_any_order_make_one_curve_and_a_fall_is_drawn() -> None:
    found = picture(knots(("100", "10"), ("0", "20"), ("50", "40"), ("50", "30")))
    assert found.line == "44,76 60,76 197,12 334,140 350,140"


def test_a_single_knot_is_a_level_line() -> None:
    found = picture(knots(("6", "0")))
    assert found.line == "44,204 197,204 350,204"
    assert found.values == (Tick("6", "197"),)
    assert [tick.label for tick in found.points] == ["0", "1"]


def test_values_without_room_have_no_words() -> None:
    found = picture(knots(*((str(n), str(n)) for n in range(20))))
    # at 52 units at least from each other, seen from the right
    assert [tick.label for tick in found.values] == ["0", "7", "11", "15", "19"]


@pytest.mark.parametrize(
    ("unit", "english", "chinese"),
    [
        ("yuan", ["¥0", "¥500K", "¥1M"], ["¥0", "¥50万", "¥100万"]),
        ("count", ["0", "500K", "1M"], ["0", "50万", "100万"]),
        ("share", ["0%", "50,000,000%", "100,000,000%"], ["0%", "50,000,000%", "100,000,000%"]),
    ],
)
def test_values_are_written_short_and_exact(
    unit: str, english: list[str], chinese: list[str]
) -> None:
    for language, labels in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            found = picture(knots(("0", "0"), ("500000", "1"), ("1000000", "2")), unit=unit)
        assert [tick.label for tick in found.values] == labels


NUMBERS = st.decimals(0, 10**6, places=2)
CURVES = st.dictionaries(NUMBERS, NUMBERS, min_size=1, max_size=6).map(
    lambda found: tuple(map(Knot, sorted(found), sorted(found.values())))
)


@settings(max_examples=60)
@given(CURVES, CURVES)
def test_the_line_never_falls_and_stays_between_its_axes(
    now: tuple[Knot, ...], before: tuple[Knot, ...]
) -> None:
    found = picture(now, before=before)
    for line in (found.line, found.before):
        places = [tuple(map(Decimal, each.split(","))) for each in line.split(" ")]
        across, up = [x for x, _ in places], [y for _, y in places]
        assert across == sorted(across)
        assert up == sorted(up, reverse=True)
        assert (across[0], across[-1]) == (44, 350)
        assert all(12 <= y <= 204 for y in up)


@settings(max_examples=60)
@given(CURVES)
def test_each_dot_stands_as_high_as_the_points_that_its_value_earns(now: tuple[Knot, ...]) -> None:
    indicator = Indicator("settled_amount", "operating", "D", now)
    most = max(Decimal(1), now[-1].points)
    for knot, dot in zip(now, picture(now).dots, strict=True):
        earned = indicator_points(indicator, knot.value)
        assert abs(Decimal(dot.y) - (204 - 192 * earned / most)) <= Decimal("0.01") * 192
