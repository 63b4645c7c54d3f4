"""Seeing what an agency sees: who may, for how long, what it shows, and that nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from agencies.access import read_only
from agencies.enums import Role
from agencies.models import Agency
from portal.models import StaffLook, User
from portal.second_factor import FACTOR_DUE, FACTOR_STATE
from portal.support.seeing import KEY
from tests.agencies.desk import refused_to_outsiders, said, told
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BindingFactory,
    CreatorFactory,
    MembershipFactory,
)
from tests.factories.people import PASSWORD
from tests.factories.staff import operator, signed_in, superuser, supporter

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
BANNER = "You see what Seen Agency (SEEN) sees"
SEE = "/staff/agencies/SEEN/see/"
STOP = "/staff/stop-seeing/"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="SEEN", name="Seen Agency")


@pytest.fixture
def support() -> User:
    return supporter(email="support@example.com", name="Su Port")


@pytest.fixture
def client(agency: Agency, support: User) -> Client:
    """A member of support who sees what the agency sees."""
    client = signed_in(support)
    client.post(SEE)
    return client


def sees(client: Client) -> bool:
    """Whether the agency's pages are open to this browser."""
    return client.get("/score/").status_code == 200


def test_the_agencys_pages_are_shown_with_a_banner(agency: Agency, support: User) -> None:
    AssessmentFactory.create(agency=agency)
    client = signed_in(support)
    assert client.get("/score/").headers["location"] == "/home/"
    assert client.post(SEE).headers["location"] == "/home/"
    for path in ("/home/", "/score/", "/conduct/", "/members/", "/account/", "/public/rules/"):
        page = said(client.get(path))
        assert BANNER in page, path
        assert "Read only until 12:30 p.m.;" in page
    assert '<a href="/score/"' in said(client.get("/home/"))


def test_the_desk_keeps_its_own_pages_and_the_banner(client: Client) -> None:
    page = said(client.get("/staff/agencies/"))
    assert BANNER in page
    assert "Platform operations" in page


def test_it_leads_to_the_page_of_agencies_that_was_asked_for(agency: Agency, support: User) -> None:
    client = signed_in(support)
    for wanted, found in {
        "/score/?month=2026-10": "/score/?month=2026-10",
        "/conduct/": "/conduct/",
        "/home/": "/home/",
        "/staff/credit/": "/home/",
        "/admin/": "/home/",
        "/nowhere/": "/home/",
        "https://evil.example.com/score/": "/home/",
        "//evil.example.com/score/": "/home/",
        "/\\evil.example.com/score/": "/home/",
        "javascript:alert(1)": "/home/",
        "/score/\r\nX-Other: 1": "/home/",
        "": "/home/",
    }.items():
        assert client.post(SEE, {"next": wanted}).headers["location"] == found


def test_every_look_is_written_down_with_person_role_agency_and_page(
    client: Client, agency: Agency, support: User
) -> None:
    for path in ("/score/?month=2026-10", "/home/", "/creators/?q=a&page=2"):
        client.get(path)
    client.head("/conduct/")
    client.get("/benefits/", headers={"HX-Request": "true"})
    looks = StaffLook.objects.order_by("pk")
    assert set(looks.values_list("actor", "agency", "role", "object_label", "at")) == {
        (support.pk, agency.pk, "support", "Seen Agency (SEEN)", NOW)
    }
    assert list(looks.values_list("path", flat=True)) == [
        SEE,
        "/score/?month=2026-10",
        "/home/",
        "/creators/?q=a&page=2",
        "/conduct/",
        "/benefits/",
    ]


def test_a_look_that_cannot_be_written_down_shows_nothing(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE portal_stafflook ADD CONSTRAINT no_more CHECK (false) NOT VALID"
        )
    for path in ("/home/", "/score/"):
        with pytest.raises(IntegrityError), transaction.atomic():
            client.get(path)


