"""Puts the test database back after a test whose transactions were real.

Django's own way truncates every table and makes permissions and roles anew, which takes a
quarter of a second; here only what the test wrote goes, and what the migrations left comes back.
Triggers and foreign keys sleep meanwhile, also those that keep the ledger for good.
"""

from __future__ import annotations

from django.db import connection
from django.test import TransactionTestCase
from psycopg import sql

KEPT = "kept"
TABLES = """
    SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = %s AND relkind = 'r' ORDER BY relname
"""

HIGH_NUMBERS = """
    SELECT setval(oid::regclass, 1000000) FROM pg_class
    WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace
"""


def keep_what_the_migrations_left() -> None:
    """Copy every table that has rows; the test database has just been made.

    Numbers of rows begin high, as those of an old platform: where a page writes one with
    thousands separators into a form or an address, its test fails.
    """
    tables = _tables("public")
    with connection.cursor() as cursor:
        cursor.execute(HIGH_NUMBERS)
        cursor.execute(f"CREATE SCHEMA {KEPT}")
        for table in sorted(_filled(tables)):
            cursor.execute(f'CREATE TABLE {KEPT}."{table}" AS TABLE "{table}"')
    TransactionTestCase._fixture_teardown = lambda _: _put_back(tables)  # type: ignore[attr-defined]


def end_other_sessions() -> None:
    """A program that a test killed, or a browser's last request, may still be connected."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _put_back(tables: set[str]) -> None:
    """Empty what was written, fill what was filled; partitions made meanwhile go."""
    kept = _tables(KEPT)
    made = _tables("public") - tables
    written = _filled(tables) | kept
    statements = [sql.SQL("SET session_replication_role = replica")]
    statements += [sql.SQL("DROP TABLE {}").format(sql.Identifier(each)) for each in made]
    statements += [sql.SQL("DELETE FROM {}").format(sql.Identifier(each)) for each in written]
    statements += [
        sql.SQL("INSERT INTO {} TABLE {}").format(sql.Identifier(each), sql.Identifier(KEPT, each))
        for each in kept
    ]
    statements.append(sql.SQL("SET session_replication_role = origin"))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("; ").join(statements).as_string())


def _tables(schema: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [schema])
        return {name for (name,) in cursor.fetchall()}


def _filled(tables: set[str]) -> set[str]:
    """Those with a row."""
    looks = (
        sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(each, sql.Identifier(each))
        for each in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(looks).as_string())
        return {name for (name,) in cursor.fetchall()}
