"""News of appeals that may soon be filed no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from agencies.enums import News, ViolationState
from agencies.models import Violation
from portal.models import OutboxEntry
from portal.outbox.once import tell_once

# D, docs/rules.md §8: the time itself is the rulebook's.
DAYS_BEFORE: Final = 3


def tell_appeals_ending(now: datetime) -> list[str]:
    """Tell agencies of decided cases whose time to appeal runs out within 3 days.

    1. Each case is told once, and only while no appeal was filed and one still may be; the last
       day counts (D, docs/rules.md §8).
    2. A sentence where any were told. Three queries.
    """
    today = timezone.localdate(now)
    ending = Violation.objects.filter(
        state=ViolationState.ISSUED,
        appeal_until__gte=today,
        appeal_until__lte=today + timedelta(days=DAYS_BEFORE),
    ).order_by("appeal_until", "id")
    entries = [
        OutboxEntry(
            agency_id=case.agency_id,
            news=News.APPEAL_ENDING,
            at=now,
            about={"reference": case.reference, "appeal_until": f"{case.appeal_until:%Y-%m-%d}"},
            once=f"appeal:{case.pk}",
        )
        for case in ending
    ]
    told = tell_once(entries)
    return [f"Told agencies of {told} appeals about to end."] if told else []
