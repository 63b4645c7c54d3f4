"""Awards: credit that the platform gives, for example for a place in an activity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agencies.actions.cases import lock_agencies, refuse_member
from agencies.actions.removal import lift_proposals_at_zero
from agencies.actions.transitions import record, tell
from agencies.enums import News, PenaltyState, Subject
from agencies.ledger import award, balances_on
from agencies.models import Agency, CreditEntry
from agencies.signals import Changed, history_changed

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def award_credit(
    *, agency: Agency, points: int, reason: str, at: datetime, by: User
) -> CreditEntry:
    """Award credit points, effective today, at most to the cap (P, docs/rules.md §7).

    1. The agency is told (`points` given, `asked`, `balance`, `reason`).
    2. What follows: `after_gifts`.

    Raises Refused as `ledger.award` does, and where the person is a member of the agency (D). Locks
    the agency.
    """
    today = timezone.localdate(at)
    lock_agencies([agency.pk])
    refuse_member(by, [agency.pk])
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
    after_gifts([agency.pk] if balance > 0 else [], at=at, by=by)
    return entry


def after_gifts(above_zero: Iterable[int], *, at: datetime, by: User | None = None) -> None:
    """What follows from credit that was given today, restored or awarded.

    1. Agencies whose balance is above 0 again are no longer proposed for removal because it was 0
       (P, docs/rules.md §7).
    2. Months from today on are marked as changed.

    Call it in the transaction that gave the credit: it holds the agencies' locks.
    """
    waiting = Agency.objects.filter(
        pk__in=list(above_zero), penalties__at_zero=True, penalties__state=PenaltyState.PROPOSED
    )
    for agency in waiting.order_by("pk").distinct():
        reason = _("The balance is above 0 again.")
        lift_proposals_at_zero(agency, at=at, by=by, reason=reason)
    history_changed.send(
        sender=CreditEntry,
        first=timezone.localdate(at),
        last=None,
        what=Changed.CREDIT,
        about={},
    )
