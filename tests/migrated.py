"""A database with all migrations applied, to copy: each worker's own is made in a second.

`python -m tests.migrated` makes it ahead of the tests, while the linters run.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("portal", "agencies", "scoring", "rankings", "requirements")
PREFIX = "migrated_"


def migrated() -> str:
    """The name of the database; made where there is none for the code as it is now.

    Whoever comes second waits for the first. Databases of older code are dropped.
    """
    wanted = PREFIX + _digest()
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]  # Django's own way
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
        found = _names(cursor)
        if wanted not in found:
            for name in found:
                with suppress(OperationalError):  # another run of tests copies it
                    cursor.execute(f'DROP DATABASE "{name}"')
            _make(cursor, wanted)
    return wanted


def _make(cursor: CursorWrapper, name: str) -> None:
    """Under another name until it is whole."""
    making, own = f"making_{name}", connection.settings_dict["NAME"]
    cursor.execute(f'DROP DATABASE IF EXISTS "{making}"')
    cursor.execute(f'CREATE DATABASE "{making}"')
    connection.close()
    connection.settings_dict["NAME"] = making
    try:
        call_command("migrate", verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
    cursor.execute(f'ALTER DATABASE "{making}" RENAME TO "{name}"')


def _names(cursor: CursorWrapper) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
    return [name for (name,) in cursor.fetchall()]


def _digest() -> str:
    """Of all that migrations read or call; what is not theirs does no harm in it."""
    digest = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.*")):
            if path.suffix in {".py", ".sql", ".toml", ".txt"}:
                digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    import os

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    migrated()
