"""Letters with a link in them: what each says, and the ways it may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from agencies.actions import invitations, links
from agencies.models import CreatorLink, Invitation
from portal.models import OutboxEntry
from portal.outbox.road import Hook, Post, Undeliverable


@dataclass(frozen=True)
class Letter:
    """A link on its way to one reader.

    `to` is the reader's address; without one, `hook` is what the platform's webhook gets. The words
    are those of `templates/mail/{words}.txt` and `{words}_subject.txt` with `context`.
    """

    to: str
    words: str
    context: Mapping[str, Any]
    hook: Mapping[str, Any] = field(default_factory=dict)


def letter_of(entry: OutboxEntry) -> Letter:
    """The letter of an entry that carries a link; one query."""
    if entry.invitation_id is not None:
        invitation = Invitation.objects.select_related("agency", "invited_by")
        return _invitation_letter(invitation.get(delivery=entry))
    link = CreatorLink.objects.select_related(
        "creator", "request__agency", "unbinding__binding__agency"
    )
    return _creator_letter(link.get(delivery=entry))


def post_of(letter: Letter) -> Post:
    """A letter as a mail, or as what the webhook gets; raises Undeliverable where it has no way."""
    if letter.to:
        return _mail(letter)
    if letter.hook and settings.CREATOR_WEBHOOK_URL:
        return Hook(letter.hook)
    raise Undeliverable("the creator has no contact and no webhook is set")


def _creator_letter(link: CreatorLink) -> Letter:
    url = f"{settings.PORTAL_URL}{reverse('creator-link', args=[links.token_of(link)])}"
    agency = (
        link.request.agency
        if link.request
        else link.unbinding.binding.agency
        if link.unbinding
        else None
    )
    return Letter(
        to=link.creator.contact,
        words="creator_link",
        context={"link": link, "url": url, "agency": agency},
        hook={
            "creator_id": link.creator.creator_id,
            "purpose": link.purpose,
            "url": url,
            "expires_at": link.expires_at.isoformat(),
        },
    )


def _invitation_letter(invitation: Invitation) -> Letter:
    """An inviter is named by the address alone: a name is free text, and could bear a message."""
    token = invitations.token_of(invitation)
    return Letter(
        to=invitation.email,
        words="invitation",
        context={
            "invitation": invitation,
            "agency": invitation.agency,
            "inviter": invitation.invited_by.email if invitation.invited_by else "",
            "url": f"{settings.PORTAL_URL}{reverse('join', args=[token])}",
        },
    )


def _mail(letter: Letter) -> EmailMessage:
    subject = render_to_string(f"mail/{letter.words}_subject.txt", dict(letter.context))
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=render_to_string(f"mail/{letter.words}.txt", dict(letter.context)),
        to=[letter.to],
    )
