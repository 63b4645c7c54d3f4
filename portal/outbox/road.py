"""The way out of the house: mails over one connection, links to the platform's webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from http.client import HTTPException
from types import TracebackType
from typing import Any, Final, Self
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from agencies.actions.plain_text import one_line
from portal.outbox.smtp import CLOSING, MayHaveArrived

# The reply that says that this one mail is too big, whoever sends it.
TOO_BIG: Final = 552


class Undeliverable(Exception):
    """There is no way to the reader, or whoever takes the links did not take this one."""


class NoAnswer(Undeliverable):
    """Whoever takes the links cannot be reached."""


class Fate(Enum):
    """What became of something that was carried out of the house."""

    SENT = "sent"
    REFUSED = "refused"
    REFUSED_FOR_GOOD = "refused for good"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class Hook:
    """What the platform's webhook gets, as JSON."""

    told: Mapping[str, Any]


Post = EmailMessage | Hook


class Road:
    """One way out for many: the mail server is called once, when the first mail goes.

    `handed_over` says whether what was carried last was all out when the other side fell silent.
    """

    def __init__(self) -> None:
        self._connection = get_connection()
        self.handed_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _fault: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def carry(self, post: Post, *, name: str) -> None:
        """Carry one thing out; `name` is its Message-ID, the same however often it goes.

        Raises whatever keeps it from going, MayHaveArrived where nobody knows; see `fate_of`.
        """
        self.handed_over = False
        if isinstance(post, Hook):
            self._hand_in(post, name)
        else:
            post.extra_headers = {**post.extra_headers, "Message-ID": f"<{name}>"}
            self._mail(post)

    def _mail(self, message: EmailMessage) -> None:
        self._connection.open()
        try:
            self._connection.send_messages([message])
        finally:
            self.handed_over = bool(getattr(self._connection, "handed_over", False))

    def _hand_in(self, hook: Hook, name: str) -> None:
        request = _request(hook.told, name)
        try:
            build_opener(_NoRedirect).open(request, timeout=settings.EMAIL_TIMEOUT).close()
        except HTTPError as fault:
            fault.close()
            raise Undeliverable(f"the webhook answered {fault.code}") from fault
        except URLError as fault:  # the request was not all out
            raise NoAnswer(f"the webhook does not answer: {fault}") from fault
        except (OSError, HTTPException) as fault:
            self.handed_over = True
            raise MayHaveArrived(f"no answer of the webhook: {fault}") from fault
        self.handed_over = True


def fate_of(fault: Exception, *, handed_over: bool = False) -> tuple[Fate, bool]:
    """What a fault says of the thing that was carried, and whether it says that nobody answers.

    1. Refused for good: the address, or the content, by a reply of 500 to 599. The platform's own
       sender is the same for all mails: what is refused for its sake may go later.
    2. Uncertain: the other side had all of it.
    3. Everything else was refused for now, or never left.
    """
    code = _code(fault)
    dead = isinstance(fault, NoAnswer | MayHaveArrived) or (
        isinstance(fault, OSError) and (code is None or code == CLOSING)
    )
    if handed_over or isinstance(fault, MayHaveArrived):
        return Fate.UNCERTAIN, dead
    own = isinstance(fault, smtplib.SMTPSenderRefused) and code != TOO_BIG
    if own or code is None or not 500 <= code < 600:
        return Fate.REFUSED, dead or own
    return Fate.REFUSED_FOR_GOOD, False


def said_by(fault: Exception) -> str:
    """A fault in one line that can be kept: its kind, and what the other side answered."""
    answers: list[tuple[int, bytes | str]] = []
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        answers = list(fault.recipients.values())
    elif isinstance(fault, smtplib.SMTPResponseException):
        answers = [(fault.smtp_code, fault.smtp_error)]
    told = [
        f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
        for code, text in answers
    ]
    return one_line(f"{type(fault).__name__}: {'; '.join(told) or fault}")


def _code(fault: Exception) -> int | None:
    """The mail server's reply about this one mail; None where it is not about it."""
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in fault.recipients.values()), default=None)
    if isinstance(fault, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        return fault.smtp_code
    return None


class _NoRedirect(HTTPRedirectHandler):
    """A link goes to the address in the settings and to no other."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def _request(told: Mapping[str, Any], name: str) -> Request:
    address = settings.CREATOR_WEBHOOK_URL
    if urlsplit(address).scheme not in {"http", "https"}:
        raise Undeliverable("CREATOR_WEBHOOK_URL is no http or https address")
    if not settings.CREATOR_WEBHOOK_SECRET:
        raise Undeliverable("CREATOR_WEBHOOK_SECRET is not set")
    body = json.dumps(told).encode()
    secret = settings.CREATOR_WEBHOOK_SECRET.encode()
    signature = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return Request(  # noqa: S310 - the scheme was looked at
        address,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json",
            "X-Signature": f"sha256={signature}",
            "X-Message-Id": name,
        },
    )
