"""Opening ledgers and taking points, under the agencies' locks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from agencies.enums import EntryKind
from agencies.ledger.append import append, lock
from agencies.ledger.balance import takeable
from agencies.models import CreditEntry
from agencies.policy import conduct_policies


@dataclass(frozen=True)
class Deduction:
    """Points asked from an agency for a violation, taken on the day of the decision."""

    agency_id: int
    violation_id: int
    asked: int
    effective_on: date
    reference: str


@transaction.atomic
def open_ledgers(agencies: Sequence[tuple[int, date]], *, at: datetime) -> None:
    """Give each new agency (id, joined_on) its opening entry, effective on the day it joined.

    The opening balance is the one of the rulebook in force on that day (P, docs/rules.md §7).
    """
    policies = conduct_policies(joined_on for _, joined_on in agencies)
    append(
        [
            CreditEntry(
                agency_id=agency_id,
                kind=EntryKind.OPENING,
                points=policies[joined_on].opening,
                effective_on=joined_on,
                created_at=at,
            )
            for agency_id, joined_on in agencies
        ]
    )


@transaction.atomic
def deduct(
    deductions: Iterable[Deduction], *, at: datetime, by_id: int | None = None
) -> dict[int, int]:
    """Take points for violations; by violation id, what was applied (docs/rules.md §7).

    1. The agencies are locked first, in the order of their ids.
    2. Several deductions of one agency are taken in the order of day, then case number, so that
       the order of rows in a file decides nothing.
    3. A deduction takes at most the lowest balance on its effective day or any later day; asked
       and applied points are both recorded. One that asks for 0 points leaves no entry.
    """
    deductions = list(deductions)
    applied = {d.violation_id: 0 for d in deductions if d.asked <= 0}
    due = sorted(
        (d for d in deductions if d.asked > 0),
        key=lambda d: (d.agency_id, d.effective_on, d.reference),
    )
    ids = sorted({d.agency_id for d in due})
    lock(ids)
    lines: dict[int, list[tuple[date, int]]] = defaultdict(list)
    stored = CreditEntry.objects.filter(agency_id__in=ids).order_by()
    for agency_id, day, points in stored.values_list("agency_id", "effective_on", "points"):
        lines[agency_id].append((day, points))
    entries = []
    for d in due:
        taken = min(d.asked, takeable(lines[d.agency_id], d.effective_on))
        lines[d.agency_id].append((d.effective_on, -taken))
        applied[d.violation_id] = taken
        entries.append(
            CreditEntry(
                agency_id=d.agency_id,
                kind=EntryKind.DEDUCTION,
                asked=d.asked,
                points=-taken,
                effective_on=d.effective_on,
                violation_id=d.violation_id,
                actor_id=by_id,
                created_at=at,
            )
        )
    append(entries)
    return applied
