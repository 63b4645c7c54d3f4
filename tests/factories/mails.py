"""News on their way by mail, mails about accounts, and where they stand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from agencies.enums import News
from agencies.models import Agency, Membership
from portal.models import AccountMail, NewsMail, OutboxEntry, User
from portal.models.account_mail import MailKind
from tests.factories import MembershipFactory

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
UNDELIVERED = {"state": "undelivered", "next_attempt_at": None, "attempts": 1}
SPREAD = {"state": "sent", "sent_at": NOW, "next_attempt_at": None}


def news_of(agency: Agency, news: News = News.CREDIT_RESTORED, **fields: Any) -> OutboxEntry:
    """News that wait to become mails."""
    given = {"at": NOW, "next_attempt_at": NOW, **fields}
    return OutboxEntry.objects.create(agency=agency, news=news, **given)


def member(email: str = "owner@example.com", **fields: Any) -> Membership:
    return MembershipFactory.create(user__email=email, **fields)


def news_mail(seat: Membership, *, digest_on: date | None = None, **fields: Any) -> NewsMail:
    """A piece of news for a member, due now."""
    entry = news_of(seat.agency, **SPREAD)
    given = {"at": NOW, "next_attempt_at": NOW, **fields}
    return NewsMail.objects.create(entry=entry, user=seat.user, digest_on=digest_on, **given)


def account_mail(user: User, **fields: Any) -> AccountMail:
    """News of a changed password, due now."""
    given = {"at": NOW, "next_attempt_at": NOW, "kind": MailKind.PASSWORD_CHANGED, **fields}
    return AccountMail.objects.create(email=user.email, **given)
