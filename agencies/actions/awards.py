"""Awards: credit that the platform gives, for example for a place in an activity."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from agencies.actions.transitions import record, tell
from agencies.enums import News, Subject
from agencies.ledger import award, balances_on
from agencies.models import Agency, CreditEntry

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def award_credit(
    *, agency: Agency, points: int, reason: str, at: datetime, by: User
) -> CreditEntry:
    """Award credit points, effective today, at most to the cap (P, docs/rules.md §7).

    The agency is told (`points` given, `asked`, `balance`, `reason`). Raises Refused as
    `ledger.award` does. Locks the agency.
    """
    today = timezone.localdate(at)
    entry = award(agency_id=agency.pk, points=points, on=today, reason=reason, at=at, by_id=by.pk)
    balance = balances_on(today, [agency.pk])[agency.pk]
    about = {"points": entry.points, "asked": points, "balance": balance}
    record(
        *(Subject.CREDIT, entry.pk, "award"),
        agency_id=agency.pk,
        at=at,
        by=by,
        reason=entry.reason,
        about=about,
    )
    tell(agency.pk, News.CREDIT_AWARDED, at=at, **about, reason=entry.reason)
    return entry
