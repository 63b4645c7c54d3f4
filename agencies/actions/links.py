"""Links by which creators answer: signed, expiring, used once, sent to the creator alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.actions.keys import bad_link, sealed, unsealed
from agencies.enums import LinkPurpose
from agencies.models import Binding, BindingRequest, Creator, CreatorLink, Unbinding
from agencies.refusals import Refused
from agencies.signals import creator_link_made

LINK_DAYS: Final = 7
PAUSE: Final = timedelta(minutes=10)
_SALT: Final = "creator-link"


@transaction.atomic
def make_link(
    *,
    creator: Creator,
    purpose: LinkPurpose,
    request: BindingRequest | None = None,
    unbinding: Unbinding | None = None,
    at: datetime,
    days: int = LINK_DAYS,
) -> CreatorLink:
    """Make a link for one answer and hand it to whoever delivers (D, docs/rules.md §9).

    Raises Refused(rule="no_contact") where nothing could carry it: the creator has no contact on
    file and the platform no webhook.
    """
    if not creator.contact and not settings.CREATOR_WEBHOOK_URL:
        raise Refused(
            _(
                "The platform has no contact of creator %(creator)s, so the creator cannot be"
                " asked. The platform's operations can add one."
            )
            % {"creator": creator},
            rule="no_contact",
        )
    link = CreatorLink.objects.create(
        creator=creator,
        purpose=purpose,
        request=request,
        unbinding=unbinding,
        nonce=uuid4(),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    creator_link_made.send(sender=CreatorLink, link=link, at=at)
    return link


def token_of(link: CreatorLink) -> str:
    """What the address of the link carries: its random number and a signature over it."""
    return sealed(link.nonce, salt=_SALT)


def open_link(token: str, *, at: datetime) -> CreatorLink:
    """The link of a token, with its creator, if it may still be used; changes nothing.

    Raises Refused with the rule "bad_link", "used_link" or "expired_link".
    """
    nonce = unsealed(token, salt=_SALT)
    link = (
        CreatorLink.objects.select_related(
            "creator", "request__agency", "unbinding__binding__agency"
        )
        .filter(nonce=nonce)
        .first()
    )
    if link is None:
        raise bad_link()
    _check_usable(link, at)
    return link


def spend(link: CreatorLink, *, at: datetime) -> None:
    """Use a link up, once; in the transaction of what it does, so a refused step leaves it whole.

    Raises Refused with the rule "used_link" or "expired_link".
    """
    spent = CreatorLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=at).update(
        used_at=at
    )
    if not spent:
        link.refresh_from_db(fields=["used_at", "expires_at"])
        _check_usable(link, at)


@transaction.atomic
def ask_leave_link(*, creator_id: str, contact: str, at: datetime) -> None:
    """Send a creator a link to the page for leaving; says nothing about whether it did (D, §9).

    1. Only to a creator who is bound today or later, and whose contact on file is the one given;
       upper and lower case do not count. Without a contact on file the webhook takes it.
    2. Not while an unused link of the last 10 minutes is on its way.
    3. Not while somebody else changes the creator: strangers who ask wait for nobody.

    Locks the creator where a link is due, so that two at once send one.
    """
    creators = Creator.objects.filter(creator_id=creator_id.strip(), introduced_on__isnull=False)
    if not _may_ask(creators.first(), contact, at):
        return
    creator = creators.select_for_update(no_key=True, skip_locked=True).first()
    if creator is not None and _may_ask(creator, contact, at):
        make_link(creator=creator, purpose=LinkPurpose.LEAVE, at=at)


def _may_ask(creator: Creator | None, contact: str, at: datetime) -> bool:
    if creator is None or not _is_contact(creator, contact):
        return False
    if not Binding.objects.filter(creator=creator).not_over_on(timezone.localdate(at)).exists():
        return False
    waiting = creator.links.filter(
        purpose=LinkPurpose.LEAVE, used_at=None, created_at__gt=at - PAUSE, expires_at__gt=at
    )
    return not waiting.exists()


def _is_contact(creator: Creator, contact: str) -> bool:
    if not creator.contact:
        return bool(settings.CREATOR_WEBHOOK_URL)
    return creator.contact.casefold() == contact.strip().casefold()


def _check_usable(link: CreatorLink, at: datetime) -> None:
    if link.used_at is not None:
        raise Refused(
            _("This link has been used already; each link works once. Nothing more was done."),
            rule="used_link",
        )
    if link.expires_at <= at:
        raise Refused(
            _("This link has expired; links work for a limited time only. Nothing was done."),
            rule="expired_link",
        )
