"""Notes down a small platform row by row and writes it as contract files."""

from __future__ import annotations

import csv
import random
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

Record = dict[str, str]
Fields = dict[str, object]

AGENCY_COLUMNS = ("agency_code", "name", "joined_on", "city", "category", "contact_email")
CREATOR_COLUMNS = ("creator_id", "nickname", "followers", "contact")
BINDING_COLUMNS = ("agency_code", "creator_id", "bound_from", "bound_until")
VIOLATION_COLUMNS = (
    *("agency_code", "kind", "occurred_on", "decided_on", "points", "summary", "reference"),
)
REQUIRED_FACT_COLUMNS = (
    *("creator_id", "day", "settled_amount", "showcase_amount", "good_goods_amount"),
    *("settled_orders", "worry_free_orders", "live_minutes"),
)
FACT_COLUMNS = (*REQUIRED_FACT_COLUMNS, "creator_level", "reputation", "followers")
SHUFFLED_FACT_COLUMNS = tuple(reversed(FACT_COLUMNS))

# The order in which the files may be imported: facts come before some of their bindings.
# Kind by kind in the order of the names leads to the same end.
IMPORT_ORDER = (
    *("agencies.csv", "creators.csv", "bindings-1.csv", "facts-1.csv", "facts-2.csv"),
    *("agencies_2.csv", "creators_2.csv", "bindings-2.csv", "violations.csv"),
    *("violations_2.csv", "facts-3.csv", "facts-4.csv", "facts-5.csv", "facts-6.csv"),
)


def yuan(cents: int) -> str:
    """Write cents as an amount in yuan."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"


def pieces(whole: int, count: int) -> list[int]:
    """Split a whole number into equal parts; what is left over goes to the first."""
    part, rest = divmod(whole, count)
    return [part + rest, *[part] * (count - 1)]


@dataclass(frozen=True)
class Flat:
    """What all creators of an agency bring in a month: yuan, orders, minutes per day.

    `orders` and `reputation` may name each creator's own.
    """

    creators: int = 5
    settled: int = 1_000_000
    showcase: int = 150_000
    good_goods: int = 80_000
    orders: int | tuple[int, ...] = 10_000
    worry_free: int = 1_000
    live: int = 30
    level: str = "5"
    reputation: str | tuple[str, ...] = "4.40"

    def orders_of(self) -> list[int]:
        """Give each creator's orders."""
        if isinstance(self.orders, int):
            return pieces(self.orders, self.creators)
        return list(self.orders)

    def reputation_of(self, position: int) -> str:
        """Give one creator's reputation."""
        return self.reputation if isinstance(self.reputation, str) else self.reputation[position]


