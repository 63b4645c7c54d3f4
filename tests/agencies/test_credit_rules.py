"""The pure rules of the ledger against a clerk who counts on his fingers."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agencies.credit_rules import (
    GIFTS,
    Ban,
    Line,
    bans,
    net,
    next_restore,
    room,
    settling,
    standing,
)
from agencies.enums import EntryKind
from agencies.ledger import takeable

START = date(2026, 3, 1)
CAP, CLEAN_DAYS, RESTORE = 150, 3, 10
BANDS = [(80, 30), (40, 60)]


def day(number: int) -> date:
    return START + timedelta(number)


def always(cap: int) -> Callable[[date], int]:
    return lambda _: cap


@dataclass
class Clerk:
    """A ledger kept by hand: every line is asked for by the rules, nothing is stored."""

    cap_on: Callable[[date], int] = field(default_factory=lambda: always(CAP))
    today: date = START
    lines: list[Line] = field(default_factory=lambda: [Line(1, "opening", 120, START)])

    def post(
        self,
        kind: str,
        points: int,
        on: date,
        reverses: int | None = None,
        adjusts: int | None = None,
    ) -> None:
        self.lines.append(Line(len(self.lines) + 1, kind, points, on, reverses, adjusts))

    def deduct(self, asked: int, on: date) -> None:
        taken = min(asked, takeable(((line.day, line.points) for line in self.lines), on))
        self.post("deduction", -taken, on)

    def award(self, points: int, on: date) -> None:
        given = min(points, room(self.lines, self.cap_on, on))
        if given:
            self.post("award", given, on)

    def spend(self, days: int) -> None:
        """Let days pass; each gives back what is due on it, however often it is asked."""
        for _ in range(days):
            self.today += timedelta(1)
            for _ in range(2):
                cap = self.cap_on(self.today)
                due = next_restore(self.lines, CLEAN_DAYS, RESTORE, cap, self.today)
                if due and due[0] == self.today:
                    self.post("restore", due[1], self.today)

    def reverse(self, *which: int) -> list[tuple[int, int, date]]:
        for line in [line for line in self.deductions() if line.number in which]:
            self.post("reversal", -line.points, line.day, reverses=line.number)
        due = settling(self.lines, self.cap_on)
        for number, points, on in due:
            self.post("adjustment", points, on, adjusts=number)
        return due

    def deductions(self) -> list[Line]:
        gone = {line.reverses for line in self.lines}
        return [line for line in self.lines if line.kind == "deduction" and line.number not in gone]

    def balance(self, on: date) -> int:
        return sum(line.points for line in self.lines if line.day <= on)

    def balances(self) -> list[int]:
        days = (self.today - START).days + 1
        return [self.balance(day(number)) for number in range(days)]

    def left_of(self, gift: Line) -> int:
        return gift.points + sum(line.points for line in self.lines if line.adjusts == gift.number)

    def restored_beyond_taken(self) -> list[int]:
        """The restores up to which more was given back than standing deductions took."""
        wrong = []
        restores = [line for line in self.lines if line.kind == "restore"]
        for place in restores:
            until = (place.day, place.number)
            given = sum(self.left_of(r) for r in restores if (r.day, r.number) <= until)
            taken = -sum(d.points for d in self.deductions() if (d.day, d.number) <= until)
            if given > taken:
                wrong.append(place.number)
        return wrong

    def too_much(self) -> list[tuple[int, int, date]]:
        """What every gift gives too much: cut point by point until it fits, the first one first."""
        kept = [
            line
            for line in self.lines
            if line.kind in {"opening", "restore", "award"} or line in self.deductions()
        ]
        kept.sort(key=lambda line: (line.day, line.number))
        worth = {line.number: line.points for line in kept}
        worth |= {line.number: self.left_of(line) for line in kept if line.kind in GIFTS}
        due = []
        for place, gift in enumerate(kept):
            before = worth[gift.number]
            while gift.kind in GIFTS and worth[gift.number] > 0:
                so_far = kept[: place + 1]
                taken = -sum(worth[line.number] for line in so_far if line.kind == "deduction")
                given = sum(worth[line.number] for line in so_far if line.kind == "restore")
                balance = sum(worth[line.number] for line in so_far)
                if (gift.kind == "award" or given <= taken) and balance <= CAP:
                    break
                worth[gift.number] -= 1
            if worth[gift.number] < before:
                due.append((gift.number, worth[gift.number] - before, gift.day))
        return due


step = st.one_of(
    st.tuples(st.just("spend"), st.integers(1, 8)),
    st.tuples(st.just("deduct"), st.integers(1, 130), st.integers(0, 12)),
    st.tuples(st.just("deduct"), st.integers(10, 50), st.just(0)),
    st.tuples(st.just("award"), st.integers(1, 60), st.integers(0, 12)),
    st.tuples(st.just("award"), st.integers(20, 60), st.just(0)),
    st.tuples(st.just("reverse"), st.integers(0, 9), st.integers(0, 9)),
)
histories = st.lists(step, max_size=20)
MANY = 3_000 if os.environ.get("SOAK") else 300


def take(clerk: Clerk, step: tuple[str, ...] | tuple[str, int] | tuple[str, int, int]) -> None:
    what, number, *rest = step
    if what == "spend":
        clerk.spend(int(number))
    elif what == "reverse":
        there = clerk.deductions()
        chosen = [there[int(n) % len(there)].number for n in (number, *rest)] if there else []
        clerk.reverse(*chosen)
    else:
        on = max(START, clerk.today - timedelta(int(rest[0])))
        (clerk.deduct if what == "deduct" else clerk.award)(int(number), on)


class TestHistories:
    @settings(max_examples=MANY)
    @given(histories)
    def test_every_day_stays_between_zero_and_the_cap(self, steps: list[tuple[str, int]]) -> None:
        clerk = Clerk()
        for each in steps:
            take(clerk, each)
            assert min(clerk.balances()) >= 0
            assert max(clerk.balances()) <= CAP
            assert clerk.restored_beyond_taken() == []
            assert settling(clerk.lines, clerk.cap_on) == []

    @settings(max_examples=MANY)
    @given(histories, st.lists(st.integers(0, 30), min_size=1, max_size=4))
    def test_settling_cuts_what_the_clerk_cuts(
        self, steps: list[tuple[str, int]], which: list[int]
    ) -> None:
        clerk = Clerk()
        for each in steps:
            take(clerk, each)
        before = clerk.balances()
        for line in clerk.deductions():
            if line.number in which:
                clerk.post("reversal", -line.points, line.day, reverses=line.number)
        expected = clerk.too_much()
        assert clerk.reverse() == expected
        assert clerk.reverse() == []
        assert all(now >= then for now, then in zip(clerk.balances(), before, strict=True))

    @settings(max_examples=MANY)
    @given(histories)
    def test_with_everything_reversed_nothing_was_ever_issued(
        self, steps: list[tuple[str, int]]
    ) -> None:
        clerk = Clerk()
        for each in steps:
            take(clerk, each)
        clerk.reverse(*(line.number for line in clerk.deductions()))

        awards = sorted(
            (line for line in clerk.lines if line.kind == "award"),
            key=lambda line: (line.day, line.number),
        )
        for number, balance in enumerate(clerk.balances()):
            never = 120
            for line in awards:
                if line.day <= day(number):
                    never = min(CAP, never + line.points)
            assert balance == never
        assert bans(clerk.lines, {}) == ()

    @settings(max_examples=MANY)
    @given(histories)
    def test_who_was_never_guilty_has_the_same_credit(self, steps: list[tuple[str, int]]) -> None:
        """Events in the order of their days, once with the deductions and once without."""
        accused, innocent = Clerk(), Clerk()
        for what, *numbers in steps:
            now = (what, numbers[0], 0) if what in {"deduct", "award"} else (what, *numbers)
            take(accused, now)
            if what in {"spend", "award"}:
                take(innocent, now)
        accused.reverse(*(line.number for line in accused.deductions()))
        assert accused.balances() == innocent.balances()

    @settings(max_examples=MANY)
    @given(histories, st.lists(st.integers(60, 220), min_size=1, max_size=6))
    def test_caps_that_change_leave_no_day_below_zero(
        self, steps: list[tuple[str, int]], caps: list[int]
    ) -> None:
        clerk = Clerk(cap_on=lambda on: caps[min((on - START).days // 7, len(caps) - 1)])
        for each in steps:
            take(clerk, each)
            assert min(clerk.balances()) >= 0
            assert clerk.restored_beyond_taken() == []
            assert settling(clerk.lines, clerk.cap_on) == []


class TestSettling:
    def test_restores_without_their_deduction_are_taken_back_on_their_days(self) -> None:
        clerk = Clerk()
        clerk.deduct(30, day(0))
        clerk.spend(6)
        assert clerk.balances() == [90, 90, 90, 100, 100, 100, 110]
        assert clerk.reverse(2) == [(3, -10, day(3)), (4, -10, day(6))]
        assert clerk.balances() == [120] * 7

    def test_a_restore_that_another_deduction_carries_stays(self) -> None:
        clerk = Clerk()
        clerk.deduct(30, day(0))
        clerk.deduct(15, day(1))
        clerk.spend(10)
        assert clerk.balance(clerk.today) == 105
        assert clerk.reverse(2) == [(5, -5, day(7)), (6, -10, day(10))]
        assert clerk.balance(clerk.today) == 120

    def test_an_award_is_cut_to_the_cap(self) -> None:
        clerk = Clerk()
        clerk.deduct(50, day(0))
        clerk.award(60, day(0))
        assert clerk.reverse(2) == [(3, -30, day(0))]
        assert clerk.balance(day(0)) == CAP

    def test_the_later_gift_yields_to_the_cap(self) -> None:
        clerk = Clerk()
        clerk.deduct(50, day(0))
        clerk.award(30, day(0))
        clerk.today = day(1)
        clerk.award(50, day(1))
        assert clerk.balance(day(1)) == CAP
        assert clerk.reverse(2) == [(4, -50, day(1))]
        assert clerk.balances() == [CAP, CAP]

    def test_a_cut_leaves_room_for_what_comes_after_it(self) -> None:
        clerk = Clerk()
        clerk.deduct(50, day(0))
        clerk.award(60, day(1))
        clerk.deduct(40, day(2))
        clerk.award(40, day(3))
        assert clerk.reverse(2) == [(3, -30, day(1))]
        assert [clerk.balance(day(number)) for number in range(4)] == [120, 150, 110, 150]

    def test_only_what_is_left_of_a_higher_cap_is_taken_back(self) -> None:
        clerk = Clerk(cap_on=lambda on: 120 if on < day(2) else 200)
        clerk.deduct(60, day(0))
        clerk.award(30, day(1))
        clerk.award(30, day(1))
        clerk.spend(21)
        clerk.deduct(150, clerk.today)
        assert [cut for cut in clerk.reverse(2) if cut[0] < 5] == [(3, -30, day(1))]
        assert clerk.balance(clerk.today) == 0

    def test_points_spent_under_a_higher_cap_are_not_taken_twice(self) -> None:
        clerk = Clerk(cap_on=lambda on: 120 if on < day(2) else 200)
        clerk.deduct(60, day(0))
        clerk.award(60, day(1))
        clerk.spend(21)
        assert clerk.balance(clerk.today) == 180
        clerk.deduct(170, clerk.today)
        clerk.reverse(2)
        # without the first case 120 were there to take, but 170 are gone: the award gives way
        assert clerk.balance(clerk.today) == 0
        assert min(clerk.balances()) == 0
        assert clerk.restored_beyond_taken() == []


class TestRestores:
    def test_nothing_is_due_where_nothing_was_taken(self) -> None:
        clerk = Clerk()
        clerk.deduct(0, day(0))
        assert next_restore(clerk.lines, 30, 10, CAP, day(50)) is None

    def test_a_deduction_that_found_nothing_to_take_starts_the_time_anew(self) -> None:
        clerk = Clerk()
        clerk.deduct(120, day(0))
        clerk.deduct(50, day(5))
        assert next_restore(clerk.lines, 30, 10, CAP, day(5)) == (day(35), 10)

    def test_the_clean_days_run_from_the_last_deduction(self) -> None:
        clerk = Clerk()
        clerk.deduct(20, day(0))
        clerk.deduct(20, day(5))
        assert next_restore(clerk.lines, 30, 10, CAP, day(6)) == (day(35), 10)
        assert next_restore(clerk.lines, 30, 10, CAP, day(35)) == (day(35), 10)

    def test_a_missed_day_is_made_up_for_today_and_once(self) -> None:
        clerk = Clerk()
        clerk.deduct(40, day(0))
        assert next_restore(clerk.lines, 30, 10, CAP, day(100)) == (day(100), 10)
        clerk.post("restore", 10, day(100))
        assert next_restore(clerk.lines, 30, 10, CAP, day(100)) == (day(130), 10)

    def test_the_last_one_gives_what_is_left(self) -> None:
        clerk = Clerk()
        clerk.deduct(13, day(0))
        clerk.post("restore", 10, day(30))
        assert next_restore(clerk.lines, 30, 10, CAP, day(30)) == (day(60), 3)
        clerk.post("restore", 3, day(60))
        assert next_restore(clerk.lines, 30, 10, CAP, day(60)) is None

    def test_at_the_cap_there_is_nothing_to_give(self) -> None:
        clerk = Clerk()
        clerk.deduct(20, day(0))
        clerk.award(46, day(1))
        assert next_restore(clerk.lines, 30, 10, CAP, day(2)) == (day(30), 4)
        clerk.award(4, day(1))
        assert next_restore(clerk.lines, 30, 10, CAP, day(2)) is None

    def test_a_restore_taken_back_starts_no_window_but_used_its_day(self) -> None:
        clerk = Clerk()
        clerk.deduct(10, day(0))
        clerk.post("restore", 10, day(30))
        clerk.deduct(5, day(1))
        clerk.reverse(2)
        # 5 of the restore stand for the second deduction
        assert next_restore(clerk.lines, 30, 10, CAP, day(30)) is None
        clerk.deduct(7, day(0))
        clerk.reverse(4)
        assert next_restore(clerk.lines, 30, 10, CAP, day(30)) == (day(60), 2)

    def test_a_restore_of_which_nothing_is_left_only_used_its_day(self) -> None:
        clerk = Clerk()
        clerk.deduct(10, day(0))
        clerk.post("restore", 10, day(30))
        clerk.reverse(2)
        clerk.deduct(7, day(0))
        # the adjustment is not undone: seven are outstanding, their window is long over
        assert next_restore(clerk.lines, 30, 10, CAP, day(30)) == (day(31), 7)
        assert next_restore(clerk.lines, 30, 10, CAP, day(33)) == (day(33), 7)


def banned(clerk: Clerk) -> list[tuple[int, int, date, date]]:
    found = bans(clerk.lines, {line.day: BANDS for line in clerk.lines})
    return [(ban.number, ban.below, ban.starts_on, ban.until) for ban in found]


class TestBans:
    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            (40, []),
            (41, [(2, 80, day(0), day(30))]),
            (80, [(2, 80, day(0), day(30))]),
            (81, [(2, 80, day(0), day(30)), (2, 40, day(0), day(60))]),
        ],
    )
    def test_a_deduction_that_crosses_a_band_starts_its_ban(
        self, asked: int, expected: list[tuple[int, int, date, date]]
    ) -> None:
        clerk = Clerk()
        clerk.deduct(asked, day(0))
        assert banned(clerk) == expected

    def test_who_is_below_already_is_not_banned_again(self) -> None:
        clerk = Clerk()
        clerk.deduct(50, day(0))
        clerk.deduct(20, day(1))
        assert banned(clerk) == [(2, 80, day(0), day(30))]

    def test_who_came_back_up_is_banned_again(self) -> None:
        clerk = Clerk()
        clerk.deduct(41, day(0))
        clerk.award(1, day(1))
        clerk.deduct(1, day(2))
        assert banned(clerk) == [(2, 80, day(0), day(30)), (4, 80, day(2), day(32))]

    def test_a_revocation_undoes_the_ban(self) -> None:
        clerk = Clerk()
        clerk.deduct(100, day(0))
        clerk.reverse(2)
        assert banned(clerk) == []

    def test_a_revocation_hands_the_ban_to_the_deduction_that_crosses_now(self) -> None:
        clerk = Clerk()
        clerk.deduct(30, day(0))
        clerk.deduct(20, day(1))
        clerk.deduct(20, day(2))
        assert banned(clerk) == [(3, 80, day(1), day(31))]
        clerk.reverse(3)
        assert banned(clerk) == [(4, 80, day(2), day(32))]

    def test_what_was_taken_back_of_a_gift_held_nobody_up(self) -> None:
        clerk = Clerk()
        clerk.deduct(50, day(0))
        clerk.award(60, day(1))
        clerk.deduct(80, day(1))
        clerk.reverse(2)
        assert clerk.balance(day(1)) == 70
        assert banned(clerk) == [(4, 80, day(1), day(31))]

    def test_the_bands_are_those_of_the_deduction_s_day(self) -> None:
        lines = [Line(1, "opening", 120, day(0)), Line(2, "deduction", -30, day(1))]
        assert bans(lines, {day(1): [(100, 7)]}) == (Ban(100, 7, day(1), day(8), 2),)


def test_the_standing_lines_leave_out_what_was_reversed() -> None:
    clerk = Clerk()
    clerk.deduct(30, day(2))
    clerk.deduct(20, day(1))
    clerk.spend(4)
    clerk.reverse(3)
    assert [line.number for line in standing(clerk.lines)] == [1, 2]
    clerk.spend(1)
    assert [(line.number, line.kind, line.points) for line in standing(clerk.lines)] == [
        (1, "opening", 120),
        (2, "deduction", -30),
        (5, "restore", 10),
    ]
    clerk.reverse(2)
    assert [(line.number, line.points) for line in standing(clerk.lines)] == [
        (1, 120),
        (5, 10),
        (7, -10),
    ]
    assert [(line.number, line.points) for line in net(clerk.lines)] == [(1, 120), (5, 0)]


def test_the_room_of_a_day_is_that_of_its_fullest_later_place() -> None:
    clerk = Clerk()
    clerk.deduct(20, day(1))
    clerk.award(25, day(3))
    clerk.deduct(50, day(3))
    assert room(clerk.lines, clerk.cap_on, day(3)) == 75
    # on the third day the balance stood at 125 for a moment
    assert room(clerk.lines, clerk.cap_on, day(1)) == 25
    assert room(clerk.lines, clerk.cap_on, day(0)) == 25


def test_the_kinds_are_those_of_the_ledger() -> None:
    assert {EntryKind.RESTORE, EntryKind.AWARD} == GIFTS
    assert {line.kind for line in Clerk().lines} < set(EntryKind.values)


def test_the_example_of_the_rules_comes_out() -> None:
    """docs/rules.md §7: a case is revoked after a restore and an award."""
    may, june = date(2026, 5, 1), date(2026, 6, 10)
    lines = [
        Line(1, "opening", 120, date(2026, 1, 1)),
        Line(2, "deduction", -20, may, asked=20),
        Line(3, "restore", 10, date(2026, 5, 31)),
        Line(4, "award", 40, june),
        Line(5, "reversal", 20, may, reverses=2),
    ]
    assert settling(lines, lambda _day: 150) == [
        (3, -10, date(2026, 5, 31)),
        (4, -10, june),
    ]
