"""The summary of a back-test as its page tells it: rows and cells with their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from agencies.enums import Stage
from scoring.backtests.figures import DIRECTIONS, FIRST_PLACES, NEAR, SIZES, UNKNOWN_SIZE
from scoring.backtests.figures import direction_of as _direction_of
from scoring.models import BackTest
from scoring.wording import INDICATOR_NAMES

STAGES: Final = (Stage.NOVICE.value, Stage.OBSERVATION.value)
BOARDS: Final = ("strength", "growth")
# No points changed: cut-offs, floors, novice months, the bonus cap or a held fall did it.
NO_INDICATOR: Final = "none"


@dataclass(frozen=True)
class Place:
    """A row or column of the matrix: a level, or a stage without one."""

    key: str
    label: str | Promise

    @property
    def level(self) -> str:
        return "" if self.key in STAGES else self.key

    @property
    def stage(self) -> str:
        return self.key if self.key in STAGES else Stage.ASSESSED.value


@dataclass(frozen=True)
class Cell:
    """How many went from one place to another; `way` is one of DIRECTIONS."""

    place: Place
    number: int
    way: str


@dataclass(frozen=True)
class MatrixRow:
    """The agencies of one place before, by their place under the tried rules."""

    place: Place
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True)
class Matrix:
    """From (rows) × to (columns), with the sum of each column."""

    columns: tuple[Place, ...]
    rows: tuple[MatrixRow, ...]
    sums: tuple[int, ...]


@dataclass(frozen=True)
class Turns:
    """A line of agencies by the way they go."""

    label: str | Promise
    agencies: int
    up: int
    down: int
    aside: int
    same: int


@dataclass(frozen=True)
class Count:
    """A name with its numbers."""

    label: str | Promise
    numbers: tuple[int, ...]
    key: str = ""


@dataclass(frozen=True)
class Told:
    """The figures of a month, or of all months together (`month` None)."""

    month: date | None
    counts: Mapping[str, int]
    matrix: Matrix
    moved_by: tuple[Count, ...]
    sizes: tuple[Turns, ...]
    stages: tuple[Turns, ...]
    near: tuple[Count, ...]
    boards: tuple[Count, ...]
    benefits: tuple[Count, ...]
    caps: Mapping[str, int]


def told(test: BackTest, month: date | None) -> Told:
    """The figures of a ready back-test, for a month of it or for all together.

    Raises KeyError for a month that it does not have.
    """
    summary = test.summary
    figures = summary["months"][f"{month:%Y-%m}"] if month else summary["all"]
    return Told(
        month=month,
        counts={name: figures[name] for name in ("agencies", "left_out", *DIRECTIONS)},
        matrix=_matrix(summary, figures["matrix"]),
        moved_by=_moved_by(figures["moved_by"]),
        sizes=_turns(figures["sizes"], [(str(each), size_label(each)) for each in SIZES]),
        stages=_turns(figures["stages"], Stage.choices),
        near=tuple(
            Count(
                _near_label(str(near)), _pair(figures["near"].get(str(near), {}), "below", "above")
            )
            for near in NEAR
        ),
        boards=tuple(
            Count(board_label(board, first), _pair(numbers, "changed", "new"))
            for board in BOARDS
            for first in FIRST_PLACES
            for numbers in (figures["boards"][board][str(first)],)
        ),
        benefits=_benefits(summary, figures["benefits"]),
        caps=figures["caps"],
    )


def places(test: BackTest) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """The places before and under the tried rules, the lowest first."""
    summary = test.summary
    return _places(summary["levels_before"]), _places(summary["levels"])


def indicator_name(key: str) -> str:
    """The indicator that moved an agency most; what did where none moved."""
    return str(INDICATOR_NAMES[key]) if key else _("Other rules than the curves, such as cut-offs")


def size_label(first: int) -> str:
    """A band of agencies by the creators bound on the month's last day."""
    if first == SIZES[0]:
        return _("No creator")
    following = SIZES.index(first) + 1
    if following == len(SIZES):
        return _("%(first)s creators or more") % {"first": f"{first:,}"}
    return _("%(first)s to %(last)s creators") % {
        "first": f"{first:,}",
        "last": f"{SIZES[following] - 1:,}",
    }


def board_label(board: str, first: int) -> str:
    """The first places of a board."""
    names = {
        "strength": _("Comprehensive strength board, first %(first)d"),
        "growth": _("All-domain growth board, first %(first)d"),
    }
    return names[board] % {"first": first}


def _near_label(near: str) -> str:
    number = int(near)
    return ngettext("Within %(number)d point", "Within %(number)d points", number) % {
        "number": number
    }


def _places(levels: Iterable[str]) -> tuple[Place, ...]:
    stages = tuple(Place(key, Stage(key).label) for key in STAGES)
    return (*stages, *(Place(key, key) for key in levels))


def _matrix(summary: Mapping[str, Any], counts: Mapping[str, Mapping[str, int]]) -> Matrix:
    before, after = _places(summary["levels_before"]), _places(summary["levels"])
    rows = []
    for place in before:
        numbers = counts.get(place.key, {})
        cells = tuple(
            Cell(
                to,
                numbers.get(to.key, 0),
                _direction_of(place.stage, place.level, to.stage, to.level),
            )
            for to in after
        )
        rows.append(MatrixRow(place, cells, sum(cell.number for cell in cells)))
    sums = tuple(sum(cells) for cells in zip(*(_numbers(row) for row in rows), strict=True))
    return Matrix(after, tuple(rows), sums)


def _numbers(row: MatrixRow) -> tuple[int, ...]:
    return tuple(cell.number for cell in row.cells)


def _moved_by(counts: Mapping[str, int]) -> tuple[Count, ...]:
    """The indicators by how many they moved, those that moved nobody left out."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Count(indicator_name(key), (number,), key or NO_INDICATOR) for key, number in ordered
    )


def _turns(
    counts: Mapping[str, Mapping[str, int]], names: Iterable[tuple[str, str | Promise]]
) -> tuple[Turns, ...]:
    every = [*names, (UNKNOWN_SIZE, pgettext("number of creators", "Not known"))]
    return tuple(
        Turns(label, sum(own.values()), *(own.get(way, 0) for way in DIRECTIONS))
        for key, label in every
        for own in (counts.get(key),)
        if own
    )


def _pair(numbers: Mapping[str, int], first: str, second: str) -> tuple[int, ...]:
    return numbers.get(first, 0), numbers.get(second, 0)


def _benefits(
    summary: Mapping[str, Any], counts: Mapping[str, Mapping[str, int]]
) -> tuple[Count, ...]:
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return tuple(
        Count(title[language], _pair(counts[key], "gained", "lost"))
        for key, title in summary["benefit_titles"].items()
        if key in counts
    )
