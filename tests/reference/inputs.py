"""The contract's input files, read into plain dictionaries for the reference."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path


@dataclass(frozen=True)
class Agency:
    """One agency as its newest imported row describes it."""

    code: str
    name: str
    joined_on: date


@dataclass(frozen=True)
class Binding:
    """A creator bound to an agency on the days [start, end); no end means open."""

    agency: str
    creator: str
    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        """Tell whether the creator is bound on this day."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class Violation:
    """A violation decided elsewhere, with the points it asks for."""

    agency: str
    decided_on: date
    points: int
    reference: str


@dataclass(frozen=True)
class Fact:
    """One creator's day: amounts in yuan, live time in minutes."""

    settled: Fraction
    showcase: Fraction
    good_goods: Fraction
    orders: int
    worry_free: int
    live_minutes: int
    level: int | None
    reputation: Fraction | None


@dataclass
class Platform:
    """Everything the files say, after all of them were imported in order.

    No file tells of appeals: `open_appeals` names, by month, the cases under an appeal that was
    undecided when the month was computed.
    """

    agencies: dict[str, Agency] = field(default_factory=dict)
    creators: dict[str, str] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    violation_files: list[list[Violation]] = field(default_factory=list)
    facts: dict[tuple[str, date], Fact] = field(default_factory=dict)
    open_appeals: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, directory: Path) -> Platform:
        """Read a folder of contract files whose rows are all acceptable.

        1. Files of one kind are imported in the order of their names (without the ending).
        2. Agencies and creators: a later row renames.
        3. Facts: the latest file wins per creator and day, as a whole row.
        4. Bindings: a file first closes open bindings of the same key, then adds new ones.
        5. Violations: a case number counts once; the files stay apart, since the order of
           deductions is fixed within a file only.
        """
        platform = cls()
        for row in _rows(directory, "agencies"):
            code = row["agency_code"]
            platform.agencies[code] = Agency(code, row["name"], _date(row["joined_on"]))
        for row in _rows(directory, "creators"):
            platform.creators[row["creator_id"]] = row["nickname"]
        platform.bindings = _read_bindings(directory)
        platform.violation_files = _read_violations(directory)
        for row in _rows(directory, "facts"):
            platform.facts[row["creator_id"], _date(row["day"])] = _fact(row)
        return platform


def _files(directory: Path, kind: str) -> list[Path]:
    return sorted(directory.glob(f"{kind}*.csv"), key=lambda path: path.stem)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def _rows(directory: Path, kind: str) -> Iterator[dict[str, str]]:
    for path in _files(directory, kind):
        yield from _read(path)


def _read_bindings(directory: Path) -> list[Binding]:
    stored: dict[tuple[str, str, date], date | None] = {}
    for path in _files(directory, "bindings"):
        rows = []
        for row in _read(path):
            key = (row["agency_code"], row["creator_id"], _date(row["bound_from"]))
            rows.append((key, _date(row["bound_until"]) if row.get("bound_until") else None))
        known_before = set(stored)
        for key, end in rows:
            if key in known_before and stored[key] is None:
                stored[key] = end
        for key, end in rows:
            if key not in known_before:
                stored[key] = end
    return [Binding(*key, end) for key, end in stored.items()]


def _read_violations(directory: Path) -> list[list[Violation]]:
    files = []
    seen: set[str] = set()
    for path in _files(directory, "violations"):
        cases = []
        for row in _read(path):
            if row["reference"] not in seen:
                seen.add(row["reference"])
                decided_on = _date(row["decided_on"])
                points = int(row["points"])
                cases.append(Violation(row["agency_code"], decided_on, points, row["reference"]))
        files.append(cases)
    return files


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _fact(row: dict[str, str]) -> Fact:
    level = row.get("creator_level") or ""
    reputation = row.get("reputation") or ""
    return Fact(
        settled=Fraction(row["settled_amount"]),
        showcase=Fraction(row["showcase_amount"]),
        good_goods=Fraction(row["good_goods_amount"]),
        orders=int(row["settled_orders"]),
        worry_free=int(row["worry_free_orders"]),
        live_minutes=int(row["live_minutes"]),
        level=int(level) if level else None,
        reputation=Fraction(reputation) if reputation else None,
    )
