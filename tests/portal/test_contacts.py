"""Agencies of high levels have people at the platform, as long as their level brings them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.enums import News
from agencies.models import Agency
from agencies.refusals import Refused
from portal.enums import ContactKind
from portal.models import ContactAssignment, ContactPerson, OutboxEntry
from portal.models.service import Contact
from portal.support.contact_lists import coverage
from portal.support.contact_people import PersonFields, add_person, change_person, hand_over
from portal.support.contacts import (
    Settled,
    assign_contacts,
    change_contact,
    contacts_of,
    entitled_levels,
    settle_contacts,
)
from scoring.evaluation.actions import publish
from tests.factories.conduct import AgencyFactory
from tests.factories.evaluations import computed_revision
from tests.factories.level import EvaluationFactory
from tests.factories.people import UserFactory
from tests.factories.service import ContactAssignmentFactory, ContactPersonFactory
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
OPERATIONS, SERVICE = ContactKind.OPERATIONS, ContactKind.SERVICE


@pytest.fixture(autouse=True)
def _published() -> None:
    EvaluationFactory.create()


def high(level: str = "V4", **fields: Any) -> Agency:
    return AgencyFactory.create(stage="assessed", level=level, **fields)


def holders() -> dict[str, str]:
    found = ContactAssignment.objects.filter(until=None).select_related("agency", "person")
    return {each.agency.code: each.person.name for each in found.order_by("pk")}


def told(agency: Agency) -> list[tuple[str, dict[str, Any]]]:
    rows = OutboxEntry.objects.filter(agency=agency).order_by("pk")
    return list(rows.values_list("news", "about"))


def test_v4_and_v5_have_both_contacts_by_the_rulebook() -> None:
    assert entitled_levels() == {OPERATIONS: ["V4", "V5"], SERVICE: ["V4", "V5"]}


def test_high_levels_get_whoever_has_the_fewest_and_are_told() -> None:
    busy = ContactPersonFactory.create(name="Busy")
    ContactPersonFactory.create(name="Free")
    ContactAssignmentFactory.create_batch(2, person=busy)
    codes = ["A1", "A2", "A3", "A4"]
    agencies = [high(code=code) for code in codes]
    first = high("V5", code="A9")
    low = high("V3", code="A0")
    assert assign_contacts(at=NOW) == Settled(begun=5, ended=0)
    assert {code: name for code, name in holders().items() if code in {"A9", *codes}} == {
        "A9": "Free",
        "A1": "Free",
        "A2": "Busy",
        "A3": "Free",
        "A4": "Busy",
    }
    assert told(first) == [
        (News.CONTACT_ASSIGNED, {"contact": "Free", "contact_kind": "operations"})
    ]
    assert told(low) == []
    assert assign_contacts(at=NOW + timedelta(hours=1)) == Settled(begun=0, ended=0)
    assert len(told(agencies[0])) == 1


def test_loads_stay_even() -> None:
    ContactPersonFactory.create_batch(3)
    for _each in range(8):
        high()
    assign_contacts(at=NOW)
    loads = Counter(holders().values())
    assert sorted(loads.values()) == [2, 3, 3]


def test_nobody_takes_more_than_their_most_and_who_waits_is_next() -> None:
    person = ContactPersonFactory.create(most=1)
    early, late = high(code="A1"), high(code="A2")
    assert settle_contacts(NOW) == ["Gave 1 agencies a contact."]
    assert holders() == {"A1": person.name}
    assert [each.waiting for each in coverage(NOW)] == [1, 2]
    assert [each.room for each in coverage(NOW)] == [0, 0]
    Agency.objects.filter(pk=early.pk).update(level="V3")
    assert settle_contacts(NOW) == ["Gave 1 agencies a contact.", "Ended 1 contacts."]
    assert holders() == {late.code: person.name}
    assert told(early)[-1] == (News.CONTACT_ENDED, {"contact_kind": "operations"})
    assert settle_contacts(NOW) == []


def test_only_active_people_of_the_kind_take_agencies() -> None:
    ContactPersonFactory.create(is_active=False)
    ContactPersonFactory.create(user=UserFactory.create(is_staff=True, is_active=False))
    service = ContactPersonFactory.create(kind=SERVICE, wechat="helper", email="s@example.com")
    agency = high()
    assign_contacts(at=NOW)
    assert contacts_of(agency) == (
        Contact(SERVICE, service.name, "400 100 2000", "s@example.com", "helper"),
    )


def test_between_two_high_levels_the_contact_stays() -> None:
    held = ContactAssignmentFactory.create()
    ContactPersonFactory.create()
    Agency.objects.filter(pk=held.agency_id).update(level="V5")
    assert assign_contacts(at=NOW) == Settled(begun=0, ended=0)
    assert holders() == {held.agency.code: held.person.name}


def test_a_removed_agency_has_no_contact_any_more() -> None:
    held = ContactAssignmentFactory.create()
    tomorrow = ContactAssignmentFactory.create(person=held.person)
    Agency.objects.filter(pk=held.agency_id).update(removed_on=date(2026, 11, 22))
    Agency.objects.filter(pk=tomorrow.agency_id).update(removed_on=date(2026, 11, 23))
    assert assign_contacts(at=NOW) == Settled(begun=0, ended=1)
    held.refresh_from_db()
    assert held.until == NOW
    assert list(holders()) == [tomorrow.agency.code]


def test_a_publication_gives_and_takes_contacts_by_the_levels_it_writes() -> None:
    person = ContactPersonFactory.create()
    held = ContactAssignmentFactory.create(person=person)
    risen = AgencyFactory.create(stage="assessed", level="V3")
    results: Any = [{"agency": held.agency, "level": "V3"}, {"agency": risen, "level": "V4"}]
    evaluation = computed_revision(facts=False, results=results, month=date(2026, 11, 1))
    publish(evaluation_id=evaluation.pk, at=NOW, release_reason="Tested")
    assert holders() == {risen.code: person.name}
    assert ContactAssignment.objects.get(agency=risen).because == "V4"
    assert News.CONTACT_ENDED in {news for news, _about in told(held.agency)}


def test_it_takes_six_statements_however_many_agencies_there_are(
    django_assert_num_queries: Callable[..., Any],
) -> None:
    ContactPersonFactory.create()
    for number in (1, 3):
        for _each in range(number):
            high()
        # two for the savepoint
        with django_assert_num_queries(8):
            assign_contacts(at=NOW)


def test_staff_give_an_agency_somebody_else_for_a_reason() -> None:
    held = ContactAssignmentFactory.create()
    other, by = ContactPersonFactory.create(name="Other"), operator()
    begun = change_contact(
        agency=held.agency, kind=OPERATIONS, person=other, reason="Asked for", at=NOW, by=by
    )
    held.refresh_from_db()
    assert (held.until, begun.since, begun.because, begun.by) == (NOW, NOW, "Asked for", by)
    assert told(held.agency) == [
        (News.CONTACT_ASSIGNED, {"contact": "Other", "contact_kind": "operations"})
    ]
    assert assign_contacts(at=NOW) == Settled(begun=0, ended=0)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"agency": {"level": "V3"}}, "level"),
        ({"agency": {"removed_on": date(2026, 11, 1)}}, "removed"),
        ({"person": {"kind": SERVICE}}, "person"),
        ({"person": {"is_active": False}}, "person"),
        ({"person": {"most": 1}, "load": 1}, "full"),
        ({"same": True}, "same"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(changed: dict[str, Any], rule: str) -> None:
    held = ContactAssignmentFactory.create()
    other = ContactPersonFactory.create()
    Agency.objects.filter(pk=held.agency_id).update(**changed.get("agency", {"city": "x"}))
    ContactPerson.objects.filter(pk=other.pk).update(**changed.get("person", {"name": "x"}))
    ContactAssignmentFactory.create_batch(changed.get("load", 0), person=other)
    person = held.person if changed.get("same") else other
    with pytest.raises(Refused) as refused:
        change_contact(
            agency=held.agency, kind=OPERATIONS, person=person, reason="x", at=NOW, by=operator()
        )
    assert refused.value.rule == rule
    held.refresh_from_db()
    assert held.until is None


def said(**changes: Any) -> Any:
    fields = {
        "kind": OPERATIONS,
        "name": "New",
        "phone": "1",
        "email": "",
        "wechat": "",
        "most": 5,
        "is_active": True,
    }
    return fields | changes


def test_a_new_contact_gets_the_waiting_agencies_at_once() -> None:
    agency, by = high(), operator()
    add_person(user=by, at=NOW, by=by, **said())
    assert holders() == {agency.code: "New"}
    with pytest.raises(Refused) as again:
        add_person(user=by, at=NOW, by=by, **said())
    assert again.value.rule == "once"
    with pytest.raises(Refused) as stranger:
        add_person(user=UserFactory.create(), at=NOW, by=by, **said())
    assert stranger.value.rule == "staff"


def test_a_contact_keeps_the_kind_while_agencies_know_them_in_it() -> None:
    held = ContactAssignmentFactory.create()
    for changes, rule in (({"kind": SERVICE}, "kind"), ({"phone": ""}, "ways")):
        with pytest.raises(Refused) as refused:
            change_person(person=held.person, at=NOW, by=operator(), **said(**changes))
        assert refused.value.rule == rule
    changed = change_person(person=held.person, at=NOW, by=operator(), **said(most=1))
    assert (changed.name, changed.most) == ("New", 1)


def test_all_agencies_of_a_person_go_to_the_others_who_have_room() -> None:
    leaving, by = ContactPersonFactory.create(), operator()
    held = ContactAssignmentFactory.create_batch(3, person=leaving)
    with pytest.raises(Refused) as active:
        hand_over(person=leaving, reason="Leaves", at=NOW, by=by)
    assert active.value.rule == "active"
    ContactPerson.objects.filter(pk=leaving.pk).update(is_active=False)
    other = ContactPersonFactory.create(name="Other", most=2)
    with pytest.raises(Refused) as room:
        hand_over(person=leaving, reason="Leaves", at=NOW, by=by)
    assert str(room.value).startswith("The others have room for 2 of 3 agencies")
    ContactPerson.objects.filter(pk=other.pk).update(most=9)
    assert hand_over(person=leaving, reason="Leaves", at=NOW, by=by) == 3
    assert set(holders().values()) == {"Other"}
    assert told(held[0].agency) == [
        (News.CONTACT_ASSIGNED, {"contact": "Other", "contact_kind": "operations"})
    ]
    assert ContactAssignment.objects.filter(by=by, because="Leaves").count() == 3


def test_whoever_left_the_platform_gets_no_agencies() -> None:
    gone = ContactPersonFactory.create(user=UserFactory.create(is_staff=False))
    agency = high()
    assert assign_contacts(at=NOW) == Settled(begun=0, ended=0)
    assert [(each.waiting, each.room) for each in coverage(NOW)] == [(1, 0), (1, 0)]
    with pytest.raises(Refused) as raised:
        change_contact(
            agency=agency, kind=OPERATIONS, person=gone, reason="Holiday", at=NOW, by=operator()
        )
    assert raised.value.rule == "person"


def test_whoever_changes_one_of_the_people_locks_all_of_them_first() -> None:
    person = ContactPersonFactory.create()
    fields: Any = {name: getattr(person, name) for name in PersonFields.__annotations__}
    with CaptureQueriesContext(connection) as asked:
        change_person(person=person, **fields, at=NOW, by=operator())
    locks = [each["sql"] for each in asked if "FOR UPDATE" in each["sql"]]
    assert "WHERE" not in locks[0]
    assert set(locks) == {locks[0]}
