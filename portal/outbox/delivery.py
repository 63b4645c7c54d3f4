"""Carries links to whoever they are for: once, later if need be, or visibly not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from agencies.enums import BindingRequestState, LinkPurpose
from agencies.models.request import OPEN_UNBINDING
from portal.enums import CarriedState
from portal.models import OutboxEntry
from portal.outbox.carrying import Lane, carry, told_of
from portal.outbox.letters import letter_of, post_of
from portal.outbox.road import Post

SECONDS: Final = 10
SENTENCES: Final = {
    ("link", "sent"): "Sent {} links to creators.",
    ("link", "refused"): "Failed to send {} links to creators.",
    ("link", "refused for good"): "Gave up {} links to creators that were refused.",
    ("link", "uncertain"): "Gave up {} links to creators that may have arrived.",
    ("link", "lost"): "Gave up {} links to creators whose carrier ended.",
    ("invitation", "sent"): "Sent {} invitations.",
    ("invitation", "refused"): "Failed to send {} invitations.",
    ("invitation", "refused for good"): "Gave up {} invitations that were refused.",
    ("invitation", "uncertain"): "Gave up {} invitations that may have arrived.",
    ("invitation", "lost"): "Gave up {} invitations whose carrier ended.",
}


class LinkLane(Lane[OutboxEntry]):
    """Links of creators and invitations: by mail, or those without a contact to the webhook."""

    name = "links"

    def __init__(self, *, by_hook: bool = False) -> None:
        self.by_hook = by_hook

    def every(self) -> QuerySet[OutboxEntry]:
        return OutboxEntry.objects.filter(agency=None)

    def due(self, now: datetime) -> QuerySet[OutboxEntry]:
        hooked = Q(creator_link__creator__contact="")
        return due_entries(now).filter(hooked if self.by_hook else ~hooked)

    def kind(self, row: OutboxEntry) -> str:
        return "link" if row.invitation_id is None else "invitation"

    def identity(self, rows: Sequence[OutboxEntry]) -> str:
        return f"{self.name} {rows[0].pk} {rows[0].at.isoformat()}"

    def post(
        self, rows: Sequence[OutboxEntry], now: datetime
    ) -> tuple[Post | None, Sequence[OutboxEntry]]:
        return post_of(letter_of(rows[0])), rows


def deliver_due(*, now: datetime, seconds: float = SECONDS) -> list[str]:
    """Send the links that are due; a sentence for each kind of which any were sent or failed.

    1. Due: waiting, next attempt not after `now`, and of use: a creator's link that is neither used
       nor expired, and what it asks for still open; an invitation that awaits its answer. Those
       that can be of no use any more are dropped.
    2. It goes by mail; a creator's link, where no contact is on file, to the platform's webhook.
    3. How often it goes: see `carry`. Each way has half the time, and neither waits for the other.
    """
    OutboxEntry.objects.filter(
        Q(creator_link__used_at__isnull=False)
        | Q(creator_link__expires_at__lte=now)
        | Q(invitation__accepted_at__isnull=False)
        | Q(invitation__withdrawn_at__isnull=False)
        | Q(invitation__expires_at__lte=now),
        state=CarriedState.WAITING,
        next_attempt_at__lte=now,
    ).update(state=CarriedState.DROPPED, next_attempt_at=None)
    fates = carry(LinkLane(), now=now, seconds=seconds / 2)
    fates += carry(LinkLane(by_hook=True), now=now, seconds=seconds / 2)
    return told_of(fates, SENTENCES)


def due_entries(now: datetime) -> QuerySet[OutboxEntry]:
    """The links to send at `now`, those that wait longest first."""
    asked_for = (
        Q(creator_link__purpose=LinkPurpose.LEAVE)
        | Q(creator_link__request__state=BindingRequestState.ASKED)
        | Q(creator_link__unbinding__state__in=OPEN_UNBINDING)
    )
    links = asked_for & Q(creator_link__used_at=None, creator_link__expires_at__gt=now)
    here = Q(invitation__agency__removed_on=None) | Q(
        invitation__agency__removed_on__gt=timezone.localdate(now)
    )
    invitations = here & Q(
        invitation__accepted_at=None,
        invitation__withdrawn_at=None,
        invitation__expires_at__gt=now,
    )
    return OutboxEntry.objects.filter(
        links | invitations, state=CarriedState.WAITING, next_attempt_at__lte=now
    ).order_by("next_attempt_at", "id")
