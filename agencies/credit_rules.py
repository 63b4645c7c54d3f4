"""What follows from the lines of a credit ledger: bans, the way back, what a revocation settles.

Pure: lines in, numbers out. Everything is in whole points and platform days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

DEDUCTION, RESTORE, AWARD = "deduction", "restore", "award"
# What lifts a balance after its opening; a revocation may show that it gave too much.
GIFTS = frozenset({RESTORE, AWARD})

CapOn = Callable[[date], int]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ledger; `reverses` and `adjusts` are numbers of other lines of it."""

    number: int
    kind: str
    points: int
    day: date
    reverses: int | None = None
    adjusts: int | None = None
    asked: int | None = None


@dataclass(frozen=True, slots=True)
class Ban:
    """No new bindings on [starts_on, until): line `number` took the balance below `below`."""

    below: int
    days: int
    starts_on: date
    until: date
    number: int


def standing(lines: Iterable[Line]) -> list[Line]:
    """The lines that still count, by (day, number).

    Deductions that were reversed and their reversals are left out; adjustments are kept.
    """
    lines = list(lines)
    reversed_ones = {line.reverses for line in lines if line.reverses is not None}
    kept = (line for line in lines if line.reverses is None and line.number not in reversed_ones)
    return sorted(kept, key=lambda line: (line.day, line.number))


def net(lines: Iterable[Line]) -> list[Line]:
    """The standing lines with every adjustment taken off the line that it adjusts."""
    kept = standing(lines)
    cuts: dict[int, int] = defaultdict(int)
    for line in kept:
        if line.adjusts is not None:
            cuts[line.adjusts] += line.points
    return [
        replace(line, points=line.points + cuts[line.number]) if line.number in cuts else line
        for line in kept
        if line.adjusts is None
    ]


def bans(lines: Iterable[Line], bands: Mapping[date, Sequence[tuple[int, int]]]) -> tuple[Ban, ...]:
    """The bans on new bindings that the standing deductions started, in their order.

    1. The net lines are walked by (day, number). A deduction starts a ban where the balance was
       at least `below` before it and is less after it (P, docs/rules.md §7).
    2. A ban holds on [day, day + days); a deduction through several bands starts several.
    3. A reversed deduction starts none, hence a revocation undoes its bans by itself.

    `bands` holds (below, days) as in force on the day, for the day of every standing deduction.
    """
    found: list[Ban] = []
    balance = 0
    for line in net(lines):
        before, balance = balance, balance + line.points
        if line.kind == DEDUCTION:
            found += [
                Ban(below, days, line.day, line.day + timedelta(days), line.number)
                for below, days in bands[line.day]
                if balance < below <= before
            ]
    return tuple(found)


def balance_on(lines: Iterable[Line], day: date) -> int:
    """The credit at the end of a day (docs/rules.md §7)."""
    return sum(line.points for line in lines if line.day <= day)


def bans_on(
    lines: Iterable[Line], bands: Mapping[date, Sequence[tuple[int, int]]], day: date
) -> list[Ban]:
    """Those of the `bans` that hold on a day."""
    return [ban for ban in bans(lines, bands) if ban.starts_on <= day < ban.until]


def last_ban(found: Iterable[Ban]) -> Ban | None:
    """The ban that ends last; of those that end together, the deepest."""
    return max(found, key=lambda ban: (ban.until, -ban.below), default=None)


def room(lines: Iterable[Line], cap_on: CapOn, day: date) -> int:
    """The most points that a gift of this day, posted now, may give; never negative.

    What lies between the balance and the cap at the end of that day, and at every later line.
    """
    kept = net(lines)
    balance = balance_on(kept, day)
    least = cap_on(day) - balance
    for line in kept:
        if line.day > day:
            balance += line.points
            least = min(least, cap_on(line.day) - balance)
    return max(least, 0)


def next_restore(
    lines: Iterable[Line], clean_days: int, restore_points: int, cap: int, today: date
) -> tuple[date, int] | None:
    """When the way back gives points next, and how many (D, docs/rules.md §7).

    1. `clean_days` after the later of the last standing deduction, also one that found nothing to
       take, and the last restore of which anything is left; today where that day is past: never
       back-dated.
    2. A day sees one restore, also when a revocation took back all of it.
    3. At most `restore_points`, what standing deductions took and no restore gave back, and what
       lies below the cap. Nothing of that left: None.
    """
    lines = list(lines)
    kept = net(lines)
    taken = [line for line in kept if line.kind == DEDUCTION]
    given = [line for line in kept if line.kind == RESTORE and line.points > 0]
    if not taken:
        return None
    last = max(line.day for line in [*taken, *given])
    day = max(last + timedelta(clean_days), today)
    used = {line.day for line in lines if line.kind == RESTORE}
    while day in used:
        day += timedelta(1)
    outstanding = -sum(line.points for line in taken) - sum(line.points for line in given)
    points = min(restore_points, outstanding, room(lines, lambda _: cap, day))
    return (day, points) if points > 0 else None


def settling(lines: Iterable[Line], cap_on: CapOn) -> list[tuple[int, int, date]]:
    """What gifts gave too much, now that a deduction is reversed: (line, points < 0, its day).

    1. Walking by (day, number), the net restores never exceed the standing deductions so far.
    2. Then no restore or award lifts the balance above the cap of its day: the later gift is
       cut, by what is too much, and only as far as every day keeps a balance of at least 0.
    3. Each adjustment is effective on the day of the line it adjusts. A settled ledger needs
       none, so settling twice is settling once.

    Why no day goes below 0. Let G(t) be what the reversals gave back up to a place t of the walk,
    and A(t) what was cut up to it. Before, the restores up to t were at most the deductions D(t),
    which are now D(t) − G(t): so rule 1 cuts no more than G(t) in all, and every balance stays at
    least what it was before the reversal. Rule 2 takes from a day only what it has. It never
    needs to stop short while the cap stays or falls: whoever was cut stands at the cap, and
    before the reversal nobody stood higher. Where a later rulebook raised the cap, points above
    the old one may have been spent since; there rule 2 yields.
    """
    kept = net(lines)
    points = {line.number: line.points for line in kept}
    _cut_restores(kept, points)
    _cut_to_cap(kept, points, cap_on)
    return [
        (line.number, points[line.number] - line.points, line.day)
        for line in kept
        if points[line.number] < line.points
    ]


def _cut_restores(kept: list[Line], points: dict[int, int]) -> None:
    outstanding = 0
    for line in kept:
        if line.kind == DEDUCTION:
            outstanding -= line.points
        elif line.kind == RESTORE:
            points[line.number] = min(line.points, outstanding)
            outstanding -= points[line.number]


def _cut_to_cap(kept: list[Line], points: dict[int, int], cap_on: CapOn) -> None:
    lowest = _lowest_from(kept, points)
    balance = cut = 0
    for line in kept:
        balance += points[line.number]
        if line.kind in GIFTS and points[line.number] > 0:
            # every cut so far lowers all later days alike
            spare = min(points[line.number], lowest[line.day] - cut)
            excess = min(balance - cap_on(line.day), spare)
            if excess > 0:
                points[line.number] -= excess
                balance -= excess
                cut += excess


def _lowest_from(kept: list[Line], points: dict[int, int]) -> dict[date, int]:
    """By day: the lowest balance at the end of that day or any later one."""
    ends: dict[date, int] = {}
    balance = 0
    for line in kept:
        balance += points[line.number]
        ends[line.day] = balance
    lowest: dict[date, int] = {}
    least = balance
    for day in reversed(ends):
        least = min(least, ends[day])
        lowest[day] = least
    return lowest
