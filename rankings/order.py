"""The order of the two boards: pure, so that a place can be explained and tried by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Candidate:
    """An assessed agency as the boards see it.

    Units: points, points, yuan, points, points, yuan. `growth_rise` is the growth points minus
    those of the previous calendar month's published result, 0 unless the agency was assessed
    in it (D, docs/rules.md section 6).
    """

    agency_id: int
    code: str
    total: Decimal
    operating: Decimal
    settled_amount: Decimal
    growth: Decimal
    growth_rise: Decimal
    showcase_amount: Decimal


def strength_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The comprehensive strength board, first place first.

    1. By total, then operating points, then settled amount, each descending.
    2. Then by agency code ascending, by code point: with distinct codes there is no tie.

    The board is S, its formula D; section 6.
    """
    # A reversed sort is stable too: it keeps the ascending codes among equals.
    return sorted(
        sorted(candidates, key=lambda each: each.code),
        key=lambda each: (each.total, each.operating, each.settled_amount),
        reverse=True,
    )


def growth_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The all-domain growth board, first place first.

    1. By growth points, then their rise, then showcase amount, each descending.
    2. Then by agency code ascending, by code point: with distinct codes there is no tie.

    The board is S, its formula D; section 6.
    """
    return sorted(
        sorted(candidates, key=lambda each: each.code),
        key=lambda each: (each.growth, each.growth_rise, each.showcase_amount),
        reverse=True,
    )


def change(previous_rank: int | None, rank: int) -> int | None:
    """Places gained since last month's board, negative when lost; None for a newcomer (S)."""
    return None if previous_rank is None else previous_rank - rank
