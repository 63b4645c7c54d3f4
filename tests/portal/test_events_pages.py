"""Events as agencies see them, and the file for their calendars."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils.translation import override
from icalendar import Calendar

from agencies.enums import Role
from agencies.models import Agency
from portal.enums import EventState, SeatState
from portal.events.calendar_file import calendar_file
from portal.models import Event, Registration
from tests.agencies.desk import queries, said, told
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.events import (
    AFTERWARDS,
    NOW,
    UNTIL,
    EventFactory,
    RegistrationFactory,
    material_of,
)
from tests.factories.staff import signed_in, supporter

pytestmark = pytest.mark.django_db

LIST = "/events/"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create()


@pytest.fixture(params=[Role.OWNER, Role.VIEWER])
def member(request: pytest.FixtureRequest, agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency, role=request.param).user)


@pytest.fixture
def client(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def page_of(event: Event, rest: str = "") -> str:
    return f"{LIST}{event.pk}/{rest}"


def form(**changes: Any) -> dict[str, Any]:
    return {"person": "王敏", "phone": "13800001234", "request_key": str(uuid4()), **changes}


def test_the_list_shows_what_is_coming_and_what_was(client: Client, agency: Agency) -> None:
    event = EventFactory.create()
    RegistrationFactory.create(event=event, agency=agency)
    EventFactory.create(title_en="CANARY draft", state=EventState.DRAFT)

    page = said(client.get(LIST))
    assert "Salon on showcase growth" in page
    assert "1 of us has a seat" in page
    assert "1 of 3 seats taken" in page
    assert "Past events" not in page
    assert "CANARY" not in page

    with time_machine.travel(AFTERWARDS, tick=False):
        material_of(event)
        page = said(client.get(LIST))
    assert "No event is planned now" in page
    assert "Past events" in page
    assert "1 file" in page


def test_any_member_takes_a_seat_and_gives_it_back(member: Client, agency: Agency) -> None:
    event = EventFactory.create()

    answer = member.post(page_of(event, "register/"), form())
    assert (answer.status_code, answer["Location"]) == (302, page_of(event))
    assert told(answer) == ["王敏 has a seat."]
    seat = Registration.objects.get(agency=agency)
    assert seat.state == SeatState.SEATED

    answer = member.post(f"/events/registrations/{seat.pk}/cancel/")
    assert told(answer)[-1] == "The registration of 王敏 is cancelled."
    seat.refresh_from_db()
    assert seat.state == SeatState.CANCELLED


def test_the_waiting_list_says_its_place(client: Client) -> None:
    event = EventFactory.create(seats=1)
    RegistrationFactory.create(event=event)
    RegistrationFactory.create(event=event, state=SeatState.WAITING)

    answer = client.post(page_of(event, "register/"), form())

    assert told(answer) == [
        "All seats are taken: 王敏 has place 2 in the waiting list and gets the next free seat in"
        " turn."
    ]
    assert "place 2 in the waiting list" in said(client.get(page_of(event)))


def test_a_refused_registration_keeps_what_was_written(client: Client) -> None:
    event = EventFactory.create()

    answer = client.post(page_of(event, "register/"), form(phone="abc"))

    page = said(answer)
    assert answer.status_code == 200
    assert "Write the phone number in 5 to 20 digits, for example 13800001234." in page
    assert 'value="王敏"' in page


def test_after_its_time_there_is_no_form_and_a_sent_one_is_refused(client: Client) -> None:
    event = EventFactory.create()
    with time_machine.travel(UNTIL, tick=False):
        assert "Take a seat" not in said(client.get(page_of(event)))
        answer = client.post(page_of(event, "register/"), form())
    assert "Registration ended on" in said(answer)
    assert not Registration.objects.exists()


def test_a_cancelled_event_says_why(client: Client) -> None:
    event = EventFactory.create(state=EventState.CANCELLED, cancel_reason="台风")

    page = said(client.get(page_of(event)))

    assert "This event was cancelled" in page
    assert "台风" in page
    assert "Take a seat" not in page


def test_nothing_of_another_agency_is_shown_or_cancelled(client: Client) -> None:
    event = EventFactory.create()
    other = RegistrationFactory.create(event=event, person="CANARY", phone="13899998888")

    page = said(client.get(page_of(event)))
    assert "CANARY" not in page
    assert "13899998888" not in page
    assert client.post(f"/events/registrations/{other.pk}/cancel/").status_code == 404
    other.refresh_from_db()
    assert other.state == SeatState.SEATED


def test_drafts_and_their_files_are_not_there(client: Client) -> None:
    draft = EventFactory.create(state=EventState.DRAFT)
    file = material_of(draft)

    for address in (page_of(draft), page_of(draft, "calendar.ics")):
        assert client.get(address).status_code == 404
    assert client.get(f"/events/materials/{file.pk}/").status_code == 404
    assert client.post(page_of(draft, "register/"), form()).status_code == 404


def test_materials_are_downloads(client: Client) -> None:
    file = material_of(EventFactory.create())

    answer = client.get(f"/events/materials/{file.pk}/")

    assert (answer.content, answer["Content-Type"]) == (b"%PDF-", "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="slides.pdf"'


@pytest.mark.parametrize("rest", ["register/", ""])
def test_wrong_methods(client: Client, rest: str) -> None:
    event = EventFactory.create()
    wrong = client.get if rest else client.post

    assert wrong(page_of(event, rest)).status_code == 405


def test_strangers_and_staff_without_an_agency_are_led_away() -> None:
    event = EventFactory.create()

    assert Client().get(page_of(event))["Location"].startswith("/sign-in/")
    assert signed_in(supporter()).get(page_of(event))["Location"] == "/home/"


def test_pages_ask_the_database_the_same_for_one_and_many(client: Client, agency: Agency) -> None:
    event = EventFactory.create(most_per_agency=9, seats=1)
    RegistrationFactory.create(event=event, agency=agency)
    RegistrationFactory.create(event=event, agency=agency, state=SeatState.WAITING)
    one = queries(client, LIST), queries(client, page_of(event))
    for _ in range(3):
        EventFactory.create()
        RegistrationFactory.create(event=event, agency=agency, state=SeatState.WAITING)

    assert (queries(client, LIST), queries(client, page_of(event))) == one
    assert max(one) <= 10


def test_the_calendar_file_says_when_where_and_that_it_changed() -> None:
    event = EventFactory.create(sequence=2)
    with override("en"):
        calendar = Calendar.from_ical(calendar_file(event))

    (entry,) = calendar.walk("VEVENT")
    assert (calendar["method"], entry["status"], entry["sequence"]) == ("PUBLISH", "CONFIRMED", 2)
    assert str(entry["uid"]).startswith(f"event-{event.pk}@")
    assert str(entry["summary"]) == "Salon on showcase growth"
    assert str(entry["location"]) == "Hangzhou · 1 Wensan Road"
    assert "14:00 Opening · 林岚" in str(entry["description"])
    assert entry["dtstart"].dt == event.starts_at
    assert entry["dtstart"].params["TZID"] == "Asia/Shanghai"
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]


def test_a_cancelled_event_takes_itself_out_of_the_calendar() -> None:
    event = EventFactory.create(state=EventState.CANCELLED, cancel_reason="台风")
    with override("zh-hans"):
        calendar = Calendar.from_ical(calendar_file(event))

    (entry,) = calendar.walk("VEVENT")
    assert (calendar["method"], entry["status"]) == ("CANCEL", "CANCELLED")
    assert str(entry["summary"]) == "橱窗增长私享会"


def test_a_calendar_file_is_the_agencys_download(client: Client) -> None:
    event = EventFactory.create(created_by=UserFactory.create())

    answer = client.get(page_of(event, "calendar.ics"))

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.content.startswith(b"BEGIN:VCALENDAR")


def test_an_old_form_says_that_its_registration_was_cancelled_since(client: Client) -> None:
    event = EventFactory.create()
    entries = {"person": "王敏", "phone": "13800001234", "request_key": str(uuid4())}
    client.post(page_of(event, "register/"), entries)
    client.post(f"{LIST}registrations/{Registration.objects.get().pk}/cancel/")

    page = client.post(page_of(event, "register/"), entries, follow=True)

    assert "The registration of 王敏 was cancelled since: register anew to send them." in said(page)
    assert Registration.objects.get().state == SeatState.CANCELLED