def test_a_member_is_not_written_down(agency: Agency) -> None:
    member = signed_in(MembershipFactory.create(agency=agency).user)
    assert member.get("/score/").status_code == 200
    assert not StaffLook.objects.exists()


@pytest.mark.parametrize("name", ["leave-agency", "invite", "ask-binding", "switch-agency"])
def test_nothing_can_be_sent_in_the_agencys_place(client: Client, name: str) -> None:
    before = StaffLook.objects.count()
    response = client.post(reverse(name), {"agency": "SEEN", "creator": "C-1"})
    assert response.status_code == 403
    assert "nothing was sent or changed" in said(response)
    assert StaffLook.objects.count() == before


def test_pages_of_owners_stay_closed(client: Client, agency: Agency) -> None:
    seat = MembershipFactory.create(agency=agency)
    response = client.get(f"/members/{seat.pk}/role/")
    assert response.status_code == 403
    assert "Only an owner of the agency opens this page" in said(response)
    assert "Invite somebody" not in said(client.get("/members/"))


def test_other_closed_pages_say_what_they_always_say(client: Client) -> None:
    assert "This page is not for your account" in said(client.get("/staff/looks/"))


def test_the_database_itself_refuses_to_write_while_a_page_is_made(agency: Agency) -> None:
    with pytest.raises(DatabaseError, match="read-only transaction"), read_only():
        Agency.objects.filter(pk=agency.pk).update(name="Changed")
    with read_only():
        assert Agency.objects.get(pk=agency.pk).name == "Seen Agency"
    Agency.objects.filter(pk=agency.pk).update(name="Changed")


def test_one_sees_this_agency_and_no_other(client: Client) -> None:
    other = AgencyFactory.create(code="OTHER", name="CANARY")
    creator = CreatorFactory.create(creator_id="CANARY", nickname="CANARY")
    BindingFactory.create(agency=other, creator=creator)
    for path in ("/creators/", "/creators/?agency=OTHER", "/members/", "/home/?agency=OTHER"):
        assert "CANARY" not in said(client.get(path))
    assert client.get("/creators/of/CANARY/").status_code == 404
    client.post("/staff/agencies/OTHER/see/")
    page = said(client.get("/creators/"))
    assert "You see what CANARY (OTHER) sees" in page
    assert BANNER not in page


def test_a_seat_of_ones_own_gives_nothing_meanwhile(agency: Agency, support: User) -> None:
    own = AgencyFactory.create(code="OWN")
    MembershipFactory.create(agency=own, user=support, role=Role.OWNER)
    MembershipFactory.create(agency=agency, user=support, role=Role.OWNER)
    client = signed_in(support)
    assert client.post("/agencies/switch/", {"agency": "OWN"}).status_code == 302
    client.post(SEE)
    assert client.post("/agencies/switch/", {"agency": "OWN"}).status_code == 403
    page = said(client.get("/members/"))
    assert "OWN" not in page.replace("OWNER", "")
    assert "Only owners invite" in page
    assert client.post("/members/leave/").status_code == 403
    assert client.post("/members/invite/", {"email": "x@example.com"}).status_code == 403
    client.post(STOP)
    assert "OWN" in said(client.get("/members/"))


def test_a_removed_agency_is_seen_as_its_members_see_it(client: Client, agency: Agency) -> None:
    Agency.objects.filter(pk=agency.pk).update(removed_on=date(2026, 11, 20))
    assert client.get("/score/").headers["location"] == "/conduct/"
    assert client.post("/members/leave/").status_code == 403
    page = said(client.get("/conduct/"))
    assert BANNER in page
    assert StaffLook.objects.latest("pk").path == "/conduct/"


def test_it_ends_when_one_says_so(client: Client, agency: Agency) -> None:
    response = client.post(STOP)
    assert response.headers["location"] == "/staff/agencies/SEEN/"
    assert told(response) == ["You no longer see the pages of Seen Agency (SEEN) in its place."]
    assert not sees(client)
    assert client.post(STOP).headers["location"] == "/staff/agencies/"


