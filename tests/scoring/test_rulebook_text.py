"""A rulebook as the text of its file: read again, it is the same one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings

from scoring.queries.rules.clause import default_rulebook
from scoring.rulebook import Rulebook, Text, parse
from scoring.rulebook_text import toml_of
from tests.factories.rulebooks import any_rulebook, rules, with_knots


@settings(max_examples=40)
@given(any_rulebook())
def test_what_is_written_reads_as_the_same_rulebook(book: Rulebook) -> None:
    assert parse(toml_of(book)) == book


def test_the_default_rulebook_is_written_once_and_for_all() -> None:
    written = toml_of(default_rulebook())
    assert parse(written) == default_rulebook()
    assert toml_of(parse(written)) == written


def test_numbers_have_all_their_digits_and_no_exponent() -> None:
    pairs = ("-0.000001", "0"), ("1E+5", "0.000001"), ("999999999999999", "10000")
    written = toml_of(with_knots(rules(), "settled_amount", *pairs))
    assert (
        "    [-0.000001, 0],\n    [100000, 0.000001],\n    [999999999999999, 10000],\n" in written
    )


def test_no_limit_is_no_key() -> None:
    stages = replace(rules().stages, binding_cap=None, followers_below=None)
    section = toml_of(rules(stages=stages)).partition("[stages]\n")[2].partition("\n\n")[0]
    assert section == "novice_months = 2\nservice_floor = 140\ncredit_floor = 80"


def test_words_that_look_like_the_file_stay_words() -> None:
    title = Text('"引号" \\ [', "[[levels]] # no comment, no = sign [1, 2]")
    book = rules(title=title, bonus_cap=Decimal("60.50"))
    assert parse(toml_of(book)) == book
