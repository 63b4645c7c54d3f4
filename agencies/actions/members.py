"""What becomes of a member: another role, the end of the seat; an agency keeps an owner."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.actions.invitations import check_acts, hold_agency, told_by, withdraw_all_of
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

    The last owner stays one; whoever becomes a viewer loses the invitations they sent. Raises
    Membership.DoesNotExist for what is not the agency's, Refused with the rule "owner",
    "last_owner" or "removed". Locks the agency.
    """
    agency = hold_agency(agency.pk, at=at)
    check_acts(agency, by, at=at)
    membership = agency.memberships.select_related("user").get(pk=membership_id)
    if membership.role == role:
        return membership
    if role != Role.OWNER:
        _check_not_last_owner(membership, at)
    membership.role = role
    with told_by(by):
        membership.save(update_fields=["role"])
        if role != Role.OWNER:
            withdraw_all_of(membership.user_id, agency=agency, at=at)
    return membership


@transaction.atomic
def remove_member(*, agency: Agency, membership_id: int, at: datetime, by: User) -> Membership:
    """End somebody else's seat; their next request finds the agency closed (D, docs/rules.md §1).

    Their invitations end with it. Raises Membership.DoesNotExist for what is not the agency's,
    Refused with the rule "owner", "own_seat", "last_owner" or "removed". Locks the agency.
    """
    agency = hold_agency(agency.pk, at=at)
    check_acts(agency, by, at=at)
    membership = agency.memberships.select_related("user").get(pk=membership_id)
    if membership.user_id == by.pk:
        raise Refused(_("This is your own seat: to give it up, leave the agency."), rule="own_seat")
    return _end(membership, at, by)


@transaction.atomic
def leave(*, membership: Membership, at: datetime) -> Membership:
    """Give up one's own seat (D, docs/rules.md §1) and what one sent; the last owner stays.

    Raises Membership.DoesNotExist where it ended meanwhile, Refused with the rule "last_owner" or
    "removed". Locks the agency.
    """
    agency = hold_agency(membership.agency_id, at=at)
    membership = agency.memberships.select_related("user").get(pk=membership.pk)
    return _end(membership, at, membership.user)


def _end(membership: Membership, at: datetime, by: User) -> Membership:
    _check_not_last_owner(membership, at)
    with told_by(by):
        withdraw_all_of(membership.user_id, agency=membership.agency, at=at)
        # Django clears the key of what it deletes, and whoever asked still wants to name it
        Membership.objects.filter(pk=membership.pk).delete()
    return membership


def _check_not_last_owner(membership: Membership, at: datetime) -> None:
    """Somebody must be left who can act for the agency; call it under the agency's lock."""
    if is_last_owner(membership, today=timezone.localdate(at)):
        raise Refused(
            _(
                "%(person)s is the last owner of the agency: nobody could act for it any more."
                " Make another member an owner first."
            )
            % {"person": membership.user},
            rule="last_owner",
        )
