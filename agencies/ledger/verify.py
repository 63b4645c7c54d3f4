"""Recomputing the whole ledger from its entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction

from agencies.enums import EntryKind
from agencies.ledger.seal import head_seal, line_seal
from agencies.models import Agency, CreditEntry


@dataclass(frozen=True)
class Finding:
    """Something in an agency's ledger that the application did not write."""

    agency_code: str
    message: str


def verify() -> tuple[int, list[Finding]]:
    """Recompute every ledger; the number of entries read and what differs.

    Finds any edit, insertion or removal by someone without the application's key: numbers without
    a gap, every seal, the sealed head on the agency, an opening entry first, and no day whose
    balance is below 0. Entries and heads come from one statement, hence from one snapshot: what is
    written meanwhile is no finding.
    """
    read = 0
    findings: list[Finding] = []
    entries = CreditEntry.objects.select_related("agency").order_by("agency_id", "number")
    with transaction.atomic():
        for _, group in groupby(entries.iterator(chunk_size=5_000), key=lambda e: e.agency_id):
            lines = list(group)
            read += len(lines)
            agency = lines[0].agency
            faults = _faults(lines, agency.ledger_length, agency.ledger_seal)
            findings += [Finding(agency.code, message) for message in faults]
        without = Agency.objects.filter(credit_entries=None).values_list("code", flat=True)
        findings += [Finding(code, "has no ledger at all") for code in without]
    return read, sorted(findings, key=lambda finding: finding.agency_code)


def _faults(lines: list[CreditEntry], length: int, seal: str) -> Iterator[str]:
    previous = ""
    for expected, entry in enumerate(lines, start=1):
        if entry.number != expected:
            yield f"entry {expected} is missing: the next one found is number {entry.number}"
            return
        if entry.seal != line_seal(entry, previous):
            yield f"entry {expected} was changed or inserted: its seal does not fit"
            return
        previous = entry.seal
    if length != len(lines):
        yield f"the ledger ends with entry {len(lines)}, but its head says {length}"
    elif seal != head_seal(lines[0].agency_id, length, previous):
        yield f"the sealed head does not fit the {length} entries found"
    if lines[0].kind != EntryKind.OPENING:
        yield "the first entry is not an opening balance"
    yield from _days_below_zero(lines)


def _days_below_zero(lines: Iterable[CreditEntry]) -> Iterator[str]:
    balance = 0
    by_day = sorted(lines, key=lambda entry: entry.effective_on)
    for day, group in groupby(by_day, key=lambda entry: entry.effective_on):
        balance += sum(entry.points for entry in group)
        if balance < 0:
            yield f"the balance of {day} is {balance}"
