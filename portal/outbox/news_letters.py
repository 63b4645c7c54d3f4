"""News of agencies as mails: one piece that goes at once, or what a day brought."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agencies.actions.plain_text import one_line
from agencies.enums import News
from agencies.models import Agency
from portal.enums import Topic
from portal.models import OutboxEntry, User
from portal.outbox.news import words
from portal.outbox.stopping import stop_token
from portal.outbox.topics import TOPIC_OF

# Longer names are cut in the subject, where other news would get lost behind them.
LONGEST_NAME: Final = 60


@dataclass(frozen=True)
class Piece:
    """One piece of news in its mail: what happened, when, the particulars (may be empty), where."""

    title: str
    sentence: str
    at: datetime
    url: str


@dataclass(frozen=True)
class OfTopic:
    """The pieces of one topic."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class OfAgency:
    """What a mail tells of one agency, by topic."""

    name: str
    code: str
    topics: tuple[OfTopic, ...]


def news_message(
    user: User, entries: Sequence[OutboxEntry], *, digest_on: date | None = None
) -> EmailMultiAlternatives:
    """The mail that brings a person news, in the language of their mails.

    1. `entries` are news of agencies with their `agency` loaded, at least one; a mail with a
       `digest_on`, or with several pieces, gathers them by agency (by code), topic and time.
    2. Subject and text name the agency; the subject of a gathered mail only where the person has
       several. Whatever people typed stands in one line: no name or reason can look like another
       header or another line of the mail.
    3. Links lead to the pages of the portal, which asks for a sign-in; the one that stops mails of
       a topic needs none (RFC 8058), and can do nothing else. A mail holds no other secret.
    4. Where the person has several agencies, a link leads to the agency that its news are of.

    One query. Neither sender nor Message-ID are set here.
    """
    with translation.override(user.mail_language):
        several = user.memberships.count() > 1
        agencies = _by_agency(entries, several=several)
        topics = {TOPIC_OF[News(entry.news)] for entry in entries}
        subject = _subject(agencies, len(entries), digest_on, several=several)
        context = {
            "subject": subject,
            "language": user.mail_language,
            "agencies": agencies,
            "gathered": digest_on is not None or len(entries) > 1,
            "stops": [(each.label, _stop_url(user, [each])) for each in Topic if each in topics],
            "preferences_url": _portal(reverse("mail-preferences")),
        }
        message = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string("mail/news.txt", context),
            to=[user.email],
            headers={
                "List-Unsubscribe": f"<{_stop_url(user, topics)}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
        )
        message.attach_alternative(render_to_string("mail/news.html", context), "text/html")
    return message


def _by_agency(entries: Sequence[OutboxEntry], *, several: bool) -> tuple[OfAgency, ...]:
    order = list(Topic)

    def place(entry: OutboxEntry) -> tuple[str, int, datetime, int]:
        return _code(entry), order.index(TOPIC_OF[News(entry.news)]), entry.at, entry.pk

    found = []
    for code, of_agency in groupby(sorted(entries, key=place), key=_code):
        group = list(of_agency)
        topics = tuple(
            OfTopic(
                label=str(topic.label),
                pieces=tuple(_piece(entry, several=several) for entry in of_topic),
            )
            for topic, of_topic in groupby(group, key=lambda entry: TOPIC_OF[News(entry.news)])
        )
        found.append(OfAgency(one_line(_agency(group[0]).name), code, topics))
    return tuple(found)


def _code(entry: OutboxEntry) -> str:
    return _agency(entry).code


def _agency(entry: OutboxEntry) -> Agency:
    if entry.agency is None:
        raise ValueError("A link is no news.")
    return entry.agency


def _piece(entry: OutboxEntry, *, several: bool) -> Piece:
    said = words(entry)
    url = reverse("message", args=[entry.pk]) if several else said.url
    return Piece(one_line(said.title), one_line(said.sentence), entry.at, _portal(url))


def _subject(
    agencies: tuple[OfAgency, ...], pieces: int, digest_on: date | None, *, several: bool
) -> str:
    """What happened and to whom, or how much of which day."""
    name = agencies[0].name
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME - 1]}…"
    if digest_on is None and pieces == 1:
        title = agencies[0].topics[0].pieces[0].title
        return _("%(title)s: %(agency)s") % {"title": title, "agency": name}
    values = {"number": pieces, "agency": name}
    if digest_on is None:
        said = ngettext("%(number)d message", "%(number)d messages", pieces) % values
    else:
        values["day"] = date_format(digest_on)
        said = (
            ngettext("%(number)d message, %(day)s", "%(number)d messages, %(day)s", pieces) % values
        )
    if several and len(agencies) == 1:
        return _("%(title)s: %(agency)s") % {"title": said, "agency": name}
    return said


def _stop_url(user: User, topics: Collection[Topic]) -> str:
    return _portal(reverse("mail-stop", args=[stop_token(user, topics)]))


def _portal(path: str) -> str:
    return f"{settings.PORTAL_URL}{path}"
