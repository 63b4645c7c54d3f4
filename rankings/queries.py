"""What pages ask about the boards: months, places, and where one's own agency is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from agencies.actions.honours import cancelled_until
from agencies.enums import Stage
from agencies.models import Agency
from rankings.models import Board, BoardKind, Place
from scoring.enums import EvaluationState
from scoring.models import Assessment, Evaluation
from scoring.months import previous_month
from scoring.queries import pick_month

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

PAGE_SIZE = 50
PUBLIC_PLACES = 100
FRONT_PLACES = 10
LONGEST_SEARCH = 100
# What a page says of the evaluation behind its board; the rest of that row is long.
PROVENANCE = ("month", "revision", "data_through", "published_at")


class Compared(TypedDict):
    """What a place says besides itself: whether last month had such a board."""

    compared: bool


class Absence(Enum):
    """Why an agency has no place on a board (docs/rules.md §6)."""

    NOT_ASSESSED = "not_assessed"
    NOVICE = "novice"
    OBSERVATION = "observation"
    HONOURS_CANCELLED = "honours_cancelled"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class OwnPlace:
    """An agency's own place with its neighbours, or why there is none.

    `page` is the page of the whole list that the place is on.
    """

    place: Place | None
    absence: Absence | None
    page: int | None = None
    ahead: Place | None = None
    behind: Place | None = None

    @property
    def to_next(self) -> Decimal | None:
        """Points between this place and the one ahead of it."""
        if self.place is None or self.ahead is None:
            return None
        return self.ahead.score - self.place.score

    @property
    def lead(self) -> Decimal | None:
        """Points between this place and the one behind it."""
        if self.place is None or self.behind is None:
            return None
        return self.place.score - self.behind.score


@dataclass(frozen=True)
class BoardView:
    """A published board with its month among the published ones, the newest first.

    `corrected` are those of the months whose board replaced one that was published before.
    """

    board: Board
    months: tuple[date, ...]
    corrected: tuple[date, ...] = ()

    @property
    def month(self) -> date:
        return self.board.evaluation.month

    @property
    def made_again(self) -> bool:
        """Whether the month's result was corrected, and this board made anew with it."""
        return self.month in self.corrected

    @property
    def compared(self) -> bool:
        """Whether the month before has a board too: without one, nobody is new on this one."""
        return previous_month(self.month) in self.months


def published_board(kind: str, month_text: str) -> BoardView | None:
    """The published board of a month, the newest by default; None while none is published.

    One query. Raises NoSuchMonth for a month without a published board.
    """
    published = (
        Board.objects.filter(kind=kind, evaluation__state=EvaluationState.PUBLISHED)
        .select_related("evaluation")
        .only("kind", "evaluation", *(f"evaluation__{name}" for name in PROVENANCE))
        .annotate(corrected=Exists(_published_before()))
        .order_by("-evaluation__month")
    )
    boards = {board.evaluation.month: board for board in published}
    if not boards:
        return None
    months = list(boards)
    return BoardView(
        board=boards[pick_month(month_text, months)],
        months=tuple(months),
        corrected=tuple(month for month, board in boards.items() if board.corrected),
    )


def _published_before() -> QuerySet[Evaluation]:
    """Revisions of a board's month that were published before the one it belongs to."""
    return Evaluation.objects.filter(
        month=OuterRef("evaluation__month"),
        revision__lt=OuterRef("evaluation__revision"),
        published_at__isnull=False,
    )


def searched(text: str) -> str:
    """What is looked for: without the blanks around it and of bounded length."""
    return text.replace("\x00", "").strip()[:LONGEST_SEARCH]


def count_places(board: Board) -> int:
    """How many places the board has: its last rank, as ranks have no gaps (§6). One query."""
    return board.places.aggregate(last=Max("rank"))["last"] or 0


def found_ranks(board: Board, search: str) -> list[int]:
    """The ranks whose name or code holds the text, in their order. One query, one pass."""
    return list(
        board.places.filter(_matching(search)).order_by("rank").values_list("rank", flat=True)
    )


def places_of_ranks(board: Board, ranks: Collection[int]) -> list[Place]:
    """The places of some ranks, in their order. One query."""
    return list(board.places.filter(rank__in=ranks).order_by("rank"))


def public_places(board: Board, search: str = "") -> list[Place]:
    """The first hundred places, or those among them that match; never any other. One query."""
    first = board.places.filter(rank__lte=PUBLIC_PLACES)
    return list(first.filter(_matching(search)).order_by("rank"))


def _matching(search: str) -> Q:
    if not search:
        return Q()
    return Q(name__icontains=search) | Q(code__icontains=search)


def own_place(agency: Agency, board: Board) -> OwnPlace:
    """The agency's place on the board and its neighbours, or why there is none.

    At most three queries. 1. Not assessed that month: not in scope, a novice, or in observation.
    2. Assessed, but its honours are cancelled for the day of the publication. 3. Assessed but left
    out otherwise: removed by then, or under a measure that was lifted since (D, section 6).
    """
    own = Subquery(board.places.filter(agency=agency).values("rank"))
    near = board.places.filter(rank__gte=own - 1, rank__lte=own + 1).order_by("rank")
    places = {place.rank: place for place in near}
    place = next((each for each in places.values() if each.agency_id == agency.pk), None)
    if place is None:
        return OwnPlace(None, _absence(agency, board))
    return OwnPlace(
        place,
        None,
        page=(place.rank - 1) // PAGE_SIZE + 1,
        ahead=places.get(place.rank - 1),
        behind=places.get(place.rank + 1),
    )


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


def places_of_agency(
    agency: Agency, evaluation: Evaluation
) -> list[tuple[BoardKind, Place | None]]:
    """The agency's places on both boards of one publication, `Compared` each. One query."""
    places = Place.objects.filter(agency=agency, board__evaluation=evaluation).annotate(
        compared=_board_before(evaluation.month)
    )
    found = {place.board.kind: place for place in places.select_related("board")}
    return [(kind, found.get(kind.value)) for kind in BoardKind]


@dataclass(frozen=True)
class FrontBoard:
    """The first places of a board, for the front page."""

    kind: BoardKind
    month: date
    places: tuple[WithAnnotations[Place, Compared], ...]

    @property
    def compared(self) -> bool:
        """Whether the month before has a board too: without one, nobody is new on this one."""
        return any(place.compared for place in self.places)


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
        .annotate(compared=_board_before(month))
        .select_related("board")
        .order_by("rank")
    )
    places = list(first)
    return [
        FrontBoard(kind, month, tuple(each for each in places if each.board.kind == kind))
        for kind in BoardKind
    ]


def _board_before(month: date) -> Exists:
    """Whether the month before has a board of a place's kind."""
    return Exists(
        Board.objects.filter(
            kind=OuterRef("board__kind"),
            evaluation__state=EvaluationState.PUBLISHED,
            evaluation__month=previous_month(month),
        )
    )
