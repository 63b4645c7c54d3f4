"""Invitations: one open per address, accepted once, by whoever has the address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from agencies.actions.invitations import (
    INVITATION_DAYS,
    MOST_A_DAY,
    MOST_OPEN,
    accept,
    invite,
    invite_first_owner,
    join_with_new_account,
    open_invitation,
    token_of,
    withdraw,
)
from agencies.enums import Role
from agencies.models import Agency, Invitation, Membership
from agencies.refusals import Refused
from agencies.signals import invitation_made
from portal.models import User
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.invitations import InvitationFactory
from tests.factories.requests import NOON

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MAIL = "wang@example.com"


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="晴川文化")


@pytest.fixture
def owner(agency: Agency) -> User:
    return MembershipFactory.create(agency=agency, user__email="owner@example.com").user


@pytest.fixture
def heard() -> Iterator[list[Invitation]]:
    found: list[Invitation] = []

    def hear(*, invitation: Invitation, at: datetime, **_: Any) -> None:
        assert at == invitation.invited_at
        found.append(invitation)

    invitation_made.connect(hear, weak=False)
    yield found
    invitation_made.disconnect(hear)


def invited(agency: Agency, by: User | None = None, **fields: Any) -> Invitation:
    return invite(
        **{"agency": agency, "email": MAIL, "role": Role.VIEWER, "at": NOON, "by": by, **fields}
    )


def refusal(act: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as found:
        act()
    assert str(found.value)
    return found.value


def made(**fields: Any) -> None:
    InvitationFactory.create(**fields)


def made_twice() -> None:
    agency = AgencyFactory.create()
    made(agency=agency, email=MAIL)
    made(agency=agency, email=MAIL)


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        ("invitation_open_once", made_twice),
        ("invitation_lower_case", lambda: made(email="Wang@example.com")),
        ("invitation_role_known", lambda: made(role="guest")),
        ("invitation_expires_later", lambda: made(expires_at=NOON)),
        ("invitation_ends_once", lambda: made(accepted_at=NOON)),
        ("invitation_ends_once", lambda: made(accepted_by=UserFactory.create())),
        (
            "invitation_ends_once",
            lambda: made(accepted_at=NOON, accepted_by=UserFactory.create(), withdrawn_at=NOON),
        ),
    ],
)
def test_the_database_refuses(constraint: str, make: Callable[[], None]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


def test_an_ended_invitation_leaves_its_address_free() -> None:
    agency = AgencyFactory.create()
    made(agency=agency, email=MAIL, withdrawn_at=NOON)
    made(agency=agency, email=MAIL, accepted_at=NOON, accepted_by=UserFactory.create())
    made(agency=agency, email=MAIL)
    made(email=MAIL)
    assert Invitation.objects.count() == 4


def test_an_invitation_holds_for_seven_days_and_is_handed_on(
    agency: Agency, owner: User, heard: list[Invitation]
) -> None:
    made_one = invited(agency, owner, email=" Wang@Example.com ", role=Role.OWNER)
    assert heard == [made_one]
    assert (made_one.email, made_one.role, made_one.invited_by) == (MAIL, Role.OWNER, owner)
    assert (made_one.invited_at, made_one.expires_at) == (NOON, NOON + INVITATION_DAYS * DAY)
    assert open_invitation(token_of(made_one), at=NOON) == made_one
    assert (
        refusal(lambda: open_invitation(token_of(made_one), at=NOON + INVITATION_DAYS * DAY)).rule
        == "expired"
    )


def test_inviting_again_replaces_the_invitation(
    agency: Agency, owner: User, heard: list[Invitation]
) -> None:
    first = invited(agency, owner)
    second = invited(agency, owner, role=Role.OWNER, at=NOON + DAY)
    assert heard == [first, second]
    first.refresh_from_db()
    assert first.withdrawn_at == NOON + DAY
    assert refusal(lambda: open_invitation(token_of(first), at=NOON + DAY)).rule == "replaced"
    assert open_invitation(token_of(second), at=NOON + 8 * DAY - timedelta(seconds=1)) == second


def test_an_expired_invitation_can_be_sent_again(agency: Agency) -> None:
    invited(agency)
    again = invited(agency, at=NOON + 30 * DAY)
    assert again.expires_at == NOON + 37 * DAY


@pytest.mark.parametrize(
    "address",
    ["", "wang", "wang@", "a b@example.com", f"{'w' * 60}@{'.'.join(['e' * 60] * 4)}.com"],
)
def test_only_an_address_can_be_invited(agency: Agency, address: str) -> None:
    assert refusal(lambda: invited(agency, email=address)).rule == "address"


def test_a_member_is_not_invited(agency: Agency, owner: User) -> None:
    found = refusal(lambda: invited(agency, owner, email="OWNER@example.com"))
    assert found.rule == "already_member"
    assert invited(AgencyFactory.create(), email=owner.email).email == owner.email


def test_a_removed_agency_invites_nobody_and_takes_nobody_in(agency: Agency) -> None:
    open_one = invited(agency)
    Agency.objects.filter(pk=agency.pk).update(removed_on=NOON.date())
    person = UserFactory.create(email=MAIL)
    assert refusal(lambda: invited(agency, email="other@example.com")).rule == "removed"
    assert refusal(lambda: open_invitation(token_of(open_one), at=NOON)).rule == "removed"
    assert refusal(lambda: accept(invitation=open_one, user=person, at=NOON)).rule == "removed"
    assert not Membership.objects.exists()


def test_an_agency_that_leaves_tomorrow_still_invites_today(agency: Agency) -> None:
    Agency.objects.filter(pk=agency.pk).update(removed_on=NOON.date() + DAY)
    assert invited(agency).email == MAIL


def test_the_open_invitations_of_an_agency_have_an_end(agency: Agency) -> None:
    InvitationFactory.create_batch(MOST_OPEN, agency=agency, invited_at=NOON - DAY)
    assert refusal(lambda: invited(agency)).rule == "too_many"
    again = Invitation.objects.filter(agency=agency).first()
    assert again is not None
    assert invited(agency, email=again.email).email == again.email
    assert invited(agency, at=NOON + 7 * DAY).email == MAIL


def test_the_invitations_of_a_day_have_an_end(agency: Agency) -> None:
    morning = NOON.replace(hour=0)
    InvitationFactory.create_batch(
        MOST_A_DAY, agency=agency, invited_at=morning, withdrawn_at=morning
    )
    assert refusal(lambda: invited(agency)).rule == "too_many"
    assert invited(agency, at=morning + DAY).email == MAIL


def test_a_withdrawn_invitation_opens_nothing(agency: Agency, owner: User) -> None:
    one = invited(agency, owner)
    assert withdraw(agency=agency, invitation_id=one.pk, at=NOON, by=owner).withdrawn_at == NOON
    assert refusal(lambda: open_invitation(token_of(one), at=NOON)).rule == "withdrawn"
    again = refusal(lambda: withdraw(agency=agency, invitation_id=one.pk, at=NOON, by=owner))
    assert again.rule == "closed"


def test_only_its_own_agency_withdraws_an_invitation(agency: Agency, owner: User) -> None:
    foreign = InvitationFactory.create()
    with pytest.raises(Invitation.DoesNotExist):
        withdraw(agency=agency, invitation_id=foreign.pk, at=NOON, by=owner)


def test_whoever_has_the_address_becomes_a_member_once(agency: Agency, owner: User) -> None:
    one = invited(agency, owner, role=Role.OWNER)
    person = UserFactory.create(email=MAIL)
    seat = accept(invitation=one, user=person, at=NOON + DAY)
    assert (seat.agency, seat.user, seat.role) == (agency, person, Role.OWNER)
    one.refresh_from_db()
    assert (one.accepted_at, one.accepted_by) == (NOON + DAY, person)
    assert refusal(lambda: accept(invitation=one, user=person, at=NOON + DAY)).rule == "accepted"
    assert refusal(lambda: open_invitation(token_of(one), at=NOON)).rule == "accepted"
    assert agency.memberships.count() == 2


def test_nobody_else_accepts_an_invitation(agency: Agency) -> None:
    one, other = invited(agency), UserFactory.create(email="li@example.com")
    found = refusal(lambda: accept(invitation=one, user=other, at=NOON))
    assert found.rule == "other_address"
    assert str(found) == (
        "This invitation is for wang@example.com, and you are signed in as li@example.com."
    )
    assert open_invitation(token_of(one), at=NOON) == one


def test_a_member_keeps_the_role_and_the_invitation_stays_open(agency: Agency) -> None:
    one = invited(agency, role=Role.OWNER)
    seat = MembershipFactory.create(agency=agency, user__email=MAIL, role=Role.VIEWER)
    found = refusal(lambda: accept(invitation=one, user=seat.user, at=NOON))
    assert found.rule == "already_member"
    seat.refresh_from_db()
    one.refresh_from_db()
    assert (seat.role, one.accepted_at) == (Role.VIEWER, None)


def test_an_invitation_expires_between_looking_and_accepting(agency: Agency) -> None:
    one, person = invited(agency), UserFactory.create(email=MAIL)
    found = refusal(lambda: accept(invitation=one, user=person, at=NOON + 7 * DAY))
    assert found.rule == "expired"
    assert accept(invitation=one, user=person, at=NOON + 7 * DAY - timedelta(seconds=1))


def test_a_new_person_gets_account_and_seat_together(agency: Agency) -> None:
    one = invited(agency)
    seat = join_with_new_account(
        invitation=one, name="王小明", password="correct horse battery", at=NOON
    )
    assert (seat.user.email, seat.user.name, seat.role) == (MAIL, "王小明", Role.VIEWER)
    assert seat.user.check_password("correct horse battery")
    assert (seat.user.is_staff, seat.user.is_superuser) == (False, False)


def test_no_account_is_made_where_there_is_one(agency: Agency) -> None:
    one, person = invited(agency), UserFactory.create(email=MAIL)
    given = {"name": "x", "password": "another horse battery", "at": NOON}
    found = refusal(lambda: join_with_new_account(invitation=one, **given))
    assert found.rule == "account_exists"
    person.refresh_from_db()
    assert not person.check_password("another horse battery")
    assert not Membership.objects.exists()


def test_a_dead_invitation_makes_no_account(agency: Agency, owner: User) -> None:
    one = invited(agency, owner)
    withdraw(agency=agency, invitation_id=one.pk, at=NOON, by=owner)
    given = {"name": "x", "password": "another horse battery", "at": NOON}
    assert refusal(lambda: join_with_new_account(invitation=one, **given)).rule == "withdrawn"
    assert not User.objects.filter(email=MAIL).exists()


@pytest.mark.parametrize("token", ["", "x", "0" * 32, f"{'0' * 32}.{'A' * 43}", "\x00"])
def test_a_token_of_nobody_is_no_invitation(token: str) -> None:
    assert refusal(lambda: open_invitation(token, at=NOON)).rule == "bad_link"


def test_the_token_of_a_creators_link_is_no_invitation() -> None:
    from agencies.actions import links
    from tests.factories.requests import CreatorLinkFactory

    link = CreatorLinkFactory.create()
    InvitationFactory.create(nonce=link.nonce)
    assert refusal(lambda: open_invitation(links.token_of(link), at=NOON)).rule == "bad_link"


def test_a_signed_token_of_a_deleted_invitation_is_no_invitation() -> None:
    one = InvitationFactory.create()
    token = token_of(one)
    one.delete()
    assert refusal(lambda: open_invitation(token, at=NOON)).rule == "bad_link"


def test_the_platform_invites_the_first_owner_only(agency: Agency) -> None:
    one = invite_first_owner(agency=agency, email=MAIL, at=NOON)
    assert (one.role, one.invited_by) == (Role.OWNER, None)
    seat = accept(invitation=one, user=UserFactory.create(email=MAIL), at=NOON)
    found = refusal(lambda: invite_first_owner(agency=agency, email="b@example.com", at=NOON))
    assert found.rule == "has_owner"
    assert str(found) == (
        "The agency 晴川文化 (OWN) has an owner already: owners invite further members themselves,"
        " on the page “Members”."
    )
    User.objects.filter(pk=seat.user_id).update(is_active=False)
    assert invite_first_owner(agency=agency, email="b@example.com", at=NOON).role == Role.OWNER


def test_a_viewer_is_no_owner(agency: Agency) -> None:
    MembershipFactory.create(agency=agency, role=Role.VIEWER)
    assert invite_first_owner(agency=agency, email=MAIL, at=NOON).role == Role.OWNER


def test_the_kept_changes_name_who_acted(agency: Agency, owner: User) -> None:
    one = invited(agency, owner)
    person = UserFactory.create(email=MAIL)
    accept(invitation=one, user=person, at=NOON)
    kept = one.events.order_by("pgh_id").values_list("pgh_label", "pgh_context__metadata__user")
    assert list(kept) == [("insert", owner.pk), ("update", person.pk)]
