"""The edge platform really holds each edge that its name promises."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.reference.assess import Row, assess, month_days
from tests.reference.boards import boards
from tests.reference.edge_script import IMPORT_ORDER
from tests.reference.edges import QUOTED_NAME, write_edges
from tests.reference.inputs import Platform
from tests.reference.ledger import ledgers
from tests.reference.rules import RULES

MONTHS = ["2026-04", "2026-05", "2026-06"]
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("edges")
    write_edges(path)
    return path


@pytest.fixture(scope="module")
def platform(directory: Path) -> Platform:
    return Platform.read(directory)


@pytest.fixture(scope="module")
def rows(platform: Platform) -> dict[tuple[str, str], Row]:
    return {
        (row["agency_code"], month): row
        for month in MONTHS
        for row in assess(platform, RULES, month, TODAY)
    }


@pytest.fixture(scope="module")
def tables(platform: Platform) -> dict[tuple[str, str], list[str]]:
    made = boards(platform, RULES, MONTHS)
    return {place: [row["agency_code"] for row in board] for place, board in made.items()}


def of_months(rows: dict[tuple[str, str], Row], code: str, column: str) -> list[str]:
    return [rows[code, month][column] for month in MONTHS if (code, month) in rows]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_same_seed_writes_the_same_bytes(directory: Path, tmp_path: Path) -> None:
    again = write_edges(tmp_path)
    assert [path.name for path in again] == list(IMPORT_ORDER)
    assert {path.name for path in directory.iterdir()} == set(IMPORT_ORDER)
    for path in again:
        assert path.read_bytes() == (directory / path.name).read_bytes()


def test_another_seed_changes_the_crowd_but_no_edge(
    rows: dict[tuple[str, str], Row], tmp_path: Path
) -> None:
    write_edges(tmp_path, seed=8)
    other = assess(Platform.read(tmp_path), RULES, "2026-04", TODAY)
    changed = {row["agency_code"] for row in other if row != rows[row["agency_code"], "2026-04"]}
    assert changed
    # Wanderers go to agencies of the crowd only.
    assert all(code.startswith("Crowd_") for code in changed)


def test_months_must_follow_each_other(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="three consecutive months"):
        write_edges(tmp_path, months=("2026-04", "2026-06", "2026-07"))


def test_other_months_hold_the_same_edges(tmp_path: Path) -> None:
    write_edges(tmp_path, months=("2025-12", "2026-01", "2026-02"))
    other = Platform.read(tmp_path)
    found = {row["agency_code"]: row for row in assess(other, RULES, "2026-02", TODAY)}
    assert (found["cut-550"]["total"], found["service-140"]["service"]) == ("550.00", "140.00")
    assert found["half-live"]["live_minutes_per_creator_day"] == "0.0313"


def test_size_suits_a_test(directory: Path, platform: Platform) -> None:
    count = sum(len(read(path)) for path in directory.glob("facts*.csv"))
    assert (len(platform.agencies), len(platform.creators)) == (76, 347)
    assert 10_000 < count < 30_000


def test_every_day_of_the_months_has_facts(platform: Platform) -> None:
    days = {day for _, day in platform.facts}
    assert {day for month in MONTHS for day in month_days(month)} <= days
    assert {date(2026, 3, 31), date(2026, 7, 1)} <= days


def test_keys_are_unique_within_each_file(directory: Path) -> None:
    keys = {
        "agencies": ("agency_code",),
        "creators": ("creator_id",),
        "bindings": ("agency_code", "creator_id", "bound_from"),
        "violations": ("reference",),
        "facts": ("creator_id", "day"),
    }
    for path in directory.iterdir():
        columns = next(columns for kind, columns in keys.items() if path.name.startswith(kind))
        found = Counter(tuple(row[column] for column in columns) for row in read(path))
        assert max(found.values()) == 1, path.name


def test_no_creator_has_two_agencies_and_none_is_bound_before_it_joined(
    platform: Platform,
) -> None:
    by_creator: dict[str, list[tuple[date, date]]] = {}
    for binding in platform.bindings:
        assert platform.agencies[binding.agency].joined_on <= binding.start
        assert binding.creator in platform.creators
        end = binding.end or date.max
        assert binding.start < end
        by_creator.setdefault(binding.creator, []).append((binding.start, end))
    for spans in by_creator.values():
        spans.sort()
        for (_, end), (start, _) in pairwise(spans):
            assert end <= start


def test_every_level_and_stage_occurs_each_month(rows: dict[tuple[str, str], Row]) -> None:
    for month in MONTHS:
        found = {row["level"] or row["stage"] for row in rows.values() if row["month"] == month}
        assert found == {"V1", "V2", "V3", "V4", "V5", "novice", "observation"}


def test_no_agency_jumps_so_the_gate_stays_open(rows: dict[tuple[str, str], Row]) -> None:
    for code, month in rows:
        levels = [level for level in of_months(rows, code, "level") if level]
        for before, after in pairwise(levels):
            assert abs(int(before[1]) - int(after[1])) <= 1, (code, month)


@pytest.mark.parametrize(
    ("code", "total", "level"),
    [
        ("cut-400", "400.00", "V2"),
        ("cut-549", "549.99", "V2"),
        ("cut-550", "550.00", "V3"),
        ("cut-700", "700.00", "V4"),
        ("cut-850", "850.00", "V5"),
    ],
)
def test_totals_on_cut_offs(
    rows: dict[tuple[str, str], Row], code: str, total: str, level: str
) -> None:
    assert of_months(rows, code, "total") == [total] * 3
    assert of_months(rows, code, "level") == [level] * 3


@pytest.mark.parametrize(
    ("code", "reputation", "service", "stage"),
    [
        ("service-140", "4.3000", "140.00", "assessed"),
        ("service-half", "4.3000", "140.00", "assessed"),
        ("service-13999", "4.2999", "139.99", "observation"),
        ("service-under", "4.2999", "139.99", "observation"),
    ],
)
def test_service_on_the_floor(
    rows: dict[tuple[str, str], Row], code: str, reputation: str, service: str, stage: str
) -> None:
    assert of_months(rows, code, "reputation") == [reputation] * 3
    assert of_months(rows, code, "service") == [service] * 3
    assert of_months(rows, code, "stage") == [stage] * 3


@pytest.mark.parametrize(
    ("code", "credits"),
    [
        ("credit-80", ["80", "80", "80"]),
        ("credit-79", ["79", "79", "79"]),
        ("credit-first", ["120", "79", "79"]),
        ("credit-day", ["80", "80", "80"]),
        ("credit-over", ["70", "0", "0"]),
        ("credit-zero", ["120", "120", "120"]),
        ("credit-sorted", ["70", "0", "0"]),
        ("credit-late", ["100", "0", "0"]),
    ],
)
def test_credit_edges(rows: dict[tuple[str, str], Row], code: str, credits: list[str]) -> None:
    assert of_months(rows, code, "credit") == credits
    stages = ["assessed" if int(credit) >= 80 else "observation" for credit in credits]
    assert of_months(rows, code, "stage") == stages


def test_deduction_takes_what_is_there(platform: Platform) -> None:
    posted = ledgers(platform, RULES)
    taken = {code: [entry.applied for entry in posted[code]] for code in posted}
    assert taken["credit-over"] == [120, -50, -10, -60]
    assert taken["credit-sorted"] == [120, -50, -70]
    assert taken["credit-late"] == [120, -100, -20]
    # Cases 10, 8 and 9 of one day: references are compared as text.
    assert taken["credit-day"] == [120, -15, -5, -20]


@pytest.mark.parametrize(
    ("code", "stages"),
    [
        ("joined-last-before-2", "assessed assessed assessed"),
        ("joined-first-before", "novice assessed assessed"),
        ("joined-last-before", "novice assessed assessed"),
        ("joined-first", "novice novice assessed"),
        ("joined-middle", "novice novice assessed"),
        ("joined-last", "novice novice assessed"),
        ("joined-last-second", "novice novice"),
        ("joined-last-third", "novice"),
        ("joined-after", ""),
    ],
)
def test_joining_edges(rows: dict[tuple[str, str], Row], code: str, stages: str) -> None:
    assert of_months(rows, code, "stage") == stages.split()


def test_some_joined_on_the_31st(platform: Platform) -> None:
    joined = {platform.agencies[code].joined_on for code in ("a1", "joined-last-second")}
    assert {day.day for day in joined} == {31}


def test_codes_alone_tell_equals_apart(tables: dict[tuple[str, str], list[str]]) -> None:
    equals = ["-y", "10", "9", "B2", "_x", "a1"]
    for board in tables.values():
        assert [code for code in board if code in equals] == equals


def test_ties_are_decided_before_the_code(
    rows: dict[tuple[str, str], Row], tables: dict[tuple[str, str], list[str]]
) -> None:
    for month in MONTHS:
        assert rows["tie-a-operating", month]["total"] == rows["tie-b-operating", month]["total"]
        assert rows["tie-a-settled", month]["total"] == rows["tie-b-settled", month]["total"]
        strength, growth = tables["strength", month], tables["growth", month]
        assert strength.index("tie-b-operating") < strength.index("tie-a-operating")
        assert strength.index("tie-b-settled") < strength.index("tie-a-settled")
        assert growth.index("tie-b-settled") < growth.index("tie-a-settled")


def test_rise_decides_equal_growth(
    rows: dict[tuple[str, str], Row], tables: dict[tuple[str, str], list[str]]
) -> None:
    ordered = ["rise-z-up", "rise-x-none", "rise-y-unassessed", "rise-w-down"]
    assert {rows[code, "2026-05"]["growth"] for code in ordered} == {"140.00"}
    assert rows["rise-y-unassessed", "2026-04"]["stage"] == "observation"
    assert [code for code in tables["growth", "2026-05"] if code in ordered] == ordered


def test_refunds_and_clamps(rows: dict[tuple[str, str], Row]) -> None:
    assert of_months(rows, "refunds", "settled_amount") == ["-200.01", "0.00", "150.00"]
    assert of_months(rows, "refunds", "showcase_share") == ["0.000000", "0.000000", "1.000000"]
    assert of_months(rows, "showcase-back", "showcase_share") == ["0.000000"] * 3
    assert of_months(rows, "showcase-back", "showcase_creators") == ["0"] * 3
    assert of_months(rows, "showcase-back", "good_goods_share") == ["0.962400"] * 3


def test_huge_amounts_and_full_days(rows: dict[tuple[str, str], Row]) -> None:
    assert of_months(rows, "big", "settled_amount") == ["1999999999999.99"] * 3
    assert of_months(rows, "big", "settled_orders") == ["3000000010"] * 3
    assert of_months(rows, "live-1440", "live_minutes_per_creator_day") == ["1440.0000"] * 3


def test_halves(rows: dict[tuple[str, str], Row]) -> None:
    assert of_months(rows, "half-points", "settled_amount_points") == ["0.01"] * 3
    assert of_months(rows, "half-share", "showcase_share") == ["0.007813"] * 3
    assert of_months(rows, "half-share", "good_goods_share") == ["0.023438"] * 3
    assert of_months(rows, "half-live", "live_minutes_per_creator_day") == ["0.0313"] * 3


def test_moves_cover_their_kinds(platform: Platform) -> None:
    spans: dict[str, list[tuple[str, date, date | None]]] = {}
    for one in sorted(platform.bindings, key=lambda one: one.start):
        spans.setdefault(one.creator, []).append((one.agency, one.start, one.end))
    first, last = date(2026, 4, 1), date(2026, 4, 30)
    assert [agency for agency, _, _ in spans["mover-1"]] == ["move-a", "move-b", "move-a"]
    assert [start for _, start, _ in spans["mover-1"]][1:] == [date(2026, 4, 10), date(2026, 4, 20)]
    assert [agency for agency, _, _ in spans["mover-gap"]] == ["move-a", "move-a"]
    (_, day, until), *_ = spans["mover-day"]
    assert until == day + timedelta(days=1)
    assert spans["mover-last-day"][0][1] == last
    assert spans["mover-until-first"][0][2] == first
    assert spans["mover-until-second"][0][2] == first + timedelta(days=1)
    assert ("mover-day", day - timedelta(days=1)) in platform.facts


def test_level_edges(rows: dict[tuple[str, str], Row]) -> None:
    # up, kept, seven, arrived and 5-here.
    assert rows["levels", "2026-04"]["l5_creators"] == "5"
    assert rows["levels-elsewhere", "2026-04"]["l5_creators"] == "0"


def test_reputation_edges(rows: dict[tuple[str, str], Row]) -> None:
    # (4.61 x 1000 + 4.9 x 507 + 0 x 10 + 4.33 x 50) / 1567 = 7310.8 / 1567 = 4.66547...
    assert rows["reputation", "2026-04"]["reputation"] == "4.6655"
    for code in ("reputation-void", "empty", "idle"):
        row = rows[code, "2026-04"]
        assert (row["reputation"], row["service"], row["stage"]) == ("", "0.00", "observation")
    assert rows["reputation-void", "2026-04"]["settled_orders"] == "900"


def test_waiting_facts_count_and_foreign_ones_do_not(
    platform: Platform, rows: dict[tuple[str, str], Row]
) -> None:
    # late-0: 30 days of 1000.10; late-1 is bound from 12 May only: 10 odd and 10 even days.
    assert rows["waiting", "2026-04"]["settled_amount"] == "30003.00"
    assert rows["waiting", "2026-05"]["settled_amount"] == "51038.10"
    seen = {creator for creator, _ in platform.facts}
    assert "ghost-0" in seen - set(platform.creators)
    assert "free-0" in seen - {binding.creator for binding in platform.bindings}


def test_corrections_replace_whole_rows(rows: dict[tuple[str, str], Row]) -> None:
    # April: 5000 - 4999.99 and 0.01 + 5000; fixed-0 falls to level 4, fixed-1 keeps 5.
    april, may = rows["corrected", "2026-04"], rows["corrected", "2026-05"]
    assert (april["settled_amount"], april["l5_creators"]) == ("5000.02", "1")
    # May: fixed-1's only row is empty now.
    assert (may["settled_amount"], may["l5_creators"], may["reputation"]) == (
        "5000.00",
        "1",
        "4.7000",
    )


def test_days_come_in_shards(directory: Path) -> None:
    days = [{row["day"] for row in read(directory / f"facts-{part}.csv")} for part in (1, 4)]
    assert len(days[0] & days[1]) > 20


def test_names_need_quotes_or_change(platform: Platform, directory: Path) -> None:
    assert platform.agencies["quoted"].name == QUOTED_NAME
    assert platform.agencies["renamed"].name == "新名, 改"
    starts = {path.name: path.read_bytes()[:3] for path in directory.iterdir()}
    with_mark = {name for name, start in starts.items() if start == b"\xef\xbb\xbf"}
    assert with_mark == {"agencies_2.csv", "facts-2.csv"}
