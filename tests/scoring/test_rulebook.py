"""The rulebook: the default one says what docs/rules.md says, and a wrong one is refused whole."""

import re
from dataclasses import FrozenInstanceError
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scoring.rulebook
from scoring.rulebook import (
    DIMENSION_OF,
    DIMENSIONS,
    INDICATOR_KEYS,
    VIOLATION_KINDS,
    Ban,
    Fault,
    Indicator,
    Knot,
    Level,
    Rulebook,
    RulebookError,
    Text,
    parse,
)

DEFAULT = (Path(scoring.rulebook.__file__).parent.parent / "rulebooks/default.toml").read_text(
    encoding="utf-8"
)


def faults_of(text: str) -> dict[str, str]:
    with pytest.raises(RulebookError) as caught:
        parse(text)
    return {fault.place: fault.message for fault in caught.value.faults}


def changed(old: str, new: str) -> str:
    assert DEFAULT.count(old) >= 1, f"the default rulebook has no {old!r}"
    return DEFAULT.replace(old, new, 1)


def entry(key: str) -> str:
    """The text of one [[...]] entry of the default rulebook."""
    found = re.search(rf'\[\[\w+\]\]\n(?:key|kind) = "{key}"\n(?:.+\n)+', DEFAULT)
    assert found is not None
    return found[0]


@pytest.fixture(scope="module")
def default() -> Rulebook:
    return parse(DEFAULT)


class TestDefault:
    def test_dimensions_give_the_maxima_of_the_rules(self, default: Rulebook) -> None:
        assert {each: default.dimension_max(each) for each in DIMENSIONS} == {
            "operating": 500,
            "growth": 300,
            "service": 200,
            "bonus": 100,
        }

    @pytest.mark.parametrize(
        ("key", "knots"),
        [
            (
                "settled_amount",
                "0→0, 100000→40, 1000000→100, 5000000→150, 20000000→190, 100000000→220",
            ),
            ("settled_orders", "0→0, 1000→20, 10000→50, 100000→85, 1000000→110"),
            ("l5_creators", "0→0, 1→20, 5→50, 20→80, 50→100"),
            ("live_minutes_per_creator_day", "0→0, 30→30, 60→50, 120→70"),
            ("showcase_share", "0→0, 0.05→40, 0.15→90, 0.30→120"),
            ("showcase_creators", "0→0, 5→30, 20→60, 100→100"),
            ("good_goods_share", "0→0, 0.1→25, 0.3→60, 0.5→80"),
            ("reputation", "3→0, 4→110, 4.4→150, 4.6→175, 4.8→200"),
            ("worry_free_orders", "0→0, 1000→30, 10000→60, 100000→100"),
        ],
    )
    def test_knots(self, default: Rulebook, key: str, knots: str) -> None:
        indicator = default.indicator(key)
        assert [(knot.value, knot.points) for knot in indicator.knots] == [
            tuple(Decimal(number) for number in pair.split("→")) for pair in knots.split(", ")
        ]
        assert indicator.source == "D"

    @pytest.mark.parametrize(
        ("knots", "begin"),
        [
            ("3→0, 4→110", "3"),
            ("0→10, 2→10, 5→10, 8→20", "5"),
            ("1→5, 2→5, 3→5", "2"),
            ("6→7", "6"),
        ],
    )
    def test_points_begin_where_the_curve_first_rises(self, knots: str, begin: str) -> None:
        pairs = (pair.split("→") for pair in knots.split(", "))
        curve = tuple(Knot(Decimal(value), Decimal(points)) for value, points in pairs)
        assert Indicator("reputation", "service", "D", curve).points_begin == Decimal(begin)

    def test_indicators_have_the_order_and_dimensions_of_the_rules(self, default: Rulebook) -> None:
        assert tuple(each.key for each in default.indicators) == INDICATOR_KEYS
        assert {each.key: each.dimension for each in default.indicators} == DIMENSION_OF

    def test_levels(self, default: Rulebook) -> None:
        assert default.levels == (
            Level("V1", Decimal(0), 50, 5_000_000),
            Level("V2", Decimal(400), 200, 5_000_000),
            Level("V3", Decimal(550), None, None),
            Level("V4", Decimal(700), None, None),
            Level("V5", Decimal(850), None, None),
        )
        assert default.level("V4") is default.levels[3]

    def test_stages_credit_and_clocks(self, default: Rulebook) -> None:
        stages, credit, plan = default.stages, default.credit, default.star_plan
        assert (stages.novice_months, stages.credit_floor) == (2, 80)
        assert stages.service_floor == 140
        assert (stages.binding_cap, stages.followers_below) == (20, 5_000_000)
        assert (credit.opening, credit.cap) == (120, 150)
        assert (credit.restore_points, credit.restore_clean_days) == (10, 30)
        assert credit.bans == (Ban(80, 30), Ban(40, 60))
        assert (default.appeals.days, default.appeals.hold_fall) == (15, False)
        assert default.bindings.silence_days == 14
        assert default.gate.max_jump_share == Decimal("0.05")
        assert (plan.preparation_days, plan.trial_days, plan.development_days) == (30, 15, 90)
        assert (default.version, default.effective_from) == ("2026.1", "2000-01")

    def test_benefits_start_where_the_rules_say(self, default: Rulebook) -> None:
        assert {each.key: (each.from_level, each.to_level) for each in default.benefits} == {
            "customer_service": ("everyone", None),
            "growth_community": ("V2", "V3"),
            "key_community": ("V4", None),
            "dedicated_operations": ("V4", None),
            "dedicated_customer_service": ("V4", None),
            "unlimited_creators": ("V3", None),
            "large_creators": ("V3", None),
            "big_promotion_play": ("V4", None),
            "celebrity_live_rooms": ("V4", None),
            "operations_resources": ("V3", None),
            "board_publicity": ("V3", None),
            "honour_publicity": ("V3", None),
        }

    def test_violations(self, default: Rulebook) -> None:
        assert tuple(each.kind for each in default.violations) == VIOLATION_KINDS
        impersonation = default.violations[1]
        assert impersonation.points == 120
        assert impersonation.measures == ("cancel_honours", "removal")
        assert impersonation.title == Text("冒用平台名义", "Impersonation of the platform")


