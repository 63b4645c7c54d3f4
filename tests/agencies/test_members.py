"""Roles and seats: they change and end, and an agency keeps somebody who can act for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from agencies.actions.invitations import accept, invite, join_with_new_account
from agencies.actions.members import change_role, leave, remove_member
from agencies.enums import Role
from agencies.models import Agency, Invitation, Membership
from agencies.queries.members import is_last_owner
from agencies.refusals import Refused
from portal.models import User
from tests.agencies.beside import race
from tests.agencies.test_binding_races import rules
from tests.factories import MembershipFactory, UserFactory
from tests.factories.invitations import InvitationFactory
from tests.factories.requests import NOON

pytestmark = pytest.mark.django_db


def refusal(act: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as found:
        act()
    return found.value


def two_owners() -> tuple[Membership, Membership]:
    one = MembershipFactory.create()
    return one, MembershipFactory.create(agency=one.agency)


def demoting(seat: Membership, by: User) -> Callable[[], Membership]:
    return partial(
        change_role,
        agency=seat.agency,
        membership_id=seat.pk,
        role=Role.VIEWER,
        at=NOON,
        by=by,
    )


def removing(seat: Membership, by: User) -> Callable[[], Membership]:
    return partial(remove_member, agency=seat.agency, membership_id=seat.pk, at=NOON, by=by)


def leaving(seat: Membership) -> Callable[[], Membership]:
    return partial(leave, membership=seat, at=NOON)


def test_a_role_changes_both_ways() -> None:
    one, two = two_owners()
    assert demoting(two, one.user)().role == Role.VIEWER
    given = {"membership_id": two.pk, "role": Role.OWNER, "at": NOON, "by": one.user}
    assert change_role(agency=one.agency, **given).role == Role.OWNER
    two.refresh_from_db()
    assert two.role == Role.OWNER
    events = two.events.order_by("pgh_id").values_list("role", "pgh_context__metadata__user")
    assert list(events)[1:] == [("viewer", one.user_id), ("owner", one.user_id)]


def test_the_same_role_again_changes_nothing() -> None:
    seat = MembershipFactory.create()
    given = {"membership_id": seat.pk, "role": Role.OWNER, "at": NOON, "by": seat.user}
    assert change_role(agency=seat.agency, **given) == seat
    assert seat.events.count() == 1


def test_the_last_owner_neither_leaves_nor_is_removed_nor_becomes_a_viewer() -> None:
    seat = MembershipFactory.create(user__name="王芳")
    MembershipFactory.create(agency=seat.agency, role=Role.VIEWER)
    staff = UserFactory.create(is_staff=True)
    for act in (leaving(seat), demoting(seat, seat.user), removing(seat, staff)):
        found = refusal(act)
        assert found.rule == "last_owner"
        assert str(found) == (
            "王芳 is the last owner of the agency: nobody could act for it any more. Make another"
            " member an owner first."
        )
    seat.refresh_from_db()
    assert seat.role == Role.OWNER


def test_an_owner_whose_account_is_switched_off_does_not_count() -> None:
    seat = MembershipFactory.create()
    off = MembershipFactory.create(agency=seat.agency, user__is_active=False)
    assert is_last_owner(seat, today=NOON.date())
    assert refusal(leaving(seat)).rule == "last_owner"
    assert removing(off, seat.user)() == off
    assert list(seat.agency.memberships.all()) == [seat]


def test_viewers_leave_and_are_removed() -> None:
    owner = MembershipFactory.create()
    one, two = (MembershipFactory.create(agency=owner.agency, role=Role.VIEWER) for _ in range(2))
    assert not is_last_owner(one, today=NOON.date())
    assert leaving(one)() == one
    assert removing(two, owner.user)() == two
    assert list(owner.agency.memberships.all()) == [owner]


def test_one_of_two_owners_may_go() -> None:
    one, two = two_owners()
    assert leaving(one)() == one
    assert refusal(leaving(two)).rule == "last_owner"


def test_the_kept_change_names_who_removed() -> None:
    one, two = two_owners()
    event_model = Membership.pgh_event_model
    removing(two, one.user)()
    event = event_model.objects.get(pgh_label="delete")
    assert (event.user_id, event.pgh_context.metadata["user"]) == (two.user_id, one.user_id)


def test_nobody_removes_oneself() -> None:
    one, _two = two_owners()
    assert refusal(removing(one, one.user)).rule == "own_seat"


def test_another_agencys_seat_is_not_there() -> None:
    owner, foreign = MembershipFactory.create(), MembershipFactory.create(role=Role.VIEWER)
    for action in (change_role, remove_member):
        more: dict[str, Any] = {"role": Role.OWNER} if action is change_role else {}
        with pytest.raises(Membership.DoesNotExist):
            action(agency=owner.agency, membership_id=foreign.pk, at=NOON, by=owner.user, **more)


def test_whoever_left_twice_left_once() -> None:
    one, _two = two_owners()
    leaving(one)()
    with pytest.raises(Membership.DoesNotExist):
        leaving(one)()


def test_the_members_of_a_removed_agency_stay_as_they_are() -> None:
    one, two = two_owners()
    Agency.objects.filter(pk=one.agency_id).update(removed_on=NOON.date())
    for act in (leaving(one), demoting(two, one.user), removing(two, one.user)):
        assert refusal(act).rule == "removed"


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one_owner() -> None:
    for _ in range(5):
        one, two = two_owners()
        done, refused = race([leaving(one), leaving(two)])
        assert (len(done), rules(refused)) == (1, {"last_owner"})
        assert one.agency.memberships.filter(role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_turn_on_each_other_leave_one_owner() -> None:
    for _ in range(5):
        one, two = two_owners()
        done, refused = race([removing(two, one.user), demoting(one, two.user)])
        assert (len(done), rules(refused)) == (1, {"owner"})
        assert one.agency.memberships.filter(role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_invitation_accepted_ten_times_at_once_makes_one_member() -> None:
    invitation = InvitationFactory.create()
    person = UserFactory.create(email=invitation.email)

    def act() -> Membership:
        found = Invitation.objects.select_related("agency").get(pk=invitation.pk)
        return accept(invitation=found, user=person, at=NOON)

    done, refused = race([act] * 10)
    assert (len(done), rules(refused)) == (1, {"accepted"})
    assert Membership.objects.get() == done[0]


@pytest.mark.django_db(transaction=True)
def test_one_new_person_invited_by_two_agencies_gets_one_account() -> None:
    several = [InvitationFactory.create(email="new@example.com") for _ in range(2)]

    def acting(pk: int) -> Callable[[], Membership]:
        def act() -> Membership:
            found = Invitation.objects.select_related("agency").get(pk=pk)
            return join_with_new_account(
                invitation=found, name="x", password="correct horse battery", at=NOON
            )

        return act

    done, refused = race([acting(each.pk) for each in several])
    assert (len(done), rules(refused)) == (1, {"account_exists"})
    assert User.objects.filter(email="new@example.com").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_address_invited_ten_times_at_once_has_one_open_invitation() -> None:
    seat = MembershipFactory.create()
    act = partial(
        invite,
        agency=seat.agency,
        email="new@example.com",
        role=Role.VIEWER,
        at=NOON,
        by=seat.user,
    )
    done, refused = race([act] * 10)
    assert (len(done), refused) == (10, [])
    assert seat.agency.invitations.filter(withdrawn_at=None).count() == 1
