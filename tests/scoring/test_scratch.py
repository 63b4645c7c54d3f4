"""Scratch of a killed computation: swept by the next one, and never while it is in use."""

from __future__ import annotations

import fcntl
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from agencies.files.scratch import scratch_directory
from scoring.evaluation.measure import engine
from scoring.projection import project
from tests.factories import AgencyFactory, CreatorFactory
from tests.factories.facts import deliver_facts


def left_behind(name: str = "import-killed", *, lock: bool = True) -> Path:
    """What a killed process leaves: a directory whose lock nobody holds."""
    directory = django_settings.SCRATCH_DIR / name
    directory.mkdir(parents=True)
    (directory / "engine.duckdb").touch()
    if lock:
        (directory / "lock").touch()
    return directory


def scratch() -> list[Path]:
    return sorted(django_settings.SCRATCH_DIR.iterdir())


def test_the_engine_sweeps_what_a_killed_one_left_and_holds_its_own() -> None:
    left_behind()
    with engine() as (_, own):
        assert scratch() == [own]
        with (own / "lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with engine() as (_, another):
            assert scratch() == sorted([own, another])
    assert scratch() == []


def test_one_killed_before_it_had_a_lock_is_swept_too() -> None:
    left_behind(lock=False)
    with scratch_directory(django_settings.SCRATCH_DIR) as own:
        assert scratch() == [own]


def test_what_others_keep_there_stays() -> None:
    kept = left_behind("kept")
    with scratch_directory(django_settings.SCRATCH_DIR):
        pass
    assert scratch() == [kept]


@pytest.mark.django_db(transaction=True)
def test_a_projection_sweeps_what_a_killed_one_left() -> None:
    AgencyFactory.create()
    deliver_facts({(CreatorFactory.create(), date(2026, 11, 1)): {}})
    left_behind()
    assert project(at=timezone.make_aware(datetime(2026, 11, 22, 10, 0))) is not None
    assert scratch() == []
