"""Giving back what a revoked violation took: a reversing line, and what has to follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from agencies.credit_rules import GIFTS, settling
from agencies.enums import EntryKind
from agencies.ledger.append import append, lock
from agencies.ledger.limits import caps
from agencies.ledger.lines import lines_by_agency
from agencies.models import CreditEntry

# Stored as the reason of an adjustment; pages put it into words.
AFTER_REVOCATION = "after_revocation"


@transaction.atomic
def reverse(
    violation_ids: Iterable[int], *, at: datetime, by_id: int | None, reason: str
) -> dict[int, int]:
    """Give back what violations took; by violation id, the points given back (docs/rules.md §7).

    1. A reversing line names the deduction, gives what it applied and is effective on its day;
       one that took nothing is reversed by 0 points, so that the ledger tells it does not stand.
    2. Then restores and awards that gave too much without these deductions are adjusted, each on
       its own day (`agencies.credit_rules.settling`): restores never exceed the deductions still
       standing, nothing lifts the balance above the cap, no day goes below 0.
    3. A violation without a deduction, or whose deduction is reversed, is not in the answer:
       reversing twice is reversing once.

    The agencies are locked in the order of their ids. The ledger keeps 500 characters of `reason`.
    """
    named = CreditEntry.objects.filter(
        kind=EntryKind.DEDUCTION, violation_id__in=set(violation_ids)
    )
    lock(named.values_list("agency_id", flat=True).order_by())
    taken = list(named.filter(reversed_by=None).order_by("agency_id", "effective_on", "number"))
    append(
        [
            CreditEntry(
                agency_id=line.agency_id,
                kind=EntryKind.REVERSAL,
                points=-line.points,
                effective_on=line.effective_on,
                violation_id=line.violation_id,
                reverses=line,
                reason=reason[:500],
                actor_id=by_id,
                created_at=at,
            )
            for line in taken
        ]
    )
    _settle({line.agency_id for line in taken}, at=at, by_id=by_id)
    return {line.violation_id: -line.points for line in taken if line.violation_id is not None}


def _settle(agency_ids: set[int], *, at: datetime, by_id: int | None) -> None:
    gifts = {
        (agency_id, number): (pk, day)
        for pk, agency_id, number, day in CreditEntry.objects.filter(
            agency_id__in=agency_ids, kind__in=GIFTS
        ).values_list("id", "agency_id", "number", "effective_on")
    }
    if not gifts:
        return
    cap_on = caps(day for _, day in gifts.values())
    append(
        [
            CreditEntry(
                agency_id=agency_id,
                kind=EntryKind.ADJUSTMENT,
                points=points,
                effective_on=day,
                adjusts_id=gifts[agency_id, number][0],
                reason=AFTER_REVOCATION,
                actor_id=by_id,
                created_at=at,
            )
            for agency_id, lines in sorted(lines_by_agency(agency_ids).items())
            for number, points, day in settling(lines, cap_on)
        ]
    )
