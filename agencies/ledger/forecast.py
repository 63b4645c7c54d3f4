"""What a deduction would do, before anybody decides it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agencies.credit_rules import DEDUCTION, Ban, Line, balance_on, bans
from agencies.ledger.balance import takeable
from agencies.ledger.limits import bands, deduction_days
from agencies.ledger.lines import lines_of
from agencies.policy import conduct_policies


@dataclass(frozen=True)
class Preview:
    """The balance of a day, what a deduction would take, what would be left, what it would ban."""

    before: int
    applied: int
    after: int
    bans: tuple[Ban, ...]


def preview(agency_id: int, *, points: int, on: date) -> Preview:
    """What a deduction of so many points, effective on a day, would do to an agency; reads only.

    `bans` are those that are not there without it (docs/rules.md §7).
    """
    lines = lines_of(agency_id)
    before = balance_on(lines, on)
    applied = min(max(points, 0), takeable(((line.day, line.points) for line in lines), on))
    asked = Line(len(lines) + 1, DEDUCTION, -applied, on, asked=points)
    by_day = bands(conduct_policies({on} | deduction_days(lines)))
    already = set(bans(lines, by_day))
    new = tuple(ban for ban in bans([*lines, asked], by_day) if ban not in already)
    return Preview(before=before, applied=applied, after=before - applied, bans=new)
