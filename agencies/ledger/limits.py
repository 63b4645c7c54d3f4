"""What the rulebooks in force say about the days of a ledger, in the shapes of the pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from agencies.credit_rules import DEDUCTION, CapOn, Line
from agencies.policy import ConductPolicy, conduct_policies, conduct_policy


def caps(days: Iterable[date]) -> CapOn:
    """The cap of a day, in points; the days given are looked up in one query."""
    known = {day: policy.cap for day, policy in conduct_policies(days).items()}

    def cap_on(day: date) -> int:
        if day not in known:
            known[day] = conduct_policy(day).cap
        return known[day]

    return cap_on


def deduction_days(lines: Iterable[Line]) -> set[date]:
    """The days for which the bans of a ledger need to know the bands."""
    return {line.day for line in lines if line.kind == DEDUCTION}


def bands(policies: Mapping[date, ConductPolicy]) -> dict[date, list[tuple[int, int]]]:
    """By day: below which balance new bindings are banned, and for how many days."""
    return {day: [(ban.below, ban.days) for ban in policy.bans] for day, policy in policies.items()}
