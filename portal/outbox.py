"""What the house has to tell: news in the reader's words, links carried to the creators."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext

from agencies.actions.links import token_of
from agencies.enums import (
    BindingRequestState,
    LinkPurpose,
    Measure,
    News,
    ViolationKind,
    ViolationState,
)
from agencies.models import CreatorLink
from agencies.models.request import OPEN_UNBINDING
from portal.logs import masked
from portal.models import OutboxEntry
from portal.wording import NEWS_PHRASES

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS: Final = 10
# So many failures in a row mean that nobody answers: the others wait for the next run.
FAILURES_IN_A_ROW: Final = 3
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
LONGEST_ERROR: Final = 300
# Values that stand for a word of a closed vocabulary.
LABELS: Final = {"measure": Measure, "kind": ViolationKind, "verdict": ViolationState}
DAYS: Final = {
    *("appeal_until", "due_on", "starts_on", "until"),
    *("on", "day", "last_day", "silent_on"),
}
OF_CREATORS: Final = {
    *(News.CREATOR_BOUND, News.CREATOR_UNBOUND, News.REQUEST_DECLINED, News.REQUEST_EXPIRED),
    *(News.UNBINDING_ASKED, News.UNBINDING_OBJECTED, News.UNBINDING_DECIDED),
    *(News.UNBINDING_WITHDRAWN, News.UNBINDING_CALLED_IN),
}


class Undeliverable(Exception):
    """There is no way to the creator, or whoever takes the links did not take this one."""


@dataclass(frozen=True)
class Letter:
    """A creator's link on its way: the row and its address."""

    link: CreatorLink
    url: str


@dataclass(frozen=True)
class Words:
    """News as its reader sees it: what happened, the particulars (may be empty), where to go."""

    title: str
    sentence: str
    url: str


@dataclass(frozen=True)
class Told:
    """News with when they happened."""

    at: datetime
    words: Words


def told(entries: Iterable[OutboxEntry]) -> list[Told]:
    """Each of some news in words, in their order."""
    return [Told(entry.at, words(entry)) for entry in entries]


def words(entry: OutboxEntry) -> Words:
    """Put the news of an agency into the language of whoever reads them now.

    Values that an entry lacks leave out what would name them, and fail nothing; days are written
    as the language writes them.
    """
    news = News(entry.news)
    values = _values(entry.about)
    phrase = next(
        (each for each in NEWS_PHRASES[news] if all(values.get(key) for key in each.needs)), None
    )
    sentence = str(phrase.text) % values if phrase else ""
    return Words(str(news.label), sentence, _address(news, entry.about))


def _values(about: Mapping[str, Any]) -> dict[str, str]:
    """The plain values of an entry, and those made of several, as text for the reader."""
    values = {key: _said(key, value) for key, value in about.items()}
    if about.get("creator_id"):
        nickname = about.get("nickname")
        code = str(about["creator_id"])
        values["creator"] = f"{nickname} ({code})" if nickname else code
    name = about.get("name_en" if get_language() == "en" else "name_zh")
    if name:
        values["title"] = str(name)
    if "kept" in about:
        values["ended"] = "" if about["kept"] else "1"
    return values


def _said(key: str, value: Any) -> str:
    """One value: a day, a measure, a kind, a list, or as it is; nothing for nothing."""
    if value is None or value is False:
        return ""
    if isinstance(value, Mapping):
        return _enumerated(
            f"{each}: {_said('verdict', verdict)}" for each, verdict in value.items()
        )
    if isinstance(value, list):
        return _enumerated(str(each) for each in value)
    labels = LABELS.get(key)
    if labels is not None and value in labels.values:
        return str(labels(value).label)
    if key not in DAYS:
        return str(value)
    try:
        return date_format(date.fromisoformat(value))
    except (TypeError, ValueError):
        return str(value)


def _enumerated(values: Iterable[str]) -> str:
    return pgettext("between the parts of an enumeration", ", ").join(values)


def _address(news: News, about: Mapping[str, Any]) -> str:
    """Where the reader sees what the news tell of."""
    if news == News.NOTICE_PUBLISHED:
        if about.get("notice_id"):
            return reverse("public-notice", args=[about["notice_id"]])
        return reverse("public-notices")
    if news in {News.TITLE_GRANTED, News.TITLE_WITHDRAWN}:
        return reverse("home")
    if news in OF_CREATORS:
        return reverse("creators")
    references = about.get("references") or about.get("verdicts") or []
    references = [about["reference"]] if about.get("reference") else list(references)
    if len(references) == 1:
        return reverse("violation", args=[references[0]])
    return reverse("conduct")


