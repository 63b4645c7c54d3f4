"""Recomputing the whole ledger from its entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction

from agencies.credit_rules import GIFTS, CapOn, Line, settling
from agencies.enums import EntryKind
from agencies.ledger.limits import caps
from agencies.ledger.seal import head_seal, line_seal
from agencies.models import Agency, CreditEntry


@dataclass(frozen=True)
class Finding:
    """Something in an agency's ledger that the application did not write."""

    agency_code: str
    message: str


def verify() -> tuple[int, list[Finding]]:
    """Recompute every ledger; the number of entries read and what differs.

    1. Any edit, insertion or removal by someone without the application's key: numbers without a
       gap, every seal, the sealed head on the agency, an opening entry first.
    2. Whatever the rules forbid, though sealed: reversals and adjustments that do not fit the
       lines they name, days below 0, restores beyond the standing deductions, and gifts that lift
       the balance above the cap of their day (docs/rules.md §7).

    Entries and heads come from one statement, hence from one snapshot: what is written meanwhile
    is no finding.
    """
    read = 0
    findings: list[Finding] = []
    entries = CreditEntry.objects.select_related("agency").order_by("agency_id", "number")
    gifts = CreditEntry.objects.filter(kind__in=GIFTS).order_by()
    with transaction.atomic():
        cap_on = caps(gifts.values_list("effective_on", flat=True).distinct())
        for _, group in groupby(entries.iterator(chunk_size=5_000), key=lambda e: e.agency_id):
            lines = list(group)
            read += len(lines)
            agency = lines[0].agency
            faults = _faults(lines, agency.ledger_length, agency.ledger_seal, cap_on)
            findings += [Finding(agency.code, message) for message in faults]
        without = Agency.objects.filter(credit_entries=None).values_list("code", flat=True)
        findings += [Finding(code, "has no ledger at all") for code in without]
    return read, sorted(findings, key=lambda finding: finding.agency_code)


def _faults(lines: list[CreditEntry], length: int, seal: str, cap_on: CapOn) -> Iterator[str]:
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
    misfits = list(_misfits(lines))
    yield from misfits or _too_generous(lines, cap_on)


def _days_below_zero(lines: Iterable[CreditEntry]) -> Iterator[str]:
    balance = 0
    by_day = sorted(lines, key=lambda entry: entry.effective_on)
    for day, group in groupby(by_day, key=lambda entry: entry.effective_on):
        balance += sum(entry.points for entry in group)
        if balance < 0:
            yield f"the balance of {day} is {balance}"


def _misfits(lines: list[CreditEntry]) -> Iterator[str]:
    """Reversals and adjustments that do not fit what they name."""
    by_id = {entry.pk: entry for entry in lines}
    cuts: dict[int, int] = defaultdict(int)
    for entry in lines:
        if entry.reverses_id is not None:
            taken = by_id.get(entry.reverses_id)
            if not (
                taken is not None
                and taken.kind == EntryKind.DEDUCTION
                and (taken.points, taken.effective_on) == (-entry.points, entry.effective_on)
            ):
                yield f"entry {entry.number} does not fit the deduction that it reverses"
        if entry.adjusts_id is not None:
            gift = by_id.get(entry.adjusts_id)
            if gift is None or gift.kind not in GIFTS or gift.effective_on != entry.effective_on:
                yield f"entry {entry.number} does not fit the entry that it adjusts"
                continue
            cuts[gift.pk] -= entry.points
    for entry_id, cut in cuts.items():
        gift = by_id[entry_id]
        if cut > gift.points:
            yield f"entry {gift.number} gave {gift.points} points, adjustments took back {cut}"


def _too_generous(lines: list[CreditEntry], cap_on: CapOn) -> Iterator[str]:
    number = {entry.pk: entry.number for entry in lines}
    plain = [
        Line(
            number=entry.number,
            kind=entry.kind,
            points=entry.points,
            day=entry.effective_on,
            reverses=None if entry.reverses_id is None else number[entry.reverses_id],
            adjusts=None if entry.adjusts_id is None else number[entry.adjusts_id],
        )
        for entry in lines
    ]
    for gift, points, _ in settling(plain, cap_on):
        yield f"entry {gift} gives {-points} points more than the rules allow"
