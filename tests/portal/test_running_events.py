"""What the platform does with an event, and what agencies hear of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from agencies.actions.case_files import NewFile
from agencies.enums import News
from agencies.refusals import Refused
from portal.enums import EventState, SeatState
from portal.events.running import (
    add_material,
    cancel_event,
    check_in,
    discard_event,
    publish_event,
    remove_material,
    undo_check_in,
    write_event,
)
from portal.models import Event, OutboxEntry, User
from tests.factories import AgencyFactory, UserFactory
from tests.factories.events import (
    AFTERWARDS,
    BEGINS,
    ENDS,
    NOW,
    ON_THE_DAY,
    UNTIL,
    EventFactory,
    RegistrationFactory,
    material_of,
)

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 slides"


@pytest.fixture
def by() -> User:
    return UserFactory.create()


def values(**changes: Any) -> dict[str, Any]:
    ordinary = {
        "title_zh": "橱窗增长私享会",
        "title_en": "Salon on showcase growth",
        "city_zh": "杭州",
        "city_en": "Hangzhou",
        "venue_zh": "西湖区文三路一号",
        "venue_en": "1 Wensan Road",
        "text_zh": "谈橱窗运营。",
        "text_en": "On running showcases.",
        "starts_at": BEGINS,
        "ends_at": ENDS,
        "register_until": UNTIL,
        "seats": 3,
        "most_per_agency": 2,
    }
    return {**ordinary, **changes}


def line(**changes: Any) -> dict[str, Any]:
    ordinary = {
        "starts_at": BEGINS,
        "ends_at": BEGINS + timedelta(hours=1),
        "title_zh": "开场",
        "title_en": "Opening",
        "speaker": "林岚",
        "speaker_zh": "平台运营",
        "speaker_en": "Platform operations",
        "speaker_agency": None,
    }
    return {**ordinary, **changes}


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as found, transaction.atomic():
        act()
    return found.value.rule


def news() -> list[tuple[str, int]]:
    return list(OutboxEntry.objects.order_by("id").values_list("news", "agency_id"))


def changed(event: Event, by: User, **changes: Any) -> Event:
    return write_event(event_id=event.pk, values=values(**changes), items=[line()], at=NOW, by=by)


def test_a_draft_is_published_to_every_agency_that_is_on_the_platform(by: User) -> None:
    agency = AgencyFactory.create()
    AgencyFactory.create(removed_on=NOW.date())
    event = write_event(event_id=None, values=values(), items=[line()], at=NOW, by=by)
    assert (event.state, news()) == (EventState.DRAFT, [])

    publish_event(event_id=event.pk, at=NOW, by=by)

    event.refresh_from_db()
    assert (event.state, news()) == (EventState.PUBLISHED, [("event_announced", agency.pk)])
    assert refused(lambda: publish_event(event_id=event.pk, at=NOW, by=by)) == "state"


def test_an_event_without_programme_or_time_to_register_is_not_published(by: User) -> None:
    bare = write_event(event_id=None, values=values(), items=[], at=NOW, by=by)
    late = write_event(event_id=None, values=values(), items=[line()], at=NOW, by=by)

    assert refused(lambda: publish_event(event_id=bare.pk, at=NOW, by=by)) == "items"
    assert refused(lambda: publish_event(event_id=late.pk, at=UNTIL, by=by)) == "over"


@pytest.mark.parametrize(
    "times",
    [
        {"starts_at": BEGINS - timedelta(minutes=1)},
        {"ends_at": ENDS + timedelta(minutes=1)},
        {"ends_at": BEGINS},
    ],
)
def test_a_line_of_the_programme_lies_within_the_event(by: User, times: dict[str, Any]) -> None:
    act = lambda: write_event(  # noqa: E731
        event_id=None, values=values(), items=[line(**times)], at=NOW, by=by
    )

    assert refused(act) == "items"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"venue_zh": "滨江区"}, True),
        ({"starts_at": BEGINS - timedelta(hours=1)}, True),
        ({"title_en": "Another title"}, False),
        ({"text_zh": "别的"}, False),
        ({}, False),
    ],
)
def test_who_registered_hears_of_another_place_or_time_and_of_nothing_less(
    by: User, change: dict[str, Any], told: bool
) -> None:
    event = EventFactory.create()
    seat = RegistrationFactory.create(event=event)
    RegistrationFactory.create(event=event, state=SeatState.CANCELLED, cancelled_at=NOW)

    after = changed(event, by, **change)

    assert after.sequence == 1
    assert news() == ([("event_changed", seat.agency_id)] if told else [])


def test_another_programme_is_told_and_the_same_one_is_not_written_again(by: User) -> None:
    event = EventFactory.create()
    RegistrationFactory.create(event=event)
    before = list(event.items.values_list("pk", flat=True))

    changed(event, by)
    assert (list(event.items.values_list("pk", flat=True)), news()) == (before, [])

    write_event(event_id=event.pk, values=values(), items=[line(title_zh="圆桌")], at=NOW, by=by)
    assert [each.title_zh for each in event.items.all()] == ["圆桌"]
    assert [kind for kind, _agency in news()] == ["event_changed"]


def test_more_seats_go_to_the_waiting_list_and_fewer_than_taken_are_refused(by: User) -> None:
    event = EventFactory.create(seats=1)
    RegistrationFactory.create(event=event)
    waiting = [RegistrationFactory.create(event=event, state=SeatState.WAITING) for _ in range(3)]

    changed(event, by, seats=3)

    states = list(event.registrations.order_by("id").values_list("state", flat=True))
    assert states == ["seated", "seated", "seated", "waiting"]
    assert news() == [("event_seated", each.agency_id) for each in waiting[:2]]
    assert refused(lambda: changed(event, by, seats=2)) == "seats"


def test_nobody_writes_over_what_somebody_else_wrote(by: User) -> None:
    event = EventFactory.create()
    seen = event.changed_at.isoformat()
    changed(event, by, venue_zh="滨江区")
    Event.objects.filter(pk=event.pk).update(changed_at=NOW + timedelta(seconds=1))

    act = lambda: write_event(  # noqa: E731
        event_id=event.pk, values=values(), items=[line()], seen=seen, at=NOW, by=by
    )

    assert refused(act) == "changed"


def test_an_event_that_is_over_or_cancelled_is_not_changed(by: User) -> None:
    over, cancelled = EventFactory.create_batch(2)
    cancel_event(event_id=cancelled.pk, reason="台风", at=NOW, by=by)

    assert (
        refused(
            lambda: write_event(event_id=over.pk, values=values(), items=[line()], at=ENDS, by=by)
        )
        == "closed"
    )
    assert refused(lambda: changed(cancelled, by)) == "closed"


def test_a_cancelled_event_says_why_to_those_who_would_have_come(by: User) -> None:
    event = EventFactory.create()
    seat = RegistrationFactory.create(event=event)

    cancel_event(event_id=event.pk, reason=" 台风 ", at=NOW, by=by)

    (told,) = OutboxEntry.objects.all()
    assert (told.news, told.agency_id, told.about["reason"]) == (
        News.EVENT_CANCELLED,
        seat.agency_id,
        "台风",
    )
    assert refused(lambda: cancel_event(event_id=event.pk, reason="x", at=NOW, by=by)) == "state"


def test_an_event_is_cancelled_with_a_reason_and_before_it_is_over(by: User) -> None:
    event = EventFactory.create()

    assert refused(lambda: cancel_event(event_id=event.pk, reason=" ", at=NOW, by=by)) == "reason"
    assert refused(lambda: cancel_event(event_id=event.pk, reason="x", at=ENDS, by=by)) == "over"


def test_only_a_draft_is_discarded(by: User) -> None:
    draft, published = EventFactory.create(state=EventState.DRAFT), EventFactory.create()

    discard_event(event_id=draft.pk, at=NOW, by=by)

    assert refused(lambda: discard_event(event_id=published.pk, at=NOW, by=by)) == "state"
    assert list(Event.objects.all()) == [published]


def test_a_person_with_a_seat_is_checked_in_once_and_it_can_be_taken_back(by: User) -> None:
    seat = RegistrationFactory.create()
    ids: dict[str, Any] = {"event_id": seat.event_id, "registration_id": seat.pk, "by": by}

    check_in(**ids, at=ON_THE_DAY)
    check_in(**ids, at=BEGINS)
    seat.refresh_from_db()
    assert (seat.checked_in_at, seat.checked_in_by) == (ON_THE_DAY, by)

    undo_check_in(**ids, at=BEGINS)
    seat.refresh_from_db()
    assert (seat.checked_in_at, seat.checked_in_by) == (None, None)


def test_nobody_is_checked_in_early_or_without_a_seat(by: User) -> None:
    event = EventFactory.create()
    seat = RegistrationFactory.create(event=event)
    waiting = RegistrationFactory.create(event=event, state=SeatState.WAITING)

    assert (
        refused(lambda: check_in(event_id=event.pk, registration_id=seat.pk, at=NOW, by=by))
        == "early"
    )
    assert (
        refused(lambda: check_in(event_id=event.pk, registration_id=waiting.pk, at=BEGINS, by=by))
        == "state"
    )


def test_materials_are_told_once_to_those_who_registered(by: User) -> None:
    seat = RegistrationFactory.create()
    for content in (PDF, PDF, PDF + b"2"):
        add_material(
            event_id=seat.event_id,
            title_zh="讲义",
            title_en="Slides",
            file=NewFile("讲义.pdf", content),
            at=AFTERWARDS,
            by=by,
        )

    assert seat.event.materials.count() == 2
    assert news() == [("event_materials", seat.agency_id)]


def test_a_file_of_another_kind_is_refused_and_a_material_can_be_taken_away(by: User) -> None:
    event = EventFactory.create()
    kept = material_of(event)
    text: dict[str, Any] = {"title_zh": "讲义", "title_en": "Slides"}

    act = lambda: add_material(  # noqa: E731
        event_id=event.pk, **text, file=NewFile("a.exe", b"MZ"), at=AFTERWARDS, by=by
    )
    assert refused(act) == "file_type"

    remove_material(event_id=event.pk, material_id=kept.pk, at=AFTERWARDS, by=by)
    assert not event.materials.exists()


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"state": "open"}, "event_state_known"),
        ({"ends_at": BEGINS}, "event_times_in_order"),
        ({"register_until": ENDS + timedelta(minutes=1)}, "event_times_in_order"),
        ({"seats": 0}, "event_has_seats"),
        ({"state": "cancelled"}, "event_cancelled_with_reason"),
        ({"cancel_reason": "台风"}, "event_cancelled_with_reason"),
    ],
)
def test_the_database_refuses_an_event_that_cannot_be(
    fields: dict[str, Any], constraint: str
) -> None:
    event = EventFactory.create()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(**fields)


def test_the_database_refuses_a_line_that_ends_before_it_begins() -> None:
    item = EventFactory.create().items.get()

    with pytest.raises(IntegrityError, match="event_item_times_in_order"), transaction.atomic():
        item.event.items.update(ends_at=BEGINS)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"state": "waiting"}, "registration_state_dated"),
        ({"state": "waiting", "seated_at": None, "checked_in_at": NOW}, "registration_came"),
        ({"checked_in_at": NOW}, "registration_came_with_seat"),
        ({"person": ""}, "registration_names_person"),
        ({"phone": ""}, "registration_names_person"),
    ],
)
def test_the_database_refuses_a_registration_that_cannot_be(
    fields: dict[str, Any], constraint: str
) -> None:
    seat = RegistrationFactory.create()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        type(seat).objects.filter(pk=seat.pk).update(**fields)


def test_the_database_keeps_a_person_and_a_file_from_being_there_twice() -> None:
    seat = RegistrationFactory.create()
    with pytest.raises(IntegrityError, match="registration_once_per_person"), transaction.atomic():
        RegistrationFactory.create(event=seat.event, agency=seat.agency, phone=seat.phone)

    material_of(seat.event)
    with pytest.raises(IntegrityError, match="event_material_once"), transaction.atomic():
        material_of(seat.event)


def test_no_published_event_is_moved_to_where_it_would_be_over(by: User) -> None:
    event = EventFactory.create()
    year = timedelta(days=365)
    times = {"starts_at": BEGINS - year, "ends_at": ENDS - year, "register_until": UNTIL - year}

    rule = refused(
        lambda: write_event(event_id=event.pk, values=values(**times), items=[], at=NOW, by=by)
    )

    event.refresh_from_db()
    assert (rule, event.starts_at) == ("over", BEGINS)


def test_a_draft_whose_day_has_passed_is_changed_all_the_same(by: User) -> None:
    event = EventFactory.create(state=EventState.DRAFT)

    write_event(event_id=event.pk, values=values(seats=9), items=[line()], at=AFTERWARDS, by=by)

    event.refresh_from_db()
    assert event.seats == 9


def test_the_same_entries_sent_again_are_one_draft_until_it_is_published(by: User) -> None:
    def made(**changes: Any) -> Event:
        entries = {"items": [line()], "at": NOW, "by": by} | changes
        return write_event(event_id=None, values=values(), **entries)

    first = made()

    assert made() == first
    assert made(items=[line(title_en="Welcome")]) != first
    assert made(by=UserFactory.create()) != first
    publish_event(event_id=first.pk, at=NOW, by=by)
    assert made() != first
