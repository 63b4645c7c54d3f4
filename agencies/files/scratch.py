"""Private scratch directories that go away, also after a kill.

A directory belongs to the process that holds the lock file in it; whoever makes the next one
clears those that nobody holds.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "import-"


@contextmanager
def scratch_directory(parent: Path) -> Iterator[Path]:
    """A directory below `parent`, removed on leaving, whatever happened."""
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    try:
        with (directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _sweep(parent: Path) -> None:
    for directory in parent.glob(f"{PREFIX}*"):
        try:
            with (directory / "lock").open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory, ignore_errors=True)
        except OSError:  # held, or just being made or removed by its owner
            continue
