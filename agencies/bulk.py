"""Moving many rows between PostgreSQL and Arrow: COPY both ways, in bounded batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
from django.db import connection
from psycopg import sql
from pyarrow import csv

CHUNK_BYTES = 4 << 20


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY Python rows into a table; values are adapted by psycopg."""
    with connection.cursor() as cursor, cursor.copy(_copy_in(table, columns)) as copy:
        for row in rows:
            copy.write_row(row)


def copy_batches(table: str, columns: Sequence[str], batches: Iterable[pa.RecordBatch]) -> int:
    """COPY Arrow batches of numbers, booleans and dates into a table; the rows written."""
    statement = sql.SQL("{} WITH (FORMAT csv)").format(_copy_in(table, columns))
    options = csv.WriteOptions(include_header=False)
    written = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in batches:
            sink = pa.BufferOutputStream()
            csv.write_csv(batch.select(list(columns)), sink, options)
            copy.write(memoryview(sink.getvalue()))
            written += batch.num_rows
    return written


def query_tables(query: str, params: Mapping[str, Any], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of a query as Arrow tables of a few MB each, in the order of the query.

    `query` names its parameters in braces; `schema` names and types the columns in the query's
    order; NULL comes as null.
    """
    bound = sql.SQL(query).format(**{name: sql.Literal(value) for name, value in params.items()})
    statement = sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv)").format(bound)
    read = csv.ReadOptions(column_names=schema.names)
    convert = csv.ConvertOptions(column_types=schema, null_values=[""])
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        lines: list[bytes] = []
        size = 0
        for line in copy:  # one row each
            lines.append(bytes(line))
            size += len(lines[-1])
            if size >= CHUNK_BYTES:
                yield csv.read_csv(
                    pa.py_buffer(b"".join(lines)), read_options=read, convert_options=convert
                )
                lines, size = [], 0
        if lines:
            yield csv.read_csv(
                pa.py_buffer(b"".join(lines)), read_options=read, convert_options=convert
            )


def _copy_in(table: str, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
