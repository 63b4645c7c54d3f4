"""What credit will be at the end of a month if nothing else is decided (docs/rules.md §7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agencies.credit_rules import RESTORE, Line, balance_on, next_restore
from scoring.rulebook import Credit


@dataclass(frozen=True)
class CreditOutlook:
    """The balance of today and of the end of a month, with what the way back gives until then.

    `floor_on` is the first day from today on which the floor is reached by what is known today;
    None where it never is.
    """

    today: int
    at_end: int
    end: date
    floor: int
    restores: tuple[tuple[date, int], ...]
    floor_on: date | None

    @property
    def missing(self) -> int:
        """Points that the floor lacks at the end; never negative."""
        return max(self.floor - self.at_end, 0)


def credit_outlook(
    lines: Sequence[Line], rules: Credit, *, floor: int, today: date, end: date
) -> CreditOutlook:
    """The credit of a ledger on a coming day, with the restores that fall due until then.

    1. Entries that are already effective later count from their day.
    2. Restores come as `next_restore` gives them, one after the other (D, docs/rules.md §7).
    3. New deductions, awards and revocations are not foreseen.
    """
    foreseen = list(lines)
    given: list[tuple[date, int]] = []
    day = today
    while coming := next_restore(
        foreseen, rules.restore_clean_days, rules.restore_points, rules.cap, day
    ):
        given.append(coming)
        day = coming[0]
        foreseen.append(Line(len(foreseen) + 1, RESTORE, coming[1], day))
    return CreditOutlook(
        today=balance_on(lines, today),
        at_end=balance_on(foreseen, end),
        end=end,
        floor=floor,
        restores=tuple(each for each in given if each[0] <= end),
        floor_on=_first_day(foreseen, floor, today),
    )


def _first_day(lines: Sequence[Line], floor: int, today: date) -> date | None:
    days = sorted({today, *(line.day for line in lines if line.day > today)})
    return next((day for day in days if balance_on(lines, day) >= floor), None)