def test_a_rulebook_cannot_be_changed(default: Rulebook) -> None:
    with pytest.raises(FrozenInstanceError):
        default.bonus_cap = Decimal(1)  # type: ignore[misc]


def test_unknown_names_are_key_errors(default: Rulebook) -> None:
    for ask in (default.indicator, default.level, default.dimension_max):
        with pytest.raises(KeyError):
            ask("V9")


def test_numbers_are_exact_however_they_are_written() -> None:
    book = parse(changed("[[0, 0], [0.05, 40]", '[["0", 0], ["0.050000", "40.5"]'))
    assert book.indicator("showcase_share").knots[1].value == Decimal("0.05")
    assert book.indicator("showcase_share").knots[1].points == Decimal("40.5")
    spelled = parse(changed("[1000, 20]", "[1e3, 2_0]")).indicator("settled_orders").knots[1]
    assert (str(spelled.value), str(spelled.points)) == ("1000", "20")


def test_an_indicator_of_one_knot_is_a_constant_and_can_switch_it_off() -> None:
    book = parse(changed("[[0, 0], [30, 30], [60, 50], [120, 70]]", "[[0, 0]]"))
    assert book.dimension_max("operating") == 430


def test_indicators_are_sorted_into_the_order_of_the_rules() -> None:
    moved = DEFAULT.replace(entry("settled_amount"), "") + "\n" + entry("settled_amount")
    assert parse(moved) == parse(DEFAULT)


def test_the_bonus_gives_no_more_than_its_cap() -> None:
    assert parse(changed("cap = 100 ", "cap = 60.5 ")).dimension_max("bonus") == Decimal("60.5")


