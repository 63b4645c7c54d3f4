"""An act beside the test's own transaction: on a connection of its own, waiting for its locks."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

from django.db import connection


class Beside:
    """One act that begins while this connection holds something back."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.result: Any = None
        self._act = act
        self._thread = Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.result = self._act()
        except BaseException as error:
            self.result = error
        finally:
            connection.close()

    def start(self) -> Beside:
        """Begin, and return at once."""
        self._thread.start()
        return self

    def end(self) -> Any:
        """What it gave or raised, once it is done."""
        self._thread.join()
        return self.result


def until_waiting(number: int) -> None:
    """Return once so many connections wait for a lock."""
    waiting = 0
    while waiting < number:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else seen once per transaction
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE NOT granted AND datname = current_database()"
            )
            waiting = cursor.fetchone()[0]
