"""The page behind the link of an invitation: one step, taken once, by whoever it is for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.actions.invitations import token_of
from agencies.enums import Role
from agencies.models import Agency, Invitation, Membership
from portal.models import User
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.invitations import InvitationFactory
from tests.factories.people import PASSWORD
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MAIL = "wang@example.com"
NEW = {"name": "王小明", "password": "correct horse battery", "repeated": "correct horse battery"}


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency")


@pytest.fixture
def invitation(agency: Agency) -> Invitation:
    owner = MembershipFactory.create(
        agency=agency, user__email="owner@example.com", user__name="王芳"
    ).user
    return InvitationFactory.create(agency=agency, email=MAIL, role=Role.OWNER, invited_by=owner)


def path(invitation: Invitation) -> str:
    return f"/join/{token_of(invitation)}/"


def stranger() -> Client:
    return Client(headers={"accept-language": "en"})


def words(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def seat_of(address: str = MAIL) -> Membership | None:
    return Membership.objects.filter(user__email=address).first()


def test_a_new_person_reads_what_it_is_and_makes_an_account(
    agency: Agency, invitation: Invitation
) -> None:
    client = stranger()
    page = words(client.get(path(invitation)))
    for said in (
        "You are invited to Own Agency",
        "王芳",
        "owner@example.com",
        "sees everything and acts for the agency",
        f'value="{MAIL}"',
        "The link works once; valid until: Nov. 29, 2026, noon",
    ):
        assert said in page
    before = client.cookies.get("sessionid")
    response = client.post(path(invitation), NEW)
    assert (response.status_code, response.headers["location"]) == (302, "/home/")
    person = User.objects.get(email=MAIL)
    assert (person.name, person.check_password(PASSWORD)) == ("王小明", True)
    seat = seat_of()
    assert seat is not None
    assert (seat.agency, seat.role) == (agency, Role.OWNER)
    assert client.cookies["sessionid"] != before
    page = words(client.get("/home/"))
    assert "Welcome! You are now a member of the agency Own Agency. Your role: Owner." in page


def test_looking_changes_nothing(invitation: Invitation) -> None:
    UserFactory.create(email="li@example.com")
    for client in (stranger(), signed_in(User.objects.get(email="li@example.com"))):
        client.get(path(invitation))
        client.head(path(invitation))
    invitation.refresh_from_db()
    assert (invitation.accepted_at, seat_of()) == (None, None)
    assert not User.objects.filter(email=MAIL).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "Enter your name."),
        ({"password": "", "repeated": ""}, "This field is required."),
        ({"repeated": "another horse battery"}, "The two passwords are not the same."),
        ({"password": "12345678", "repeated": "12345678"}, "This password is entirely numeric."),
        ({"password": "password", "repeated": "password"}, "This password is too common."),
        (
            {"password": MAIL, "repeated": MAIL},
            "The password is too similar to the e-mail.",
        ),
        ({"password": "a1b", "repeated": "a1b"}, "it needs at least 8 characters."),
    ],
)
def test_what_is_wrong_with_the_account_is_said(
    invitation: Invitation, changes: dict[str, str], sentence: str
) -> None:
    page = words(stranger().post(path(invitation), NEW | changes))
    assert sentence in page.replace("&#x27;", "'")
    assert not User.objects.filter(email=MAIL).exists()


def test_whoever_has_an_account_signs_in_and_accepts(
    agency: Agency, invitation: Invitation
) -> None:
    UserFactory.create(email=MAIL)
    client = stranger()
    for response in (client.get(path(invitation)), client.post(path(invitation), NEW)):
        page = words(response)
        assert f'href="/sign-in/?next={path(invitation)}"' in page
        assert 'name="password"' not in page
    response = client.post(
        "/sign-in/", {"username": MAIL, "password": PASSWORD, "next": path(invitation)}
    )
    assert response.headers["location"] == path(invitation)
    assert seat_of() is None
    assert "Accept the invitation" in words(client.get(path(invitation)))
    assert client.post(path(invitation)).headers["location"] == "/home/"
    seat = seat_of()
    assert seat is not None
    assert (seat.agency, seat.role) == (agency, Role.OWNER)


def test_the_joined_agency_is_the_one_that_is_open(invitation: Invitation) -> None:
    person = UserFactory.create(email=MAIL)
    MembershipFactory.create(user=person, agency__code="AAA")
    client = signed_in(person)
    client.post(path(invitation))
    assert "Who belongs to Own Agency" in words(client.get("/members/"))


def test_the_button_pressed_twice_acts_once(invitation: Invitation) -> None:
    client = signed_in(UserFactory.create(email=MAIL))
    client.post(path(invitation))
    page = words(client.post(path(invitation)), 410)
    assert "This invitation has been used" in page
    assert 'href="/home/"' in page
    assert Membership.objects.filter(user__email=MAIL).count() == 1


def test_somebody_else_is_told_whom_it_is_for(invitation: Invitation) -> None:
    client = signed_in(UserFactory.create(email="li@example.com"))
    for response in (client.get(path(invitation)), client.post(path(invitation))):
        page = words(response)
        assert "You are signed in as li@example.com." in page
        assert "Sign out and go on" in page
        assert "Accept the invitation" not in page
    assert seat_of("li@example.com") is None
    response = client.post("/sign-out/", {"next": path(invitation)})
    assert response.headers["location"] == path(invitation)
    assert "Make your account" in words(client.get(path(invitation)))


def test_a_member_already_is_led_home(agency: Agency, invitation: Invitation) -> None:
    person = MembershipFactory.create(agency=agency, role=Role.VIEWER, user__email=MAIL).user
    page = words(signed_in(person).post(path(invitation)), 410)
    assert "You belong to this agency already" in page
    seat = seat_of()
    assert seat is not None
    assert seat.role == Role.VIEWER


@pytest.mark.parametrize(
    ("fields", "title", "sentence"),
    [
        (
            {"withdrawn_at": NOW},
            "This invitation no longer holds",
            "The agency Own Agency withdrew it.",
        ),
        (
            {"invited_at": NOW - timedelta(days=7), "expires_at": NOW},
            "This invitation has expired",
            "Ask the agency Own Agency to invite you again. The link was valid until: Nov. 22,"
            " 2026, noon",
        ),
    ],
)
def test_a_dead_invitation_says_why(
    invitation: Invitation, fields: dict[str, Any], title: str, sentence: str
) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(**fields)
    for response in (stranger().get(path(invitation)), stranger().post(path(invitation), NEW)):
        page = words(response, 410)
        assert title in page
        assert sentence in page
        assert "owner@example.com" not in page
        assert MAIL not in page
    assert not User.objects.filter(email=MAIL).exists()


def test_who_was_invited_by_the_platform_asks_the_platform(agency: Agency) -> None:
    one = InvitationFactory.create(agency=agency, invited_at=NOW - timedelta(days=8))
    page = words(stranger().get(path(one)), 410)
    assert "Ask the platform&#x27;s operations for a new one." in page


def test_a_used_one_and_a_replaced_one_say_so(agency: Agency, invitation: Invitation) -> None:
    stranger().post(path(invitation), NEW)
    page = words(stranger().get(path(invitation)), 410)
    assert "This invitation has been used" in page
    assert 'href="/sign-in/"' in page
    old = InvitationFactory.create(agency=agency, email="li@example.com", withdrawn_at=NOW)
    InvitationFactory.create(agency=agency, email="li@example.com")
    page = words(stranger().get(path(old)), 410)
    assert "A newer invitation replaced it: open the link of the newest mail." in page


def test_the_invitation_of_a_removed_agency_is_closed(
    agency: Agency, invitation: Invitation
) -> None:
    Agency.objects.filter(pk=agency.pk).update(removed_on=NOW.date())
    page = words(stranger().get(path(invitation)), 410)
    assert "This invitation no longer holds" in page
    assert "Own Agency was removed from the platform on Nov. 22, 2026" in page


@pytest.mark.parametrize("token", ["x", f"{'0' * 32}.{'A' * 43}"])
def test_a_made_up_link_opens_nothing(token: str) -> None:
    for client in (stranger(), signed_in(UserFactory.create())):
        page = words(client.get(f"/join/{token}/"), 404)
        assert "There is no such invitation" in page
        assert words(client.post(f"/join/{token}/"), 404)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_do_nothing(invitation: Invitation, method: str) -> None:
    assert getattr(stranger(), method)(path(invitation)).status_code == 405


def test_the_page_is_kept_out_of_caches_and_other_sites_logs(invitation: Invitation) -> None:
    for address in (path(invitation), "/join/x/"):
        headers = stranger().get(address).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Robots-Tag"] == "noindex"


def test_an_invitation_of_the_platform_names_nobody(agency: Agency) -> None:
    page = words(stranger().get(path(InvitationFactory.create(agency=agency))))
    assert "the platform" in page
    assert "sees everything, may download it as files, and changes nothing" in page


def test_the_page_reads_chinese_first(invitation: Invitation) -> None:
    assert '<html lang="zh-hans"' in words(Client().get(path(invitation)))