def test_limits_may_be_absent_and_a_byte_order_mark_or_crlf_does_no_harm() -> None:
    bare = re.sub(r"(?m)^(binding_cap|followers_below) = .*\n", "", DEFAULT)
    book = parse("\ufeff" + bare.replace("\n", "\r\n"))
    assert book.stages.binding_cap is None
    assert {(level.binding_cap, level.followers_below) for level in book.levels} == {(None, None)}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('version = "2026.1"', "version = 2026.1", "version"),
        ('version = "2026.1"', 'version = " "', "version"),
        ('version = "2026.1"', 'version = "a\\u0000b"', "version"),
        ('version = "2026.1"', f'version = "{"9" * 65}"', "version"),
        ('version = "2026.1"', "", "version"),
        ('version = "2026.1"', 'version = "1"\ncolour = "red"', "colour"),
        ('"2000-01"', '"2000-13"', "effective_from"),
        ('"2000-01"', '"2000-1"', "effective_from"),
        ('"2000-01"', '"２000-01"', "effective_from"),
        ('"2000-01"', "2000-01-01", "effective_from"),
        ('zh = "机构等级规则（默认版）"', 'zh = ""', "title.zh"),
        (', en = "Agency level rules (default edition)"', "", "title.en"),
        ("novice_months = 2", "novice_months = true", "stages.novice_months"),
        ("novice_months = 2", "novice_months = 2.0", "stages.novice_months"),
        ("novice_months = 2", "novice_months = -1", "stages.novice_months"),
        ("novice_months = 2", "novice_month = 2", "stages.novice_month"),
        ("novice_months = 2", "novice_month = 2", "stages.novice_months"),
        ("service_floor = 140", "service_floor = true", "stages.service_floor"),
        ("service_floor = 140", 'service_floor = "1e2"', "stages.service_floor"),
        ("service_floor = 140", "service_floor = -0.01", "stages.service_floor"),
        ("service_floor = 140", "service_floor = 139.995", "stages.service_floor"),
        ("binding_cap = 20", "binding_cap = -1", "stages.binding_cap"),
        ("binding_cap = 20", "binding_cap = 2147483648", "stages.binding_cap"),
        ("followers_below = 5000000", "followers_below = 0", "stages.followers_below"),
        ("cap = 100 ", "cap = 99.995 ", "bonus.cap"),
        ("[bonus]\ncap = 100 ", "bonus = 100 ", "stages.bonus"),
        ("opening = 120", "opening = 151", "credit.opening"),
        ("restore_clean_days = 30", "restore_clean_days = 0", "credit.restore_clean_days"),
        ("{ below = 40, days = 60 }", "{ below = 80, days = 60 }", "credit.bans[1].below"),
        ("{ below = 40, days = 60 }", "{ below = 40, days = 0 }", "credit.bans[1].days"),
        ("{ below = 40, days = 60 }", "{ below = 40 }", "credit.bans[1].days"),
        ("{ below = 40, days = 60 }", "40", "credit.bans[1]"),
        ("hold_fall = false", "hold_fall = 0", "appeals.hold_fall"),
        ("silence_days = 14", 'silence_days = "14"', "bindings.silence_days"),
        ("max_jump_share = 0.05", "max_jump_share = 1.01", "gate.max_jump_share"),
        ("max_jump_share = 0.05", "max_jump_share = nan", "gate.max_jump_share"),
        ("trial_days = 15", "trial_days = 4000", "star_plan.trial_days"),
        ('key = "settled_amount"', 'key = "gmv"', "indicators[0].key"),
        ('key = "settled_amount"', 'key = "gmv"', "indicators"),
        ('key = "settled_orders"', 'key = "settled_amount"', "indicators[1].key"),
        ('dimension = "operating"', 'dimension = "growth"', "indicators[0].dimension"),
        ('dimension = "operating"', "dimension = []", "indicators[0].dimension"),
        ('source = "D"\nknots', 'source = "X"\nknots', "indicators[0].source"),
        ("[5, 50], [20, 80]", "[5, 50], [5, 80]", "indicators[2].knots[3]"),
        ("[5, 50], [20, 80]", "[5, 50], [20, 49.99]", "indicators[2].knots[3]"),
        ("[5, 50], [20, 80]", "[5, 50], [20]", "indicators[2].knots[3]"),
        ("[5, 50], [20, 80]", "[5, 50], [20, 10000.01]", "indicators[2].knots[3]"),
        ("[5, 50], [20, 80]", "[5, 50], [20, inf]", "indicators[2].knots[3]"),
        ("[5, 50], [20, 80]", "[5, 50], [1e999999999, 80]", "indicators[2].knots[3]"),
        ("[5, 50], [20, 80]", "[5, 50], [1e99999999999999999999, 80]", "indicators[2].knots[3]"),
        ("[5, 50], [20, 80]", "[5, 50], [20.0000001, 80]", "indicators[2].knots[3]"),
        ("[5, 50], [20, 80]", "[5, 50], [0x" + "f" * 9000 + ", 80]", "indicators[2].knots[3]"),
        ("[5, 50], [20, 80]", '[5, 50], ["２0", 80]', "indicators[2].knots[3]"),
        ("[5, 50], [20, 80]", "[5, 50], [20, false]", "indicators[2].knots[3]"),
        ("[[0, 0], [1, 20]", "[[0, -1], [1, 20]", "indicators[2].knots[0]"),
        ("knots = [[0, 0], [30, 30], [60, 50], [120, 70]]", "knots = []", "indicators[3].knots"),
        ("knots = [[0, 0], [30, 30], [60, 50], [120, 70]]", "knots = 1", "indicators[3].knots"),
        ('key = "V1"', 'key = "1"', "levels[0].key"),
        ('key = "V3"', 'key = "V2"', "levels[2].key"),
        ("min_total = 0", "min_total = 1", "levels[0].min_total"),
        ("min_total = 550", "min_total = 400", "levels[2].min_total"),
        ("min_total = 550", "min_total = 549.995", "levels[2].min_total"),
        ("binding_cap = 50", 'binding_cap = "50"', "levels[0].binding_cap"),
        ('key = "key_community"', 'key = "growth_community"', "benefits[2].key"),
        ('key = "key_community"', 'key = "Key community"', "benefits[2].key"),
        ('family = "operations"', 'family = "snacks"', "benefits[0].family"),
        ('from = "everyone"', 'from = "V6"', "benefits[0].from"),
        ('to = "V3"', 'to = "V1"', "benefits[1].to"),
        ('to = "V3"', 'to = "everyone"', "benefits[1].to"),
        ('zh = "客服服务", en = "Customer service"', 'zh = "客服服务"', "benefits[0].title.en"),
        ('kind = "dispute"', 'kind = "lateness"', "violations[0].kind"),
        ('kind = "dispute"', 'kind = "other"', "violations[6].kind"),
        ("points = 120", "points = 12.5", "violations[1].points"),
        ('["cancel_honours", "removal"]', '"removal"', "violations[1].measures"),
        ('["cancel_honours", "removal"]', '["removal", "fine"]', "violations[1].measures[1]"),
        ('["cancel_honours", "removal"]', '["removal", "removal"]', "violations[1].measures[1]"),
    ],
)
def test_a_fault_is_named_by_its_place(old: str, new: str, place: str) -> None:
    assert place in faults_of(changed(old, new))