def test_it_ends_after_thirty_minutes_whatever_one_does_meanwhile(client: Client) -> None:
    for minutes in (10, 29):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            assert sees(client)
    with time_machine.travel(NOW + timedelta(minutes=30), tick=False):
        response = client.get("/score/")
        assert response.headers["location"] == "/home/"
        assert told(response) == [
            "Your time in the place of the agency SEEN is over. Open it again to go on."
        ]
        page = said(client.get("/home/"))
        assert BANNER not in page
        assert page.count("Your time in the place of the agency SEEN is over") == 1
    assert not sees(client)  # what is over does not come back with the clock


def test_a_page_that_asks_for_a_part_of_itself_is_left_when_it_is_over(client: Client) -> None:
    with time_machine.travel(NOW + timedelta(minutes=30), tick=False):
        response = client.get("/score/receipt/", headers={"HX-Request": "true"})
    assert (response.status_code, response.headers["HX-Redirect"]) == (200, "/home/")
    assert not StaffLook.objects.filter(path="/score/receipt/").exists()


@pytest.mark.parametrize("taken", ["group", "staff"])
def test_it_ends_with_the_right_to_it(client: Client, support: User, taken: str) -> None:
    if taken == "group":
        support.groups.clear()
    else:
        User.objects.filter(pk=support.pk).update(is_staff=False)
    assert not sees(client)
    support.groups.add(Group.objects.get(name="support"))
    User.objects.filter(pk=support.pk).update(is_staff=True)
    assert not sees(client)


def test_it_ends_with_the_session_and_is_not_inherited(client: Client, agency: Agency) -> None:
    client.post("/sign-out/")
    client.post("/sign-in/", {"username": "support@example.com", "password": PASSWORD})
    assert KEY not in client.session
    assert not sees(client)
    client.post(SEE)
    client.force_login(superuser())
    assert not sees(client)


def test_signing_in_again_in_the_same_session_ends_it(client: Client, support: User) -> None:
    client.force_login(support)
    assert KEY not in client.session
    assert not sees(client)


def test_a_session_that_somebody_else_took_over_sees_nothing(client: Client) -> None:
    session = client.session
    session[KEY] = {**session[KEY], "by": superuser().pk}
    session.save()
    assert not sees(client)
    assert KEY not in client.session


def test_it_is_nothing_while_the_second_factor_is_due(client: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    session = client.session
    session[FACTOR_STATE] = FACTOR_DUE
    session.save()
    assert client.get("/score/").headers["location"].startswith("/sign-in/second-factor/")
    assert BANNER not in said(client.get("/sign-in/second-factor/", follow=True))


def test_it_is_for_those_with_the_right_only(agency: Agency) -> None:
    refused_to_outsiders(SEE)
    for person in (supporter(), operator(), superuser()):
        client = signed_in(person)
        assert client.get(SEE).status_code == 405
        assert client.post("/staff/agencies/NOBODY/see/").status_code == 404
        assert client.post(SEE).status_code == 302
        assert client.get(STOP).status_code == 405
    person = supporter()
    person.groups.clear()
    client = signed_in(person)
    assert client.post(SEE).status_code == 403
    assert client.post(STOP).status_code == 403
    assert KEY not in client.session


def test_a_member_who_forges_nothing_sees_nothing(agency: Agency) -> None:
    member = signed_in(MembershipFactory.create().user)
    session = member.session
    session[KEY] = {
        "agency": agency.pk,
        "code": "SEEN",
        "by": int(session["_auth_user_id"]),
        "ends_at": 2_000_000_000,
    }
    session.save()
    assert "Seen Agency" not in said(member.get("/score/"))


def test_seeing_costs_three_queries_more_however_much_there_is(
    client: Client, agency: Agency, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    AssessmentFactory.create(agency=agency)
    client.get("/home/")
    # session, person, two of rights, agency, the look, three of the read-only transaction
    with django_assert_max_num_queries(10 + 7):
        client.get("/home/")
