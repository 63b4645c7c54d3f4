"""Advisory file locks (flock): the kernel lets go of them whatever way their holder dies."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.01


def open_lock(path: Path) -> int:
    """A descriptor to lock; forks of this process share it, programs it starts do not."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def taken(path: Path) -> bool:
    """Whether somebody holds the lock exclusively."""
    lock = open_lock(path)
    try:
        return not try_lock(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def try_lock(lock: int, mode: int) -> bool:
    """Takes the lock in this mode if that needs no waiting; says whether it did."""
    try:
        fcntl.flock(lock, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the lock exclusively, after waiting for it as long as it takes."""
    lock = open_lock(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def until(happens: Callable[[], bool], seconds: float) -> bool:
    """Waits until it happens, up to this many seconds; says whether it did."""
    limit = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > limit:
            return False
        time.sleep(POLL_SECONDS)
    return True
