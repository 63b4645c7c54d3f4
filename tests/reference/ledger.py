"""The credit ledger as imported files leave it: opening entries and deductions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.reference.inputs import Platform


@dataclass(frozen=True)
class Entry:
    """A signed change of an agency's credit, in whole points."""

    effective_on: date
    asked: int
    applied: int
    reference: str


def ledgers(platform: Platform, rulebook: dict[str, Any]) -> dict[str, list[Entry]]:
    """Post every agency's entries in the order in which the imports post them.

    1. The opening balance is effective on the day of joining (P, rules section 7).
    2. Files are imported one after the other; within a file deductions are posted by
       (decided_on, reference), each effective on `decided_on`.
    3. A deduction takes at most the lowest balance on its day or any later day, as the
       ledger stands at that moment.
    4. Imported history is not restored in hindsight.
    """
    opening = int(rulebook["credit"]["opening"])
    posted: dict[str, list[Entry]] = {}
    for agency in platform.agencies.values():
        posted[agency.code] = [Entry(agency.joined_on, opening, opening, "")]
    for cases in platform.violation_files:
        for case in sorted(cases, key=lambda case: (case.decided_on, case.reference)):
            entries = posted[case.agency]
            taken = min(case.points, lowest_balance_from(entries, case.decided_on))
            entries.append(Entry(case.decided_on, -case.points, -taken, case.reference))
    return posted


def balance_on(entries: list[Entry], day: date) -> int:
    """Add up what is effective by the end of this day."""
    return sum(entry.applied for entry in entries if entry.effective_on <= day)


def contested_on(entries: list[Entry], day: date, cases: set[str]) -> int:
    """Add up what the deductions of these cases really took by the end of this day."""
    taken = [entry for entry in entries if entry.asked < 0 and entry.reference in cases]
    return -sum(entry.applied for entry in taken if entry.effective_on <= day)


def lowest_balance_from(entries: list[Entry], day: date) -> int:
    """Find the lowest balance on this day or any later one."""
    days = [day] + [entry.effective_on for entry in entries if entry.effective_on > day]
    return min(balance_on(entries, one) for one in days)
