"""Making the two boards of a publication."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from agencies.actions.honours import honours_cancelled
from agencies.bulk import copy_rows
from agencies.enums import Stage
from agencies.models import Agency
from rankings.models import Board, BoardKind, Place
from rankings.order import Candidate, growth_order, strength_order
from scoring.backtests.boards import Contender, Ranks, Tried
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
    3. A correction of the month makes boards of its own. The boards of the next month stay as they
       were published, with the rises and previous ranks of then (D).
    """
    agencies = _eligible(evaluation, at)
    before = Evaluation.objects.published().filter(month=previous_month(evaluation.month)).first()
    candidates = _candidates(evaluation, before, agencies)
    _freeze(evaluation, BoardKind.STRENGTH, before, agencies, strength_order(candidates))
    _freeze(evaluation, BoardKind.GROWTH, before, agencies, growth_order(candidates))


def _eligible(evaluation: Evaluation, at: datetime) -> dict[int, tuple[str, str, str]]:
    """Code, name and level of the agencies that may be on a board, by id."""
    assessed = Agency.objects.filter(
        assessments__evaluation=evaluation, assessments__stage=Stage.ASSESSED
    )
    rows = (
        _not_left_out(assessed, at)
        .order_by()
        .values_list("id", "code", "name", "assessments__level")
    )
    return {pk: (code, name, level) for pk, code, name, level in rows}


def _not_left_out(agencies: QuerySet[Agency], at: datetime) -> QuerySet[Agency]:
    """Those that boards of this moment's day may name."""
    today = timezone.localdate(at)
    return agencies.exclude(removed_on__lte=today).exclude(pk__in=honours_cancelled(today))


def try_boards(evaluation: Evaluation, contenders: Sequence[Contender]) -> Tried:
    """Both boards of a published evaluation as frozen, and as its contenders would have stood.

    1. Who was assessed and left out of the published boards stays out.
    2. Who was not assessed then is left out as of the publication's day, as boards are made.

    Nothing is written. D, docs/rules.md §6, §12.
    """
    before = Ranks(*(_published_ranks(evaluation, kind) for kind in BoardKind))
    allowed = _newly_placed(evaluation, [each for each in contenders if not each.was_assessed])
    if evaluation.boards.exists():
        allowed |= before.strength.keys()
    else:
        allowed |= _eligible(evaluation, evaluation.published_at or evaluation.requested_at).keys()
    candidates = [Candidate(*each[:-1]) for each in contenders if each.agency_id in allowed]
    return Tried(
        before, Ranks(_ranks(strength_order(candidates)), _ranks(growth_order(candidates)))
    )


def _newly_placed(evaluation: Evaluation, newcomers: Sequence[Contender]) -> set[int]:
    """Those of the newly assessed that boards of the publication's day may name."""
    if not newcomers:
        return set()
    agencies = Agency.objects.filter(pk__in=[each.agency_id for each in newcomers])
    at = evaluation.published_at or evaluation.requested_at
    return set(_not_left_out(agencies, at).order_by().values_list("pk", flat=True))


def _published_ranks(evaluation: Evaluation, kind: str) -> dict[int, int]:
    places = Place.objects.filter(board__evaluation=evaluation, board__kind=kind)
    return dict(places.order_by().values_list("agency_id", "rank"))


def _ranks(order: Iterable[Candidate]) -> dict[int, int]:
    return {candidate.agency_id: rank for rank, candidate in enumerate(order, start=1)}


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
