"""Making the two boards of a publication."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from agencies.actions.honours import honours_cancelled
from agencies.bulk import copy_rows
from agencies.enums import Stage
from agencies.models import Agency
from rankings.models import Board, BoardKind, Place
from rankings.order import Candidate, growth_order, strength_order
from scoring.models import Assessment, Evaluation
from scoring.months import previous_month

PLACE_COLUMNS = (
    "board_id",
    "rank",
    "previous_rank",
    "agency_id",
    "code",
    "name",
    "level",
    "score",
)


def make_boards(evaluation: Evaluation, *, at: datetime) -> None:
    """Freeze both boards of a published evaluation (docs/rules.md §6).

    1. Assessed agencies only; as of the publication's day, removed ones and those whose honours
       are cancelled are left out.
    2. The growth rise and the previous ranks come from last month's published result.
    """
    agencies = _eligible(evaluation, at)
    before = Evaluation.objects.published().filter(month=previous_month(evaluation.month)).first()
    candidates = _candidates(evaluation, before, agencies)
    _freeze(evaluation, BoardKind.STRENGTH, before, agencies, strength_order(candidates))
    _freeze(evaluation, BoardKind.GROWTH, before, agencies, growth_order(candidates))


def _eligible(evaluation: Evaluation, at: datetime) -> dict[int, tuple[str, str, str]]:
    """Code, name and level of the agencies that may be on a board, by id."""
    today = timezone.localdate(at)
    placed = (
        Agency.objects.filter(assessments__evaluation=evaluation, assessments__stage=Stage.ASSESSED)
        .exclude(removed_on__lte=today)
        .exclude(pk__in=honours_cancelled(today))
    )
    rows = placed.order_by().values_list("id", "code", "name", "assessments__level")
    return {pk: (code, name, level) for pk, code, name, level in rows}


def _candidates(
    evaluation: Evaluation,
    before: Evaluation | None,
    agencies: dict[int, tuple[str, str, str]],
) -> list[Candidate]:
    growth_before = dict(_scores(before, "growth")) if before else {}
    return [
        Candidate(
            agency_id=agency_id,
            code=agencies[agency_id][0],
            total=total,
            operating=operating,
            settled_amount=Decimal(totals["settled_cents"]) / 100,
            growth=growth,
            growth_rise=growth - growth_before.get(agency_id, growth),
            showcase_amount=Decimal(totals["showcase_cents"]) / 100,
        )
        for agency_id, total, operating, growth, totals in _scores(
            evaluation, "total", "operating", "growth", "totals"
        )
        if agency_id in agencies
    ]


def _scores(evaluation: Evaluation, *fields: str) -> Iterable[Any]:
    """Agency id and the fields asked for, of the assessed agencies of an evaluation."""
    assessed = Assessment.objects.filter(evaluation=evaluation, stage=Stage.ASSESSED)
    return assessed.order_by().values_list("agency_id", *fields)


def _freeze(
    evaluation: Evaluation,
    kind: str,
    before: Evaluation | None,
    agencies: dict[int, tuple[str, str, str]],
    order: Sequence[Candidate],
) -> None:
    board = Board.objects.create(evaluation=evaluation, kind=kind)
    previous = dict(
        Place.objects.filter(board__evaluation=before, board__kind=kind)
        .order_by()
        .values_list("agency_id", "rank")
    )
    copy_rows(
        "rankings_place",
        PLACE_COLUMNS,
        (
            (
                board.pk,
                rank,
                previous.get(candidate.agency_id),
                candidate.agency_id,
                *agencies[candidate.agency_id],
                candidate.total if kind == BoardKind.STRENGTH else candidate.growth,
            )
            for rank, candidate in enumerate(order, start=1)
        ),
    )
