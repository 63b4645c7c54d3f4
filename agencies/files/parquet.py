"""Parquet files, looked at by their footer before anything of them is unpacked.

A small file can claim hundreds of millions of rows, and a page can unpack to gigabytes: the
footer's figures are checked against the limits first, and reading happens inside DuckDB's memory
limit. Values are handed on as text, so that one set of rules checks CSV and Parquet alike.
"""

# ruff: noqa: S608 - the SQL is put together from our own column names, never from values

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet

from agencies.files.columns import longest_read
from agencies.files.faults import FileFault

MAGIC = b"PAR1"
LARGEST_FOOTER = 16 * 2**20
SMALLEST_FILE = 12
LONGEST_VALUE = 65_536
DATE, DECIMAL, INTEGER, TEXT = "date", "decimal", "integer", "text"
MEND = {
    "floating": "store amounts as decimals, so that no cent is lost",
    "timestamp": "store days as dates without a time",
    "binary": "store text as strings (UTF-8)",
}


class ParquetFile:
    """A checked Parquet file: its columns and, for each, what kind of value it holds.

    `kinds` maps a column to "text", "integer", "decimal" or "date". Raises FileFault where the
    file is no Parquet, is cut off, is over a limit or holds other kinds of values.
    """

    def __init__(self, path: Path, *, max_rows: int, max_bytes: int) -> None:
        self.path = path
        _check_frame(path)
        try:
            with pyarrow.parquet.ParquetFile(path) as file:
                metadata, schema = file.metadata, file.schema_arrow
                self.rows = _rows(metadata)
                unpacked = _unpacked_bytes(metadata)
        except (pa.ArrowException, OSError) as error:
            raise FileFault(f"The file's Parquet footer cannot be read: {_first(error)}.") from None
        if self.rows > max_rows:
            raise FileFault(f"The file has {self.rows:,} rows; at most {max_rows:,} are allowed.")
        if unpacked > max_bytes:
            raise FileFault(
                f"The file unpacks to {unpacked:,} bytes; at most {max_bytes:,} are allowed."
            )
        self.columns = tuple(schema.names)
        self.kinds = {field.name: _kind(field) for field in schema}

    def texts(self, longest: dict[str, int]) -> str:
        """SQL that reads the file as text columns with `line` (the row, from 1) and `fields`.

        Text longer than `longest` of its column (at least 100) is cut one character later: it is
        rejected for its length anyway, and must not be copied a million times.
        """
        columns = ", ".join(
            f"{self._text(name, longest_read(longest.get(name, 0)) + 1)} AS {quoted(name)}"
            for name in self.columns
        )
        return (
            f"SELECT {columns}, file_row_number + 1 AS line, NULL::INTEGER AS fields"
            f" FROM {self._source}"
        )

    def check_values(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Raise FileFault for values so long that a million mentions of one fill the memory.

        A dictionary page names a value once and the rows only point at it.
        """
        names = [name for name in self.columns if self.kinds[name] == TEXT]
        if not names:
            return
        lengths = ", ".join(f"max(strlen({quoted(name)}))" for name in names)
        [found] = connection.execute(f"SELECT {lengths} FROM {self._source}").fetchall()
        for name, length in zip(names, found, strict=True):
            if length and length > LONGEST_VALUE:
                raise FileFault(
                    f"Column {name} holds a value of {length:,} bytes; at most {LONGEST_VALUE:,}"
                    " are allowed."
                )

    @property
    def _source(self) -> str:
        path = str(self.path).replace("'", "''")
        return f"read_parquet('{path}', file_row_number = true, hive_partitioning = false)"

    def _text(self, name: str, longest: int) -> str:
        column = quoted(name)
        if self.kinds[name] == TEXT:
            # cut before anything else touches it: other functions copy the whole value per row
            return f"coalesce(left({column}, {longest}), '')"
        text = f"coalesce(CAST({column} AS VARCHAR), '')"
        if self.kinds[name] == DECIMAL:
            # the scale of the type says nothing about the value: 12.3400 has two decimals
            return f"regexp_replace(regexp_replace({text}, '(\\.\\d*?)0+$', '\\1'), '\\.$', '')"
        return text


def quoted(name: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _check_frame(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
        size = file.seek(0, 2)
        file.seek(max(size - 8, 0))
        end = file.read(8)
    if start != MAGIC:
        raise FileFault("The file is not Parquet, which its name claims.")
    if size < SMALLEST_FILE or end[4:] != MAGIC:
        raise FileFault("The file is cut off: the end of a Parquet file is missing.")
    footer = int.from_bytes(end[:4], "little")
    if footer > LARGEST_FOOTER:
        raise FileFault(
            f"The file's Parquet footer has {footer:,} bytes; at most {LARGEST_FOOTER:,} are"
            " allowed: write larger row groups."
        )


def _rows(metadata: pyarrow.parquet.FileMetaData) -> int:
    groups = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    if min(groups, default=0) < 0 or sum(groups) != metadata.num_rows:
        raise FileFault("The file is damaged: its row groups do not add up to its rows.")
    return metadata.num_rows


def _unpacked_bytes(metadata: pyarrow.parquet.FileMetaData) -> int:
    total = 0
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        for column in range(metadata.num_columns):
            total += max(group.column(column).total_uncompressed_size, 0)
    return total


def _kind(field: pa.Field) -> str:
    kind = field.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_integer(kind):
        return INTEGER
    if pa.types.is_decimal(kind):
        return DECIMAL
    if pa.types.is_date(kind):
        return DATE
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind):
        return TEXT
    mend = next((text for word, text in MEND.items() if getattr(pa.types, f"is_{word}")(kind)), "")
    raise FileFault(
        f"Column {field.name} is of type {kind}; integers, decimals, strings and dates are"
        f" accepted{': ' + mend if mend else ''}."
    )


def _first(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else "it is damaged"
