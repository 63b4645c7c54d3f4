"""Carries news of agencies to their members by mail: at once, or a day's news together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from agencies.enums import News
from agencies.models import Membership
from portal.enums import CarriedState, MailMode
from portal.models import MailPreference, NewsMail
from portal.outbox.carrying import Lane, carry, told_of
from portal.outbox.news_letters import news_message
from portal.outbox.road import Post
from portal.outbox.spreading import spread_news
from portal.outbox.topics import DEFAULT_MODES, TOPIC_OF

SECONDS: Final = 30
SENTENCES: Final = {
    ("news", "sent"): "Sent {} mails with news.",
    ("news", "refused"): "Failed to send {} mails with news.",
    ("news", "refused for good"): "Gave up {} mails with news that were refused.",
    ("news", "uncertain"): "Gave up {} mails with news that may have arrived.",
    ("news", "lost"): "Gave up {} mails with news whose carrier ended.",
}


class NewsLane(Lane[NewsMail]):
    """News for one person each; those of a person's day go in one mail."""

    name = "news"

    def every(self) -> QuerySet[NewsMail]:
        return NewsMail.objects.all()

    def due(self, now: datetime) -> QuerySet[NewsMail]:
        """Of what goes together only the first row, so that no two processes part it."""
        waiting = NewsMail.objects.filter(state=CarriedState.WAITING)
        same = waiting.filter(user=OuterRef("user"), digest_on=OuterRef("digest_on"))
        return waiting.filter(
            Q(digest_on=None) | ~Exists(same.filter(pk__lt=OuterRef("pk"))),
            next_attempt_at__lte=now,
        ).order_by("next_attempt_at", "id")

    def together(self, head: NewsMail) -> QuerySet[NewsMail]:
        if head.digest_on is None:
            return super().together(head)
        waiting = self.every().filter(state=CarriedState.WAITING)
        return waiting.filter(user=head.user_id, digest_on=head.digest_on)

    def identity(self, rows: Sequence[NewsMail]) -> str:
        """By the first row: what joins a day after its mail went is another mail."""
        return f"{self.name} {rows[0].pk} {rows[0].at.isoformat()}"

    def post(
        self, rows: Sequence[NewsMail], now: datetime
    ) -> tuple[Post | None, Sequence[NewsMail]]:
        """What is not wanted any more does not go.

        Somebody who left the agency or is not active is told nothing, nor who stopped mails of the
        topic meanwhile.
        """
        found = NewsMail.objects.select_related("user", "entry__agency").order_by("pk")
        mails = list(found.filter(pk__in=[row.pk for row in rows]))
        user, digest_on = mails[0].user, mails[0].digest_on
        seats = set(Membership.objects.filter(user=user).values_list("agency_id", flat=True))
        own = dict(MailPreference.objects.filter(user=user).values_list("topic", "mode"))

        def is_wanted(mail: NewsMail) -> bool:
            topic = TOPIC_OF[News(mail.entry.news)]
            stopped = own.get(topic, DEFAULT_MODES[topic]) == MailMode.NEVER
            return user.is_active and mail.entry.agency_id in seats and not stopped

        wanted = {mail.pk for mail in mails if is_wanted(mail)}
        if not wanted:
            return None, []
        entries = [mail.entry for mail in mails if mail.pk in wanted]
        message = news_message(user, entries, digest_on=digest_on)
        return message, [row for row in rows if row.pk in wanted]


def deliver_news(*, now: datetime, seconds: float = SECONDS) -> list[str]:
    """Make the mails of waiting news and send what is due; a sentence for each that happened.

    1. A piece of news for whoever is told at once is a mail of its own; what a person gets once a
       day goes in one mail at 8 o'clock (Asia/Shanghai), see `spread_news`.
    2. How often it goes: see `carry`.
    """
    made = spread_news(now=now)
    said = [f"Put {made} news on their way by mail."] if made else []
    return said + told_of(carry(NewsLane(), now=now, seconds=seconds), SENTENCES)
