"""The files of the month that `test_a_month_in_the_open` goes through, and what is exact about it.

Three agencies in October 2026. The first delivery has a tenth of what one creator of ALPHA brought
on five days; BETA lost 50 points of credit to a decision that it appeals against.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from tests.reference import Platform, assess, boards
from tests.reference.rules import RULES

MONTH, OVER = "2026-10", date(2026, 11, 1)
DAYS = [date(2026, 10, 1) + timedelta(days=n) for n in range(31)]
WRONG_DAYS = [day for day in DAYS if 10 <= day.day <= 14]
JOINED = "2025-01-15"
CASE = "CASE-2026-7"
NAMES = {"ALPHA": "晴川文化", "BETA": "云帆传媒", "GAMMA": "星野互娱"}
CREATORS = {"a1": "ALPHA", "a2": "ALPHA", "b1": "BETA", "b2": "BETA", "g1": "GAMMA"}
# yuan, yuan, yuan, orders, orders, minutes, level, reputation of each day
BROUGHT = {
    "a1": ("84000.50", "19000.00", "27000.00", 900, 40, 75, 6, "4.71"),
    "a2": ("23000.00", "1100.25", "2100.00", 260, 11, 50, 5, "4.55"),
    "b1": ("61000.00", "7500.00", "15100.10", 640, 30, 66, 6, "4.82"),
    "b2": ("9100.00", "1200.00", "2100.00", 110, 4, 41, 4, "4.61"),
    "g1": ("33000.00", "2100.00", "9100.00", 310, 9, 38, 5, "4.66"),
}
# the amounts of a1 with the point in the wrong place
TENTH = ("8400.05", "1900.00", "2700.00")
FACTS = (
    *("creator_id", "day", "settled_amount", "showcase_amount", "good_goods_amount"),
    *("settled_orders", "worry_free_orders", "live_minutes", "creator_level", "reputation"),
)
Row = dict[str, str]


def write_files(directory: Path) -> dict[str, Path]:
    """The deliveries in their order: what was mistaken at first, and what puts it right."""
    directory.mkdir(parents=True, exist_ok=True)
    agencies = [(code, name, JOINED) for code, name in NAMES.items()]
    creators = [(creator, f"达人{creator}") for creator in CREATORS]
    bindings = [(agency, creator, JOINED) for creator, agency in CREATORS.items()]
    case = ("BETA", "other", "2026-10-12", "2026-10-20", 50, "夸大宣传", CASE)
    tables: dict[str, tuple[Sequence[str], Iterable[Sequence[object]]]] = {
        "agencies": (("agency_code", "name", "joined_on"), agencies),
        "creators": (("creator_id", "nickname"), creators),
        "bindings": (("agency_code", "creator_id", "bound_from"), bindings),
        "violations": (
            (
                *("agency_code", "kind", "occurred_on", "decided_on", "points", "summary"),
                "reference",
            ),
            [case],
        ),
        "facts-1": (FACTS, _facts(mistaken=True)),
        "facts-2": (FACTS, [row for row in _facts() if row[0] == "a1" and row[1] in WRONG_DAYS]),
    }
    return {name: _write(directory / f"{name}.csv", *each) for name, each in tables.items()}


def _facts(*, mistaken: bool = False) -> Iterator[Sequence[object]]:
    for creator, brought in BROUGHT.items():
        for day in DAYS:
            wrong = mistaken and creator == "a1" and day in WRONG_DAYS
            yield (creator, day, *(TENTH if wrong else brought[:3]), *brought[3:])


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def expected(files: dict[str, Path], *names: str) -> dict[str, Row]:
    """What the reference makes of these deliveries: the rows of `export_assessments` by agency."""
    return {row["agency_code"]: row for row in assess(_platform(files, names), RULES, MONTH, OVER)}


def expected_board(files: dict[str, Path], *names: str) -> list[Row]:
    """The strength board that the reference makes of these deliveries."""
    return boards(_platform(files, names), RULES, [MONTH])["strength", MONTH]


def _platform(files: dict[str, Path], names: Sequence[str]) -> Platform:
    folder = files["agencies"].parent / "-".join(names)
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / files[name].name).write_bytes(files[name].read_bytes())
    return Platform.read(folder)
