"""What a back-test counts: every agency once, on the right side of every line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencies.enums import Stage
from scoring.backtests.boards import Ranks, Tried
from scoring.backtests.figures import Figures, direction_of, month_figures, size_of
from scoring.backtests.trial import Outcome
from scoring.rulebook import parse
from scoring.rulebook_versions import DEFAULT

RULES = parse(DEFAULT.read_text(encoding="utf-8"))
NOBODY = Ranks({}, {})
ORDINARY = Outcome(
    agency=1,
    stage_before=Stage.ASSESSED,
    level_before="V2",
    total_before=Decimal(500),
    stage=Stage.ASSESSED,
    level="V2",
    total=Decimal(500),
    points="{}",
    moved_by="",
    creators=30,
)
PLACES = [
    (Stage.NOVICE, ""),
    (Stage.OBSERVATION, ""),
    *((Stage.ASSESSED, f"V{n}") for n in range(1, 6)),
]


def figures(*outcomes: Outcome, before: Ranks = NOBODY, after: Ranks = NOBODY) -> dict[str, Any]:
    boards = Tried(before, after)
    return month_figures(RULES, RULES, outcomes, boards=boards, left_out=0).as_json()


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (("assessed", "V2"), ("assessed", "V4"), "up"),
        (("assessed", "V2"), ("observation", ""), "down"),
        (("novice", ""), ("assessed", "V1"), "up"),
        (("novice", ""), ("observation", ""), "aside"),
        (("observation", ""), ("observation", ""), "same"),
        (("assessed", "V5"), ("assessed", "V5"), "same"),
    ],
)
def test_no_level_is_below_the_first(
    before: tuple[str, str], after: tuple[str, str], direction: str
) -> None:
    assert direction_of(*before, *after) == direction


@pytest.mark.parametrize(
    ("creators", "band"),
    [(None, ""), (0, "0"), (1, "1"), (9, "1"), (10, "10"), (999, "200"), (1000, "1000")],
)
def test_a_band_begins_with_its_number(creators: int | None, band: str) -> None:
    assert size_of(creators) == band


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(PLACES)), max_size=30))
def test_every_agency_is_counted_once_in_each_table(
    moves: list[tuple[tuple[str, str], tuple[str, str]]],
) -> None:
    outcomes = [
        ORDINARY._replace(
            stage_before=old[0],
            level_before=old[1],
            stage=new[0],
            level=new[1],
            moved_by="reputation",
        )
        for old, new in moves
    ]
    found = figures(*outcomes)
    turned = {way: found[way] for way in ("up", "down", "aside", "same")}
    assert found["agencies"] == sum(turned.values()) == len(moves)
    assert sum(n for row in found["matrix"].values() for n in row.values()) == len(moves)
    for table in ("stages", "sizes"):
        for way, number in turned.items():
            assert sum(row.get(way, 0) for row in found[table].values()) == number
    moved = len(moves) - turned["same"]
    assert found["moved_by"] == ({"reputation": moved} if moved else {})
    for gained in ("gained", "lost"):
        assert all(row.get(gained, 0) <= len(moves) for row in found["benefits"].values())


@pytest.mark.parametrize(
    ("total", "near"),
    [
        ("390.00", {"10": {"below": 1}}),
        ("389.99", {}),
        ("395.00", {"5": {"below": 1}, "10": {"below": 1}}),
        ("399.99", {"5": {"below": 1}, "10": {"below": 1}}),
        ("400.00", {"5": {"above": 1}, "10": {"above": 1}}),
        ("405.01", {"10": {"above": 1}}),
        ("3.00", {}),
        ("855.00", {"5": {"above": 1}, "10": {"above": 1}}),
    ],
)
def test_near_a_cut_off_counts_both_ends_and_not_the_first_level(
    total: str, near: dict[str, dict[str, int]]
) -> None:
    found = figures(ORDINARY._replace(total=Decimal(total)))["near"]
    assert found == near
    unassessed = ORDINARY._replace(total=Decimal(total), stage=Stage.OBSERVATION, level="")
    assert figures(unassessed)["near"] == {}


def test_who_is_over_the_cap_and_who_newly_and_of_whom_it_is_not_known() -> None:
    found = figures(
        ORDINARY._replace(creators=200),
        ORDINARY._replace(creators=201),
        ORDINARY._replace(creators=51, level="V1"),
        ORDINARY._replace(creators=9_999, level_before="V3", level="V3"),
        ORDINARY._replace(creators=None),
    )
    assert found["caps"] == {"before": 1, "after": 2, "newly": 1, "unknown": 1}


def test_a_benefit_is_gained_and_lost_with_the_level() -> None:
    found = figures(
        ORDINARY._replace(level="V3"),
        ORDINARY._replace(level_before="V3", level="V2"),
        ORDINARY._replace(level_before="V4", level="V3"),
    )["benefits"]
    assert found["unlimited_creators"] == {"gained": 1, "lost": 1}
    assert all(row == {"lost": 1} for key, row in found.items() if "dedicated" in key)
    assert "customer_service" not in found


def test_boards_are_compared_place_by_place() -> None:
    before = Ranks({1: 1, 2: 2, 3: 3}, {1: 1})
    after = Ranks({2: 1, 1: 2, 4: 3}, {1: 1, 9: 11})
    found = figures(before=before, after=after)["boards"]
    assert found["strength"]["10"] == {"changed": 3, "new": 1}
    assert found["growth"] == {"10": {"changed": 0, "new": 0}, "100": {"changed": 1, "new": 1}}


def test_months_together_are_their_sums() -> None:
    boards = Tried(NOBODY, NOBODY)
    months = [
        month_figures(RULES, RULES, [ORDINARY._replace(level=level)], boards=boards, left_out=2)
        for level in ("V2", "V3")
    ]
    every = Figures()
    for month in months:
        every.add(month)
    found = every.as_json()
    assert (found["agencies"], found["up"], found["same"], found["left_out"]) == (2, 1, 1, 4)
    assert found["matrix"] == {"V2": {"V2": 1, "V3": 1}}
