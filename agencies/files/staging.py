"""A file's records in a private DuckDB database, checked there, set by set.

1. Every record becomes a row of `staged`: its line, the first reason against it (or NULL) and the
   typed values of its columns; columns that the file does not have are NULL.
2. Later findings (keys given twice, what the platform's own tables say) go into `late`.
3. `accepted` is what is left. Accepted + rejected = records, always.

Memory is bounded by DuckDB's limit; what does not fit spills into the scratch directory.
"""

# ruff: noqa: S608 - the SQL is put together from our own column names, never from values

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import pyarrow as pa

from agencies.files.columns import Check, Column, FileSpec, cut
from agencies.files.faults import FileFault
from agencies.files.parquet import ParquetFile
from agencies.files.scratch import scratch_directory
from agencies.files.source import Limits
from agencies.files.tokens import CsvFile

Content = CsvFile | ParquetFile
Advance = Callable[[int], None]


class Staging:
    """The staged records of one file; made by `staging`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
        self.connection = connection
        self.directory = directory
        self.records = 0

    def load(
        self, content: Content, spec: FileSpec, limits: Limits, advance: Advance | None = None
    ) -> None:
        """Check every record by the columns' rules, and find keys that are there twice."""
        spec.check_header(content.columns)
        self.content, self.spec = content, spec
        run = self.connection.execute
        run(_create(spec))
        run("CREATE TABLE late (line BIGINT, reason VARCHAR)")
        self._fill(f"INSERT INTO staged {_select(spec, content.columns)}", limits, advance)
        self.records = self.one("SELECT count(*) FROM staged")
        run(
            "CREATE VIEW accepted AS SELECT * FROM staged ANTI JOIN late USING (line)"
            " WHERE reason IS NULL"
        )

    def _fill(self, insert: str, limits: Limits, advance: Advance | None) -> None:
        """Run one statement over all of the file; CSV is parsed while DuckDB works."""
        failures: list[BaseException] = []
        try:
            if isinstance(self.content, ParquetFile):
                self.content.check_values(self.connection)
                self._view(self.content)
            else:
                batches = _guarded(self.content, limits, advance, failures)
                reader = pa.RecordBatchReader.from_batches(self.content.schema, batches)
                self.connection.register("piece", reader)
            self.connection.execute(insert).fetchall()
        except duckdb.Error as error:
            if failures:
                raise failures[0] from None
            raise _damaged(self.content, error) from error

    def reject_repeated_keys(self, where: str = "TRUE") -> None:
        """Reject all records that share a readable key; `where` keeps to a slice of them."""
        key = ", ".join(self.spec.key)
        readable = " AND ".join(f"{name} IS NOT NULL" for name in self.spec.key)
        rows = f"SELECT line, reason, {key} FROM staged WHERE {readable} AND {where}"
        # one number per row first: keys as text would not fit into memory for a large file
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE suspect AS SELECT hash({key}) AS mark FROM ({rows})"
            " GROUP BY mark HAVING count(*) > 1"
        )
        if not self.one("SELECT count(*) FROM suspect"):
            return
        self.reject(
            f"""
            WITH again AS NOT MATERIALIZED (
                SELECT * FROM ({rows}) WHERE hash({key}) IN (FROM suspect)
            ),
            repeated AS (
                SELECT {key}, count(*) AS n, list_sort(min(line, 3)) AS lines
                FROM again GROUP BY {key} HAVING count(*) > 1
            )
            SELECT line, '{key}: ' || n || ' rows of this file are about the same (lines '
                || array_to_string(lines, ', ') || CASE WHEN n > 3 THEN ', …' ELSE '' END
                || '); leave the one that is right'
            FROM again JOIN repeated USING ({key}) WHERE reason IS NULL
            """
        )

    def reject(self, lines_and_reasons: str) -> None:
        """Reject what a query of (line, reason) says; lines rejected before keep their reason."""
        self.connection.execute(
            f"INSERT INTO late SELECT line, any_value(reason) FROM ({lines_and_reasons})"
            " AS found(line, reason) WHERE line NOT IN (SELECT line FROM late) GROUP BY line"
        )

    def reject_lines(self, found: Sequence[tuple[int, str]]) -> None:
        """Reject lines, each with its reason."""
        if found:
            lines, reasons = zip(*found, strict=True)
            rejected = pa.table({"line": pa.array(lines, pa.int64()), "reason": list(reasons)})
            self.connection.register("rejected", rejected)
            self.reject("SELECT line, reason FROM rejected")
            self.connection.unregister("rejected")

    @property
    def rejected(self) -> int:
        """How many records are rejected by now."""
        query = (
            "SELECT (SELECT count(*) FROM staged WHERE reason IS NOT NULL)"
            " + (SELECT count(*) FROM late)"
        )
        return self.one(query)

    def one(self, query: str) -> int:
        """The single value of a query."""
        rows = self.connection.execute(query).fetchall()
        return int(rows[0][0]) if rows else 0

    def rejects(self, cell: Callable[[str], str]) -> Iterator[pa.RecordBatch]:
        """Rejected records by line: line, reason, and `cell` (SQL) of each delivered column."""
        columns = ", ".join(cell(name) for name in self.content.columns)
        query = f"""
            SELECT piece.line, rejects.reason, {columns} FROM piece JOIN (
                SELECT line, reason FROM staged WHERE reason IS NOT NULL
                UNION ALL FROM late
            ) AS rejects USING (line) ORDER BY piece.line
        """
        for _ in self._pieces():
            yield from self.connection.sql(query).to_arrow_reader(10_000)

    def _pieces(self) -> Iterator[None]:
        """Make one part of the file after the other the relation `piece`, as text columns."""
        if isinstance(self.content, ParquetFile):
            yield
            return
        for table in self.content.tables():
            self.connection.register("piece", table)
            yield
            self.connection.unregister("piece")

    def _view(self, content: ParquetFile) -> None:
        longest = {column.name: column.longest for column in self.spec.columns}
        self.connection.execute(f"CREATE TEMP VIEW piece AS {content.texts(longest)}")


