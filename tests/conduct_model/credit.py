"""The credit of one agency as a clerk would keep it (docs/rules.md §7).

Written from the rules alone: what was taken, what was given, and which cases fell. Everything else
is worked out anew each time it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

OPENING, CAP = 120, 150
BANDS = ((80, 30), (40, 60))
RESTORED, CLEAN = 10, timedelta(days=30)
AWARD, RESTORE = "award", "restore"


@dataclass
class Taking:
    """What a case took, on its day; `number` is its place in the order of writing."""

    number: int
    case: int
    day: date
    taken: int


@dataclass
class Gift:
    """An award or a restore: how much was asked for, how much of it is left now."""

    number: int
    kind: str
    day: date
    asked: int
    left: int


@dataclass(frozen=True, order=True)
class Ban:
    """No new bindings on the days [starts_on, until)."""

    starts_on: date
    until: date
    below: int


@dataclass
class Book:
    """The facts of one agency's credit; `fallen` are the revoked cases."""

    joined_on: date
    takings: list[Taking] = field(default_factory=list)
    gifts: list[Gift] = field(default_factory=list)
    fallen: set[int] = field(default_factory=set)
    written: int = 0

    def number(self) -> int:
        self.written += 1
        return self.written

    def standing(self) -> list[Taking]:
        return [taking for taking in self.takings if taking.case not in self.fallen]

    def days(self) -> list[date]:
        """Every day on which anything ever happened, the fallen included."""
        return sorted({self.joined_on, *(line.day for line in [*self.takings, *self.gifts])})

    def balance(self, day: date) -> int:
        return (
            (OPENING if self.joined_on <= day else 0)
            + sum(gift.left for gift in self.gifts if gift.day <= day)
            - sum(taking.taken for taking in self.standing() if taking.day <= day)
        )

    def takeable(self, day: date) -> int:
        """The lowest balance of the day or any later one."""
        return min(self.balance(each) for each in [day, *(d for d in self.days() if d > day)])

    def deduct(self, case: int, asked: int, day: date) -> int:
        """Take what is there; asking for nothing leaves no line."""
        taken = min(asked, self.takeable(day))
        if asked:
            self.takings.append(Taking(self.number(), case, day, taken))
        return taken

    def room(self, day: date) -> int:
        """How much a gift may be, so that neither its day nor a later one passes the cap."""
        return CAP - max(self.balance(each) for each in [day, *(d for d in self.days() if d > day)])

    def give(self, kind: str, asked: int, day: date) -> int:
        given = min(asked, self.room(day))
        self.gifts.append(Gift(self.number(), kind, day, asked, given))
        return given

    def reverse(self, case: int) -> None:
        """Let a case fall, then cut every gift to what it would have been without it."""
        self.fallen.add(case)
        taken = restored = 0
        for line, balance in self.walk():
            if isinstance(line, Taking):
                taken += line.taken
                continue
            if line.kind == RESTORE:
                line.left = min(line.left, taken - restored)
            line.left = min(line.left, CAP - balance)
            restored += line.left if line.kind == RESTORE else 0

    def walk(self) -> Iterator[tuple[Taking | Gift, int]]:
        """What stands in the order of the days, each with the balance before it.

        Whoever walks may cut a gift before going on.
        """
        lines: list[Taking | Gift] = [*self.standing(), *self.gifts]
        balance = OPENING
        for line in sorted(lines, key=lambda line: (line.day, line.number)):
            yield line, balance
            balance += -line.taken if isinstance(line, Taking) else line.left

    def bans(self) -> set[Ban]:
        """What the standing deductions forbid, each band by the deduction that crosses it."""
        return {
            Ban(line.day, line.day + timedelta(days=days), below)
            for line, balance in self.walk()
            if isinstance(line, Taking)
            for below, days in BANDS
            if balance >= below > balance - line.taken
        }

    def banned_until(self, day: date) -> date | None:
        return max((b.until for b in self.bans() if b.starts_on <= day < b.until), default=None)

    def restorable(self, today: date) -> tuple[date, int] | None:
        """When the next points come back and how many; None when none can."""
        standing = self.standing()
        restores = [gift for gift in self.gifts if gift.kind == RESTORE]
        owed = sum(t.taken for t in standing) - sum(gift.left for gift in restores)
        points = min(RESTORED, owed, self.room(today))
        if not standing or points <= 0:
            return None
        last = max(line.day for line in [*standing, *(r for r in restores if r.left)])
        due = max(today, last + CLEAN)
        if any(gift.day == due for gift in restores):  # a day sees one restore
            due += timedelta(days=1)
        return due, points

    def restore(self, today: date) -> int:
        due = self.restorable(today)
        if due is None or due[0] > today:
            return 0
        return self.give(RESTORE, due[1], today)

    def never(self) -> Book:
        """The same agency on a platform where nothing was ever decided against it."""
        book = Book(self.joined_on)
        for gift in self.gifts:
            if gift.kind == AWARD:
                book.give(AWARD, gift.asked, gift.day)
        return book
