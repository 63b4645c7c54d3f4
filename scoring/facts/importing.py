"""The facts file: what creators' promotion brought, a row per creator and day."""

# ruff: noqa: S608 - the SQL is put together from our own column names, never from values

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings

from agencies.enums import FileKind, ImportOutcome
from agencies.files import columns
from agencies.files.columns import FileSpec
from agencies.files.faults import FileFault
from agencies.files.staging import Staging
from agencies.imports import FileImport, Occasion
from agencies.imports.frame import lock_imports
from agencies.models import ImportedFile
from scoring.enums import Cause
from scoring.evaluation.staleness import mark_stale
from scoring.facts.creators import followers_updated, resolve_creators
from scoring.facts.parts import GROUP_ROWS, SCHEMA, WrittenPart, keep, write_parts
from scoring.models import FactPart
from scoring.signals import facts_imported

SLICE_ROWS = 4_000_000
PATHS_AT_ONCE = 500
STORED = {
    "settled_amount": "settled_cents",
    "showcase_amount": "showcase_cents",
    "good_goods_amount": "good_goods_cents",
    "creator_level": "level",
}


class FactImport(FileImport):
    """Merges a file of facts into the days' parts: the latest import wins per creator and day.

    1. Rows of the file replace the creator's row of that day, the day's other rows stay. A day
       whose content stays the same keeps its file and gets a part of this import with it: who
       delivered it too must be known when the earlier import is taken back.
    2. Facts of unknown creators are accepted: the creator gets a key and waits to be introduced.
    3. A content that was imported before is left alone, unless `again`, or that import was taken
       back.
    4. Computed and published months of changed days are marked as stale.
    """

    kind = FileKind.FACTS

    def __init__(self, *, again: bool = False) -> None:
        self.again = again
        self._parts: list[tuple[WrittenPart, FactPart | None]] = []
        self._named: list[Path] = []

    def spec(self, today: date) -> FileSpec:
        return FileSpec(
            columns=(
                columns.code("creator_id"),
                columns.day("day", until=today.isoformat(), future="is in the future"),
                columns.hundredths("settled_amount", required=True),
                columns.hundredths("showcase_amount", required=True),
                columns.hundredths("good_goods_amount", required=True),
                columns.whole("settled_orders", required=True),
                columns.whole("worry_free_orders", required=True),
                columns.whole("live_minutes", required=True, high=1440, sql_type="INTEGER"),
                columns.whole("creator_level", required=False, high=7, sql_type="TINYINT"),
                columns.hundredths(
                    "reputation", required=False, low=0, high=5, sql_type="SMALLINT"
                ),
                columns.whole("followers", required=False),
            ),
            key=("creator_id", "day"),
        )

    def repeated(self, sha256: str) -> ImportedFile | None:
        if self.again:
            return None
        return ImportedFile.objects.filter(
            kind=self.kind, sha256=sha256, outcome=ImportOutcome.APPLIED, retraction=None
        ).first()

    def check(self, staged: Staging) -> None:
        for first, last in _slices(_days(staged, "staged WHERE day IS NOT NULL")):
            staged.reject_repeated_keys(_between(first, last))

    def apply(self, staged: Staging, occasion: Occasion) -> None:
        lock_imports(FileKind.CREATORS)
        resolve_creators(staged)
        days = _days(staged, "facts")
        current = _current(list(days))
        for day, part in current.items():
            days[day] += part.rows
        slices = list(_slices(days))
        with followers_updated(staged):
            for number, (first, last) in enumerate(slices):
                occasion.report("Storing", number / len(slices))
                merged = _merged(staged, first, last, list(current.values()))
                with closing(write_parts(merged, settings.FACTS_DIR)) as written:
                    for finished in written:
                        self._take(finished, current.get(finished.day))

    def _take(self, part: WrittenPart, current: FactPart | None) -> None:
        """Give the part its name, unless the day has the same content already."""
        self._parts.append((part, current))
        if current and current.sha256 == part.sha256:
            part.unfinished.unlink()
            return
        path = settings.FACTS_DIR / FactPart(day=part.day, sha256=part.sha256).path
        if not path.exists():
            self._named.append(path)
        keep(part, path)

    def finish(self, staged: Staging, imported: ImportedFile, occasion: Occasion) -> None:
        replaced = [current.pk for _, current in self._parts if current]
        FactPart.objects.filter(pk__in=replaced).update(superseded_at=occasion.now)
        FactPart.objects.bulk_create(
            FactPart(
                day=part.day,
                sha256=part.sha256,
                rows=part.rows,
                size=part.size,
                imported_file=imported,
                replaces=current,
                created_at=occasion.now,
            )
            for part, current in self._parts
        )
        days = [
            part.day
            for part, current in self._parts
            if current is None or current.sha256 != part.sha256
        ]
        about = {"import": imported.pk, "file": imported.name}
        tell_of_changed_days(days, at=occasion.now, about=about)

    def abandon(self) -> None:
        for path in self._named:
            path.unlink(missing_ok=True)


