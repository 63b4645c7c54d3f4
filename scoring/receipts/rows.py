"""The creator-day rows behind one agency's score, read from what its evaluation froze.

An agency's own days carry figures. Of other days there is a reason and a date, nothing else: not
who the creator was bound to, nor whether there were figures (docs/rules.md §9).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import file_digest
from itertools import groupby
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final, NamedTuple

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from agencies.files.spreadsheet import harmless
from agencies.models import Creator
from scoring.evaluation.freeze import frozen_path
from scoring.evaluation.measure import engine
from scoring.models import RowExport
from scoring.months import last_day

UNFINISHED: Final = ".unfinished"
BATCH_ROWS: Final = 20_000
FIGURES: Final = (
    "settled_cents",
    "showcase_cents",
    "good_goods_cents",
    "settled_orders",
    "worry_free_orders",
    "live_minutes",
    "level",
    "reputation",
)
# The header of the file; `recompute` reads it by these names.
COLUMNS: Final = (
    "creator_id",
    "nickname",
    "day",
    "counts",
    "reason",
    "reason_date",
    "settled_amount",
    "showcase_amount",
    "good_goods_amount",
    "settled_orders",
    "worry_free_orders",
    "live_minutes",
    "creator_level",
    "reputation",
)
NOTHING: Final = ("",) * len(FIGURES)

Span = tuple[date, date]


@dataclass(frozen=True)
class WrittenRows:
    """A finished file that has no name yet: `path` is temporary, `size` in bytes."""

    path: Path
    rows: int
    size: int
    sha256: str


class DayStanding(NamedTuple):
    """Whether a day counts; if not why, and the day on which the own binding began or ended."""

    counts: str
    reason: str
    reason_date: str


class Bound(NamedTuple):
    """A creator who was ever bound in the month, with the own spans [from, until) in it."""

    key: int
    creator_id: str
    nickname: str
    spans: tuple[Span, ...]


def write_rows(export: RowExport) -> WrittenRows:
    """Write the file of a request under a temporary name.

    1. One line per creator ever bound to the agency in the month and day of the month, by
       creator_id (code points) and day.
    2. UTF-8 with a byte order mark, lines end with CR LF; no cell is a formula, negative numbers
       stay numbers. The same frozen inputs and nicknames give the same bytes.

    Raises OSError or the engine's errors; a file that was not finished is removed.
    """
    settings.EXPORTS_DIR.mkdir(parents=True, exist_ok=True)
    creators = _bound_creators(export)
    with NamedTemporaryFile(dir=settings.EXPORTS_DIR, suffix=UNFINISHED, delete=False) as reserved:
        path = Path(reserved.name)
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(COLUMNS)
            rows = 0
            for line in _lines(export, creators):
                sheet.writerow(line)
                rows += 1
            file.flush()
            os.fsync(file.fileno())
        with path.open("rb") as written:
            digest = file_digest(written, "sha256").hexdigest()
        return WrittenRows(path, rows, path.stat().st_size, digest)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def day_standings(spans: Sequence[Span], month: date) -> tuple[DayStanding, ...]:
    """What each day of the month is to an agency with these own spans, in order (D, §4).

    1. Within a span the day counts.
    2. Before the first one: `before_binding`, with the day on which it began.
    3. After the last one: `after_binding`; between two: `between_bindings`; each with the first
       day on which the creator was no longer bound.
    """
    return tuple(
        _standing(spans, month + timedelta(days=number)) for number in range(last_day(month).day)
    )


def _standing(spans: Sequence[Span], day: date) -> DayStanding:
    if any(start <= day < until for start, until in spans):
        return DayStanding("yes", "", "")
    if day < spans[0][0]:
        return DayStanding("no", "before_binding", spans[0][0].isoformat())
    ended = max(until for _, until in spans if until <= day)
    reason = "after_binding" if ended == spans[-1][1] else "between_bindings"
    return DayStanding("no", reason, ended.isoformat())


def _bound_creators(export: RowExport) -> list[Bound]:
    """The creators of the agency's frozen bindings, by code point of their id."""
    frozen = pq.read_table(
        frozen_path(export.evaluation.inputs["bindings"]),
        columns=["creator", "bound_from", "bound_until"],
        filters=[("agency", "=", export.agency_id)],
    ).sort_by([("creator", "ascending"), ("bound_from", "ascending")])
    columns = (frozen[name].to_pylist() for name in frozen.column_names)
    spans = {
        key: tuple((start, until) for _, start, until in slices)
        for key, slices in groupby(zip(*columns, strict=True), key=lambda each: each[0])
    }
    names = Creator.objects.filter(pk__in=spans).values_list("pk", "creator_id", "nickname")
    found = [Bound(key, own_id, nickname, spans[key]) for key, own_id, nickname in names]
    return sorted(found, key=lambda creator: creator.creator_id)


