"""Which changes of a table are kept, whoever makes them: raw SQL included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
from django.db import models

Model = TypeVar("Model", bound=type[models.Model])


def tracked(*trackers: Any, **options: Any) -> Callable[[Model], Model]:
    """Keep a copy of every row that changes, in an event table that refuses changes itself.

    One copy per statement, not per row: an import of a million bindings stays one.
    """
    return pghistory.track(*trackers, level=pghistory.Statement, append_only=True, **options)
