"""Letters with a link in them: what each says, and the ways it may take."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse

from agencies.actions import invitations, links
from agencies.models import CreatorLink, Invitation
from portal.models import OutboxEntry

TIMEOUT_SECONDS: Final = 10


class Undeliverable(Exception):
    """There is no way to the reader, or whoever takes the links did not take this one."""


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


def send(letter: Letter) -> None:
    """Mail a letter, or hand it to the webhook; raises whatever keeps it from going."""
    if letter.to:
        _mail(letter)
    elif letter.hook and settings.CREATOR_WEBHOOK_URL:
        _post(letter.hook)
    else:
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


def _mail(letter: Letter) -> None:
    subject = render_to_string(f"mail/{letter.words}_subject.txt", dict(letter.context))
    EmailMessage(
        subject=" ".join(subject.split()),
        body=render_to_string(f"mail/{letter.words}.txt", dict(letter.context)),
        to=[letter.to],
        connection=get_connection(timeout=TIMEOUT_SECONDS),
    ).send()


class _NoRedirect(HTTPRedirectHandler):
    """A link goes to the address in the settings and to no other."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def _post(told: Mapping[str, Any]) -> None:
    address = settings.CREATOR_WEBHOOK_URL
    if urlsplit(address).scheme not in {"http", "https"}:
        raise Undeliverable("CREATOR_WEBHOOK_URL is no http or https address")
    if not settings.CREATOR_WEBHOOK_SECRET:
        raise Undeliverable("CREATOR_WEBHOOK_SECRET is not set")
    body = json.dumps(told).encode()
    secret = settings.CREATOR_WEBHOOK_SECRET.encode()
    signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
    request = Request(  # noqa: S310 - the scheme was looked at
        address,
        data=body,
        method="POST",
        headers={"Content-Type": "application/json", "X-Signature": f"sha256={signature}"},
    )
    try:
        build_opener(_NoRedirect).open(request, timeout=TIMEOUT_SECONDS).close()
    except HTTPError as fault:
        fault.close()
        raise Undeliverable(f"the webhook answered {fault.code}") from fault
    except (URLError, HTTPException) as fault:
        raise Undeliverable(f"the webhook does not answer: {fault}") from fault
