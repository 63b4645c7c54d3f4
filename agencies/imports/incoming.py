"""The accepted records of a file beside the stored rows: a temporary table in PostgreSQL."""

# ruff: noqa: S608 - the SQL is put together from our own column names, never from values

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from agencies.bulk import copy_batches
from agencies.files.staging import Staging

BATCH_ROWS = 50_000
TYPES = {
    "VARCHAR": 'text COLLATE "C"',
    "DATE": "date",
    "BIGINT": "bigint",
    "INTEGER": "integer",
    "SMALLINT": "smallint",
    "TINYINT": "smallint",
}
Values = Sequence[Any] | Mapping[str, Any] | None


class Incoming:
    """The table `incoming`: line, reason (NULL: still accepted) and the file's typed columns.

    `extra` adds columns (name to SQL type) that the kind fills while it looks things up. Columns
    that the file does not have are NULL; `present` tells them from empty ones.
    """

    def __init__(self, staged: Staging, extra: Mapping[str, str] | None = None) -> None:
        self._staged = staged
        self.present = frozenset(staged.content.columns)
        names = [column.name for column in staged.spec.columns]
        columns = [f"{c.name} {TYPES[c.sql_type]}" for c in staged.spec.columns]
        columns += [f"{name} {kind}" for name, kind in (extra or {}).items()]
        self.run("DROP TABLE IF EXISTS pg_temp.incoming")
        self.run(
            "CREATE TEMPORARY TABLE incoming"
            f" (line bigint, reason text, {', '.join(columns)}) ON COMMIT DROP"
        )
        accepted = staged.connection.sql(f"SELECT line, {', '.join(names)} FROM accepted")
        copy_batches("incoming", ["line", *names], accepted.to_arrow_reader(BATCH_ROWS))
        self.run("ANALYZE incoming")

    def run(self, statement: str, values: Values = None) -> int:
        """Execute a statement; how many rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.rowcount

    def rows(self, query: str, values: Values = None) -> list[tuple[Any, ...]]:
        """The rows of a query, or of a statement that returns some."""
        with connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def reject(self, where: str, reason: str, *, source: str = "", values: Values = None) -> None:
        """Reject the rows still accepted for which `where` holds, with `reason` (SQL text).

        `source` is a FROM item for `where` and `reason` to refer to.
        """
        origin = f"FROM {source}" if source else ""
        self.run(
            f"UPDATE incoming SET reason = {reason} {origin}"
            f" WHERE incoming.reason IS NULL AND ({where})",
            values,
        )

    def hand_back(self) -> None:
        """Tell the staging which lines were rejected here, for the rejects file."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT line, reason FROM incoming WHERE reason IS NOT NULL")
            while found := cursor.fetchmany(BATCH_ROWS):
                self._staged.reject_lines(found)
