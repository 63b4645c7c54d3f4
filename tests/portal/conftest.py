"""A queue of their own for the tests of the processes, which stop it and lose it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from portal import embedded


@pytest.fixture(scope="session")
def queue_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory with a Valkey that no other test talks to."""
    directory = tmp_path_factory.mktemp("queue")
    embedded.ensure(directory, postgres=False)
    yield directory
    embedded.start_valkey(directory)


@pytest.fixture
def queue(queue_dir: Path, settings: Any) -> Iterator[Redis]:
    """The queue that the portal uses in this test, empty."""
    embedded.start_valkey(queue_dir)
    url = embedded.ensure(queue_dir, postgres=False).redis_url
    settings.RQ_QUEUES = {"default": {"URL": url, "DEFAULT_TIMEOUT": 60}}
    with Redis.from_url(url) as connection:
        connection.flushall()
        yield connection


@pytest.fixture
def lost_queue(queue: Redis, queue_dir: Path) -> Iterator[None]:
    """The same, gone."""
    embedded.stop_valkey(queue_dir)
    yield
    embedded.start_valkey(queue_dir)
