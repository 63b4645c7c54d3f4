"""Creators of a facts file: integers for their ids, and the followers that the facts know."""

# ruff: noqa: S608 - the SQL is put together from our own column names, never from values

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.csv
from django.db import connection

from agencies.bulk import copy_batches, query_tables
from agencies.files.staging import Staging

FEW = 100_000
IDS_AT_ONCE = 250_000
BATCH_ROWS = 50_000
NEWER = """
    stored.id = newest.creator
    AND (stored.followers_on IS NULL OR stored.followers_on <= newest.day)
    AND ROW(stored.followers, stored.followers_on)
        IS DISTINCT FROM ROW(newest.followers, newest.day)
"""
KEYS = pa.schema([("creator_id", pa.string()), ("creator", pa.int64())])


def resolve_creators(staged: Staging) -> None:
    """Make `facts` of the accepted rows: the same columns with `creator` instead of its id.

    Ids that nobody named before get a creator that is not introduced: their facts wait.
    """
    run = staged.connection.execute
    run("CREATE TABLE keys (creator_id VARCHAR, creator BIGINT)")
    wanted = None
    if staged.one("SELECT count(*) FROM accepted") <= FEW:
        rows = run("SELECT DISTINCT creator_id FROM accepted").fetchall()
        wanted = [creator_id for (creator_id,) in rows]
    for known in _known(wanted):
        _add(staged.connection, known)
    run(
        "CREATE TABLE facts AS SELECT keys.creator, accepted.* EXCLUDE (line, reason, creator_id),"
        " CASE WHEN keys.creator IS NULL THEN accepted.creator_id END AS newcomer"
        " FROM accepted LEFT JOIN keys USING (creator_id)"
    )
    if staged.one("SELECT count(*) FROM facts WHERE creator IS NULL"):
        run("CREATE OR REPLACE TABLE keys (creator_id VARCHAR, creator BIGINT)")
        for created in _create(staged.connection):
            _add(staged.connection, created)
        run(
            "UPDATE facts SET creator = keys.creator FROM keys"
            " WHERE facts.newcomer = keys.creator_id"
        )
    run("DROP TABLE keys")


@contextmanager
def followers_updated(staged: Staging) -> Iterator[None]:
    """Give creators the newest known followers while the body runs; done when it is left.

    1. Within the file the latest day wins; against what is stored the later day wins, and the
       file where the days are equal.
    2. The UPDATE runs on the open connection from a thread: the body must not use the database.

    Locks the creators that change, by id.
    """
    newest = staged.connection.sql(
        "SELECT creator, max_by(followers, day) AS followers, max(day) AS day"
        " FROM facts WHERE followers IS NOT NULL GROUP BY creator"
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.newest")
        cursor.execute(
            "CREATE TEMPORARY TABLE newest (creator bigint, followers bigint, day date)"
            " ON COMMIT DROP"
        )
    batches = newest.to_arrow_reader(BATCH_ROWS)
    if not copy_batches("newest", ["creator", "followers", "day"], batches):
        yield
        return
    with ThreadPoolExecutor(1) as thread:
        update = thread.submit(_update_followers, connection.connection)
        yield
        update.result()


def _known(wanted: list[str] | None) -> Iterator[pa.Table]:
    """Stored creators, all of them or those `wanted`, in a few large values instead of rows."""
    only = "" if wanted is None else "AND creator_id = ANY(%(wanted)s)"
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM agencies_creator")
        (last,) = cursor.fetchone()
        step = IDS_AT_ONCE if wanted is None else last
        for first in range(1, last + 1, max(step, 1)):
            cursor.execute(
                "SELECT string_agg(creator_id || ',' || id, E'\\n') FROM agencies_creator"
                f" WHERE id BETWEEN %(first)s AND %(last)s {only}",
                {"first": first, "last": first + step - 1, "wanted": wanted},
            )
            (text,) = cursor.fetchone()
            if text:
                yield pyarrow.csv.read_csv(
                    pa.py_buffer(text.encode()),
                    pyarrow.csv.ReadOptions(column_names=KEYS.names),
                    pyarrow.csv.ParseOptions(quote_char=False),
                    pyarrow.csv.ConvertOptions(column_types=KEYS, strings_can_be_null=False),
                )


def _create(staging: duckdb.DuckDBPyConnection) -> Iterator[pa.Table]:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.newcomer")
        cursor.execute("CREATE TEMPORARY TABLE newcomer (creator_id text) ON COMMIT DROP")
        ids = staging.sql(
            "SELECT DISTINCT newcomer AS creator_id FROM facts WHERE newcomer IS NOT NULL"
        ).to_arrow_reader(BATCH_ROWS)
        copy_batches("newcomer", ["creator_id"], ids)
        cursor.execute(
            "INSERT INTO agencies_creator (creator_id)"
            ' SELECT creator_id FROM newcomer ORDER BY creator_id COLLATE "C"'
            " ON CONFLICT (creator_id) DO NOTHING"
        )
        cursor.execute("ANALYZE newcomer")
    yield from query_tables(
        "SELECT creator_id, id FROM agencies_creator JOIN newcomer USING (creator_id)", {}, KEYS
    )


def _add(staging: duckdb.DuckDBPyConnection, known: pa.Table) -> None:
    staging.register("known", known)
    staging.execute("INSERT INTO keys SELECT creator_id, creator FROM known").fetchall()
    staging.unregister("known")


def _update_followers(driver: psycopg.Connection) -> None:
    with driver.cursor() as cursor:
        cursor.execute("ANALYZE newest")
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM agencies_creator AS stored JOIN newest"
            f" ON {NEWER} ORDER BY stored.id FOR NO KEY UPDATE OF stored) AS held"
        )
        cursor.execute(
            "UPDATE agencies_creator AS stored"
            " SET followers = newest.followers, followers_on = newest.day"
            f" FROM newest WHERE {NEWER}"
        )