def _lines(export: RowExport, creators: Sequence[Bound]) -> Iterator[tuple[str, ...]]:
    month = export.evaluation.month
    days = [month + timedelta(days=number) for number in range(last_day(month).day)]
    known: dict[tuple[Span, ...], tuple[DayStanding, ...]] = {}
    facts = _facts(export, creators)
    fact = next(facts, None)
    for place, creator in enumerate(creators):
        standings = known.setdefault(creator.spans, ())
        if not standings:
            standings = known[creator.spans] = day_standings(creator.spans, month)
        head = (harmless(creator.creator_id), harmless(creator.nickname))
        for day, standing in zip(days, standings, strict=True):
            if standing.counts == "no":
                yield (*head, day.isoformat(), *standing, *NOTHING)
            elif fact is not None and fact[:2] == (place, day):
                yield (*head, day.isoformat(), *standing, *_figures(fact[2:]))
                fact = next(facts, None)
            else:
                yield (*head, day.isoformat(), "yes", "no_facts", "", *NOTHING)
    if fact is not None:
        raise RuntimeError("The facts did not come in the order of creators and days.")


def _facts(export: RowExport, creators: Sequence[Bound]) -> Iterator[tuple[Any, ...]]:
    """The figures of the agency's own days: (place of the creator, day, FIGURES…), in order.

    The engine keeps to its memory limit; its answer leaves it as a Parquet file.
    """
    parts = export.evaluation.parts.order_by("day")
    paths = [str(settings.FACTS_DIR / part.path) for part in parts]
    slices = [
        {"place": place, "creator": creator.key, "bound_from": start, "bound_until": until}
        for place, creator in enumerate(creators)
        for start, until in creator.spans
    ]
    if not paths or not slices:
        return
    with engine() as (connection, scratch):
        facts = connection.read_parquet(paths, table_name="facts")
        own = ibis.memtable(pa.Table.from_pylist(slices))
        found = facts.join(
            own,
            [
                facts.creator == own.creator,
                facts.day >= own.bound_from,
                facts.day < own.bound_until,
            ],
        ).select("place", "day", *FIGURES)
        answer = scratch / "rows.parquet"
        found.order_by("place", "day").to_parquet(answer)
        with pq.ParquetFile(answer) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                yield from zip(*(each.to_pylist() for each in batch.columns), strict=True)


def _figures(cells: Sequence[int | None]) -> tuple[str, ...]:
    """Cents as yuan, hundredths as points of reputation, the rest as it is."""
    *amounts, orders, worry_free, minutes, level, reputation = cells
    return (
        *(_hundredths(amount) for amount in amounts),
        str(orders),
        str(worry_free),
        str(minutes),
        "" if level is None else str(level),
        "" if reputation is None else _hundredths(reputation),
    )


def _hundredths(number: int | None) -> str:
    whole, part = divmod(abs(number or 0), 100)
    return f"{'-' if (number or 0) < 0 else ''}{whole}.{part:02d}"
