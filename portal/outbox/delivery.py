"""Carries links to whoever they are for: at least once, later if need be, or not at all."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from agencies.enums import BindingRequestState, LinkPurpose
from agencies.models.request import OPEN_UNBINDING
from portal.logs import masked
from portal.models import OutboxEntry
from portal.outbox.letters import letter_of, send

log = structlog.get_logger(__name__)

# So many failures in a row mean that nobody answers: the others wait for the next run.
FAILURES_IN_A_ROW: Final = 3
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
LONGEST_ERROR: Final = 300
SENTENCES: Final = {
    ("link", True): "Sent {} links to creators.",
    ("link", False): "Failed to send {} links to creators.",
    ("invitation", True): "Sent {} invitations.",
    ("invitation", False): "Failed to send {} invitations.",
}


def deliver_due(*, now: datetime) -> list[str]:
    """Send the links that are due; a sentence for each kind of which any were sent or failed.

    1. Due: not sent, next attempt not after `now`, and of use: a creator's link that is neither
       used nor expired, and what it asks for still open; an invitation that awaits its answer.
    2. Each is claimed by a row lock that other processes skip, and marked as sent in the same
       transaction: it is sent at least once, and twice only where the process dies in between.
    3. It goes by mail; a creator's link, where no contact is on file, to the platform's webhook.
    4. A failure, of whatever kind, is noted without the link, and tried again after a pause that
       doubles from 1 minute to 6 hours; after three in a row the rest waits for the next run.
    """
    outcomes: Counter[tuple[str, bool]] = Counter()
    in_a_row = 0
    while in_a_row < FAILURES_IN_A_ROW:
        outcome = _deliver_next(now)
        if outcome is None:
            break
        outcomes[outcome] += 1
        in_a_row = 0 if outcome[1] else in_a_row + 1
    return [said.format(outcomes[key]) for key, said in SENTENCES.items() if outcomes[key]]


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
        links | invitations, sent_at=None, next_attempt_at__lte=now
    ).order_by("next_attempt_at", "id")


@transaction.atomic
def _deliver_next(now: datetime) -> tuple[str, bool] | None:
    """Claim one link and send it: its kind and whether it went, None where none is due."""
    entry = due_entries(now).select_for_update(of=("self",), skip_locked=True).first()
    if entry is None:
        return None
    kind = "link" if entry.invitation_id is None else "invitation"
    try:
        with transaction.atomic():
            send(letter_of(entry))
    except Exception as fault:  # whatever one letter dies of, the others still go
        error = masked(f"{type(fault).__name__}: {fault}")[:LONGEST_ERROR]
        OutboxEntry.objects.filter(pk=entry.pk).update(
            attempts=F("attempts") + 1,
            last_error=error,
            next_attempt_at=now + pause_after(entry.attempts + 1),
        )
        log.warning("link_not_sent", kind=kind, entry=entry.pk, attempts=entry.attempts + 1)
        return kind, False
    OutboxEntry.objects.filter(pk=entry.pk).update(
        attempts=F("attempts") + 1, sent_at=now, next_attempt_at=None, last_error=""
    )
    return kind, True


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failures: 1, 2, 4 … minutes, at most 6 hours."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 10))
