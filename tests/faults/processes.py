"""Processes that work on the test's own platform, to be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection

BASE = Path(__file__).resolve().parent.parent.parent
DEADLINE = 60.0
# Under this name the database knows the sessions of child processes.
CHILD = "child of a test"


def environment(**more: str) -> dict[str, str]:
    """What makes a child process work on this test's database, queue and facts."""
    options = urlencode(connection.settings_dict["OPTIONS"])
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DEBUG": "1",
        "LOG_LEVEL": "ERROR",
        "DATABASE_URL": f"postgresql:///{connection.settings_dict['NAME']}?{options}",
        "REDIS_URL": settings.RQ_QUEUES["default"]["URL"],
        "FACTS_URL": str(settings.FACTS_DIR),
        "DATA_DIR": str(settings.DATA_DIR),
        "PGAPPNAME": CHILD,
        **more,
    }


def start(
    *arguments: str, output: int = subprocess.PIPE, given: int | None = None, **more: str
) -> subprocess.Popen[str]:
    """Start a Python module or script on this test's platform; `given` is its input."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=BASE,
        env=environment(**more),
        stdin=given,
        stdout=output,
        stderr=output,
        text=True,
    )


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a fact of another process; fails by name when it does not come true."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {DEADLINE:.0f} s in vain until {what}")
        time.sleep(0.05)


def until_noticed() -> None:
    """Wait until the database has noticed that every child is gone, and let go of its locks.

    Its session ends a moment after the process, which is less than the minute between two runs of
    the reconciler; a test that goes on at once must not be faster.
    """

    def gone() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = %s",
                [CHILD],
            )
            return cursor.fetchone() == (0,)

    until(gone, "the sessions of the children had ended")
