"""Who belongs to an agency, who is invited, and whether the invitations got there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from agencies.enums import Role
from agencies.models import Agency, Invitation, Membership, Penalty

# For so long an expired invitation stays on the page, so that it can be sent again.
SHOWN_AFTER: Final = timedelta(days=30)
MOST_SHOWN: Final = 100
# How the note of a failed delivery begins where the other side's server does not know the address.
UNKNOWN_ADDRESS: Final = "SMTPRecipientsRefused"


@dataclass(frozen=True)
class Invited:
    """An open invitation and where it is.

    `state` is "waiting" (to be mailed), "sent", "failed" (not delivered yet), "undelivered" (not
    tried again by itself; it may have arrived), "expired", or "void" where whoever sent it does not
    act for the agency any more; `at` is when it was mailed, or when the next try is due after a
    failure. `unknown_address` says that the mail server refused the address itself.
    """

    invitation: Invitation
    state: str
    at: datetime | None
    unknown_address: bool


def members_of(agency: Agency) -> QuerySet[Membership]:
    """The members of an agency with their people, owners first, each part by e-mail address."""
    return agency.memberships.select_related("user").order_by("role", "user__email")


def active_owners(agency: Agency, *, today: date) -> QuerySet[Membership]:
    """The seats whose people can act for an agency today: owners with an account in use.

    Not those whose account a measure bars (S, docs/rules.md §8).
    """
    barring = Penalty.objects.in_effect_on(today).filter(account=OuterRef("user"))
    owners = agency.memberships.filter(role=Role.OWNER, user__is_active=True)
    return owners.exclude(Exists(barring))


def is_last_owner(membership: Membership, *, today: date) -> bool:
    """Whether nobody could act for the agency any more without this seat."""
    if membership.role != Role.OWNER:
        return False
    owners = active_owners(membership.agency, today=today)
    return not owners.exclude(pk=membership.pk).exists()


def has_account(email: str) -> bool:
    """Whether somebody signs in with this address, upper and lower case alike."""
    return get_user_model()._default_manager.filter(email=email.lower()).exists()


def open_invitations(agency: Agency, *, now: datetime) -> list[Invited]:
    """The newest 100 invitations that nobody accepted or withdrew, with their delivery; one query.

    Expired ones stay for 30 days.
    """
    owners = active_owners(agency, today=timezone.localdate(now))
    # the delivery is a row of the house, which hangs itself on the invitation by this name
    found = (
        agency.invitations.filter(
            accepted_at=None, withdrawn_at=None, expires_at__gt=now - SHOWN_AFTER
        )
        .select_related("invited_by", "delivery")
        .annotate(stands=Q(invited_by=None) | Exists(owners.filter(user=OuterRef("invited_by"))))
        .order_by("-invited_at", "-pk")
    )
    return [_invited(each, now) for each in found[:MOST_SHOWN]]


def _invited(invitation: Any, now: datetime) -> Invited:
    delivery = getattr(invitation, "delivery", None)
    if not invitation.stands:
        return Invited(invitation, "void", None, False)
    if invitation.expires_at <= now:
        return Invited(invitation, "expired", None, False)
    if delivery is None or delivery.claimed_at or not (delivery.sent_at or delivery.attempts):
        return Invited(invitation, "waiting", None, False)
    if delivery.sent_at:
        return Invited(invitation, "sent", delivery.sent_at, False)
    refused = delivery.last_error.startswith(UNKNOWN_ADDRESS)
    state = "failed" if delivery.next_attempt_at else "undelivered"
    return Invited(invitation, state, delivery.next_attempt_at, refused)