def test_a_single_fault_is_the_only_one_listed() -> None:
    assert faults_of(changed("opening = 120", "opening = 151")) == {
        "credit.opening": "must not be above the cap: 151 is above 150"
    }
    assert faults_of(changed("min_total = 550", 'min_total = "many"')).keys() == {
        "levels[2].min_total"
    }


@pytest.mark.parametrize("key", INDICATOR_KEYS)
def test_each_of_the_nine_indicators_is_required(key: str) -> None:
    faults = faults_of(DEFAULT.replace(entry(key), ""))
    assert faults == {"indicators": f"lacks {key}; each of the nine must be listed once"}


@pytest.mark.parametrize("section", ["bonus", "credit", "appeals", "bindings", "gate"])
def test_each_section_is_required(section: str) -> None:
    without = re.sub(rf"(?m)^\[{section}\]\n(?:.+\n)+", "", DEFAULT)
    assert faults_of(without) == {section: "is missing"}


def test_all_faults_are_listed_at_once_in_the_error_text_too() -> None:
    text = changed("opening = 120", "opening = 151").replace("[20, 80]", "[2, 80]")
    text = text.replace('from = "everyone"', 'from = "V7"').replace("\ndays = 15", "\ndays = true")
    faults = faults_of(text)
    assert faults.keys() == {
        "credit.opening",
        "indicators[2].knots[3]",
        "benefits[0].from",
        "appeals.days",
    }
    with pytest.raises(RulebookError) as caught:
        parse(text)
    assert str(caught.value).splitlines() == [
        f"{fault.place}: {fault.message}" for fault in caught.value.faults
    ]