@dataclass
class Script:
    """A platform in the making; days are named relative to the first of its months."""

    months: list[date]
    rng: random.Random
    agencies: dict[str, Record] = field(default_factory=dict)
    renamed: dict[str, Record] = field(default_factory=dict)
    creators: dict[str, tuple[int, Record]] = field(default_factory=dict)
    bindings: dict[int, list[Record]] = field(default_factory=lambda: {1: [], 2: []})
    violations: dict[int, list[Record]] = field(default_factory=lambda: {1: [], 2: []})
    facts: dict[tuple[str, date], Record] = field(default_factory=dict)
    corrections: dict[tuple[str, date], Record] = field(default_factory=dict)
    plain_facts: dict[tuple[str, date], Record] = field(default_factory=dict)

    def first(self, month: int) -> date:
        """Give the first day of a month counted from the first one, also before it."""
        number = self.months[0].year * 12 + self.months[0].month - 1 + month
        return date(number // 12, number % 12 + 1, 1)

    def last(self, month: int) -> date:
        """Give a month's last day."""
        first = self.first(month)
        return first.replace(day=monthrange(first.year, first.month)[1])

    def day(self, month: int, number: int) -> date:
        """Give a month's n-th day."""
        return self.first(month).replace(day=number)

    def all_days(self) -> list[date]:
        """List every day from the first month's first to the last month's last."""
        count = (self.last(len(self.months) - 1) - self.first(0)).days + 1
        return [self.first(0) + timedelta(days=offset) for offset in range(count)]

    def agency(self, code: str, joined: date | None = None, name: str | None = None) -> str:
        """Add an agency; by default it joined on the last day of a month long ago."""
        joined_on = (joined or self.last(-20)).isoformat()
        fields = (code, name or f"机构{code}", joined_on, "杭州", "综合", "")
        self.agencies[code] = dict(zip(AGENCY_COLUMNS, fields, strict=True))
        return code

    def creator(self, creator: str, wave: int = 1) -> str:
        """Add a creator, to the first file or to the second one."""
        followers = str(self.rng.randrange(1_000, 4_000_000))
        fields = (creator, f"达人{creator}", followers, f"{creator}@example.com")
        self.creators[creator] = (wave, dict(zip(CREATOR_COLUMNS, fields, strict=True)))
        return creator

    def bind(
        self,
        agency: str,
        creator: str,
        start: date | None = None,
        end: date | None = None,
        wave: int = 1,
    ) -> None:
        """Bind a creator, known from now on; by default long before and with no end."""
        if creator not in self.creators:
            self.creator(creator)
        bound_from = (start or self.first(-6)).isoformat()
        fields = (agency, creator, bound_from, end.isoformat() if end else "")
        self.bindings[wave].append(dict(zip(BINDING_COLUMNS, fields, strict=True)))

    def close(self, agency: str, creator: str, end: date, start: date | None = None) -> None:
        """End a binding that the first file left open, by a row of the second file."""
        self.bind(agency, creator, start, end, wave=2)

    def violate(
        self, agency: str, decided: date, points: int, reference: str, wave: int = 1
    ) -> None:
        """Add a violation; the rows keep the order in which they are added."""
        occurred = (decided - timedelta(days=3)).isoformat()
        summary = f"平台判定，案号{reference}"
        fields = (agency, "other", occurred, decided.isoformat(), str(points), summary, reference)
        self.violations[wave].append(dict(zip(VIOLATION_COLUMNS, fields, strict=True)))

    def fact(self, creator: str, day: date, **values: object) -> None:
        """Add a creator's day; what is not said is 0 or, for optional columns, empty."""
        if (creator, day) in self.facts or (creator, day) in self.plain_facts:
            raise ValueError(f"{creator} has a second row on {day}")
        self.facts[creator, day] = _fact_record(creator, day, values)

    def plain_fact(self, creator: str, day: date, **values: object) -> None:
        """Add a creator's day to the file without optional columns."""
        if (creator, day) in self.facts or (creator, day) in self.plain_facts:
            raise ValueError(f"{creator} has a second row on {day}")
        self.plain_facts[creator, day] = _fact_record(creator, day, values)

    def correct(self, creator: str, day: date, **values: object) -> None:
        """Replace a creator's day, as a whole, by a row of the corrections file."""
        if (creator, day) not in self.facts:
            raise ValueError(f"{creator} has nothing to correct on {day}")
        self.corrections[creator, day] = _fact_record(creator, day, values)

    def flat(self, code: str, *plans: Flat, bound: date | None = None) -> None:
        """Give an agency creators who bring exactly a plan, month by month.

        One plan serves every month. Everything is on the month's last day, live minutes
        run backwards from it as far as they need.
        """
        for position in range(max(plan.creators for plan in plans)):
            self.bind(code, f"{code}-{position}", bound)
        for month in range(len(self.months)):
            plan = plans[min(month, len(plans) - 1)]
            orders = plan.orders_of()
            minutes = pieces(plan.live * plan.creators * self.last(month).day, plan.creators)
            for position in range(plan.creators):
                self._flat_creator(
                    f"{code}-{position}",
                    self.last(month),
                    minutes[position],
                    settled=yuan(pieces(plan.settled * 100, plan.creators)[position]),
                    showcase=yuan(pieces(plan.showcase * 100, plan.creators)[position]),
                    goods=yuan(pieces(plan.good_goods * 100, plan.creators)[position]),
                    orders=orders[position],
                    worry=pieces(plan.worry_free, plan.creators)[position],
                    level=plan.level,
                    reputation=plan.reputation_of(position),
                )

    def _flat_creator(self, creator: str, day: date, minutes: int, **values: object) -> None:
        self.fact(creator, day, live=min(minutes, 1440), **values)
        while minutes > 1440:
            minutes -= 1440
            day -= timedelta(days=1)
            self.fact(creator, day, live=min(minutes, 1440))

    def write(self, directory: Path) -> list[Path]:
        """Write the files; the result lists them in the order of import.

        facts-1 to facts-3 hold a month each (what lies before or after goes to the first
        and the last), facts-4 later shards of the same days, facts-5 corrections, facts-6
        has no optional columns. Some have a BOM, other line ends, another column order.
        """
        shards: dict[int, list[Record]] = {1: [], 2: [], 3: [], 4: []}
        for (_, day), record in self.facts.items():
            month = sum(1 for first in self.months if first <= day)
            part = 4 if self.rng.random() < 0.2 else min(max(month, 1), 3)
            shards[part].append(record)
        waves: dict[int, list[Record]] = {1: [], 2: []}
        for wave, record in self.creators.values():
            waves[wave].append(record)
        directory.mkdir(parents=True, exist_ok=True)
        save = _Saver(directory, self.rng)
        save("agencies.csv", AGENCY_COLUMNS, self.agencies.values())
        save("agencies_2.csv", AGENCY_COLUMNS, self.renamed.values(), bom=True)
        for wave, suffix in ((1, ""), (2, "_2")):
            save(f"creators{suffix}.csv", CREATOR_COLUMNS, waves[wave])
            save(f"bindings-{wave}.csv", BINDING_COLUMNS, self.bindings[wave], shuffle=True)
            save(f"violations{suffix}.csv", VIOLATION_COLUMNS, self.violations[wave])
        save("facts-1.csv", FACT_COLUMNS, shards[1], shuffle=True)
        save("facts-2.csv", FACT_COLUMNS, shards[2], shuffle=True, bom=True, line_end="\r\n")
        save("facts-3.csv", SHUFFLED_FACT_COLUMNS, shards[3], shuffle=True)
        save("facts-4.csv", FACT_COLUMNS, shards[4], shuffle=True)
        save("facts-5.csv", FACT_COLUMNS, self.corrections.values(), line_end="\r\n")
        save("facts-6.csv", REQUIRED_FACT_COLUMNS, self.plain_facts.values())
        return [directory / name for name in IMPORT_ORDER]


@dataclass
class _Saver:
    directory: Path
    rng: random.Random

    def __call__(
        self,
        name: str,
        columns: tuple[str, ...],
        records: Iterable[Record],
        *,
        shuffle: bool = False,
        bom: bool = False,
        line_end: str = "\n",
    ) -> None:
        rows = list(records)
        if shuffle:
            self.rng.shuffle(rows)
        encoding = "utf-8-sig" if bom else "utf-8"
        with (self.directory / name).open("w", encoding=encoding, newline="") as stream:
            writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator=line_end)
            writer.writeheader()
            writer.writerows(rows)


def _fact_record(creator: str, day: date, values: Fields) -> Record:
    names = {
        "settled": "settled_amount",
        "showcase": "showcase_amount",
        "goods": "good_goods_amount",
        "orders": "settled_orders",
        "worry": "worry_free_orders",
        "live": "live_minutes",
        "level": "creator_level",
        "reputation": "reputation",
        "followers": "followers",
    }
    record = dict.fromkeys(FACT_COLUMNS, "")
    record.update(dict.fromkeys(REQUIRED_FACT_COLUMNS[2:], "0"))
    record.update(creator_id=creator, day=day.isoformat())
    for name, value in values.items():
        record[names[name]] = str(value)
    return record
