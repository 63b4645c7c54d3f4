"""What every test shares: one embedded platform, an unfrozen ledger for flushing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import translation


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let the test database be flushed: the ledger's refusal of TRUNCATE is switched off.

    The tests of the ledger switch it on again.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE agencies_creditentry DISABLE TRIGGER credit_entry_keep_all")


@pytest.fixture(autouse=True)
def _own_directories(settings: Any, tmp_path: Any) -> None:
    """Facts, rejects and scratch files of a test are its own."""
    settings.FACTS_DIR = tmp_path / "facts"
    settings.REJECTS_DIR = tmp_path / "rejects"
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.EXPORTS_DIR = tmp_path / "exports"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Sentences are read in English unless a test asks for another language."""
    with translation.override("en"):
        yield
