"""Contact people at the desk, and as their agencies see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agencies.enums import Role
from portal.enums import ContactKind
from portal.models import ContactAssignment, ContactPerson, StaffLook
from tests.factories.conduct import AgencyFactory, MembershipFactory
from tests.factories.level import AssessmentFactory, EvaluationFactory
from tests.factories.service import ContactAssignmentFactory, ContactPersonFactory
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    return signed_in(operator())


def sent(**changes: str) -> dict[str, str]:
    fields = {"kind": "operations", "name": "Li Na", "phone": "400 1", "most": "5"}
    return fields | {"is_active": "on"} | changes


def test_a_contact_is_added_and_takes_the_agencies_that_wait(desk: Client) -> None:
    EvaluationFactory.create()
    agency = AgencyFactory.create(stage="assessed", level="V5")
    page = desk.get(reverse("staff-contacts")).content.decode()
    assert "There are no contact people yet" in page
    assert "1 goes without" in page
    account = operator(email="li@example.com")
    answer = desk.post(reverse("staff-contact-new"), sent(account="LI@example.com"), follow=True)
    assert "agencies that waited are told" in answer.content.decode()
    (held,) = ContactAssignment.objects.select_related("person")
    assert (held.agency, held.person.user, held.person.name) == (agency, account, "Li Na")
    assert "All have one" not in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"account": "nobody@example.com"}, "No account has the address"),
        ({"account": "member@example.com"}, "agencies get its people only"),
        ({"phone": ""}, "agencies must be able to reach their contact"),
        ({"most": "0"}, "greater than or equal to 1"),
    ],
)
def test_a_contact_that_does_not_fit_is_refused(
    desk: Client, changes: dict[str, str], said: str
) -> None:
    operator(email="li@example.com")
    MembershipFactory.create(user__email="member@example.com")
    answer = desk.post(
        reverse("staff-contact-new"), sent(**{"account": "li@example.com", **changes})
    )
    assert answer.status_code == 200
    assert said in answer.content.decode().replace("&#x27;", "'")
    assert not ContactPerson.objects.exists()


def test_a_person_is_changed_and_the_look_is_kept(desk: Client) -> None:
    EvaluationFactory.create()
    held = ContactAssignmentFactory.create()
    url = reverse("staff-contact", args=[held.person_id])
    assert held.agency.name in desk.get(url).content.decode()
    assert StaffLook.objects.filter(path=url).count() == 1
    desk.post(reverse("staff-contact-edit", args=[held.person_id]), sent(name="Wang"))
    held.person.refresh_from_db()
    assert (held.person.name, held.person.most) == ("Wang", 5)
    answer = desk.post(reverse("staff-contact-edit", args=[held.person_id]), sent(kind="service"))
    assert "hand them over before the kind changes" in answer.content.decode()


def test_support_reads_a_person_and_changes_nothing() -> None:
    held = ContactAssignmentFactory.create()
    page = signed_in(supporter()).get(reverse("staff-contact", args=[held.person_id]))
    text = page.content.decode()
    assert held.agency.name in text
    assert "400 100 2000" in text
    assert "<textarea" not in text
    assert "Hand over" not in text


def test_all_agencies_are_handed_over(desk: Client) -> None:
    EvaluationFactory.create()
    held = ContactAssignmentFactory.create(person__is_active=False)
    url = reverse("staff-contact-hand-over", args=[held.person_id])
    assert "Say why" in desk.post(url, {"reason": ""}).content.decode()
    refused = desk.post(url, {"reason": "Leaves"})
    assert "The others have room for 0 of 1 agency" in refused.content.decode()
    other = ContactPersonFactory.create()
    told = desk.post(url, {"reason": "Leaves"}, follow=True).content.decode()
    assert "1 agency has another contact now and is told." in told
    assert ContactAssignment.objects.get(until=None).person == other


def test_waiting_agencies_are_assigned_by_hand(desk: Client) -> None:
    EvaluationFactory.create()
    ContactPersonFactory.create()
    AgencyFactory.create(stage="assessed", level="V4")
    told = desk.post(reverse("staff-contacts-assign"), follow=True).content.decode()
    assert "Contacts given: 1. Contacts ended: 0." in told


def test_one_agency_gets_another_contact(desk: Client) -> None:
    EvaluationFactory.create()
    held = ContactAssignmentFactory.create()
    other = ContactPersonFactory.create(name="Other")
    url = reverse("staff-contact-change", args=[held.agency.code, "operations"])
    page = desk.get(url).content.decode()
    assert "Other: 0 of 60 agencies" in page
    assert StaffLook.objects.filter(agency=held.agency).count() == 1
    answer = desk.post(url, {"person": other.pk, "reason": "Asked for"})
    assert answer.headers["location"] == reverse("staff-contact", args=[other.pk])
    again = desk.post(url, {"person": other.pk, "reason": "Asked for"}).content.decode()
    assert f"Other is the contact of {held.agency.name} already." in again
    assert ContactAssignment.objects.filter(agency=held.agency).count() == 2
    unknown = desk.post(url, {"person": "0", "reason": "x"}).content.decode()
    assert "Select a valid choice" in unknown


def test_a_persons_agencies_take_the_same_queries(
    desk: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    person = ContactPersonFactory.create()
    url = reverse("staff-contact", args=[person.pk])
    ContactAssignmentFactory.create(person=person)
    desk.get(url)
    with django_assert_num_queries(9):
        desk.get(url)
    ContactAssignmentFactory.create_batch(2, person=person)
    with django_assert_num_queries(9):
        desk.get(url)


@pytest.mark.parametrize("role", [Role.OWNER, Role.VIEWER])
def test_home_shows_the_agencys_own_people(role: Role) -> None:
    agency = AgencyFactory.create(stage="assessed", level="V4", joined_on=date(2024, 1, 1))
    AssessmentFactory.create(agency=agency)
    member = signed_in(MembershipFactory.create(agency=agency, role=role).user)
    assert "Your people at the platform" not in member.get("/home/").content.decode()
    ContactAssignmentFactory.create(agency=agency, person__name="Li Na")
    service = ContactPersonFactory.create(kind=ContactKind.SERVICE, email="wang@example.com")
    ContactAssignmentFactory.create(agency=agency, person=service)
    ContactAssignmentFactory.create(person__name="Canary")
    page = member.get("/home/").content.decode()
    assert page.index("Li Na") < page.index(service.name)
    assert 'href="tel:400%20100%202000"' in page
    assert 'href="mailto:wang@example.com"' in page
    assert "Canary" not in page
