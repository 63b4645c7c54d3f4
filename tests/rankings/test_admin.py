"""Staff read the boards as they were frozen."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.models import StaffLook
from tests.factories import BoardFactory, PlaceFactory
from tests.factories.staff import signed_in, superuser, supporter

pytestmark = pytest.mark.django_db


def test_support_reads_boards_and_places_and_nobody_writes_them() -> None:
    place = PlaceFactory.create()
    for table, row in (("board", place.board), ("place", place)):
        page = f"/admin/rankings/{table}/{row.pk}/change/"
        assert signed_in(supporter()).get(page).status_code == 200
        assert signed_in(superuser()).post(page, {}).status_code == 403
        assert signed_in(superuser()).get(f"/admin/rankings/{table}/add/").status_code == 403
    assert StaffLook.objects.get().agency_id == place.agency_id


@pytest.mark.parametrize("table", ["board", "place"])
def test_a_list_of_three_asks_no_more_than_a_list_of_one(table: str) -> None:
    client, board = signed_in(superuser()), BoardFactory.create()
    page = f"/admin/rankings/{table}/"
    PlaceFactory.create(board=board)
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    PlaceFactory.create_batch(2, board=board)
    with CaptureQueriesContext(connection) as many:
        client.get(page)
    assert len(many) == len(few)


def test_a_place_shows_what_it_gained() -> None:
    board = BoardFactory.create()
    PlaceFactory.create(board=board, rank=1, previous_rank=4)
    PlaceFactory.create(board=board, rank=2)
    text = signed_in(superuser()).get("/admin/rankings/place/").content.decode()
    assert '<td class="field-change_shown">+3</td>' in text
    assert '<td class="field-change_shown">new</td>' in text
