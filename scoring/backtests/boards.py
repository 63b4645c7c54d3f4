"""The places on both boards as they would have been, asked of the room above.

The boards belong to `rankings`, which scoring must not import. So rankings registers how it orders
when the applications are ready, as scoring does for the rules of conduct
(docs/adr/0003-policy-down-news-up.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from scoring.models import Evaluation


class Contender(NamedTuple):
    """An agency that would be assessed, with what the boards order by (docs/rules.md §6).

    Units: points, points, yuan, points, points, yuan. `growth_rise` is 0 unless the agency was
    assessed in the calendar month before; `was_assessed` says whether it was in the published
    result of this month.
    """

    agency_id: int
    code: str
    total: Decimal
    operating: Decimal
    settled_amount: Decimal
    growth: Decimal
    growth_rise: Decimal
    showcase_amount: Decimal
    was_assessed: bool


@dataclass(frozen=True)
class Ranks:
    """The rank of each agency on both boards; who has no place is not in it."""

    strength: Mapping[int, int]
    growth: Mapping[int, int]


@dataclass(frozen=True)
class Tried:
    """The ranks of the published boards, and those that the contenders would have had."""

    before: Ranks
    after: Ranks


Ranker = Callable[[Evaluation, Sequence[Contender]], Tried]
_rankers: list[Ranker] = []


def provide(ranker: Ranker) -> None:
    """Register who orders the boards; the last one counts."""
    _rankers[:] = [ranker]


def boards_of(evaluation: Evaluation, contenders: Sequence[Contender]) -> Tried:
    """Both boards of a published evaluation, as they are and as they would have been.

    Raises RuntimeError when nobody orders the boards.
    """
    if not _rankers:
        raise RuntimeError("Nobody orders the boards: rankings.apps registers it at start-up.")
    return _rankers[0](evaluation, contenders)
