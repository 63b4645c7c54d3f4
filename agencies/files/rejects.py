"""The rejects file: what was rejected, why, and the values as delivered."""

from __future__ import annotations

import csv
import itertools
import os
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv

from agencies.files.parquet import quoted
from agencies.files.spreadsheet import FORMULA, NUMBER
from agencies.files.staging import Staging

LONGEST_CELL = 32_000


def write_rejects(staging: Staging, directory: Path, *, name: str) -> Path:
    """Write the rejected records as CSV (UTF-8) and give its path; it appears complete or not.

    1. Columns: line, reason, then the file's own.
    2. A text that a spreadsheet would take for a formula gets a leading apostrophe; plain numbers
       stay numbers.
    3. A value of more than 32,000 characters, which no cell holds, is cut.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.csv"
    unfinished = directory / f".{name}.unfinished"
    try:
        with unfinished.open("wb") as file:
            _write(staging, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def rejects_name(kind: str, sha256: str, at: datetime) -> str:
    """The name of a rejects file: when, what, of which content."""
    return f"{at:%Y%m%dT%H%M%S%f}-{kind}-{sha256[:12]}"


def rejects_path(name: str, directory: Path) -> Path | None:
    """Where a rejects file lies; None where there is none, or its name leads elsewhere."""
    if not name:
        return None
    root = directory.resolve()
    found = (root / name).resolve()
    return found if found.is_relative_to(root) and found.is_file() else None


def first_rejects(path: Path, most: int) -> list[tuple[str, str]]:
    """Line and reason of the first rejected records, at most so many."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = itertools.islice(csv.DictReader(file), most)
        return [(row["line"], row["reason"]) for row in rows]


def _write(staging: Staging, file: BinaryIO) -> None:
    schema = pa.schema(
        [("line", pa.int64()), ("reason", pa.string())]
        + [(name, pa.string()) for name in staging.content.columns]
    )
    with pyarrow.csv.CSVWriter(file, schema) as writer:
        for batch in staging.rejects(_cell):
            writer.write_batch(batch.cast(schema))


def _cell(name: str) -> str:
    """SQL: a delivered value as a spreadsheet may open it."""
    value = f"left(piece.{quoted(name)}, {LONGEST_CELL})"
    formula = f"regexp_matches({value}, '{FORMULA}') AND NOT regexp_full_match({value}, '{NUMBER}')"
    return f"CASE WHEN {formula} THEN chr(39) || {value} ELSE {value} END AS {quoted(name)}"
