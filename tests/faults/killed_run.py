"""Runs an evaluation and kills itself with SIGKILL at the n-th point; 0 counts the points.

A point is every SQL statement of the run (so every state change, before and after) and every
rename of a file.
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from scoring.evaluation.run import run_evaluation  # noqa: E402

evaluation_id, fatal = int(sys.argv[1]), int(sys.argv[2])
points = count(1)
rename = Path.replace


def point() -> None:
    if next(points) == fatal:
        os.kill(os.getpid(), signal.SIGKILL)


def executed(execute: Any, *args: Any) -> Any:
    point()
    return execute(*args)


def replaced(path: Path, target: Any) -> Path:
    point()
    done = rename(path, target)
    point()
    return done


Path.replace = replaced  # type: ignore[method-assign]
with connection.execute_wrapper(executed):
    run_evaluation(evaluation_id)
print(next(points) - 1)