class _NoRedirect(HTTPRedirectHandler):
    """A link goes to the address in the settings and to no other."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def deliver_due(*, now: datetime) -> list[str]:
    """Send the creators' links that are due; one sentence where any were sent or failed.

    1. Due: not sent, next attempt not after `now`, link neither used nor expired, and what it asks
       for still open.
    2. Each is claimed by a row lock that other processes skip, and marked as sent in the same
       transaction: it is sent at least once, and twice only where the process dies in between.
    3. It goes by mail to the creator's contact; without one, to the platform's webhook.
    4. A failure, of whatever kind, is noted without the link, and tried again after a pause that
       doubles from 1 minute to 6 hours; after three in a row the rest waits for the next run.
    """
    sent = failed = in_a_row = 0
    while in_a_row < FAILURES_IN_A_ROW:
        outcome = _deliver_next(now)
        if outcome is None:
            break
        sent += outcome
        failed += not outcome
        in_a_row = 0 if outcome else in_a_row + 1
    said = [f"Sent {sent} links to creators."] if sent else []
    return said + ([f"Failed to send {failed} links to creators."] if failed else [])


def due_entries(now: datetime) -> QuerySet[OutboxEntry]:
    """The creators' links to send at `now`, those that wait longest first."""
    asked_for = (
        Q(creator_link__purpose=LinkPurpose.LEAVE)
        | Q(creator_link__request__state=BindingRequestState.ASKED)
        | Q(creator_link__unbinding__state__in=OPEN_UNBINDING)
    )
    return OutboxEntry.objects.filter(
        asked_for,
        sent_at=None,
        next_attempt_at__lte=now,
        creator_link__used_at=None,
        creator_link__expires_at__gt=now,
    ).order_by("next_attempt_at", "id")


@transaction.atomic
def _deliver_next(now: datetime) -> bool | None:
    """Claim one link and send it: whether it went, None where none is due."""
    entry = due_entries(now).select_for_update(of=("self",), skip_locked=True).first()
    if entry is None:
        return None
    try:
        with transaction.atomic():
            _send(_letter(entry))
    except Exception as fault:  # whatever one letter dies of, the others still go
        error = masked(f"{type(fault).__name__}: {fault}")[:LONGEST_ERROR]
        OutboxEntry.objects.filter(pk=entry.pk).update(
            attempts=F("attempts") + 1,
            last_error=error,
            next_attempt_at=now + pause_after(entry.attempts + 1),
        )
        log.warning("creator_link_not_sent", entry=entry.pk, attempts=entry.attempts + 1)
        return False
    OutboxEntry.objects.filter(pk=entry.pk).update(
        attempts=F("attempts") + 1, sent_at=now, next_attempt_at=None, last_error=""
    )
    return True


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failures: 1, 2, 4 … minutes, at most 6 hours."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 10))


def _letter(entry: OutboxEntry) -> Letter:
    link = CreatorLink.objects.select_related(
        "creator", "request__agency", "unbinding__binding__agency"
    ).get(delivery=entry)
    return Letter(link, f"{settings.PORTAL_URL}{reverse('creator-link', args=[token_of(link)])}")


def _send(letter: Letter) -> None:
    if letter.link.creator.contact:
        _mail(letter)
    elif settings.CREATOR_WEBHOOK_URL:
        _post(letter)
    else:
        raise Undeliverable("the creator has no contact and no webhook is set")


def _mail(letter: Letter) -> None:
    link = letter.link
    agency = (
        link.request.agency
        if link.request
        else link.unbinding.binding.agency
        if link.unbinding
        else None
    )
    context = {"link": link, "url": letter.url, "agency": agency}
    EmailMessage(
        subject=" ".join(render_to_string("mail/creator_link_subject.txt", context).split()),
        body=render_to_string("mail/creator_link.txt", context),
        to=[link.creator.contact],
        connection=get_connection(timeout=TIMEOUT_SECONDS),
    ).send()


def _post(letter: Letter) -> None:
    address = settings.CREATOR_WEBHOOK_URL
    if urlsplit(address).scheme not in {"http", "https"}:
        raise Undeliverable("CREATOR_WEBHOOK_URL is no http or https address")
    if not settings.CREATOR_WEBHOOK_SECRET:
        raise Undeliverable("CREATOR_WEBHOOK_SECRET is not set")
    body = json.dumps(
        {
            "creator_id": letter.link.creator.creator_id,
            "purpose": letter.link.purpose,
            "url": letter.url,
            "expires_at": letter.link.expires_at.isoformat(),
        }
    ).encode()
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
