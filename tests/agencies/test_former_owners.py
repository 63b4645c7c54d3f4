"""Whoever stops being an owner acts no more, and neither does what they sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from agencies.actions.invitations import (
    accept,
    invite,
    invite_first_owner,
    open_invitation,
    token_of,
    withdraw,
)
from agencies.actions.members import change_role, leave, remove_member
from agencies.enums import Measure, PenaltyState, Role
from agencies.models import Invitation, Membership, Penalty, Violation
from agencies.queries.members import is_last_owner
from agencies.refusals import Refused
from portal.models import User
from tests.factories import AgencyFactory, MembershipFactory, UserFactory, ViolationFactory
from tests.factories.requests import NOON

pytestmark = pytest.mark.django_db

MAIL = "friend@example.com"


@pytest.fixture
def boss() -> Membership:
    return MembershipFactory.create(agency__name="晴川文化")


@pytest.fixture
def former(boss: Membership) -> Membership:
    return MembershipFactory.create(agency=boss.agency)


def refusal(act: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as found:
        act()
    return found.value


def sent(by: Membership, email: str = MAIL) -> Invitation:
    return invite(agency=by.agency, email=email, role=Role.OWNER, at=NOON, by=by.user)


def removed(seat: Membership, by: User) -> None:
    remove_member(agency=seat.agency, membership_id=seat.pk, at=NOON, by=by)


def demoted(seat: Membership, by: User) -> None:
    change_role(agency=seat.agency, membership_id=seat.pk, role=Role.VIEWER, at=NOON, by=by)


def left(seat: Membership, by: User) -> None:
    leave(membership=seat, at=NOON)


def barred(user: User, **fields: Any) -> Penalty:
    case: Violation = ViolationFactory.create()
    values = {"state": PenaltyState.ACTIVE, "starts_on": NOON.date(), "until": None}
    return Penalty.objects.create(
        violation=case,
        kind=Measure.LINKED_ACCOUNTS,
        agency=case.agency,
        account=user,
        **{**values, **fields},
    )


@pytest.mark.parametrize("end", [removed, demoted, left])
def test_open_invitations_end_with_the_owner_who_sent_them(
    boss: Membership, former: Membership, end: Callable[[Membership, User], None]
) -> None:
    theirs, kept = sent(former), sent(boss, "other@example.com")
    elsewhere = MembershipFactory.create(user=former.user)
    foreign = sent(elsewhere)
    end(former, boss.user)
    theirs.refresh_from_db()
    assert theirs.withdrawn_at == NOON
    assert refusal(lambda: open_invitation(token_of(theirs), at=NOON)).rule == "withdrawn"
    for each in (kept, foreign):
        assert open_invitation(token_of(each), at=NOON) == each
    event = theirs.events.order_by("-pgh_id")[0]
    actor = former.user if end is left else boss.user
    assert event.pgh_context.metadata["user"] == actor.pk


def test_a_viewer_who_becomes_an_owner_keeps_what_others_sent(
    boss: Membership, former: Membership
) -> None:
    kept = sent(boss)
    given = {"membership_id": former.pk, "at": NOON, "by": boss.user}
    for role in (Role.VIEWER, Role.OWNER):
        change_role(agency=boss.agency, role=role, **given)
    assert open_invitation(token_of(kept), at=NOON) == kept


def test_what_an_owner_sent_waits_while_their_account_cannot_act(
    boss: Membership, former: Membership
) -> None:
    one, person = sent(former), UserFactory.create(email=MAIL)
    barring = barred(former.user)
    found = refusal(lambda: open_invitation(token_of(one), at=NOON))
    assert found.rule == "inviter"
    assert str(found) == (
        "Whoever sent it no longer acts for 晴川文化. Ask the agency to invite you again."
    )
    assert refusal(lambda: accept(invitation=one, user=person, at=NOON)).rule == "inviter"
    barring.delete()
    User.objects.filter(pk=former.user_id).update(is_active=False)
    assert refusal(lambda: accept(invitation=one, user=person, at=NOON)).rule == "inviter"
    User.objects.filter(pk=former.user_id).update(is_active=True)
    assert accept(invitation=one, user=person, at=NOON).role == Role.OWNER


def test_a_seat_that_the_platform_took_takes_its_invitations_too(
    boss: Membership, former: Membership
) -> None:
    one = sent(former)
    former.delete()
    assert refusal(lambda: open_invitation(token_of(one), at=NOON)).rule == "inviter"


def test_whoever_was_removed_meanwhile_acts_no_more(boss: Membership, former: Membership) -> None:
    agency, by = boss.agency, former.user
    viewer = MembershipFactory.create(agency=agency, role=Role.VIEWER)
    waiting = sent(boss)
    removed(former, boss.user)
    seat = {"agency": agency, "at": NOON, "by": by}
    acts = [
        partial(sent, former),
        partial(withdraw, invitation_id=waiting.pk, **seat),
        partial(change_role, membership_id=viewer.pk, role=Role.OWNER, **seat),
        partial(remove_member, membership_id=boss.pk, **seat),
    ]
    for act in acts:
        found = refusal(act)
        assert found.rule == "owner"
        assert str(found) == (
            "You are no longer an owner of the agency 晴川文化; nothing was changed."
        )
    assert set(agency.memberships.all()) == {boss, viewer}
    assert agency.invitations.get(withdrawn_at=None) == waiting


@pytest.mark.parametrize("state", ["viewer", "foreign", "barred", "off"])
def test_only_an_owner_who_can_act_invites(boss: Membership, state: str) -> None:
    role = Role.VIEWER if state == "viewer" else Role.OWNER
    agency = AgencyFactory.create() if state == "foreign" else boss.agency
    by = MembershipFactory.create(agency=agency, role=role, user__is_active=state != "off").user
    if state == "barred":
        barred(by)
    act = partial(invite, agency=boss.agency, email=MAIL, role=Role.VIEWER, at=NOON)
    assert refusal(partial(act, by=by)).rule == "owner"
    assert act(by=UserFactory.create(is_staff=True)).email == MAIL
    assert act(by=None).invited_by is None


def test_an_owner_barred_by_a_measure_is_not_one_who_can_act(
    boss: Membership, former: Membership
) -> None:
    barring = barred(former.user)
    assert is_last_owner(boss, today=NOON.date())
    assert refusal(lambda: leave(membership=boss, at=NOON)).rule == "last_owner"
    demote = {"membership_id": boss.pk, "role": Role.VIEWER, "at": NOON, "by": boss.user}
    assert refusal(lambda: change_role(agency=boss.agency, **demote)).rule == "last_owner"
    barring.state = PenaltyState.LIFTED
    barring.save(update_fields=["state"])
    assert leave(membership=boss, at=NOON) == boss


def test_the_platform_invites_where_every_owner_is_barred(boss: Membership) -> None:
    act = partial(invite_first_owner, agency=boss.agency, email=MAIL, at=NOON)
    assert refusal(act).rule == "has_owner"
    barred(boss.user)
    assert act().role == Role.OWNER
