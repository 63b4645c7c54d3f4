"""Random steps: a name and a number from which the step draws everything it needs.

A step means something in any state, so a history without one of its steps is a history again; that
is what makes a failing one short.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from time import monotonic

Step = tuple[str, int]

WEIGHTS = {
    "clock": 8,
    "settle": 9,
    "draft": 9,
    "issue": 12,
    "discard": 1,
    "deliver": 4,
    "group": 2,
    "appeal": 10,
    "decide_appeal": 10,
    "revoke": 6,
    "confirm_removal": 7,
    "decline_removal": 3,
    "award": 5,
    "ask": 8,
    "confirm": 7,
    "decline": 2,
    "withdraw_request": 1,
    "bind": 11,
    "end": 4,
    "transfer": 4,
    "part": 5,
    "leave": 5,
    "agree": 3,
    "object_to": 5,
    "call_in": 4,
    "withdraw_wish": 1,
    "decide_wish": 4,
}


def history(seed: int, length: int) -> list[Step]:
    """The steps of a seed."""
    random = Random(seed)
    names = random.choices(list(WEIGHTS), list(WEIGHTS.values()), k=length)
    return [(name, random.randrange(1_000_000)) for name in names]


def shortest(
    steps: Sequence[Step], fails: Callable[[list[Step]], bool], *, seconds: float
) -> list[Step]:
    """Leave out steps as long as the rest still fails: first many at once, then one by one."""
    kept, until = list(steps), monotonic() + seconds
    size = max(1, len(kept) // 2)
    while True:
        at = 0
        while at < len(kept) and monotonic() < until:
            shorter = kept[:at] + kept[at + size :]
            if shorter and fails(shorter):
                kept = shorter
            else:
                at += size
        if size == 1 or monotonic() >= until:
            return kept
        size = max(1, size // 2)
