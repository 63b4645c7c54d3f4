"""How the platform brings an agency its first owner: by command, or in the admin."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from agencies.actions.invitations import open_invitation
from agencies.enums import Role
from agencies.models import Agency, Invitation
from portal.models import OutboxEntry, StaffLook
from portal.outbox import deliver_due
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.invitations import InvitationFactory
from tests.factories.staff import operator, signed_in, superuser, supporter

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="晴川文化")


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("invite_owner", *arguments, stdout=out)
    return out.getvalue()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as found:
        run(*arguments)
    assert found.value.returncode == 1
    return str(found.value)


def invite_page(agency: Agency) -> str:
    return f"/admin/agencies/agency/{agency.pk}/invite/"


def test_the_command_prints_and_mails_one_link(agency: Agency, settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example.com"
    first, link, last = run("OWN", "Wang@Example.com").splitlines()
    assert re.fullmatch(
        r"Invited wang@example\.com as owner of 晴川文化 \(OWN\)\. The link works once, until"
        r" \d{4}-\d\d-\d\d \d\d:\d\d \(Asia/Shanghai\):",
        first,
    )
    assert link.startswith("https://portal.example.com/join/")
    assert last.startswith("A worker mails it too.")
    invitation = open_invitation(link.split("/")[-2], at=timezone.now())
    assert (invitation.agency, invitation.role, invitation.invited_by) == (
        agency,
        Role.OWNER,
        None,
    )
    assert deliver_due(now=timezone.now()) == ["Sent 1 invitations."]
    (letter,) = mail.outbox
    assert letter.to == ["wang@example.com"]
    assert link in letter.body


def test_the_printed_link_makes_the_first_owner(agency: Agency, settings: Any) -> None:
    link = run("OWN", "wang@example.com").splitlines()[1]
    password = {"password": "correct horse battery", "repeated": "correct horse battery"}
    Client().post(link.removeprefix(settings.PORTAL_URL), {"name": "王芳", **password})
    assert list(agency.memberships.values_list("user__email", "role")) == [
        ("wang@example.com", Role.OWNER)
    ]
    assert refused("OWN", "li@example.com") == (
        "The agency 晴川文化 (OWN) has an owner already: owners invite further members themselves,"
        " on the page “Members”."
    )


def test_the_command_again_makes_a_new_link(agency: Agency) -> None:
    first, second = (run("OWN", "wang@example.com").splitlines()[1] for _ in range(2))
    assert Client().get(f"/join/{first.split('/')[-2]}/").status_code == 410
    assert Client().get(f"/join/{second.split('/')[-2]}/").status_code == 200


def test_what_cannot_be_done_is_said(agency: Agency) -> None:
    assert refused("own", "wang@example.com") == (
        "There is no agency with the code own; upper and lower case count."
    )
    assert refused("OWN", "wang") == "“wang” is not an e-mail address: name@example.com is one."
    seat = MembershipFactory.create(agency=agency, role=Role.VIEWER)
    assert refused("OWN", seat.user.email) == (
        f"{seat.user.email} is a member of the agency already; the role can be changed in the list."
    )
    Agency.objects.filter(pk=agency.pk).update(removed_on=timezone.localdate())
    assert "was removed from the platform on" in refused("OWN", "wang@example.com")
    assert not Invitation.objects.exists()
    assert not OutboxEntry.objects.exists()


def test_operations_invites_an_owner_from_the_agencys_page(agency: Agency) -> None:
    person = operator()
    client = signed_in(person)
    change = f"/admin/agencies/agency/{agency.pk}/change/"
    assert f'href="{invite_page(agency)}"' in client.get(change).content.decode()
    assert "晴川文化" in client.get(invite_page(agency)).content.decode()
    assert not Invitation.objects.exists()
    response = client.post(invite_page(agency), {"email": "Wang@example.com"}, follow=True)
    # the admin begins its messages with a capital
    assert "Wang@example.com is invited as owner of 晴川文化 (OWN)" in response.content.decode()
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.invited_by) == (Role.OWNER, None)
    assert invitation.events.get().pgh_context.metadata["user"] == person.pk
    assert OutboxEntry.objects.get().invitation == invitation
    assert StaffLook.objects.filter(actor=person, agency=agency, path=invite_page(agency)).exists()


def test_the_admin_says_why_not(agency: Agency) -> None:
    seat = MembershipFactory.create(agency=agency)
    client = signed_in(operator())
    page = client.post(invite_page(agency), {"email": seat.user.email}).content.decode()
    assert "is a member of the agency already" in page
    page = client.post(invite_page(agency), {"email": "x"}).content.decode()
    assert "This is not an e-mail address: name@example.com is one." in page
    assert not Invitation.objects.exists()


def test_only_who_may_add_members_invites(agency: Agency) -> None:
    support = signed_in(supporter())
    assert support.get(invite_page(agency)).status_code == 403
    assert support.post(invite_page(agency), {"email": "a@example.com"}).status_code == 403
    change = f"/admin/agencies/agency/{agency.pk}/change/"
    assert invite_page(agency) not in support.get(change).content.decode()
    for client in (Client(), signed_in(UserFactory.create())):
        assert client.get(invite_page(agency)).status_code == 302
    chief = signed_in(superuser())
    assert chief.get("/admin/agencies/agency/999999999/invite/").status_code == 404
    assert not Invitation.objects.exists()


def test_staff_read_the_invitations_and_not_the_key(agency: Agency) -> None:
    one = InvitationFactory.create(agency=agency)
    client = signed_in(supporter())
    assert one.email in client.get("/admin/agencies/invitation/").content.decode()
    page = client.get(f"/admin/agencies/invitation/{one.pk}/change/").content.decode()
    assert one.email in page
    assert str(one.nonce) not in page
    assert one.nonce.hex not in page
    chief = signed_in(superuser())
    assert chief.post(f"/admin/agencies/invitation/{one.pk}/change/", {}).status_code == 403
    assert StaffLook.objects.filter(agency=agency).exists()
