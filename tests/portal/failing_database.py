"""A database that answers nothing, by Django's own hook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from django.db import OperationalError, connection


def _refuse(*_: Any) -> NoReturn:
    raise OperationalError("the server closed the connection unexpectedly")


@contextmanager
def database_away() -> Iterator[None]:
    """Every statement of this block fails as on a lost server."""
    with connection.execute_wrapper(_refuse):
        yield
