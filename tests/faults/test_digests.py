"""Fault 8: same inputs, same digest, whatever the threads, the time zone and the clock."""

from __future__ import annotations

import pytest

from scoring.models import Evaluation
from tests.faults.processes import start
from tests.scoring.conftest import JULY, Platform, published

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("threads", "zone", "memory"),
    [
        ("1", "UTC", "512MB"),
        ("2", "Asia/Shanghai", "1GB"),
        ("8", "America/Los_Angeles", "512MB"),
    ],
)
def test_a_run_elsewhere_gives_the_same_digests(
    platform: Platform, threads: str, zone: str, memory: str
) -> None:
    here = published(JULY)

    child = start(
        "manage.py",
        "evaluate",
        "2026-07",
        "--now",
        "--again",
        "elsewhere",
        TZ=zone,
        DUCKDB_THREADS=threads,
        DUCKDB_MEMORY_LIMIT=memory,
    )
    _, err = child.communicate()
    assert child.returncode == 0, err

    there = Evaluation.objects.get(revision=2)
    assert (there.inputs_digest, there.result_digest) == (here.inputs_digest, here.result_digest)
