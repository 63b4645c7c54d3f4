"""Acts on connections of their own: beside the test's transaction, or all at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

from django.db import connection

from agencies.refusals import Refused


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
    """Return once so many connections wait for a lock; fails where they do not within a minute."""
    waiting, end = 0, time.monotonic() + 60
    while waiting < number:
        assert time.monotonic() < end, "nobody waits for a lock"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else seen once per transaction
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE NOT granted AND datname = current_database()"
            )
            waiting = cursor.fetchone()[0]


def race(acts: Sequence[Callable[[], Any]]) -> tuple[list[Any], list[Refused]]:
    """Do everything at once, each on a connection of its own: what was done, what was refused."""
    start = Barrier(len(acts))
    done: list[Any] = []
    refused: list[Refused] = []
    failures: list[BaseException] = []

    def run(act: Callable[[], Any]) -> None:
        try:
            start.wait()
            done.append(act())
        except Refused as found:
            refused.append(found)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    return done, refused
