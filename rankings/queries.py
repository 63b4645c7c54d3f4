"""What pages ask about the boards: months, places, and where one's own agency is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from django.db.models import QuerySet
from django.utils import timezone

from agencies.actions.honours import cancelled_until
from agencies.enums import Stage
from agencies.models import Agency
from rankings.models import Board, BoardKind, Place
from scoring.enums import EvaluationState
from scoring.models import Assessment
from scoring.queries import pick_month

PAGE_SIZE = 50
PUBLIC_PLACES = 100
FRONT_PLACES = 10


class Absence(Enum):
    """Why an agency has no place on a board (docs/rules.md §6)."""

    NOT_ASSESSED = "not_assessed"
    NOVICE = "novice"
    OBSERVATION = "observation"
    HONOURS_CANCELLED = "honours_cancelled"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class OwnPlace:
    """An agency's own place, or why there is none; `page` is the page of the list it is on."""

    place: Place | None
    absence: Absence | None
    page: int | None
    ahead: Place | None

    @property
    def to_next(self) -> Decimal | None:
        """Points between this place and the one ahead of it."""
        if self.place is None or self.ahead is None:
            return None
        return self.ahead.score - self.place.score


@dataclass(frozen=True)
class BoardView:
    """A published board with its month among the published ones, the newest first."""

    board: Board
    months: tuple[date, ...]

    @property
    def month(self) -> date:
        return self.board.evaluation.month


def published_board(kind: str, month_text: str) -> BoardView | None:
    """The published board of a month, the newest by default; None while none is published.

    Two queries. Raises NoSuchMonth for a month without a published board.
    """
    boards = Board.objects.filter(kind=kind, evaluation__state=EvaluationState.PUBLISHED)
    months = list(boards.order_by("-evaluation__month").values_list("evaluation__month", flat=True))
    if not months:
        return None
    month = pick_month(month_text, months)
    board = boards.select_related("evaluation").get(evaluation__month=month)
    return BoardView(board=board, months=tuple(months))


def places_of_board(board: Board) -> QuerySet[Place]:
    """All places in the order of their ranks."""
    return board.places.order_by("rank")


def own_place(agency: Agency, board: Board) -> OwnPlace:
    """The agency's place on the board and the one ahead, or why there is none.

    At most three queries. 1. Not assessed that month: not in scope, a novice, or in observation.
    2. Assessed, but its honours are cancelled for the day of the publication. 3. Assessed but left
    out otherwise: removed by then, or under a measure that was lifted since (D, section 6).
    """
    place = board.places.filter(agency=agency).first()
    if place is None:
        return OwnPlace(None, _absence(agency, board), None, None)
    ahead = board.places.filter(rank=place.rank - 1).first() if place.rank > 1 else None
    return OwnPlace(place, None, (place.rank - 1) // PAGE_SIZE + 1, ahead)


def _absence(agency: Agency, board: Board) -> Absence:
    stage = (
        Assessment.objects.filter(agency=agency, evaluation=board.evaluation_id)
        .values_list("stage", flat=True)
        .first()
    )
    absence = {
        None: Absence.NOT_ASSESSED,
        Stage.NOVICE.value: Absence.NOVICE,
        Stage.OBSERVATION.value: Absence.OBSERVATION,
    }.get(stage, Absence.LEFT_OUT)
    published_at = board.evaluation.published_at
    if absence is Absence.LEFT_OUT and published_at is not None:
        day = timezone.localdate(published_at)
        if cancelled_until(agency, today=day) is not None:
            return Absence.HONOURS_CANCELLED
    return absence


def places_of_agency(agency: Agency, evaluation_id: int) -> list[tuple[BoardKind, Place | None]]:
    """The agency's places on both boards of one publication. One query."""
    found = {
        place.board.kind: place
        for place in Place.objects.filter(
            agency=agency, board__evaluation=evaluation_id
        ).select_related("board")
    }
    return [(kind, found.get(kind.value)) for kind in BoardKind]


@dataclass(frozen=True)
class FrontBoard:
    """The first places of a board, for the front page."""

    kind: BoardKind
    month: date
    places: tuple[Place, ...]


def front_boards(month: date | None) -> list[FrontBoard]:
    """The first ten of both boards of a published month. One query."""
    if month is None:
        return []
    first = (
        Place.objects.filter(
            board__evaluation__month=month,
            board__evaluation__state=EvaluationState.PUBLISHED,
            rank__lte=FRONT_PLACES,
        )
        .select_related("board")
        .order_by("rank")
    )
    places = list(first)
    return [
        FrontBoard(kind, month, tuple(each for each in places if each.board.kind == kind))
        for kind in BoardKind
    ]
