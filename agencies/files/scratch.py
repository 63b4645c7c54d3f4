"""Private scratch directories that go away, also after a kill.

A directory belongs to the process that holds the lock file in it; whoever makes the next one
clears those that nobody holds. Making and clearing take turns, so that none is cleared before its
owner holds it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PREFIX = "import-"


@contextmanager
def scratch_directory(parent: Path) -> Iterator[Path]:
    """A directory below `parent`, removed on leaving, whatever happened."""
    parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        with _turn(parent):
            _sweep(parent)
            directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
            held.callback(shutil.rmtree, directory, ignore_errors=True)
            lock = held.enter_context((directory / "lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield directory


@contextmanager
def _turn(parent: Path) -> Iterator[None]:
    handle = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sweep(parent: Path) -> None:
    for directory in parent.glob(f"{PREFIX}*"):
        try:
            with (directory / "lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory, ignore_errors=True)
        except OSError:  # held, or just being removed by its owner
            continue
