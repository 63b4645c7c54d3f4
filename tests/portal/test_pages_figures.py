"""Figures: compact at a glance, exact on demand, never through binary floating point."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from portal.templatetags.figures import compact, exact, figures_apart, signed, signed_compact


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        ("0", "0", "0"),
        ("9999", "9,999", "9,999"),
        ("10000", "1.00万", "10.00K"),
        ("12345", "1.23万", "12.35K"),
        ("-12345", "−1.23万", "−12.35K"),
        ("999994.99", "100.00万", "999.99K"),
        ("999995", "100.00万", "1.00M"),
        ("99999999", "1.00亿", "100.00M"),
        ("99994999.99", "9,999.50万", "99.99M"),
        ("123456789012", "1,234.57亿", "123.46B"),
    ],
)
def test_large_numbers_are_short(value: str, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert compact(Decimal(value), "count") == zh
    with translation.override("en"):
        assert compact(Decimal(value), "count") == en


@pytest.mark.parametrize(
    ("value", "unit", "short", "full"),
    [
        ("1234567.89", "yuan", "¥1.23M", "¥1,234,567.89"),
        ("-1234567.89", "yuan", "−¥1.23M", "−¥1,234,567.89"),
        ("0.00", "yuan", "¥0.00", "¥0.00"),
        ("0.123456", "share", "12.35%", "12.3456%"),
        ("0.300000", "share", "30.00%", "30%"),
        ("4.6500", "mean", "4.65", "4.65"),
        ("4.6543", "mean", "4.65", "4.6543"),
        ("4.65", "rating", "4.6500", "4.6500"),
        ("87.6145", "minutes", "87.6 min", "87.6145 min"),
        ("634.01", "points", "634.01", "634.01"),
        ("1100", "points", "1,100.00", "1,100.00"),
        ("1000", "count", "1,000", "1,000"),
    ],
)
def test_each_unit_has_its_form(value: str, unit: str, short: str, full: str) -> None:
    with translation.override("en"):
        assert compact(Decimal(value), unit) == short
        assert exact(Decimal(value), unit) == full


def test_a_missing_figure_is_a_dash() -> None:
    assert compact(None, "yuan") == exact(None, "share") == signed(None) == "–"


@pytest.mark.parametrize(
    ("value", "text"), [("12.30", "+12.30"), ("-12.30", "−12.30"), ("0.00", "0.00")]
)
def test_changes_carry_their_sign(value: str, text: str) -> None:
    assert signed(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("0.0012", "mean", "+0.0012"),
        ("-0.0012", "mean", "−0.0012"),
        ("-0.0062", "mean", "−0.01"),
        ("0.0010", "rating", "+0.0010"),
        ("0.0167", "minutes", "+0.0167 min"),
        ("0", "mean", "0.00"),
    ],
)
def test_a_change_never_reads_as_none(value: str, unit: str, text: str) -> None:
    with translation.override("en"):
        assert signed_compact(Decimal(value), unit) == text


@pytest.mark.parametrize(
    ("before", "now", "unit", "text"),
    [
        ("30.0000", "30.0167", "minutes", "30 min → 30.0167 min"),
        ("30.0000", "30.0000", "minutes", "30.0 min → 30.0 min"),
        ("4.4073", "4.4083", "rating", "4.4073 → 4.4083"),
        ("9", "10", "count", "9 → 10"),
    ],
)
def test_two_figures_that_differ_read_differently(
    before: str, now: str, unit: str, text: str
) -> None:
    with translation.override("en"):
        told = figures_apart(Decimal(before), Decimal(now), unit)
    assert re.sub(r"<[^>]+>", "", told) == text


def test_the_exact_figure_is_in_the_title() -> None:
    template = Template("{% load figures %}{% figure value 'yuan' %}")
    with translation.override("zh-hans"):
        assert template.render(Context({"value": Decimal("1234567.89")})) == (
            '<data value="1234567.89" title="¥1,234,567.89">¥123.46万</data>'
        )
        assert template.render(Context({"value": Decimal("12.50")})) == "¥12.50"


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=4, allow_nan=False))
def test_the_exact_figure_loses_nothing(value: Decimal) -> None:
    text = exact(value, "count").replace(",", "").replace("−", "-")
    assert Decimal(text) == value


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_count_is_grouped_by_thousands(language: str) -> None:
    page = Template("{% load figures %}{{ n }} {{ n|exact }}")
    with translation.override(language):
        assert page.render(Context({"n": 12345})) == "12,345 12,345"