def test_missing_levels_do_not_make_benefits_wrong() -> None:
    without = re.sub(r"(?m)^\[\[levels\]\]\n(?:.+\n)+", "", DEFAULT)
    assert faults_of(without) == {"levels": "is missing"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = 1\nb =\nc = 3\n", "line 2"),
        ("[credit]\ncap = 1\n\ncap = 2\n", "line 4"),
        ("[credit]\n[credit]\n", "line 2"),
        ('a = 1\nb = "\x00"\n', "line 2"),
        ("a = 1\nb = [1,\n", "line 3"),
        ("a = 2026-13-01", "line 1"),
        ("x = " + "[" * 20_000, "file"),
        ("x = " + "9" * 5_000, "file"),
        ("#" * 500_001, "file"),
    ],
)
def test_a_file_that_is_not_toml_has_one_fault_with_its_line(text: str, place: str) -> None:
    assert list(faults_of(text)) == [place]


def test_a_message_never_repeats_a_monster() -> None:
    faults = faults_of(changed('version = "2026.1"', f'version = {{ a = "{"x" * 9999}" }}'))
    faults |= faults_of(changed("novice_months = 2", f'novice_months = "{"x" * 9999}"'))
    faults |= faults_of(changed('version = "2026.1"', f'version = "1"\n"{"x" * 9999}\\n" = 1'))
    assert max(len(place) + len(message) for place, message in faults.items()) < 400


def parsed_or_refused(text: str) -> None:
    """Any text is a rulebook or refused with faults that have a place and a one-line message."""
    faults: tuple[Fault, ...] = ()
    try:
        book = parse(text)
    except RulebookError as error:
        faults = error.faults or (Fault("", ""),)
    assert all(fault.place and fault.message for fault in faults)
    if not faults:
        assert book.levels[0].key == "V1"
        assert len(book.indicators) == 9


SNIPPETS = st.sampled_from(
    (
        *("", "0", "-1", "1e400", "nan", "-inf", "true", '""', '"V2"', "[]", "[[]]", "{}"),
        *("[[levels]]", "[credit]", "=", "\n", "\x00", "2026-11-22", "12:00:00", "0xffff"),
        *('"\\u0000"', "a.b = 1\n"),
    )
) | st.text(max_size=6)


@settings(max_examples=100)
@given(st.integers(0, len(DEFAULT)), st.integers(0, 60), SNIPPETS)
def test_a_file_changed_anywhere_is_parsed_or_refused(at: int, length: int, new: str) -> None:
    parsed_or_refused(DEFAULT[:at] + new + DEFAULT[at + length :])


ASSIGNMENTS = [match.span(1) for match in re.finditer(r"(?m)^\w+ = ([^\n#]+)", DEFAULT)]


@settings(max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(ASSIGNMENTS), SNIPPETS), min_size=1, max_size=4))
def test_values_replaced_by_others_are_parsed_or_refused(
    changes: list[tuple[tuple[int, int], str]],
) -> None:
    text = DEFAULT
    for (start, end), new in sorted(dict(changes).items(), reverse=True):
        text = text[:start] + new + text[end:]
    parsed_or_refused(text)
