"""Invitations by e-mail: a single-use link makes its reader a member of an agency."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import pghistory
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.actions.keys import bad_link, sealed, unsealed
from agencies.actions.plain_text import plain_email
from agencies.enums import Role
from agencies.models import Agency, Invitation, Membership
from agencies.queries.members import active_owners
from agencies.refusals import Refused
from agencies.signals import invitation_made

if TYPE_CHECKING:
    from portal.models import User

INVITATION_DAYS: Final = 7
MOST_OPEN: Final = 50
MOST_A_DAY: Final = 100
_SALT: Final = "invitation"


def told_by(user: User | None) -> AbstractContextManager[Any]:
    """Name whoever acts in the kept changes, also where no request does it."""
    return pghistory.context(user=user.pk) if user else nullcontext()


def hold_agency(agency_id: int, *, at: datetime) -> Agency:
    """Lock an agency whose members are to change.

    Raises Refused(rule="removed") where the agency is no longer on the platform.
    """
    agency = Agency.objects.select_for_update(no_key=True).get(pk=agency_id)
    check_not_removed(agency, at=at)
    return agency


def check_acts(agency: Agency, by: User | None, *, at: datetime) -> None:
    """Whoever acts for an agency's members must be an owner still; call it under `hold_agency`.

    The page let them in before the lock, and another owner may have been quicker. The platform's
    people, and nobody at the console, are not asked. Raises Refused(rule="owner").
    """
    if by is None or by.is_staff:
        return
    if not active_owners(agency, today=timezone.localdate(at)).filter(user=by).exists():
        raise Refused(
            _("You are no longer an owner of the agency %(agency)s; nothing was changed.")
            % {"agency": agency.name},
            rule="owner",
        )


def check_not_removed(agency: Agency, *, at: datetime) -> None:
    """Raises Refused(rule="removed") where the agency is no longer on the platform."""
    if left := agency.left_by(timezone.localdate(at)):
        raise Refused(
            _(
                "The agency %(agency)s was removed from the platform on %(day)s: its members stay"
                " as they are."
            )
            % {"agency": agency.name, "day": date_format(left)},
            rule="removed",
        )


@transaction.atomic
def invite(*, agency: Agency, email: str, role: Role, at: datetime, by: User | None) -> Invitation:
    """Invite the holder of an e-mail address to become a member (D, docs/rules.md §1).

    1. One open invitation per agency and address: inviting again replaces it, the old link opens
       nothing any more, the new one is mailed and holds for 7 days from now.
    2. At most 50 invitations of an agency are open at a time, and 100 are sent a day.
    3. `by` is empty where the platform invites.

    Raises Refused with the rule "address", "removed", "owner", "already_member" or "too_many".
    Locks the agency.
    """
    email = _address(email)
    agency = hold_agency(agency.pk, at=at)
    check_acts(agency, by, at=at)
    if agency.memberships.filter(user__email=email).exists():
        raise Refused(
            _("%(email)s is a member of the agency already; the role can be changed in the list.")
            % {"email": email},
            rule="already_member",
        )
    with told_by(by):
        agency.invitations.filter(email=email, accepted_at=None, withdrawn_at=None).update(
            withdrawn_at=at
        )
        _check_room(agency, at)
        invitation = Invitation.objects.create(
            agency=agency,
            email=email,
            role=role,
            nonce=uuid4(),
            invited_by=by,
            invited_at=at,
            expires_at=at + timedelta(days=INVITATION_DAYS),
        )
    invitation_made.send(sender=Invitation, invitation=invitation, at=at)
    return invitation


@transaction.atomic
def invite_first_owner(*, agency: Agency, email: str, at: datetime) -> Invitation:
    """The platform invites the owner of an agency that has none (D, docs/rules.md §1).

    Raises Refused with the rules of `invite` and "has_owner": from then on owners invite each
    other. An owner whose account is switched off, or barred by a measure, is none. Locks the
    agency.
    """
    agency = hold_agency(agency.pk, at=at)
    if active_owners(agency, today=timezone.localdate(at)).exists():
        raise Refused(
            _(
                "The agency %(agency)s has an owner already: owners invite further members"
                " themselves, on the page “Members”."
            )
            % {"agency": agency},
            rule="has_owner",
        )
    return invite(agency=agency, email=email, role=Role.OWNER, at=at, by=None)


def token_of(invitation: Invitation) -> str:
    """What the address of the link carries: its random number and a signature over it."""
    return sealed(invitation.nonce, salt=_SALT)


def open_invitation(token: str, *, at: datetime) -> Invitation:
    """The invitation of a token, with agency and inviter, if it may still be accepted.

    Changes nothing. Raises Refused with the rule "bad_link", "accepted", "replaced", "withdrawn",
    "expired", "removed" or "inviter".
    """
    nonce = unsealed(token, salt=_SALT)
    invitation = (
        Invitation.objects.select_related("agency", "invited_by").filter(nonce=nonce).first()
    )
    if invitation is None:
        raise bad_link()
    check_open(invitation, at=at)
    return invitation


def check_open(invitation: Invitation, *, at: datetime) -> None:
    """The invitation must still await its answer; raises Refused as `open_invitation` does."""
    agency = invitation.agency
    if invitation.accepted_at is not None:
        raise Refused(
            _("It was accepted already, and each invitation works once. Sign in to go on."),
            rule="accepted",
        )
    if invitation.withdrawn_at is not None:
        if agency.invitations.filter(email=invitation.email, pk__gt=invitation.pk).exists():
            raise Refused(
                _("A newer invitation replaced it: open the link of the newest mail."),
                rule="replaced",
            )
        raise Refused(
            _("The agency %(agency)s withdrew it. If you expected it, ask the agency.")
            % {"agency": agency.name},
            rule="withdrawn",
        )
    if invitation.expires_at <= at:
        raise Refused(_expired(invitation), rule="expired")
    check_not_removed(agency, at=at)
    _check_inviter(invitation, at)


def _check_inviter(invitation: Invitation, at: datetime) -> None:
    """What an owner gave ends with them; the platform's own invitations stay."""
    agency, inviter = invitation.agency, invitation.invited_by_id
    owners = active_owners(agency, today=timezone.localdate(at))
    if inviter is not None and not owners.filter(user=inviter).exists():
        raise Refused(
            _("Whoever sent it no longer acts for %(agency)s. Ask the agency to invite you again.")
            % {"agency": agency.name},
            rule="inviter",
        )


