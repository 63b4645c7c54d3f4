"""The page of an agency's members: who belongs to it, who is invited, who comes and goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.enums import Role
from agencies.models import Agency, Invitation, Membership
from portal.models import OutboxEntry, User
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.invitations import InvitationFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ACTS = ["/members/invite/", "/members/invitations/{invitation}/withdraw/"]
PAGES = ["/members/{seat}/role/", "/members/{seat}/remove/"]


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency")


@pytest.fixture
def owner(agency: Agency) -> Membership:
    return MembershipFactory.create(
        agency=agency, user__email="owner@example.com", user__name="王芳"
    )


@pytest.fixture
def viewer(agency: Agency) -> Membership:
    return MembershipFactory.create(
        agency=agency, role=Role.VIEWER, user__email="viewer@example.com", user__name="李雷"
    )


@pytest.fixture
def member(owner: Membership) -> Client:
    return signed_in(owner.user)


def words(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def text(client: Client, path: str = "/members/") -> str:
    return words(client.get(path))


def told(client: Client, path: str, **fields: str) -> str:
    """What the page says after a step that leads back to it, or on."""
    response = client.post(path, fields, follow=True)
    assert response.redirect_chain
    return words(response)


def mailed(invitation: Invitation, **fields: Any) -> Invitation:
    OutboxEntry.objects.create(invitation=invitation, at=NOW, **{"next_attempt_at": NOW, **fields})
    return invitation


def test_an_owner_sees_everybody_and_the_ways_to_act(
    owner: Membership, viewer: Membership, member: Client
) -> None:
    User.objects.filter(pk=viewer.user_id).update(last_login=None)
    page = text(member)
    assert page.index("王芳") < page.index("李雷")
    assert "viewer@example.com" in page
    assert "never yet" in page
    assert f'href="/members/{viewer.pk}/role/"' in page
    assert f'href="/members/{viewer.pk}/remove/"' in page
    assert f'href="/members/{owner.pk}/remove/"' not in page
    assert "Invite somebody" in page


def test_a_viewer_sees_everybody_and_no_way_to_act(
    agency: Agency, owner: Membership, viewer: Membership
) -> None:
    mailed(InvitationFactory.create(agency=agency, email="new@example.com"))
    page = text(signed_in(viewer.user))
    assert "王芳" in page
    assert "new@example.com" in page
    assert "Only owners invite, remove and change roles. The list shows who they are." in page
    for missing in ("Invite somebody", "Withdraw", "/role/", "/remove/", "Last sign-in"):
        assert missing not in page
    assert 'href="/members/leave/"' in page


def test_nothing_of_another_agency_is_shown(member: Client) -> None:
    other = MembershipFactory.create(user__email="canary@example.com", user__name="CANARY")
    InvitationFactory.create(agency=other.agency, email="canary2@example.com")
    assert "canary" not in text(member).lower()


def test_an_owner_invites(agency: Agency, owner: Membership, member: Client) -> None:
    page = told(member, "/members/invite/", email="New@Example.com", role="owner")
    assert (
        "new@example.com is invited; the mail with the link is on its way. The link is valid"
        " until: Nov. 29, 2026, noon" in page
    )
    invited = Invitation.objects.get()
    assert (invited.agency, invited.email, invited.role, invited.invited_by) == (
        agency,
        "new@example.com",
        Role.OWNER,
        owner.user,
    )
    assert OutboxEntry.objects.get().invitation == invited
    assert "Invited by 王芳 on Nov. 22, 2026. The mail is on its way." in page
    assert "/join/" not in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"email": "wang", "role": "viewer"},
            "This is not an e-mail address: name@example.com is one.",
        ),
        ({"email": "", "role": "viewer"}, "Enter the address that the invitation goes to."),
        ({"email": "a@example.com"}, "This field is required."),
        ({"email": "a@example.com", "role": "king"}, "king is not one of the available choices."),
        (
            {"email": "owner@example.com", "role": "viewer"},
            "owner@example.com is a member of the agency already; the role can be changed in the"
            " list.",
        ),
    ],
)
def test_a_refused_invitation_shows_the_form_again(
    member: Client, fields: dict[str, str], sentence: str
) -> None:
    page = words(member.post("/members/invite/", fields))
    assert sentence in page
    assert f'value="{fields["email"]}"' in page or not fields["email"]
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"state": "sent", "sent_at": NOW, "next_attempt_at": None, "attempts": 1},
            "Mailed: Nov. 22, 2026, noon",
        ),
        ({}, "The mail is on its way."),
        (
            {
                "attempts": 2,
                "last_error": "ConnectionRefusedError: [Errno 111]",
                "next_attempt_at": NOW + 2 * MINUTE,
            },
            "Not delivered yet: the mail could not be handed over. You need not do anything, it is"
            " tried again by itself. Next try: Nov. 22, 2026, 12:02 p.m.",
        ),
        (
            {"attempts": 1, "last_error": "SMTPRecipientsRefused: {…}"},
            "Not delivered yet: the mail server does not take mail for this address. Look for a"
            " slip in it; then withdraw this invitation and invite the right address.",
        ),
        (
            {
                "state": "undelivered",
                "attempts": 1,
                "next_attempt_at": None,
                "last_error": "SMTPRecipientsRefused: {…}",
            },
            "Not delivered: the mail server does not take mail for this address. Look for a slip in"
            " it; then withdraw this invitation and invite the right address.",
        ),
        (
            {
                "state": "undelivered",
                "attempts": 1,
                "next_attempt_at": None,
                "last_error": "MayHaveArrived: Errno 110",
            },
            "It is not certain that the mail arrived, and it does not go again by itself. Ask the"
            " person; if nothing came, invite the same address again.",
        ),
        (
            {"state": "sending", "attempts": 1, "next_attempt_at": None, "claimed_at": NOW},
            "The mail is on its way.",
        ),
    ],
)
def test_the_page_says_whether_the_mail_went(
    agency: Agency, member: Client, fields: dict[str, Any], sentence: str
) -> None:
    mailed(InvitationFactory.create(agency=agency), **fields)
    page = text(member)
    assert sentence in page
    assert "Errno" not in page
    assert "The link is valid until: Nov. 29, 2026, noon" in page


def test_an_expired_invitation_is_sent_again(agency: Agency, member: Client) -> None:
    old = mailed(InvitationFactory.create(agency=agency, invited_at=NOW - timedelta(days=8)))
    assert (
        "The link has expired: send it again, or withdraw the invitation. Expired since: Nov. 21,"
        " 2026, noon" in text(member)
    )
    told(member, "/members/invite/", email=old.email, role=old.role)
    (open_one,) = Invitation.objects.filter(withdrawn_at=None)
    assert open_one.expires_at == NOW + timedelta(days=7)


def test_an_invitation_of_somebody_who_acts_no_more_is_sent_again(
    agency: Agency, member: Client
) -> None:
    former = MembershipFactory.create(agency=agency, user__is_active=False).user
    old = mailed(InvitationFactory.create(agency=agency, invited_by=former))
    assert (
        "The link opens nothing any more: whoever sent it no longer acts for the agency. Send it"
        " again, or withdraw the invitation." in text(member)
    )
    told(member, "/members/invite/", email=old.email, role=old.role)
    assert "The link opens nothing any more" not in text(member)


def test_what_ended_or_expired_long_ago_is_not_listed(agency: Agency, member: Client) -> None:
    InvitationFactory.create(agency=agency, invited_at=NOW - timedelta(days=38))
    InvitationFactory.create(agency=agency, withdrawn_at=NOW)
    InvitationFactory.create(agency=agency, accepted_at=NOW, accepted_by=UserFactory.create())
    assert "Invited, not yet members" not in text(member)


def test_an_owner_withdraws_an_invitation_once(agency: Agency, member: Client) -> None:
    one = InvitationFactory.create(agency=agency, email="new@example.com")
    path = f"/members/invitations/{one.pk}/withdraw/"
    page = told(member, path)
    assert (
        "The invitation of new@example.com is withdrawn; its link opens nothing any more." in page
    )
    assert "The invitation of new@example.com is no longer open" in told(member, path)


def test_a_role_changes_by_its_page(member: Client, viewer: Membership) -> None:
    path = f"/members/{viewer.pk}/role/"
    assert "Role of 李雷" in text(member, path)
    assert "The role of 李雷 is now: Owner." in told(member, path, role="owner")
    viewer.refresh_from_db()
    assert viewer.role == Role.OWNER
    page = words(member.post(path, {"role": ""}))
    assert "This field is required." in page


def test_the_last_owner_stays_one(member: Client, owner: Membership) -> None:
    path = f"/members/{owner.pk}/role/"
    assert "This is your own role." in text(member, path)
    page = words(member.post(path, {"role": "viewer"}))
    assert "王芳 is the last owner of the agency: nobody could act for it any more." in page
    assert "You are the last owner" in text(member, "/members/leave/")
    assert "王芳 is the last owner of the agency" in told(member, "/members/leave/")
    owner.refresh_from_db()
    assert owner.role == Role.OWNER


def test_a_removed_member_loses_access_at_once(
    agency: Agency, member: Client, viewer: Membership
) -> None:
    other = signed_in(viewer.user)
    assert other.get("/members/").status_code == 200
    path = f"/members/{viewer.pk}/remove/"
    assert "Remove 李雷 from Own Agency?" in text(member, path)
    assert agency.memberships.count() == 2
    assert "李雷 is no longer a member; the access ended at once." in told(member, path)
    assert other.get("/members/").headers["location"] == "/home/"
    assert other.post("/members/leave/").headers["location"] == "/home/"
    assert member.post(path).status_code == 404


def test_an_owner_who_was_demoted_acts_no_more(member: Client, owner: Membership) -> None:
    Membership.objects.filter(pk=owner.pk).update(role=Role.VIEWER)
    response = member.post("/members/invite/", {"email": "a@example.com", "role": "viewer"})
    assert response.status_code == 403
    assert not Invitation.objects.exists()


def test_ones_own_seat_is_left_not_removed(member: Client, owner: Membership) -> None:
    for act in (member.get, member.post):
        response = act(f"/members/{owner.pk}/remove/")
        assert (response.status_code, response.headers["location"]) == (302, "/members/leave/")


def test_whoever_leaves_goes_home_to_the_next_agency(viewer: Membership) -> None:
    other = MembershipFactory.create(user=viewer.user, agency__code="ZZZ", agency__name="Second")
    client = signed_in(viewer.user)
    page = text(client, "/members/leave/")
    assert "Leave Own Agency?" in page
    assert viewer.user.memberships.count() == 2
    assert "You left the agency Own Agency." in told(client, "/members/leave/")
    assert list(viewer.user.memberships.all()) == [other]
    assert "Who belongs to Second" in text(client)


def test_several_agencies_are_listed_with_the_switch(viewer: Membership) -> None:
    MembershipFactory.create(user=viewer.user, agency__code="ZZZ", agency__name="Second")
    client = signed_in(viewer.user)
    page = text(client)
    assert "Who belongs to Own Agency" in page
    assert 'name="agency" value="ZZZ"' in page
    client.post("/agencies/switch/", {"agency": "ZZZ"})
    page = text(client)
    assert "Who belongs to Second" in page
    assert 'name="agency" value="OWN"' in page


@pytest.mark.parametrize("path", [*ACTS, *PAGES])
def test_a_viewer_acts_nowhere(
    agency: Agency, owner: Membership, viewer: Membership, path: str
) -> None:
    invitation = InvitationFactory.create(agency=agency)
    address = path.format(seat=owner.pk, invitation=invitation.pk)
    client = signed_in(viewer.user)
    assert client.post(address).status_code == 403
    assert client.get(address).status_code == (405 if path in ACTS else 403)


@pytest.mark.parametrize("path", [ACTS[1], *PAGES])
def test_what_is_anothers_is_as_missing(member: Client, path: str) -> None:
    foreign = MembershipFactory.create()
    invitation = InvitationFactory.create(agency=foreign.agency)
    for address in (
        path.format(seat=foreign.pk, invitation=invitation.pk),
        path.format(seat=999_999_999, invitation=999_999_999),
    ):
        assert member.post(address, {"role": "viewer"}).status_code == 404
        assert member.get(address).status_code == (405 if path in ACTS else 404)
    assert Invitation.objects.get().withdrawn_at is None
    assert foreign.agency.memberships.count() == 1


@pytest.mark.parametrize("path", ["/members/", "/members/leave/", *ACTS, *PAGES])
def test_strangers_and_people_without_an_agency_are_led_away(path: str) -> None:
    address = path.format(seat=1, invitation=1)
    for method in ("get", "post"):
        response = getattr(Client(), method)(address)
        assert response.headers["location"] == f"/sign-in/?next={address}"
    lonely = signed_in(UserFactory.create())
    if path not in ACTS:
        assert lonely.get(address).headers["location"] == "/home/"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_list_is_read_only(member: Client, method: str) -> None:
    assert getattr(member, method)("/members/").status_code == 405


def test_a_removed_agency_changes_no_members(agency: Agency, member: Client) -> None:
    Agency.objects.filter(pk=agency.pk).update(removed_on=NOW.date())
    for path in ("/members/", "/members/leave/"):
        assert member.get(path).headers["location"] == "/conduct/"


def test_the_list_takes_as_many_queries_for_many_rows(agency: Agency, member: Client) -> None:
    counts = []
    for _ in range(2):
        MembershipFactory.create_batch(2, agency=agency, role=Role.VIEWER)
        for each in InvitationFactory.create_batch(2, agency=agency):
            each.invited_by = UserFactory.create()
            mailed(each).save()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text(member)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


def test_a_long_list_is_paged(agency: Agency, member: Client) -> None:
    for number in range(60):
        MembershipFactory.create(
            agency=agency, role=Role.VIEWER, user__email=f"m{number:02d}@example.com"
        )
    page = text(member)
    assert "1–50 of 61" in page
    assert "m59@example.com" not in page
    assert "m59@example.com" in text(member, "/members/?page=2")
