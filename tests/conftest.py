"""What every test shares: one embedded platform, directories of its own, English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.middleware import csrf
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as properties

from tests.emptying import end_other_sessions, keep_what_the_migrations_left
from tests.migrated import migrated

# a busy machine is no fault of a property; under CI (`.ci/run`) the examples are the same each time
properties.register_profile(
    "house", properties(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
properties.load_profile("house")


# Modules of single tests that take long: begun first, they do not keep the other workers waiting.
LONGEST = {
    *("test_access.py", "test_crawl.py", "test_kills.py", "test_a_month_in_the_open.py"),
    *("test_conduct_pages.py", "test_open_pages.py", "test_people_pages.py"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first, in the order of their names."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: Any
) -> None:
    """The test database is a copy of one to which the migrations were applied."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, with a quick way back to what the migrations left."""
    with django_db_blocker.unblock():
        keep_what_the_migrations_left()
    yield
    with django_db_blocker.unblock():
        end_other_sessions()


@pytest.fixture(autouse=True, scope="session")
def _tokens_that_read_like_nothing() -> None:
    """A random token never holds what a page must not say, as "V2", "987" or "pdf"."""
    csrf.CSRF_ALLOWED_CHARS = "qxz"


@pytest.fixture(autouse=True)
def _own_directories(settings: Any, tmp_path: Any) -> None:
    """Facts, rejects and scratch files of a test are its own."""
    settings.FACTS_DIR = tmp_path / "facts"
    settings.REJECTS_DIR = tmp_path / "rejects"
    settings.SCRATCH_DIR = tmp_path / "scratch"
    settings.EXPORTS_DIR = tmp_path / "exports"
    settings.UPLOADS_DIR = tmp_path / "uploads"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Sentences are read in English unless a test asks for another language."""
    with translation.override("en"):
        yield