def tell_of_changed_days(days: list[date], *, at: datetime, about: Mapping[str, Any]) -> None:
    """Mark the months of days whose facts changed, each with how many, and send the news up."""
    days = sorted(days)
    for _month, changed in groupby(days, key=lambda day: day.replace(day=1)):
        of_month = list(changed)
        mark_stale(
            of_month[0],
            of_month[-1],
            at=at,
            cause=Cause.FACTS,
            about={**about, "days": len(of_month)},
        )
    facts_imported.send(FactPart, days=days, at=at)


def _days(staged: Staging, rows: str) -> dict[date, int]:
    """The days of those rows, in order, and how many each has."""
    query = f"SELECT day, count(*) FROM {rows} GROUP BY day ORDER BY day"
    return dict(staged.connection.execute(query).fetchall())


def _slices(days: dict[date, int]) -> Iterator[tuple[date, date]]:
    """Ranges of days (first, last) with some million rows each: what is worked on at a time."""
    first: date | None = None
    last: date | None = None
    rows = 0
    for day, count in days.items():
        if first and last and rows + count > SLICE_ROWS:
            yield first, last
            first, rows = None, 0
        first, last, rows = first or day, day, rows + count
    if first and last:
        yield first, last


def _between(first: date, last: date) -> str:
    return f"day BETWEEN DATE '{first}' AND DATE '{last}'"


def _current(days: list[date]) -> dict[date, FactPart]:
    """The current parts of those days. Raises FileFault where a file of one is gone."""
    parts = {part.day: part for part in FactPart.objects.current().filter(day__in=days)}
    for part in parts.values():
        if not (settings.FACTS_DIR / part.path).is_file():
            raise FileFault(
                f"The stored facts of {part.day} are missing ({part.path}): restore them from the"
                " backup before importing that day again."
            )
    return parts


def _merged(
    staged: Staging, first: date, last: date, parts: list[FactPart]
) -> Iterator[pa.RecordBatch]:
    """The rows of the days from `first` to `last` after the import, by day and creator."""
    run = staged.connection.execute
    names = [name for name in staged.spec.key + _values(staged) if name != "creator_id"]
    chosen = ", ".join(f"{name} AS {STORED.get(name, name)}" for name in names)
    query = f"SELECT creator, {chosen} FROM facts WHERE {_between(first, last)}"
    paths = [str(settings.FACTS_DIR / part.path) for part in parts if first <= part.day <= last]
    if paths:
        run(f"CREATE OR REPLACE TEMP TABLE fresh AS {query}")
        run("CREATE OR REPLACE TEMP TABLE kept AS SELECT * FROM fresh LIMIT 0")
        for start in range(0, len(paths), PATHS_AT_ONCE):
            run(
                "INSERT INTO kept BY NAME SELECT * FROM read_parquet(?) AS stored"
                " ANTI JOIN fresh USING (creator, day)",
                [paths[start : start + PATHS_AT_ONCE]],
            )
        query = "SELECT * FROM fresh UNION ALL BY NAME SELECT * FROM kept"
    columns_ = ", ".join(SCHEMA.names)
    ordered = staged.connection.sql(f"SELECT {columns_} FROM ({query}) ORDER BY day, creator")
    yield from ordered.to_arrow_reader(GROUP_ROWS)


def _values(staged: Staging) -> tuple[str, ...]:
    return tuple(c.name for c in staged.spec.columns if c.name not in staged.spec.key)
