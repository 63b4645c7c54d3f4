"""The boards: for agencies with their own place in sight, for everybody the first hundred."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from agencies.enums import Measure, Stage
from agencies.models import Agency
from rankings.models import Board, BoardKind, Place
from rankings.queries import PAGE_SIZE
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BoardFactory,
    EvaluationFactory,
    MembershipFactory,
    PlaceFactory,
)
from tests.factories.cases import PenaltyFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency")


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


@pytest.fixture
def board() -> Board:
    return BoardFactory.create(
        kind=BoardKind.STRENGTH, evaluation=EvaluationFactory.create(month=OCTOBER)
    )


def stranger() -> Client:
    return Client(headers={"accept-language": "en"})


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def fill(board: Board, count: int) -> None:
    """Places 1 to `count` of agencies that nobody of the test belongs to."""
    agencies = Agency.objects.bulk_create(
        Agency(code=f"P{rank:04d}", name=f"Place {rank}", joined_on=date(2024, 1, 1))
        for rank in range(1, count + 1)
    )
    Place.objects.bulk_create(
        Place(
            board=board,
            agency=each,
            rank=rank,
            code=each.code,
            name=each.name,
            level="V3",
            score="600.00",
        )
        for rank, each in enumerate(agencies, start=1)
    )


def test_the_own_place_is_in_sight_on_every_page(
    board: Board, agency: Agency, member: Client
) -> None:
    fill(board, PAGE_SIZE)
    PlaceFactory.create(
        board=board, agency=agency, rank=PAGE_SIZE + 1, previous_rank=60, score="590.50"
    )
    first = text(member, "/boards/strength/")
    assert "No. 51" in first
    assert "9.50 points behind No. 50" in first
    assert 'href="?month=2026-10&amp;page=2#own"' in first
    assert 'id="own"' not in first
    second = text(member, "/boards/strength/?month=2026-10&page=2")
    assert 'id="own"' in second
    assert "our agency" in second
    assert "Place 50" not in second


@pytest.mark.parametrize(
    ("previous", "said"),
    [
        (5, '<span class="visually-hidden">up</span> 3</span>'),
        (1, '<span class="visually-hidden">down</span> 1</span>'),
        (2, '<span class="visually-hidden">unchanged</span>'),
        (None, "new on the board"),
    ],
)
def test_the_change_is_an_arrow_with_words(
    board: Board, agency: Agency, member: Client, previous: int | None, said: str
) -> None:
    PlaceFactory.create(board=board, agency=agency, rank=2, previous_rank=previous)
    assert said in text(member, "/boards/strength/")


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (None, "there is no result of this agency for that month"),
        (Stage.NOVICE, "the agency was in the novice stage that month"),
        (Stage.OBSERVATION, "the agency was in the observation stage that month"),
        (Stage.ASSESSED, "agencies that were removed, or whose honours are cancelled"),
    ],
)
def test_without_a_place_the_reason_is_given(
    board: Board, agency: Agency, member: Client, stage: Stage | None, said: str
) -> None:
    PlaceFactory.create(board=board, rank=1)
    if stage:
        AssessmentFactory.create(evaluation=board.evaluation, agency=agency, stage=stage)
    page = text(member, "/boards/strength/")
    assert "Not on this board:" in page
    assert said in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"starts_on": date(2026, 11, 3)}, "its honours were cancelled by a measure"),
        ({"starts_on": date(2026, 11, 4)}, "agencies that were removed"),
        ({"starts_on": date(2026, 11, 3), "state": "lifted"}, "agencies that were removed"),
    ],
)
def test_cancelled_honours_are_named_as_the_reason(
    board: Board, agency: Agency, member: Client, given: dict[str, Any], said: str
) -> None:
    AssessmentFactory.create(evaluation=board.evaluation, agency=agency)
    PenaltyFactory.create(violation__agency=agency, kind=Measure.CANCEL_HONOURS, **given)
    assert said in text(member, "/boards/strength/")


def test_the_month_is_chosen_among_the_published_ones(board: Board, member: Client) -> None:
    september = BoardFactory.create(
        kind=BoardKind.STRENGTH, evaluation=EvaluationFactory.create(month=SEPTEMBER)
    )
    PlaceFactory.create(board=board, rank=1, name="October First")
    PlaceFactory.create(board=september, rank=1, name="September First")
    for client, path in ((member, "/boards/strength/"), (stranger(), "/public/boards/strength/")):
        assert "October First" in text(client, path)
        page = text(client, f"{path}?month=2026-09")
        assert "September First" in page
        assert "October First" not in page
        assert client.get(f"{path}?month=2026-08").status_code == 404
        assert client.get(f"{path}?month=soon").status_code == 404


def test_a_superseded_board_is_not_shown() -> None:
    old = EvaluationFactory.create(month=OCTOBER, state="superseded")
    PlaceFactory.create(board=BoardFactory.create(evaluation=old), rank=1, name="Old First")
    assert "No board has been published yet" in text(stranger(), "/public/boards/strength/")


def test_before_the_first_publication_both_pages_say_so(member: Client) -> None:
    for kind in BoardKind:
        for client, path in ((member, f"/boards/{kind}/"), (stranger(), f"/public/boards/{kind}/")):
            assert "No board has been published yet" in text(client, path)


def test_an_unknown_board_is_not_found(member: Client) -> None:
    assert member.get("/boards/fame/").status_code == 404
    assert stranger().get("/public/boards/fame/").status_code == 404


def test_the_public_board_ends_with_the_hundredth_place(board: Board) -> None:
    fill(board, 101)
    page = text(stranger(), "/public/boards/strength/")
    assert "Place 100 " in page
    assert "Place 101 " not in page
    assert "The first 100 of 101 places." in page


def test_the_public_board_sets_no_session(board: Board) -> None:
    PlaceFactory.create(board=board, rank=1)
    response = stranger().get("/public/boards/strength/")
    assert "sessionid" not in response.cookies


def test_a_page_beyond_the_last_shows_the_last(board: Board, member: Client) -> None:
    fill(board, PAGE_SIZE + 1)
    assert "Place 51 " in text(member, "/boards/strength/?page=99")
    assert "Place 1 " in text(member, "/boards/strength/?page=first")


def test_the_growth_board_names_its_points(member: Client) -> None:
    PlaceFactory.create(board=BoardFactory.create(kind=BoardKind.GROWTH), rank=1)
    page = text(member, "/boards/growth/")
    assert "Growth points" in page
    assert "Order: growth points" in page


@pytest.mark.parametrize(
    ("path", "queries", "member_page"),
    [("/boards/strength/", 8, True), ("/public/boards/strength/", 4, False)],
)
def test_boards_take_as_many_queries_for_three_rows_as_for_one(  # noqa: PLR0917
    board: Board,
    agency: Agency,
    member: Client,
    path: str,
    queries: int,
    member_page: bool,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    client = member if member_page else stranger()
    PlaceFactory.create(board=board, agency=agency, rank=1)
    with django_assert_num_queries(queries):
        text(client, path)
    PlaceFactory.create(board=board, rank=2)
    PlaceFactory.create(board=board, rank=3)
    with django_assert_num_queries(queries):
        text(client, path)


@pytest.mark.parametrize("asked", ["-1", "0", "1000000", "many"])
def test_nobody_chooses_how_long_a_page_is(board: Board, member: Client, asked: str) -> None:
    fill(board, PAGE_SIZE + 1)
    page = text(member, f"/boards/strength/?per_page={asked}")
    assert "Place 50 " in page
    assert "Place 51 " not in page
