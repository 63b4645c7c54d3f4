"""Seats and waiting list: who gets which, and who is refused with which sentence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from agencies.enums import News
from agencies.models import Agency
from agencies.refusals import Refused
from portal.enums import EventState, SeatState
from portal.events.listing import MOST_CANCELLED, own_registrations
from portal.events.registering import cancel_registration, register
from portal.models import Event, OutboxEntry, Registration, User
from tests.factories import AgencyFactory, UserFactory
from tests.factories.events import (
    BEGINS,
    ENDS,
    NOW,
    UNTIL,
    EventFactory,
    RegistrationFactory,
    waiting_list,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return EventFactory.create()


@pytest.fixture
def by() -> User:
    return UserFactory.create()


def sent(event: Event, agency: Agency | None = None, **changes: Any) -> Registration:
    ordinary: dict[str, Any] = {
        "agency": agency or AgencyFactory.create(),
        "event_id": event.pk,
        "person": "王敏",
        "phone": "13800001234",
        "request_key": uuid4(),
        "at": NOW,
        "by": UserFactory.create(),
    }
    return register(**{**ordinary, **changes})


def refusal(event: Event, **changes: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        sent(event, **changes)
    return refused.value.rule, str(refused.value)


def test_seats_go_first_come_first_served_then_the_waiting_list_begins(event: Event) -> None:
    made = [sent(event) for _ in range(5)]

    assert [each.state for each in made] == ["seated"] * 3 + ["waiting"] * 2
    assert waiting_list(event) == [made[3].pk, made[4].pk]


def test_a_freed_seat_goes_to_the_first_who_waits_and_that_agency_is_told(
    event: Event, by: User
) -> None:
    made = [sent(event) for _ in range(5)]

    cancel_registration(agency=made[0].agency, registration_id=made[0].pk, at=NOW, by=by)

    states = list(event.registrations.order_by("id").values_list("state", flat=True))
    assert states == ["cancelled", "seated", "seated", "seated", "waiting"]
    (told,) = OutboxEntry.objects.filter(news=News.EVENT_SEATED)
    assert (told.agency, told.about) == (
        made[3].agency,
        {
            "event": event.pk,
            "event_zh": "橱窗增长私享会",
            "event_en": "Salon on showcase growth",
            "on": "2026-12-10",
            "person": "王敏",
        },
    )


def test_whoever_leaves_the_waiting_list_frees_no_seat(event: Event, by: User) -> None:
    made = [sent(event) for _ in range(5)]

    cancel_registration(agency=made[3].agency, registration_id=made[3].pk, at=NOW, by=by)

    assert waiting_list(event) == [made[4].pk]
    assert not OutboxEntry.objects.exists()


def test_a_removed_agency_is_passed_over_when_a_seat_is_freed(event: Event, by: User) -> None:
    made = [sent(event) for _ in range(5)]
    Agency.objects.filter(pk=made[3].agency_id).update(removed_on=NOW.date())

    cancel_registration(agency=made[0].agency, registration_id=made[0].pk, at=NOW, by=by)

    assert waiting_list(event) == [made[3].pk]


def test_nobody_is_seated_once_the_event_has_begun(event: Event, by: User) -> None:
    made = [sent(event) for _ in range(4)]

    cancel_registration(agency=made[0].agency, registration_id=made[0].pk, at=BEGINS, by=by)

    assert waiting_list(event) == [made[3].pk]


def test_a_form_sent_twice_is_one_registration(event: Event) -> None:
    agency, key = AgencyFactory.create(), uuid4()

    first, second = (sent(event, agency, request_key=key) for _ in range(2))

    assert (first.pk, Registration.objects.count()) == (second.pk, 1)


def test_a_form_of_another_agency_is_not_this_ones(event: Event) -> None:
    made = sent(event)

    rule, _sentence = refusal(event, request_key=made.request_key)

    assert rule == "sent"


def test_an_agency_sends_no_more_people_than_it_may(event: Event) -> None:
    agency = AgencyFactory.create()
    for number in range(2):
        sent(event, agency, phone=f"1380000123{number}")

    assert refusal(event, agency=agency, phone="13800001239") == (
        "many",
        "An agency sends at most 2 people: cancel a registration first.",
    )


def test_a_cancelled_registration_makes_room_for_the_same_person(event: Event, by: User) -> None:
    agency = AgencyFactory.create()
    made = sent(event, agency)
    cancel_registration(agency=agency, registration_id=made.pk, at=NOW, by=by)

    again = sent(event, agency)

    assert again.state == SeatState.SEATED
    assert [each.registration.state for each in own_registrations(agency, event)] == [
        "seated",
        "cancelled",
    ]


@pytest.mark.parametrize("same", ["13800001234", "138 0000 1234", "(138)0000-1234"])
def test_a_number_is_registered_once_however_it_is_written(event: Event, same: str) -> None:
    agency = AgencyFactory.create()
    sent(event, agency)

    assert refusal(event, agency=agency, phone=same)[0] == "twice"


@pytest.mark.parametrize("phone", ["", "1234", "call me", "1" * 21, "１３８００００１２３４"])
def test_a_number_that_cannot_be_called_is_refused(event: Event, phone: str) -> None:
    assert refusal(event, phone=phone) == (
        "phone",
        "Write the phone number in 5 to 20 digits, for example 13800001234.",
    )


@pytest.mark.parametrize("person", ["", "  ", "王\n敏", "王\u202e敏", "王" * 61])
def test_a_name_that_is_none_is_refused(event: Event, person: str) -> None:
    assert refusal(event, person=person)[0] == "person"


def test_registration_ends_at_its_time(event: Event) -> None:
    assert sent(event, at=UNTIL - timedelta(seconds=1)).state == SeatState.SEATED
    assert refusal(event, at=UNTIL)[0] == "over"


def test_a_cancelled_event_takes_nobody() -> None:
    event = EventFactory.create(state=EventState.CANCELLED, cancel_reason="台风")

    assert refusal(event)[0] == "cancelled"


def test_a_removed_agency_registers_nobody(event: Event) -> None:
    assert refusal(event, agency=AgencyFactory.create(removed_on=NOW.date()))[0] == "removed"


def test_a_draft_is_not_there(event: Event) -> None:
    with pytest.raises(Event.DoesNotExist):
        sent(EventFactory.create(state=EventState.DRAFT))


def test_another_agencys_registration_is_not_there(event: Event, by: User) -> None:
    made = RegistrationFactory.create(event=event)

    with pytest.raises(Registration.DoesNotExist):
        cancel_registration(agency=AgencyFactory.create(), registration_id=made.pk, at=NOW, by=by)


@pytest.mark.parametrize(
    ("fields", "at", "rule"),
    [
        ({"state": SeatState.CANCELLED, "cancelled_at": NOW}, NOW, "cancelled"),
        ({}, ENDS, "over"),
    ],
)
def test_what_cannot_be_cancelled(
    event: Event, by: User, fields: dict[str, Any], at: Any, rule: str
) -> None:
    made = RegistrationFactory.create(event=event, **fields)

    with pytest.raises(Refused) as refused:
        cancel_registration(agency=made.agency, registration_id=made.pk, at=at, by=by)

    assert refused.value.rule == rule


def test_whoever_came_stays_registered(event: Event, by: User) -> None:
    made = RegistrationFactory.create(event=event, checked_in_at=BEGINS, checked_in_by=by)

    with pytest.raises(Refused) as refused:
        cancel_registration(agency=made.agency, registration_id=made.pk, at=BEGINS, by=by)

    assert refused.value.rule == "came"


def test_who_waits_for_an_agency_that_left_holds_nobody_up(event: Event, by: User) -> None:
    made = [sent(event) for _ in range(4)]
    Agency.objects.filter(pk=made[3].agency_id).update(removed_on=NOW.date())
    cancel_registration(agency=made[0].agency, registration_id=made[0].pk, at=NOW, by=by)

    assert sent(event).state == SeatState.SEATED
    assert waiting_list(event) == [made[3].pk]


def test_only_the_newest_cancelled_registrations_are_still_shown(event: Event) -> None:
    agency = AgencyFactory.create()
    RegistrationFactory.create_batch(
        MOST_CANCELLED + 5, event=event, agency=agency, state=SeatState.CANCELLED, cancelled_at=NOW
    )
    standing = sent(event, agency)

    own = own_registrations(agency, event)

    assert (len(own), own[0].registration) == (MOST_CANCELLED + 1, standing)
