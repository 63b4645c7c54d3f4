"""Conduct as a whole: random histories, held against a plain model after every step.

A history that fails is made short and printed; put its steps into `replay` to see it again.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.db import transaction

from tests.conduct_model.driver import Disagreement, Driver
from tests.conduct_model.steps import WEIGHTS, Step, history, shortest

log = logging.getLogger(__name__)
LENGTH = 120
SECONDS_TO_SHORTEN = 90


class Undo(Exception):
    """Ends a history without keeping any of it."""


def replay(steps: Sequence[Step], folder: Path) -> Driver:
    """Take the steps on a fresh platform and leave no trace of it."""
    driver: Driver | None = None
    try:
        with transaction.atomic():
            driver = Driver(folder)
            driver.run(steps)
            raise Undo
    except Undo:
        pass
    assert driver is not None
    return driver


def failure(steps: Sequence[Step], folder: Path) -> tuple[str, ...]:
    """How a history fails, in words that stay the same while it is made shorter."""
    try:
        replay(steps, folder)
    except Disagreement as parted:
        return ("parted", parted.about)
    except Exception as error:
        return ("broken", type(error).__name__)
    return ()


def histories(seeds: Sequence[int], folder: Path, *, length: int = LENGTH) -> Counter[str]:
    """Take the histories of the seeds; how often each step was taken, and each rule refused."""
    counted: Counter[str] = Counter()
    for seed in seeds:
        steps = history(seed, length)
        try:
            driver = replay(steps, folder)
        except Exception as failed:
            why = failure(steps, folder)
            short = shortest(
                steps,
                lambda some, why=why: failure(some, folder) == why,  # type: ignore[misc]
                seconds=SECONDS_TO_SHORTEN,
            )
            failed.add_note(f"seed {seed}; the shortest history that fails like this: {short}")
            raise
        counted += driver.did
        counted += Counter({f"refused: {rule}": n for rule, n in driver.refusals.items()})
    return counted


def taken(counted: Counter[str]) -> int:
    return sum(number for name, number in counted.items() if name in WEIGHTS)


@pytest.mark.django_db
@pytest.mark.parametrize("half", range(2))
def test_hundreds_of_steps_agree_with_the_model(half: int, tmp_path: Path) -> None:
    counted = histories(range(1 + 4 * half, 5 + 4 * half), tmp_path)
    assert taken(counted) >= 300


@pytest.mark.soak
@pytest.mark.django_db
@pytest.mark.parametrize("block", range(10))
def test_ten_thousand_steps_agree_with_the_model(block: int, tmp_path: Path) -> None:
    first = int(os.environ.get("SEED", "1000")) + 10 * block
    counted = histories(range(first, first + 10), tmp_path, length=150)
    log.info("seeds %d to %d: %d steps; %s", first, first + 9, taken(counted), dict(counted))
    assert taken(counted) >= 1000
    assert not set(WEIGHTS) - set(counted), "every kind of step was taken"
    expected = {f"refused: {rule}" for rule in ("removed", "suspended", "credit", "bound")}
    assert not expected - set(counted), "and every kind of refusal was met"
