"""What becomes of a member: another role, the end of the seat; an agency keeps an owner."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.actions.invitations import hold_agency, told_by
from agencies.enums import Role
from agencies.models import Agency, Membership
from agencies.queries.members import is_last_owner
from agencies.refusals import Refused

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def change_role(
    *, agency: Agency, membership_id: int, role: Role, at: datetime, by: User
) -> Membership:
    """Give a member another role (D, docs/rules.md §1); the same one again changes nothing.

    The last owner stays one. Raises Membership.DoesNotExist for what is not the agency's, Refused
    with the rule "last_owner" or "removed". Locks the agency.
    """
    agency = hold_agency(agency.pk, at=at)
    membership = agency.memberships.select_related("user").get(pk=membership_id)
    if membership.role == role:
        return membership
    if role != Role.OWNER:
        _check_not_last_owner(membership)
    membership.role = role
    with told_by(by):
        membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def remove_member(*, agency: Agency, membership_id: int, at: datetime, by: User) -> Membership:
    """End somebody else's seat; their next request finds the agency closed (D, docs/rules.md §1).

    Raises Membership.DoesNotExist for what is not the agency's, Refused with the rule "own_seat",
    "last_owner" or "removed". Locks the agency.
    """
    agency = hold_agency(agency.pk, at=at)
    membership = agency.memberships.select_related("user").get(pk=membership_id)
    if membership.user_id == by.pk:
        raise Refused(_("This is your own seat: to give it up, leave the agency."), rule="own_seat")
    return _end(membership, by)


@transaction.atomic
def leave(*, membership: Membership, at: datetime) -> Membership:
    """Give up one's own seat (D, docs/rules.md §1); the last owner stays.

    Raises Membership.DoesNotExist where it ended meanwhile, Refused with the rule "last_owner" or
    "removed". Locks the agency.
    """
    agency = hold_agency(membership.agency_id, at=at)
    membership = agency.memberships.select_related("user").get(pk=membership.pk)
    return _end(membership, membership.user)


def _end(membership: Membership, by: User) -> Membership:
    _check_not_last_owner(membership)
    with told_by(by):
        # Django clears the key of what it deletes, and whoever asked still wants to name it
        Membership.objects.filter(pk=membership.pk).delete()
    return membership


def _check_not_last_owner(membership: Membership) -> None:
    """Somebody must be left who can act for the agency; call it under the agency's lock."""
    if is_last_owner(membership):
        raise Refused(
            _(
                "%(person)s is the last owner of the agency: nobody could act for it any more."
                " Make another member an owner first."
            )
            % {"person": membership.user},
            rule="last_owner",
        )
