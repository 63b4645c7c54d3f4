"""What a back-test says in figures: counted while it runs, kept as its summary."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from agencies.enums import Stage
from scoring.backtests.boards import Ranks, Tried
from scoring.backtests.trial import Outcome
from scoring.queries.benefits import has_benefit, limits_of
from scoring.rulebook import Rulebook

# Creators bound on the month's last day: each band begins at its number.
SIZES: Final = (0, 1, 10, 50, 200, 1_000)
UNKNOWN_SIZE: Final = ""
# Points on either side of a cut-off, both ends included.
NEAR: Final = (Decimal(5), Decimal(10))
FIRST_PLACES: Final = (10, 100)
DIRECTIONS: Final = ("up", "down", "aside", "same")


@dataclass
class Figures:
    """The counts of one month, or of several together (then an agency counts once a month).

    `matrix` counts by (place before, place after), where a place is a level or a stage without one;
    `boards` by (board, first places, what).
    """

    matrix: Counter[tuple[str, str]] = field(default_factory=Counter)
    moved_by: Counter[str] = field(default_factory=Counter)
    sizes: Counter[tuple[str, str]] = field(default_factory=Counter)
    stages: Counter[tuple[str, str]] = field(default_factory=Counter)
    near: Counter[tuple[str, str]] = field(default_factory=Counter)
    boards: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    caps: Counter[str] = field(default_factory=Counter)
    benefits: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: int = 0

    def add(self, other: Figures) -> None:
        """Count another month in."""
        for name in ("matrix", "moved_by", "sizes", "stages", "near", "boards", "caps", "benefits"):
            getattr(self, name).update(getattr(other, name))
        self.left_out += other.left_out

    def as_json(self) -> dict[str, Any]:
        """The figures as the summary keeps them."""
        turns = Counter[str]()
        for (_, direction), number in self.stages.items():
            turns[direction] += number
        return {
            "agencies": self.matrix.total(),
            "left_out": self.left_out,
            **{direction: turns[direction] for direction in DIRECTIONS},
            "matrix": _nested(self.matrix),
            "moved_by": dict(self.moved_by),
            "sizes": _nested(self.sizes),
            "stages": _nested(self.stages),
            "near": _nested(self.near),
            "boards": {
                board: {
                    str(first): {
                        what: self.boards[board, first, what] for what in ("changed", "new")
                    }
                    for first in FIRST_PLACES
                }
                for board in ("strength", "growth")
            },
            "benefits": _nested(self.benefits),
            "caps": {name: self.caps[name] for name in ("before", "after", "newly", "unknown")},
        }


def _nested(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (first, second), number in sorted(counts.items()):
        found.setdefault(first, {})[second] = number
    return found


def place_of(stage: str, level: str) -> str:
    """Where a result stands in the matrix: its level, or its stage without one."""
    return level or stage


def direction_of(stage_before: str, level_before: str, stage: str, level: str) -> str:
    """Up or down by level, where none is below the first; "aside" from one stage without a level
    into the other; else "same". Levels are V1, V2 … in every rulebook.
    """
    old, new = (int(each[1:]) if each else 0 for each in (level_before, level))
    if old != new:
        return "up" if new > old else "down"
    return "same" if stage_before == stage else "aside"


def size_of(creators: int | None) -> str:
    """The band of a number of bound creators, by where it begins."""
    if creators is None:
        return UNKNOWN_SIZE
    return str(SIZES[bisect_right(SIZES, creators) - 1])


def month_figures(
    old: Rulebook, new: Rulebook, outcomes: Iterable[Outcome], *, boards: Tried, left_out: int
) -> Figures:
    """The figures of one month: under the rulebook that decided it, and under the other.

    1. Who moves counts by the indicator whose points changed most; "" where none of them did, so
       that other rules than the curves moved it: cut-offs, floors, novice months, the bonus cap.
    2. Near a cut-off is who would be assessed with a total at most so many points below or above
       it; the first level begins at 0 and has none.
    3. An agency is over its cap with more creators bound on the last day than its level binds.
    """
    figures = Figures(left_out=left_out)
    cuts = [level.min_total for level in new.levels[1:]]
    caps = (_caps(old), _caps(new))
    for each in outcomes:
        own = (each.stage_before, each.level_before, each.stage, each.level)
        direction = direction_of(*own)
        old_place, new_place = place_of(*own[:2]), place_of(*own[2:])
        figures.matrix[old_place, new_place] += 1
        figures.sizes[size_of(each.creators), direction] += 1
        figures.stages[each.stage_before, direction] += 1
        if direction != "same":
            figures.moved_by[each.moved_by] += 1
        if each.stage == Stage.ASSESSED and each.total is not None:
            _count_near(figures, each.total, cuts)
        _count_caps(figures, each, caps)
    _count_benefits(figures, old, new)
    _count_boards(figures, boards)
    return figures


def _caps(rulebook: Rulebook) -> dict[str, int | None]:
    """The cap of each level, and of the stages without one under ""."""
    keys = ("", *(level.key for level in rulebook.levels))
    return {key: limits_of(rulebook, key).cap for key in keys}


def _count_near(figures: Figures, total: Decimal, cuts: Sequence[Decimal]) -> None:
    place = bisect_right(cuts, total)
    for near in NEAR:
        if place < len(cuts) and cuts[place] - total <= near:
            figures.near[str(near), "below"] += 1
        if place and total - cuts[place - 1] <= near:
            figures.near[str(near), "above"] += 1


def _count_caps(
    figures: Figures, outcome: Outcome, caps: tuple[dict[str, int | None], ...]
) -> None:
    if outcome.creators is None:
        figures.caps["unknown"] += 1
        return
    old, new = caps[0][outcome.level_before], caps[1][outcome.level]
    before = old is not None and outcome.creators > old
    after = new is not None and outcome.creators > new
    figures.caps["before"] += before
    figures.caps["after"] += after
    figures.caps["newly"] += after and not before


def _count_benefits(figures: Figures, old: Rulebook, new: Rulebook) -> None:
    """A benefit goes by the level alone, so the matrix says who gains and who loses it."""
    for (place, next_place), number in figures.matrix.items():
        had, has = _benefits(old, place), _benefits(new, next_place)
        for key in has - had:
            figures.benefits[key, "gained"] += number
        for key in had - has:
            figures.benefits[key, "lost"] += number


def _benefits(rulebook: Rulebook, place: str) -> set[str]:
    level = "" if place in Stage.values else place
    return {each.key for each in rulebook.benefits if has_benefit(rulebook, each, level)}


def _count_boards(figures: Figures, boards: Tried) -> None:
    for name in ("strength", "growth"):
        before, after = _first(boards.before, name), _first(boards.after, name)
        for first in FIRST_PLACES:
            old = {rank: who for rank, who in before.items() if rank <= first}
            new = {rank: who for rank, who in after.items() if rank <= first}
            changed = sum(old.get(rank) != new.get(rank) for rank in old.keys() | new.keys())
            figures.boards[name, first, "changed"] = changed
            figures.boards[name, first, "new"] = len(set(new.values()) - set(old.values()))


def _first(ranks: Ranks, board: str) -> dict[int, int]:
    """Who has each of the first places that are told of."""
    most = max(FIRST_PLACES)
    return {rank: who for who, rank in getattr(ranks, board).items() if rank <= most}
