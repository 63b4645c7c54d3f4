"""The boards: for agencies with their own place in sight, for everybody the first hundred."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

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
        (2, '<span class="faint">unchanged against last month</span>'),
        (None, "new on the board"),
    ],
)
def test_the_change_is_an_arrow_with_words(
    board: Board, agency: Agency, member: Client, previous: int | None, said: str
) -> None:
    BoardFactory.create(kind=board.kind, evaluation=EvaluationFactory.create(month=SEPTEMBER))
    PlaceFactory.create(board=board, agency=agency, rank=2, previous_rank=previous)
    page = text(member, "/boards/strength/")
    assert said in page
    assert ">=<" not in page


def test_on_the_first_board_nobody_is_new(board: Board, agency: Agency, member: Client) -> None:
    PlaceFactory.create(board=board, agency=agency, rank=1)
    AssessmentFactory.create(evaluation=board.evaluation, agency=agency)
    for client, path in (
        (member, "/boards/strength/"),
        (stranger(), "/public/boards/strength/"),
        (stranger(), "/"),
        (member, "/home/"),
    ):
        page = text(client, path)
        assert "nothing to compare with" in page
        assert "new on the board" not in page
        assert ">new<" not in page


def test_where_none_of_the_first_was_on_last_months_board_all_are_new(board: Board) -> None:
    BoardFactory.create(kind=board.kind, evaluation=EvaluationFactory.create(month=SEPTEMBER))
    PlaceFactory.create(board=board, rank=1)
    for path in ("/", "/public/boards/strength/"):
        page = text(stranger(), path)
        assert ">new<" in page
        assert "nothing to compare with" not in page


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


@pytest.mark.parametrize("path", ["/boards/strength/", "/public/boards/strength/"])
def test_boards_take_as_many_queries_for_three_rows_as_for_one(
    board: Board, agency: Agency, member: Client, path: str
) -> None:
    client = stranger() if path.startswith("/public/") else member
    PlaceFactory.create(board=board, agency=agency, rank=1)
    with CaptureQueriesContext(connection) as few:
        text(client, path)
    PlaceFactory.create(board=board, rank=2)
    PlaceFactory.create(board=board, rank=3)
    with CaptureQueriesContext(connection) as many:
        text(client, path)
    assert len(many) == len(few) <= 10


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("星河", [1]),
        ("XING", [2]),
        (" xing-2 ", [2]),
        ("a", [2, 3]),
        ("100%", [3]),
        ("%", [3]),
        ("_", []),
        ("\\", []),
        ("nobody", []),
        ("\x00", [1, 2, 3]),
        ("", [1, 2, 3]),
    ],
)
def test_agencies_are_found_by_name_or_code(
    board: Board, member: Client, search: str, found: list[int]
) -> None:
    names = [("P-1", "星河传媒"), ("xing-2", "Alpha"), ("P-3", "100% Beta a")]
    for rank, (code, name) in enumerate(names, start=1):
        PlaceFactory.create(board=board, rank=rank, code=code, name=name)
    for client, path in ((member, "/boards/strength/"), (stranger(), "/public/boards/strength/")):
        response = client.get(path, {"q": search})
        page = " ".join(response.content.decode().split())
        shown = [rank for rank, (_code, name) in enumerate(names, start=1) if name in page]
        assert shown == found
        assert ("place with “" in page or "places with “" in page) is (
            bool(found) and search.strip("\x00 ") != ""
        )
        assert ("has “" in page) is (not found)


def test_the_own_place_stays_in_sight_while_searching(
    board: Board, agency: Agency, member: Client
) -> None:
    fill(board, 2)
    PlaceFactory.create(board=board, agency=agency, rank=3, score="590.00")
    PlaceFactory.create(board=board, rank=4, score="589.50")
    page = text(member, "/boards/strength/?q=P0001")
    assert "No. 3 <span" in page
    assert "of 4</span>" in page
    assert "10.00 points behind No. 2" in page
    assert "0.50 points ahead of No. 4" in page
    assert 'href="?month=2026-10&amp;page=1#own"' in page
    assert "Place 1 " in page
    assert "Place 2 " not in page


def test_the_first_place_has_nobody_ahead(board: Board, agency: Agency, member: Client) -> None:
    PlaceFactory.create(board=board, agency=agency, rank=1)
    page = text(member, "/boards/strength/")
    assert "points behind" not in page
    assert "points ahead" not in page


def test_the_search_is_kept_from_page_to_page(board: Board, member: Client) -> None:
    fill(board, PAGE_SIZE + 1)
    page = text(member, "/boards/strength/?q=Place")
    assert "51 places with “Place”" in page
    assert re.search(r'href="\?[^"]*q=Place[^"]*page=2', page)
    assert 'value="Place"' in page
    assert "Place 51 " in text(member, "/boards/strength/?q=Place&page=2")


def test_the_public_search_never_reaches_beyond_the_hundredth_place(board: Board) -> None:
    fill(board, 101)
    page = text(stranger(), "/public/boards/strength/?q=P0101")
    assert "None of the first 100 places has “P0101”" in page
    assert "Place 101" not in page
    assert "1 place with “P0100”" in text(stranger(), "/public/boards/strength/?q=P0100")


def test_a_board_without_places_says_so(board: Board, member: Client) -> None:
    for client, path in ((member, "/boards/strength/"), (stranger(), "/public/boards/strength/")):
        assert "No agency has a place this month." in text(client, path)


def test_what_is_looked_for_is_shown_harmlessly(board: Board, member: Client) -> None:
    for client, path in ((member, "/boards/strength/"), (stranger(), "/public/boards/strength/")):
        page = client.get(path, {"q": "<b>bold</b>" + "x" * 200}).content.decode()
        assert "<b>bold" not in page
        assert f'value="&lt;b&gt;bold&lt;/b&gt;{"x" * 89}"' in page


def test_a_search_without_a_place_takes_at_most_ten_queries(
    board: Board,
    agency: Agency,
    member: Client,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    AssessmentFactory.create(evaluation=board.evaluation, agency=agency)
    fill(board, 3)
    with django_assert_max_num_queries(10):
        assert "3 places with" in text(member, "/boards/strength/?q=Place")


@pytest.mark.parametrize("asked", ["-1", "0", "1000000", "many"])
def test_nobody_chooses_how_long_a_page_is(board: Board, member: Client, asked: str) -> None:
    fill(board, PAGE_SIZE + 1)
    page = text(member, f"/boards/strength/?per_page={asked}")
    assert "Place 50 " in page
    assert "Place 51 " not in page


@pytest.mark.parametrize("path", ["/boards/strength/", "/public/boards/strength/"])
def test_a_corrected_month_says_that_its_board_was_made_again(
    board: Board, member: Client, path: str
) -> None:
    """A revision that was computed and never published is no correction."""
    first = EvaluationFactory.create(month=SEPTEMBER, state="superseded")
    second = EvaluationFactory.create(
        month=SEPTEMBER, revision=2, published_at=datetime(2026, 11, 18, tzinfo=UTC)
    )
    EvaluationFactory.create(month=SEPTEMBER, revision=3, state="computed", published_at=None)
    for evaluation in (first, second):
        BoardFactory.create(kind=BoardKind.STRENGTH, evaluation=evaluation)
    said = "The result of September 2026 was corrected on Nov. 18, 2026"
    assert said in text(member, f"{path}?month=2026-09")
    october = text(member, path)
    assert "was corrected" not in october
    assert re.search(r"October 2026</option>.*September 2026 · corrected</option>", october)
