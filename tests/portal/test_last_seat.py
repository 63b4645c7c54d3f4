"""Two hundred people want the last seat at the same moment."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest

from portal.enums import SeatState
from portal.events.registering import cancel_registration, register
from portal.models import Registration
from tests.agencies.beside import race
from tests.factories import AgencyFactory, UserFactory
from tests.factories.events import NOW, EventFactory, waiting_list

pytestmark = pytest.mark.django_db(transaction=True)

TOGETHER, ROUNDS = 20, 10


def test_one_of_two_hundred_gets_the_last_seat_and_the_others_stand_in_a_row() -> None:
    event, by = EventFactory.create(seats=1), UserFactory.create()
    agencies = AgencyFactory.create_batch(TOGETHER * ROUNDS)
    acts = [
        partial(
            register,
            agency=agency,
            event_id=event.pk,
            person="王敏",
            phone="13800001234",
            request_key=uuid4(),
            at=NOW,
            by=by,
        )
        for agency in agencies
    ]

    made: list[Registration] = []
    for first in range(0, len(acts), TOGETHER):
        done, refused = race(acts[first : first + TOGETHER])
        assert refused == []
        made += done

    seated = [each for each in made if each.state == SeatState.SEATED]
    assert (len(made), len(seated), event.registrations.count()) == (200, 1, 200)
    queue = waiting_list(event)
    assert queue == sorted(each.pk for each in made if each.state == SeatState.WAITING)

    cancel_registration(agency=seated[0].agency, registration_id=seated[0].pk, at=NOW, by=by)
    assert event.registrations.get(state=SeatState.SEATED).pk == queue[0]
    assert waiting_list(event) == queue[1:]


def test_two_who_cancel_at_once_seat_the_first_two_who_wait() -> None:
    event, by = EventFactory.create(seats=2), UserFactory.create()
    agencies = AgencyFactory.create_batch(5)
    made = [
        register(
            agency=agency,
            event_id=event.pk,
            person="王敏",
            phone="13800001234",
            request_key=uuid4(),
            at=NOW,
            by=by,
        )
        for agency in agencies
    ]

    done, refused = race(
        [
            partial(cancel_registration, agency=each.agency, registration_id=each.pk, at=NOW, by=by)
            for each in made[:2]
        ]
    )

    assert (len(done), refused) == (2, [])
    states = list(event.registrations.order_by("id").values_list("state", flat=True))
    assert states == ["cancelled", "cancelled", "seated", "seated", "waiting"]