@contextmanager
def staging(parent: Path, *, memory_limit: str, threads: int) -> Iterator[Staging]:
    """An empty staging database that spills below `parent`; nothing is left on leaving.

    It lives in memory up to the limit: compressing tables into a file costs twice the checking.
    """
    with scratch_directory(parent) as directory:
        connection = duckdb.connect(
            config={
                "memory_limit": _own_share(memory_limit),
                "threads": threads,
                "temp_directory": str(directory / "spill"),
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )
        try:
            yield Staging(connection, directory)
        finally:
            with suppress(duckdb.Error):
                connection.close()


def _own_share(memory_limit: str) -> str:
    """Four fifths of the limit: parsing, COPY and writing parts hold memory beside DuckDB."""
    parts = re.fullmatch(r"\s*([\d.]+)\s*(\D+)", memory_limit)
    if not parts:
        raise ValueError(f"{memory_limit!r} is not an amount of memory: write it like 512MB.")
    return f"{float(parts[1]) * 0.8:.1f}{parts[2]}"


def _guarded(
    content: CsvFile, limits: Limits, advance: Advance | None, failures: list[BaseException]
) -> Iterator[pa.RecordBatch]:
    """The records of a CSV file up to the limit; what fails is kept, DuckDB tells only its text."""
    records = 0
    try:
        for table in content.tables(advance):
            records += len(table)
            if records > limits.max_rows:
                raise FileFault(
                    f"The file has more than {limits.max_rows:,} records: deliver it in parts."
                )
            yield from table.to_batches()
    except BaseException as failure:
        failures.append(failure)
        raise


def _create(spec: FileSpec) -> str:
    columns = ", ".join(f"{column.name} {column.sql_type}" for column in spec.columns)
    return f"CREATE TABLE staged (line BIGINT, reason VARCHAR, {columns})"


def _select(spec: FileSpec, present: Sequence[str]) -> str:
    """The rows of `piece`, typed, each with the first reason against it."""
    columns = [column for column in spec.columns if column.name in present]
    typed = ", ".join(f"{column.typed} AS v_{column.name}" for column in columns)
    ragged = Check(
        "fields IS NOT NULL",
        f"'the row has ' || fields || ' fields, the header has {len(present)}'",
    )
    checks = [ragged, *(check for column in columns for check in (*column.checks, cut(column)))]
    cases = " ".join(f"WHEN {check.fails} THEN {check.reason}" for check in checks)
    values = ", ".join(_value(column, spec, present) for column in spec.columns)
    inner = f"SELECT *, CASE {cases} END AS bad FROM (SELECT *, {typed} FROM piece)"
    outer = f"SELECT line, bad, {values} FROM ({inner})"
    if not spec.row_checks:
        return outer
    names = ", ".join(column.name for column in spec.columns)
    more = " ".join(f"WHEN {check.fails} THEN {check.reason}" for check in spec.row_checks)
    return (
        f"SELECT line, coalesce(reason, CASE {more} END), {names}"
        f" FROM ({outer}) AS row_(line, reason, {names})"
    )


def _value(column: Column, spec: FileSpec, present: Sequence[str]) -> str:
    if column.name not in present:
        return "NULL"
    if column.name not in spec.key:
        # a rejected value may be beyond the column's type
        return f"CASE WHEN bad IS NULL THEN v_{column.name} END"
    # the key of a ragged row is not readable: its values may stand in the wrong columns
    value = f"v_{column.name}" if column.sql_type == "DATE" else f"nullif(v_{column.name}, '')"
    return f"CASE WHEN fields IS NULL THEN {value} END"


def _damaged(content: Content, error: duckdb.Error) -> Exception:
    """Why a Parquet file cannot be read; other errors are not the file's and stay as they are."""
    if not isinstance(content, ParquetFile) or "No space left" in str(error):
        return error
    if isinstance(error, duckdb.OutOfMemoryException):
        return FileFault(
            "The file needs more memory to unpack than an import may use: write smaller pages and"
            " row groups."
        )
    return FileFault(f"The file is damaged: {str(error).strip().splitlines()[0]}")