@transaction.atomic
def withdraw(*, agency: Agency, invitation_id: int, at: datetime, by: User) -> Invitation:
    """Take back an invitation that was not accepted; its link opens nothing any more.

    Raises Invitation.DoesNotExist for what is not the agency's, Refused with the rule "closed" for
    what was accepted or withdrawn meanwhile, "owner" or "removed". Locks the agency.
    """
    agency = hold_agency(agency.pk, at=at)
    check_acts(agency, by, at=at)
    invitation = agency.invitations.get(pk=invitation_id)
    if invitation.accepted_at or invitation.withdrawn_at:
        raise Refused(
            _("The invitation of %(email)s is no longer open; nothing was changed.")
            % {"email": invitation.email},
            rule="closed",
        )
    invitation.withdrawn_at = at
    with told_by(by):
        invitation.save(update_fields=["withdrawn_at"])
    return invitation


def withdraw_all_of(person_id: int, *, agency: Agency, at: datetime) -> None:
    """Take back what a person who stops being an owner has sent; call it under `hold_agency`."""
    agency.invitations.filter(invited_by=person_id, accepted_at=None, withdrawn_at=None).update(
        withdrawn_at=at
    )


@transaction.atomic
def accept(*, invitation: Invitation, user: User, at: datetime) -> Membership:
    """Make the invited person a member, once (D, docs/rules.md §1).

    1. Only whoever has the invited address as their own; upper and lower case do not count.
    2. Whoever is a member already keeps the seat and the role.

    Raises Refused with the rules of `open_invitation`, "other_address" and "already_member". Locks
    the agency.
    """
    agency = hold_agency(invitation.agency_id, at=at)
    if user.email.lower() != invitation.email:
        raise Refused(
            _("This invitation is for %(email)s, and you are signed in as %(own)s.")
            % {"email": invitation.email, "own": user.email},
            rule="other_address",
        )
    with told_by(user):
        _spend(invitation, user, at)
        if agency.memberships.filter(user=user).exists():
            raise Refused(
                _("You are a member of the agency %(agency)s already.") % {"agency": agency.name},
                rule="already_member",
            )
        return Membership.objects.create(agency=agency, user=user, role=invitation.role)


@transaction.atomic
def join_with_new_account(
    *, invitation: Invitation, name: str, password: str, at: datetime
) -> Membership:
    """Make the account of an invited person who has none, and the person a member.

    The link came by mail to the address, so the address is known to be theirs. The password must
    have passed the validators. Raises Refused with the rules of `accept` and "account_exists".
    Locks the agency.
    """
    hold_agency(invitation.agency_id, at=at)
    invitation.refresh_from_db()
    check_open(invitation, at=at)
    try:
        with transaction.atomic():
            user = get_user_model().objects.create_user(invitation.email, password, name=name)
    except IntegrityError:
        raise Refused(
            _("There is an account of %(email)s already: sign in with it.")
            % {"email": invitation.email},
            rule="account_exists",
        ) from None
    return accept(invitation=invitation, user=user, at=at)


def _spend(invitation: Invitation, user: User, at: datetime) -> None:
    """Use an invitation up, once; under the agency's lock, which all its changes take."""
    invitation.refresh_from_db()
    check_open(invitation, at=at)
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])


def _expired(invitation: Invitation) -> str:
    """How the reader of a link that expired gets another one."""
    sentence = (
        _("Ask the agency %(agency)s to invite you again. The link was valid until: %(until)s")
        if invitation.invited_by_id
        else _("Ask the platform's operations for a new one. The link was valid until: %(until)s")
    )
    until = date_format(timezone.localtime(invitation.expires_at), "DATETIME_FORMAT")
    return sentence % {"agency": invitation.agency.name, "until": until}


def _address(email: str) -> str:
    try:
        return plain_email(email)
    except ValidationError:
        raise Refused(
            _("%(email)s is not an e-mail address: name@example.com is one.")
            % {"email": f"“{email}”"},
            rule="address",
        ) from None


def _check_room(agency: Agency, at: datetime) -> None:
    """Nobody mails the world through an agency: what is open and what a day brings has an end."""
    still = agency.invitations.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=at)
    if still.count() >= MOST_OPEN:
        raise Refused(
            _(
                "%(most)s invitations of the agency await an answer, which is the most at a time."
                " Wait for answers, or withdraw one."
            )
            % {"most": MOST_OPEN},
            rule="too_many",
        )
    morning = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    if agency.invitations.filter(invited_at__gte=morning, invited_at__lte=at).count() >= MOST_A_DAY:
        raise Refused(
            _("The agency has invited %(most)s times today, the most a day. Go on tomorrow.")
            % {"most": MOST_A_DAY},
            rule="too_many",
        )
