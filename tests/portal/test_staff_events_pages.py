"""Events at the staff's desk: writing, publishing, the door, the lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agencies.views.lists import PER_PAGE
from portal.enums import EventState, SeatState
from portal.models import Event, StaffLook
from tests.agencies.desk import queries, said, told
from tests.factories import AgencyFactory, MembershipFactory
from tests.factories.events import (
    AFTERWARDS,
    NOW,
    ON_THE_DAY,
    EventFactory,
    RegistrationFactory,
    material_of,
)
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db

LIST = "/staff/events/"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client() -> Client:
    return signed_in(operator())


def form(lines: int = 1, **changes: Any) -> dict[str, Any]:
    """What the form sends for a salon on 10 December 2026, 14:00 to 17:30."""
    entries = {
        "title_zh": "私享会",
        "title_en": "Salon",
        "city_zh": "成都",
        "city_en": "Chengdu",
        "venue_zh": "天府大道",
        "venue_en": "Tianfu Avenue",
        "text_zh": "",
        "text_en": "",
        "starts_at": "2026-12-10T14:00",
        "ends_at": "2026-12-10T17:30",
        "register_until": "2026-12-08T18:00",
        "seats": "30",
        "most_per_agency": "2",
        "items-TOTAL_FORMS": str(lines),
        "items-INITIAL_FORMS": "0",
    }
    for number in range(lines):
        entries |= {
            f"items-{number}-starts_at": f"2026-12-10T1{4 + number}:00",
            f"items-{number}-ends_at": f"2026-12-10T1{4 + number}:45",
            f"items-{number}-title_zh": "开场",
            f"items-{number}-title_en": "Opening",
        }
    return {**entries, **changes}


def test_an_event_is_written_then_published(client: Client) -> None:
    agency = AgencyFactory.create()

    answer = client.post(f"{LIST}new/", form(lines=2, **{"items-1-speaker_agency": agency.code}))
    event = Event.objects.get()
    assert answer["Location"] == f"{LIST}{event.pk}/"
    assert [(item.title_en, item.speaker_agency) for item in event.items.all()] == [
        ("Opening", None),
        ("Opening", agency),
    ]

    answer = client.post(f"{LIST}{event.pk}/publish/")
    assert told(answer)[-1] == "All agencies see the event now and are told of it."
    event.refresh_from_db()
    assert event.state == EventState.PUBLISHED


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends_at": "2026-12-10T13:00"}, "The end lies after the beginning."),
        ({"register_until": "2026-12-11T13:00"}, "Registration ends before the event begins."),
        ({"items-0-starts_at": "2026-12-10T13:00"}, "does not lie within the event"),
        ({"items-0-speaker_agency": "NOBODY"}, "No agency has the code NOBODY"),
        ({"seats": "0"}, "Ensure this value is greater than or equal to 1."),
    ],
)
def test_a_wrong_entry_is_said_and_nothing_is_kept(
    client: Client, changes: dict[str, str], sentence: str
) -> None:
    answer = client.post(f"{LIST}new/", form(**changes))

    assert answer.status_code == 200
    assert sentence in said(answer)
    assert not Event.objects.exists()


def test_the_form_of_a_change_begins_with_what_is_there(client: Client) -> None:
    event = EventFactory.create()
    page = said(client.get(f"{LIST}{event.pk}/change/"))
    assert 'value="2026-12-10T14:00"' in page
    assert 'name="items-0-title_zh" value="开场"' in page

    answer = client.post(
        f"{LIST}{event.pk}/change/",
        form(seen=event.changed_at.isoformat(), **{"items-INITIAL_FORMS": "1"}),
    )

    assert told(answer) == ["The event is changed."]
    event.refresh_from_db()
    assert (event.city_en, event.sequence) == ("Chengdu", 1)


def test_a_cancellation_needs_its_reason(client: Client) -> None:
    event = EventFactory.create()

    assert "Say why" in said(client.post(f"{LIST}{event.pk}/cancel/", {"reason": ""}))
    client.post(f"{LIST}{event.pk}/cancel/", {"reason": "台风"})

    event.refresh_from_db()
    assert (event.state, event.cancel_reason) == (EventState.CANCELLED, "台风")


def test_the_door_checks_people_in_and_takes_it_back(client: Client) -> None:
    seat = RegistrationFactory.create(person="王敏")
    RegistrationFactory.create(event=seat.event, person="李雷")
    door = f"{LIST}{seat.event_id}/door/"
    assert "Check-in begins on the day of the event." in said(client.get(door))

    with time_machine.travel(ON_THE_DAY, tick=False):
        page = said(client.get(f"{door}?q=王"))
        assert ("王敏" in page, "李雷" in page) == (True, False)
        assert told(client.post(f"{door}{seat.pk}/"))[-1] == "Checked in."
        assert "1 of 2 came" in said(client.get(door))
        answer = client.post(f"{door}{seat.pk}/", {"undo": "1"})
    assert told(answer)[-1] == "The check-in is taken back."


def test_materials_are_put_up_and_taken_away(client: Client) -> None:
    event = EventFactory.create()
    sent = {"title_zh": "讲义", "title_en": "Slides"}

    wrong = SimpleUploadedFile("a.txt", b"text")
    page = said(client.post(f"{LIST}{event.pk}/materials/", {**sent, "file": wrong}))
    assert "a.txt is no PDF, PNG or JPEG file" in page

    right = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    client.post(f"{LIST}{event.pk}/materials/", {**sent, "file": right})
    material = event.materials.get()
    assert client.get(f"{LIST}materials/{material.pk}/").content == b"%PDF-1.7"

    client.post(f"{LIST}{event.pk}/materials/{material.pk}/remove/")
    assert not event.materials.exists()


def test_the_list_of_people_is_a_harmless_file(client: Client) -> None:
    seat = RegistrationFactory.create(person="=1+1")
    RegistrationFactory.create(event=seat.event, state=SeatState.WAITING)

    answer = client.get(f"{LIST}{seat.event_id}/people.csv")

    lines = b"".join(answer.streaming_content).decode().lstrip("\ufeff").splitlines()
    assert len(lines) == 3
    assert lines[1].split(",")[2] == "'=1+1"


def test_every_page_with_people_is_a_look(client: Client) -> None:
    seat = RegistrationFactory.create()
    for rest in ("", "door/", "people.csv"):
        client.get(f"{LIST}{seat.event_id}/{rest}")

    assert list(StaffLook.objects.order_by("id").values_list("path", flat=True)) == [
        f"{LIST}{seat.event_id}/{rest}" for rest in ("", "door/", "people.csv")
    ]


def test_support_reads_and_changes_nothing() -> None:
    event = EventFactory.create()
    seat = RegistrationFactory.create(event=event)
    file = material_of(event)
    client = signed_in(supporter())

    assert client.get(f"{LIST}{event.pk}/").status_code == 200
    for rest in (
        *("new/", f"{event.pk}/change/", f"{event.pk}/publish/", f"{event.pk}/discard/"),
        *(f"{event.pk}/cancel/", f"{event.pk}/door/{seat.pk}/", f"{event.pk}/materials/"),
        f"{event.pk}/materials/{file.pk}/remove/",
    ):
        assert client.post(LIST + rest, {"reason": "x"}).status_code == 403
    event.refresh_from_db()
    assert (event.state, event.materials.count()) == (EventState.PUBLISHED, 1)


def test_members_of_agencies_are_no_staff() -> None:
    event = EventFactory.create()

    assert signed_in(MembershipFactory.create().user).get(LIST).status_code == 403
    assert Client().get(f"{LIST}{event.pk}/")["Location"].startswith("/sign-in/")


def test_pages_ask_the_database_the_same_for_one_and_many(client: Client) -> None:
    event = EventFactory.create()
    RegistrationFactory.create(event=event)
    addresses = (LIST, f"{LIST}{event.pk}/", f"{LIST}{event.pk}/door/", f"{LIST}{event.pk}/change/")
    with time_machine.travel(AFTERWARDS, tick=False):
        one = [queries(client, each) for each in addresses]
        for _ in range(3):
            EventFactory.create()
            RegistrationFactory.create(event=event)
        assert [queries(client, each) for each in addresses] == one
    assert max(one) <= 14


def test_a_slip_in_the_year_is_said(client: Client) -> None:
    page = client.post(f"{LIST}new/", form(starts_at="0001-01-01T00:00"))

    assert "Look at the year: an event lies in this century." in said(page)
    assert not Event.objects.exists()


def test_a_draft_whose_day_has_passed_can_be_changed_and_discarded() -> None:
    event = EventFactory.create(state=EventState.DRAFT)
    with time_machine.travel(AFTERWARDS, tick=False):
        page = signed_in(operator()).get(f"{LIST}{event.pk}/").text

    assert f"{LIST}{event.pk}/change/" in page
    assert f"{LIST}{event.pk}/discard/" in page


def test_people_are_shown_a_page_at_a_time_and_the_door_returns_there(client: Client) -> None:
    event, agency = EventFactory.create(), AgencyFactory.create()
    people = RegistrationFactory.create_batch(PER_PAGE + 1, event=event, agency=agency)
    last, door = people[-1], f"{LIST}{event.pk}/door/"

    for address in (f"{LIST}{event.pk}/", door):
        assert last.phone not in client.get(address).text
        assert last.phone in client.get(address, {"page": 2}).text
    with time_machine.travel(ON_THE_DAY, tick=False):
        desk = signed_in(operator())
        assert f'"{door}{last.pk}/?page=2"' in desk.get(f"{door}?page=2").text
        answer = desk.post(f"{door}{last.pk}/?page=2")
    assert answer.url == f"{door}?page=2"
