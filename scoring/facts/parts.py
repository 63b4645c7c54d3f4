"""Fact parts on disk: one immutable Parquet file per day, named by its content.

A part's bytes follow from its rows alone: they are sorted by creator, cut into row groups of a
fixed size and written by one thread, whatever the threads and the order of the import.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import uuid
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

GROUP_ROWS = 131_072
UNFINISHED = ".unfinished"
SCHEMA = pa.schema(
    [
        pa.field("creator", pa.int64(), nullable=False),
        pa.field("day", pa.date32(), nullable=False),
        pa.field("settled_cents", pa.int64(), nullable=False),
        pa.field("showcase_cents", pa.int64(), nullable=False),
        pa.field("good_goods_cents", pa.int64(), nullable=False),
        pa.field("settled_orders", pa.int64(), nullable=False),
        pa.field("worry_free_orders", pa.int64(), nullable=False),
        pa.field("live_minutes", pa.int32(), nullable=False),
        pa.field("level", pa.int8()),
        pa.field("reputation", pa.int16()),
        pa.field("followers", pa.int64()),
    ]
)


@dataclass(frozen=True)
class WrittenPart:
    """A finished file that has no name yet: `unfinished` becomes `name_of` by `keep`."""

    day: date
    sha256: str
    rows: int
    size: int
    unfinished: Path


def write_parts(batches: Iterable[pa.RecordBatch], directory: Path) -> Generator[WrittenPart]:
    """Write rows sorted by day and creator as one unfinished file per day below `directory`.

    `batches` has the columns of `SCHEMA`. Holds one row group in memory at a time. A file that
    is not finished when the rows or the disk end is removed.
    """
    writer: _PartWriter | None = None
    try:
        for batch in batches:
            for day, rows in _days(pa.Table.from_batches([batch]).cast(SCHEMA)):
                if writer and writer.day != day:
                    yield writer.finish()
                    writer = None
                if writer is None:
                    writer = _PartWriter(day, directory)
                writer.add(rows)
        if writer:
            yield writer.finish()
            writer = None
    finally:
        if writer:
            writer.drop()


def keep(part: WrittenPart, path: Path) -> None:
    """Give a finished file its name, so that it survives a loss of power."""
    part.unfinished.rename(path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _PartWriter:
    """The file of one day while rows arrive."""

    def __init__(self, day: date, directory: Path) -> None:
        self.day = day
        folder = directory / f"{day:%Y}" / f"{day:%m}"
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f".{day:%d}-{uuid.uuid4().hex}{UNFINISHED}"
        self._rows = 0
        self._waiting: list[pa.Table] = []
        self._file = self._path.open("wb")
        self._writer = pyarrow.parquet.ParquetWriter(
            self._file,
            SCHEMA,
            compression="zstd",
            compression_level=1,
            use_dictionary=["day", "live_minutes", "level", "reputation"],
            column_encoding={"creator": "DELTA_BINARY_PACKED"},
            store_schema=False,
        )

    def add(self, rows: pa.Table) -> None:
        self._waiting.append(rows)
        waiting = sum(map(len, self._waiting))
        while waiting >= GROUP_ROWS:
            rows = pa.concat_tables(self._waiting)
            self._write(rows.slice(0, GROUP_ROWS))
            self._waiting = [rows.slice(GROUP_ROWS)]
            waiting -= GROUP_ROWS

    def finish(self) -> WrittenPart:
        try:
            rest = pa.concat_tables(self._waiting)
            if len(rest):
                self._write(rest)
            self._writer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            with self._path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except BaseException:
            self.drop()
            raise
        return WrittenPart(self.day, digest, self._rows, self._path.stat().st_size, self._path)

    def drop(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _write(self, rows: pa.Table) -> None:
        # one chunk: how the rows arrived must not show in the pages
        self._writer.write_table(rows.combine_chunks(), row_group_size=GROUP_ROWS)
        self._rows += len(rows)


def _days(rows: pa.Table) -> Iterator[tuple[date, pa.Table]]:
    """The rows, sorted by day, day by day."""
    if not len(rows):
        return
    days = rows["day"].combine_chunks().view(pa.int32()).to_numpy()
    starts = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(rows)]
    for start, end in itertools.pairwise(starts):
        yield rows["day"][start].as_py(), rows.slice(start, end - start)
