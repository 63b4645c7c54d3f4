"""Appending to the ledger, under the agencies' locks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from agencies.enums import EntryKind
from agencies.ledger.balance import takeable
from agencies.ledger.seal import head_seal, line_seal
from agencies.models import Agency, CreditEntry
from agencies.policy import conduct_policy

BATCH = 5_000


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
    opening = {day: conduct_policy(day).opening for day in {day for _, day in agencies}}
    _append(
        [
            CreditEntry(
                agency_id=agency_id,
                kind=EntryKind.OPENING,
                points=opening[joined_on],
                effective_on=joined_on,
                created_at=at,
            )
            for agency_id, joined_on in agencies
        ]
    )


@transaction.atomic
def deduct(deductions: Iterable[Deduction], *, at: datetime, by_id: int | None = None) -> None:
    """Take points for violations; each takes at most what is there (docs/rules.md §7).

    1. The agencies are locked first, in the order of their ids.
    2. Several deductions of one agency are taken in the order of day, then case number, so that
       the order of rows in a file decides nothing.
    3. A deduction takes at most the lowest balance on its effective day or any later day; asked
       and applied points are both recorded. One that asks for 0 points leaves no entry.
    """
    due = sorted(
        (d for d in deductions if d.asked > 0),
        key=lambda d: (d.agency_id, d.effective_on, d.reference),
    )
    ids = sorted({d.agency_id for d in due})
    list(Agency.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id"))
    lines: dict[int, list[tuple[date, int]]] = defaultdict(list)
    stored = CreditEntry.objects.filter(agency_id__in=ids).order_by()
    for agency_id, day, points in stored.values_list("agency_id", "effective_on", "points"):
        lines[agency_id].append((day, points))
    entries = []
    for d in due:
        applied = min(d.asked, takeable(lines[d.agency_id], d.effective_on))
        lines[d.agency_id].append((d.effective_on, -applied))
        entries.append(
            CreditEntry(
                agency_id=d.agency_id,
                kind=EntryKind.DEDUCTION,
                asked=d.asked,
                points=-applied,
                effective_on=d.effective_on,
                violation_id=d.violation_id,
                actor_id=by_id,
                created_at=at,
            )
        )
    _append(entries)


def _append(entries: list[CreditEntry]) -> None:
    """Number, seal and store entries after the last ones of their agencies, and move the heads.

    Locks the agencies; entries of one agency keep the order given.
    """
    ids = sorted({entry.agency_id for entry in entries})
    agencies = Agency.objects.select_for_update(no_key=True).filter(id__in=ids).order_by("id")
    length = dict(agencies.values_list("id", "ledger_length"))
    last = dict(
        CreditEntry.objects.filter(agency_id__in=ids)
        .order_by("agency_id", "-number")
        .distinct("agency_id")
        .values_list("agency_id", "seal")
    )
    for entry in entries:
        agency_id = entry.agency_id
        length[agency_id] += 1
        entry.number = length[agency_id]
        entry.seal = last[agency_id] = line_seal(entry, last.get(agency_id, ""))
    CreditEntry.objects.bulk_create(entries, batch_size=BATCH)
    heads = [head_seal(agency_id, length[agency_id], last[agency_id]) for agency_id in ids]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE agencies_agency SET ledger_length = new.length, ledger_seal = new.seal"
            " FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS new(id, length, seal)"
            " WHERE agencies_agency.id = new.id",
            [ids, [length[agency_id] for agency_id in ids], heads],
        )
