"""The reference itself, proved by little cases worked by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tests.reference.assess import (
    COLUMNS,
    INDICATORS,
    Result,
    Row,
    assess,
    fixed,
    level_of,
    percentiles,
    points_for,
    round_half_up,
    share,
)
from tests.reference.boards import boards, growth_order, previous_month, strength_order
from tests.reference.inputs import Agency, Binding, Fact, Platform, Violation
from tests.reference.ledger import balance_on, ledgers, lowest_balance_from
from tests.reference.rules import RULES

TODAY = date(2026, 11, 22)
KNOTS = {indicator["key"]: indicator["knots"] for indicator in RULES["indicators"]}
FACTS_HEADER = (
    "creator_id,day,settled_amount,showcase_amount,good_goods_amount,"
    "settled_orders,worry_free_orders,live_minutes,creator_level,reputation\n"
)


def april(day: int) -> date:
    return date(2026, 4, day)


def a_fact(settled: str = "0", orders: int = 1, reputation: str = "4.40") -> Fact:
    return Fact(
        settled=Fraction(settled),
        showcase=Fraction(0),
        good_goods=Fraction(0),
        orders=orders,
        worry_free=0,
        live_minutes=0,
        level=None,
        reputation=Fraction(reputation),
    )


def a_platform(*joined: str) -> Platform:
    """Agencies A, B, ... with one creator each (a, b, ...), bound since joining."""
    platform = Platform()
    for code, text in zip("ABCDEF", joined, strict=False):
        platform.agencies[code] = Agency(code, f"Agency {code}", date.fromisoformat(text))
        day = date.fromisoformat(text)
        platform.bindings.append(Binding(code, code.lower(), day, None))
    return platform


def rows_by_code(platform: Platform, month: str) -> dict[str, Row]:
    return {row["agency_code"]: row for row in assess(platform, RULES, month, TODAY)}


def write(directory: Path, name: str, text: str, encoding: str = "utf-8") -> None:
    (directory / name).write_text(text, encoding=encoding)


@pytest.fixture
def worked(tmp_path: Path) -> Platform:
    """A has one creator all April and another for its first ten days."""
    write(
        tmp_path,
        "agencies.csv",
        "agency_code,name,joined_on\nA,Alpha,2025-01-15\nB,Beta,2026-03-31\n",
        encoding="utf-8-sig",
    )
    write(tmp_path, "creators.csv", "creator_id,nickname\nc1,One\nc2,Two\n")
    bound = "agency_code,creator_id,bound_from,bound_until\n"
    write(tmp_path, "bindings-1.csv", f"{bound}A,c1,2025-02-01,\nA,c2,2025-02-01,\n")
    write(tmp_path, "bindings-2.csv", f"{bound}B,c2,2026-04-11,\nA,c2,2025-02-01,2026-04-11\n")
    write(
        tmp_path,
        "violations.csv",
        "agency_code,kind,occurred_on,decided_on,points,summary,reference\n"
        "A,other,2026-04-01,2026-04-30,30,late,R1\nA,other,2026-04-01,2026-05-01,70,later,R2\n",
    )
    write(
        tmp_path,
        "facts-1.csv",
        f"{FACTS_HEADER}"
        "c1,2026-03-31,9999,9999,9999,9999,9999,999,7,5.00\n"
        "c1,2026-04-01,100000.50,20000,10000,800,100,600,4,4.50\n"
        "c1,2026-04-30,1,1,1,1,1,1,1,1\n"
        "c2,2026-04-10,10000,-50.00,6000.05,100,7,40,6,4.80\n"
        "c2,2026-04-11,7777,777,77,7,7,7,7,5\n"
        "ghost,2026-04-11,7777,777,77,7,7,7,7,5\n",
    )
    write(
        tmp_path,
        "facts-2.csv",
        f"{FACTS_HEADER}c1,2026-04-30,50000.00,10000,-0.00,200,0,300,5,4.40\n",
    )
    return Platform.read(tmp_path)


def test_worked_example_agrees_in_every_field(worked: Platform) -> None:
    # Sums: 100000.50 + 50000 + 10000; 800 + 200 + 100 orders; 600 + 300 + 40 minutes over
    # 30 + 10 creator-days; showcase 20000 + 10000 - 50, by c1 alone; good goods 16000.05,
    # a tenth; c2 is not bound on the 30th, so c1 alone is L5.
    # Reputation: (4.40 x 1000 + 4.80 x 100) / 1100 = 4.43636...
    expected = {
        "agency_code": "A",
        "month": "2026-04",
        "stage": "assessed",
        "level": "V1",
        "total": "394.03",  # 107.83 + 128.44 + 154.55 + 3.21
        "operating": "107.83",  # 44.00 + 20.33 + 20.00 + 23.50
        "growth": "128.44",  # 97.44 + 6.00 + 25.00
        "service": "154.55",
        "bonus": "3.21",
        "credit": "90",  # 120 - 30; the decision of 1 May comes after
        "settled_amount": "160000.50",
        "settled_amount_points": "44.00",  # 40 + 60 x 60000.5 / 900000 = 44.0000...
        "settled_orders": "1100",
        "settled_orders_points": "20.33",  # 20 + 30 x 100 / 9000
        "l5_creators": "1",
        "l5_creators_points": "20.00",
        "live_minutes_per_creator_day": "23.5000",
        "live_minutes_per_creator_day_points": "23.50",
        "showcase_share": "0.187187",  # 29950 / 160000.50 = 0.1871869...
        "showcase_share_points": "97.44",  # 90 + 30 x 0.037187 / 0.15 = 97.4374
        "showcase_creators": "1",
        "showcase_creators_points": "6.00",
        "good_goods_share": "0.100000",
        "good_goods_share_points": "25.00",
        "reputation": "4.4364",
        "reputation_points": "154.55",  # 150 + 25 x 0.0364 / 0.2
        "worry_free_orders": "107",
        "worry_free_orders_points": "3.21",
    }
    row = rows_by_code(worked, "2026-04")["A"]
    assert row == expected
    assert tuple(row) == COLUMNS


def test_novice_row_has_only_its_stage_and_credit(worked: Platform) -> None:
    row = rows_by_code(worked, "2026-04")["B"]  # joined 31 March: March and April
    assert {name: text for name, text in row.items() if text} == {
        "agency_code": "B",
        "month": "2026-04",
        "stage": "novice",
        "credit": "120",
    }
    assert rows_by_code(worked, "2026-05")["B"]["stage"] == "observation"


def test_month_that_is_not_over_is_refused(worked: Platform) -> None:
    with pytest.raises(ValueError, match="2026-04 is not over on 2026-04-30"):
        assess(worked, RULES, "2026-04", april(30))


@pytest.mark.parametrize(
    ("joined", "stages"),
    [
        ("2026-02-28", ["novice", "assessed", "assessed"]),
        ("2026-03-01", ["novice", "novice", "assessed"]),
        ("2026-03-31", ["novice", "novice", "assessed"]),
        ("2026-04-15", ["", "novice", "novice"]),
        ("2026-05-01", ["", "", "novice"]),
    ],
)
def test_joining_month_is_the_first_of_two_novice_months(joined: str, stages: list[str]) -> None:
    platform = a_platform(joined)
    for month in (3, 4, 5):
        platform.facts["a", date(2026, month, 20)] = a_fact()
    found = [rows_by_code(platform, month).get("A") for month in ("2026-03", "2026-04", "2026-05")]
    assert [row["stage"] if row else "" for row in found] == stages


@pytest.mark.parametrize(
    ("key", "value", "points"),
    [
        ("settled_amount", "-5", "0.00"),
        ("settled_amount", "12.49", "0.00"),  # 0.004996
        ("settled_amount", "12.50", "0.01"),  # 0.005 exactly
        ("settled_amount", "37.50", "0.02"),  # 0.015 exactly
        ("settled_amount", "550000", "70.00"),
        ("settled_amount", "60000000", "205.00"),
        ("settled_amount", "1000000000000", "220.00"),
        ("reputation", "2.9", "0.00"),
        ("reputation", "3.5", "55.00"),
        ("reputation", "4.2999", "139.99"),
        ("reputation", "4.3", "140.00"),
        ("reputation", "4.8", "200.00"),
        ("reputation", "5", "200.00"),
        ("good_goods_share", "0.2", "42.50"),
    ],
)
def test_points_lie_on_the_line_between_knots(key: str, value: str, points: str) -> None:
    assert fixed(points_for(KNOTS[key], Fraction(value)), 2) == points


def test_no_value_gives_no_points() -> None:
    assert points_for([[0, 50], [1, 60]], None) == 0


@pytest.mark.parametrize(
    ("total", "level"),
    [("0", "V1"), ("399.99", "V1"), ("400", "V2"), ("550", "V3"), ("849.99", "V4"), ("850", "V5")],
)
def test_cut_off_reached_exactly_counts(total: str, level: str) -> None:
    assert level_of(RULES, Fraction(total)) == level


def test_halves_are_rounded_up() -> None:
    assert round_half_up(Fraction("0.00005"), 4) == Fraction("0.0001")
    assert round_half_up(Fraction("0.00015"), 4) == Fraction("0.0002")
    assert round_half_up(Fraction("0.0001499"), 4) == Fraction("0.0001")
    assert round_half_up(Fraction("2.5"), 0) == 3


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        ("1", "128", "0.007813"),  # 0.0078125
        ("3", "2", "1"),
        ("-1", "2", "0"),
        ("5", "0", "0"),
        ("5", "-10", "0"),
        ("-5", "-10", "0"),
    ],
)
def test_shares_are_clamped(part: str, whole: str, expected: str) -> None:
    assert share(Fraction(part), Fraction(whole)) == Fraction(expected)


def test_numbers_are_written_with_fixed_decimals() -> None:
    assert fixed(Fraction("-0.5"), 2) == "-0.50"
    assert fixed(Fraction(7), 0) == "7"
    assert fixed(Fraction("1000000000000.01"), 2) == "1000000000000.01"
    with pytest.raises(ValueError, match="more than 2 decimals"):
        fixed(Fraction("0.001"), 2)


def test_negative_zero_is_zero() -> None:
    assert fixed(Fraction("-0.00"), 2) == "0.00"


def test_deductions_follow_day_and_reference_within_a_file() -> None:
    platform = a_platform("2025-01-01")
    platform.violation_files = [
        [
            Violation("A", april(20), 100, "R3"),
            Violation("A", april(10), 30, "R2"),
            Violation("A", april(10), 5, "R10"),
        ],
        # 15 April still has 85, but only 0 is left from the 20th on.
        [Violation("A", april(15), 10, "R0")],
    ]
    entries = ledgers(platform, RULES)["A"]
    assert [(entry.reference, entry.asked, entry.applied) for entry in entries] == [
        ("", 120, 120),
        ("R10", -5, -5),
        ("R2", -30, -30),
        ("R3", -100, -85),
        ("R0", -10, 0),
    ]
    assert [balance_on(entries, april(day)) for day in (9, 10, 19, 20)] == [120, 85, 85, 0]


def test_later_file_takes_only_what_every_later_day_still_has() -> None:
    platform = a_platform("2025-01-01")
    platform.violation_files = [
        [Violation("A", april(20), 100, "R1")],
        [Violation("A", april(10), 50, "R2")],
    ]
    entries = ledgers(platform, RULES)["A"]
    assert entries[-1].applied == -20
    assert lowest_balance_from(entries[:-1], april(10)) == 20
    assert [balance_on(entries, april(day)) for day in (9, 10, 20)] == [120, 100, 0]


@pytest.mark.parametrize(("points", "stage"), [(40, "assessed"), (41, "observation")])
def test_credit_counts_on_the_last_day(points: int, stage: str) -> None:
    platform = a_platform("2025-01-01")
    platform.facts["a", april(5)] = a_fact()
    platform.violation_files = [[Violation("A", april(30), points, "R1")]]
    row = rows_by_code(platform, "2026-04")["A"]
    assert (row["stage"], row["credit"]) == (stage, str(120 - points))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["7"], ["100"]),
        (["1", "2", "2", "4"], ["0", "33.3", "33.3", "100"]),
        (["5", "5"], ["0", "0"]),
        # One of 16 below: 6.25 is a half; who has no value is not counted.
        (["0", *["1"] + ["2"] * 15], ["0", "6.3", *["12.5"] * 15]),
        (["1", None, "2"], ["0", None, "100"]),
    ],
)
def test_percentiles(values: list[str | None], expected: list[str | None]) -> None:
    results = []
    for position, text in enumerate(values):
        result = Result(f"{position:02d}", "assessed", 120)
        value = None if text is None else Fraction(text)
        result.values = dict.fromkeys(INDICATORS, value)
        results.append(result)
    results.append(Result("novice", "novice", 120))
    found = percentiles(results)["reputation"]
    wanted = [None if text is None else Fraction(text) for text in expected]
    assert list(found.values()) == wanted
    assert "novice" not in found


def a_result(code: str, total: int, operating: int, growth: int, amount: int) -> Result:
    return Result(
        code,
        "assessed",
        120,
        values={"settled_amount": Fraction(amount)},
        dimensions={"operating": Fraction(operating), "growth": Fraction(growth)},
        total=Fraction(total),
        showcase_amount=Fraction(amount),
    )


def test_strength_ties_fall_to_operating_then_amount_then_code_point() -> None:
    given = [
        a_result("a", 500, 100, 0, 5),
        a_result("_", 500, 100, 0, 5),
        a_result("B", 500, 100, 0, 5),
        a_result("10", 500, 100, 0, 5),
        a_result("9", 500, 100, 0, 5),
        a_result("-", 500, 100, 0, 5),
        a_result("y", 500, 100, 0, 6),
        a_result("z", 500, 101, 0, 1),
        a_result("zz", 501, 1, 0, 1),
    ]
    order = strength_order({result.code: result for result in given})
    assert order == ["zz", "z", "y", "-", "10", "9", "B", "_", "a"]


def test_growth_ties_fall_to_rise_then_showcase_then_code() -> None:
    given = [
        a_result("down", 0, 0, 100, 9),
        a_result("new", 0, 0, 100, 5),
        a_result("level", 0, 0, 100, 6),
        a_result("also", 0, 0, 100, 5),
        a_result("up", 0, 0, 100, 1),
        a_result("top", 0, 0, 101, 1),
    ]
    earlier = [a_result("down", 0, 0, 110, 0), a_result("level", 0, 0, 100, 0)]
    before = {result.code: result for result in [*earlier, a_result("up", 0, 0, 90, 0)]}
    order = growth_order({result.code: result for result in given}, before)
    assert order == ["top", "up", "level", "also", "new", "down"]


def test_board_shows_changes_against_the_month_before_only() -> None:
    platform = a_platform("2025-01-01", "2025-01-01", "2026-03-01")
    for month, amounts in ((4, ("100000", "50000", "70000")), (5, ("1", "100000", "50000"))):
        for creator, amount in zip("abc", amounts, strict=True):
            platform.facts[creator, date(2026, month, 9)] = a_fact(settled=amount)
    # Each has 150 points of service, 0.02 for its one order and 4 per 10000 yuan.
    tables = boards(platform, RULES, ["2026-04", "2026-05"])
    assert [tuple(row.values()) for row in tables["strength", "2026-04"]] == [
        ("1", "", "A", "Agency A", "190.02"),
        ("2", "", "B", "Agency B", "170.02"),
    ]
    assert [tuple(row.values()) for row in tables["strength", "2026-05"]] == [
        ("1", "1", "B", "Agency B", "190.02"),
        ("2", "", "C", "Agency C", "170.02"),
        ("3", "-2", "A", "Agency A", "150.02"),
    ]
    assert [row["change"] for row in tables["growth", "2026-05"]] == ["0", "0", ""]
    alone = boards(platform, RULES, ["2026-05"])["strength", "2026-05"]
    assert [row["change"] for row in alone] == ["", "", ""]


def test_month_before_january_is_december() -> None:
    assert previous_month("2026-01") == "2025-12"
