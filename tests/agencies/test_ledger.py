"""The credit ledger: what it takes, in which order, and that nobody rewrites it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import StringIO
from itertools import accumulate
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from agencies.enums import EntryKind
from agencies.ledger import Deduction, Finding, balances_on, deduct, open_ledgers, takeable, verify
from agencies.ledger.seal import head_seal, line_seal
from agencies.models import Agency, CreditEntry
from scoring.rulebook_versions import DEFAULT, store_rulebook
from tests.factories import AgencyFactory, UserFactory, ViolationFactory

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 12)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
days = st.sampled_from(DAYS)


def take(agency: Agency, asked: int, on: date, reference: str = "") -> CreditEntry | None:
    """Deduct points for a violation of its own; the line it left."""
    fields = {"reference": reference} if reference else {}
    violation = ViolationFactory.create(
        agency=agency, points=asked, occurred_on=on, decided_on=on, **fields
    )
    deduct([Deduction(agency.pk, violation.pk, asked, on, violation.reference)], at=timezone.now())
    return violation.credit_entries.first()


def lines_of(agency: Agency) -> list[tuple[int, str, date, int | None, int]]:
    entries = CreditEntry.objects.filter(agency=agency).order_by("number")
    return list(entries.values_list("number", "kind", "effective_on", "asked", "points"))


class TestTakeable:
    """The pure rule, against balances counted day by day."""

    @given(st.lists(st.tuples(days, st.integers(-60, 60)), max_size=14), days)
    def test_it_is_the_lowest_balance_of_the_day_or_any_later_one(
        self, lines: list[tuple[date, int]], on: date
    ) -> None:
        balances = [
            sum(points for when, points in lines if when <= day) for day in DAYS if day >= on
        ]
        assert takeable(lines, on) == max(0, min(balances))

    @given(
        st.integers(0, 150),
        st.lists(st.tuples(days, st.integers(0, 90)), max_size=14),
        st.lists(st.tuples(days, st.integers(0, 30)), max_size=4),
    )
    def test_no_day_goes_below_zero_and_no_point_is_spared(
        self, opening: int, asked: list[tuple[date, int]], gifts: list[tuple[date, int]]
    ) -> None:
        lines = [(FIRST, opening), *gifts]
        balance = {day: opening + sum(p for when, p in gifts if when <= day) for day in DAYS}
        for on, points in asked:
            taken = min(points, takeable(lines, on))
            for day in DAYS:
                balance[day] -= taken if day >= on else 0
            lines.append((on, -taken))
            later = [balance[day] for day in DAYS if day >= on]
            assert min(balance.values()) >= 0
            assert taken == points or min(later) == 0

    def test_an_empty_ledger_gives_nothing(self) -> None:
        assert takeable([], FIRST) == 0

    def test_a_gift_of_a_later_day_is_not_there_yet(self) -> None:
        assert takeable([(FIRST, 120), (LAST, 30)], FIRST) == 120

    def test_a_later_deduction_leaves_less_for_an_earlier_day(self) -> None:
        assert takeable([(FIRST, 120), (LAST, -100)], FIRST) == 20
        assert takeable([(FIRST, 120), (LAST, -100), (LAST, 40)], FIRST) == 60


@pytest.mark.django_db
class TestOpening:
    def test_an_agency_joins_with_the_opening_balance_of_its_rulebook(self) -> None:
        text = DEFAULT.read_text(encoding="utf-8")
        changed = (
            text.replace('version = "2026.1"', 'version = "stricter"')
            .replace('effective_from = "2000-01"', 'effective_from = "2026-04"')
            .replace("opening = 120", "opening = 100")
        )
        store_rulebook(changed, at=timezone.now(), activate=True)

        before = AgencyFactory.create(joined_on=date(2026, 3, 31))
        after = AgencyFactory.create(joined_on=date(2026, 4, 1))

        assert lines_of(before) == [(1, EntryKind.OPENING, date(2026, 3, 31), None, 120)]
        assert lines_of(after) == [(1, EntryKind.OPENING, date(2026, 4, 1), None, 100)]
        assert balances_on(date(2026, 3, 31), [before.pk, after.pk]) == {before.pk: 120}
        assert balances_on(date(2026, 4, 1), [before.pk, after.pk]) == {
            before.pk: 120,
            after.pk: 100,
        }

    def test_a_ledger_opens_once(self) -> None:
        agency = AgencyFactory.create()
        with pytest.raises(DatabaseError, match="credit_entry_one_opening"), transaction.atomic():
            open_ledgers([(agency.pk, agency.joined_on)], at=timezone.now())
        assert verify() == (1, [])


@pytest.mark.django_db
class TestDeductions:
    def test_asked_and_applied_are_both_recorded(self) -> None:
        agency, admin = AgencyFactory.create(), UserFactory.create()
        violation = ViolationFactory.create(agency=agency, occurred_on=LAST, decided_on=LAST)

        deduct(
            [Deduction(agency.pk, violation.pk, 200, LAST, violation.reference)],
            at=timezone.now(),
            by_id=admin.pk,
        )

        entry = violation.credit_entries.get()
        assert (entry.asked, entry.points, entry.effective_on) == (200, -120, LAST)
        assert (entry.kind, entry.actor, entry.number) == (EntryKind.DEDUCTION, admin, 2)
        assert balances_on(LAST) == {agency.pk: 0}
        assert balances_on(LAST - timedelta(days=1)) == {agency.pk: 120}

    def test_what_a_later_day_needs_is_not_taken(self) -> None:
        agency = AgencyFactory.create()
        take(agency, 100, LAST)

        entry = take(agency, 50, FIRST)

        assert entry is not None
        assert (entry.asked, entry.points) == (50, -20)
        assert balances_on(FIRST) == {agency.pk: 100}
        assert balances_on(LAST) == {agency.pk: 0}

    def test_a_day_before_the_ledger_opens_has_nothing_to_take(self) -> None:
        agency = AgencyFactory.create(joined_on=LAST)
        entry = take(agency, 30, FIRST)
        assert entry is not None
        assert (entry.asked, entry.points) == (30, 0)

    def test_the_answer_says_what_was_applied(self) -> None:
        agency = AgencyFactory.create()
        cases = ViolationFactory.create_batch(3, agency=agency)
        asked = zip(cases, (70, 60, 0), strict=True)
        due = [Deduction(agency.pk, case.pk, n, LAST, case.reference) for case, n in asked]
        applied = deduct(iter(due), at=timezone.now())
        assert applied == {cases[0].pk: 70, cases[1].pk: 50, cases[2].pk: 0}

    def test_zero_points_leave_no_entry(self) -> None:
        agency = AgencyFactory.create()
        assert take(agency, 0, LAST) is None
        assert CreditEntry.objects.count() == 1

    def test_they_are_taken_by_day_then_by_case_number(self) -> None:
        agency = AgencyFactory.create()
        wanted = [("CASE-9", LAST, 50), ("CASE-10", LAST, 60), ("CASE-a", FIRST, 40)]
        deductions = []
        for reference, on, asked in wanted:
            violation = ViolationFactory.create(
                agency=agency, reference=reference, occurred_on=on, decided_on=on
            )
            deductions.append(Deduction(agency.pk, violation.pk, asked, on, reference))

        deduct(deductions, at=timezone.now())

        taken = agency.credit_entries.exclude(violation=None).order_by("number")
        assert list(taken.values_list("violation__reference", "asked", "points")) == [
            ("CASE-a", 40, -40),
            ("CASE-10", 60, -60),
            ("CASE-9", 50, -20),
        ]

    def test_one_violation_is_deducted_once(self) -> None:
        agency = AgencyFactory.create()
        entry = take(agency, 10, LAST)
        assert entry is not None
        again = Deduction(agency.pk, entry.violation_id or 0, 10, LAST, "again")
        with (
            pytest.raises(DatabaseError, match="credit_entry_one_deduction_per_violation"),
            transaction.atomic(),
        ):
            deduct([again], at=timezone.now())
        assert verify() == (2, [])


@dataclass
class Book:
    """A ledger as a clerk would keep it: lines, and a balance for every day."""

    lines: list[tuple[date, int | None, int]] = field(default_factory=list)

    def balance(self, day: date) -> int:
        return sum(points for on, _, points in self.lines if on <= day)

    def take(self, on: date, asked: int) -> None:
        lowest = min(self.balance(day) for day in DAYS if day >= on)
        self.lines.append((on, asked, -min(asked, lowest)))


class TestHistories(TestCase):
    """Any sequence of batches leaves what the clerk's book says."""

    @settings(max_examples=12)
    @given(
        st.lists(
            st.lists(st.tuples(st.integers(0, 1), days, st.integers(0, 80)), max_size=5),
            max_size=4,
        )
    )
    def test_the_stored_ledger_is_the_naive_one(
        self, batches: list[list[tuple[int, date, int]]]
    ) -> None:
        agencies = [AgencyFactory.create(joined_on=FIRST) for _ in range(2)]
        books = [Book([(FIRST, None, 120)]) for _ in agencies]
        number = 0
        for batch in batches:
            due = []
            for which, on, asked in batch:
                number += 1
                violation = ViolationFactory.create(
                    agency=agencies[which],
                    reference=str(number),
                    occurred_on=FIRST,
                    decided_on=on,
                )
                due.append((which, on, violation.reference, asked, violation.pk))
            deduct(
                [
                    Deduction(agencies[which].pk, violation, asked, on, reference)
                    for which, on, reference, asked, violation in due
                ],
                at=timezone.now(),
            )
            for which, on, _, asked, _ in sorted(due):
                if asked:
                    books[which].take(on, asked)
        for agency, book in zip(agencies, books, strict=True):
            found = [(on, asked, points) for _, _, on, asked, points in lines_of(agency)]
            assert found == book.lines
            for day in DAYS:
                assert balances_on(day, [agency.pk]) == {agency.pk: book.balance(day)}
        assert verify() == (sum(len(book.lines) for book in books), [])


def race(*, threads: int, each: int) -> None:
    """So many admins deduct one point after the other from one agency, all at once."""
    agency = AgencyFactory.create(joined_on=FIRST)
    cases = ViolationFactory.create_batch(threads * each, agency=agency, occurred_on=FIRST)
    start, failures = Barrier(threads), []

    def admin(which: int) -> None:
        try:
            start.wait()
            for turn in range(each):
                case = cases[which * each + turn]
                on = DAYS[(which + turn) % len(DAYS)]
                due = Deduction(agency.pk, case.pk, 1 + turn % 3, on, case.reference)
                deduct([due], at=timezone.now())
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    admins = [Thread(target=admin, args=(which,)) for which in range(threads)]
    for thread in admins:
        thread.start()
    for thread in admins:
        thread.join()

    assert failures == []
    entries = list(CreditEntry.objects.filter(agency=agency).order_by("number"))
    assert [entry.number for entry in entries] == list(range(1, threads * each + 2))
    by_day = sorted(entries, key=lambda entry: entry.effective_on)
    assert min(accumulate(entry.points for entry in by_day)) == 0
    assert sum(entry.points for entry in entries) == 0
    assert balances_on(LAST) == {agency.pk: 0}
    assert verify() == (threads * each + 1, [])


@pytest.mark.django_db(transaction=True)
def test_eight_admins_at_once_never_take_more_than_there_is() -> None:
    race(threads=8, each=40)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(50))
def test_eight_admins_with_320_deductions_each(turn: int) -> None:
    race(threads=8, each=320)


@pytest.fixture
def kept(db: None) -> Agency:
    """An agency with three lines."""
    agency = AgencyFactory.create(code="KEPT")
    take(agency, 10, FIRST)
    take(agency, 20, LAST)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return agency


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE agencies_creditentry SET points = 0",
        "UPDATE agencies_creditentry SET reason = reason",
        "DELETE FROM agencies_creditentry",
        "DELETE FROM agencies_creditentry WHERE number = 3",
        "TRUNCATE agencies_creditentry",
        "TRUNCATE agencies_agency CASCADE",
    ],
)
def test_the_database_refuses_to_rewrite_the_ledger(kept: Agency, change: str) -> None:
    before = lines_of(kept)
    operation = change.split(maxsplit=1)[0]
    with (
        pytest.raises(DatabaseError, match=f"append-only: {operation} is refused"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    assert lines_of(kept) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries.update(points=0),
        lambda entries: entries.first().delete(),
        lambda entries: entries.delete(),
        lambda entries: entries.first().save(),
    ],
)
def test_the_orm_cannot_rewrite_it_either(kept: Agency, change: Callable[[Any], object]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(CreditEntry.objects.filter(agency=kept))


@contextmanager
def attacker() -> Iterator[Any]:
    """Somebody who may switch the triggers off, but does not hold the application's key."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        cursor.execute("SET LOCAL session_replication_role = origin")


CUT_LAST = "DELETE FROM agencies_creditentry WHERE number = 3;"
COPY_LINE = (
    "INSERT INTO agencies_creditentry (agency_id, number, kind, asked, points, effective_on,"
    " violation_id, reason, created_at, seal) SELECT agency_id, {number}, 'award', NULL, 30,"
    " effective_on, NULL, '', created_at, seal FROM agencies_creditentry WHERE number = {source};"
)
CHANGED = "entry 2 was changed or inserted: its seal does not fit"


@pytest.mark.parametrize(
    ("attack", "message"),
    [
        *(
            (f"UPDATE agencies_creditentry SET {change} WHERE number = 2", CHANGED)
            for change in (
                "points = -9",
                "asked = 11",
                "kind = 'adjustment',"
                " adjusts_id = (SELECT id FROM agencies_creditentry WHERE number = 1)",
                "effective_on = effective_on + 1",
                "violation_id = NULL",
                "kind = 'reversal',"
                " reverses_id = (SELECT id FROM agencies_creditentry WHERE number = 1)",
                "reason = 'a mistake'",
                "actor_id = 1",
                "created_at = created_at + interval '1 microsecond'",
                "seal = repeat('0', 64)",
                "seal = (SELECT seal FROM agencies_creditentry WHERE number = 3)",
            )
        ),
        (
            "UPDATE agencies_creditentry SET number = number + 10 WHERE number > 1;"
            "UPDATE agencies_creditentry SET number = 15 - number WHERE number > 1",
            CHANGED,
        ),
        (
            "UPDATE agencies_creditentry SET number = 4 WHERE number = 3;"
            + COPY_LINE.format(number=3, source=2),
            "entry 3 was changed or inserted: its seal does not fit",
        ),
        (
            COPY_LINE.format(number=4, source=3),
            "entry 4 was changed or inserted: its seal does not fit",
        ),
        (
            COPY_LINE.format(number=4, source=3) + "UPDATE agencies_agency SET ledger_length = 4",
            "entry 4 was changed or inserted: its seal does not fit",
        ),
        (
            "DELETE FROM agencies_creditentry WHERE number = 2",
            "entry 2 is missing: the next one found is number 3",
        ),
        (
            "DELETE FROM agencies_creditentry WHERE number = 2;"
            "UPDATE agencies_creditentry SET number = 2 WHERE number = 3;"
            "UPDATE agencies_agency SET ledger_length = 2",
            CHANGED,
        ),
        (
            "DELETE FROM agencies_creditentry WHERE number = 1",
            "entry 1 is missing: the next one found is number 2",
        ),
        (CUT_LAST, "the ledger ends with entry 2, but its head says 3"),
        (
            CUT_LAST + "UPDATE agencies_agency SET ledger_length = 2",
            "the sealed head does not fit the 2 entries found",
        ),
        (
            CUT_LAST + "UPDATE agencies_agency SET ledger_length = 2,"
            " ledger_seal = (SELECT seal FROM agencies_creditentry WHERE number = 2)",
            "the sealed head does not fit the 2 entries found",
        ),
        (
            "UPDATE agencies_agency SET ledger_length = 4",
            "the ledger ends with entry 3, but its head says 4",
        ),
        (
            "UPDATE agencies_agency SET ledger_seal = repeat('0', 64)",
            "the sealed head does not fit the 3 entries found",
        ),
        ("DELETE FROM agencies_creditentry", "has no ledger at all"),
        (
            "DELETE FROM agencies_creditentry;"
            "UPDATE agencies_agency SET ledger_length = 0, ledger_seal = ''",
            "has no ledger at all",
        ),
    ],
)
def test_verify_finds_what_the_application_did_not_write(
    kept: Agency, attack: str, message: str
) -> None:
    assert verify() == (3, [])
    with attacker() as cursor:
        cursor.execute(attack)
    assert verify()[1] == [Finding("KEPT", message)]


def test_verify_finds_lines_moved_to_another_agency(kept: Agency) -> None:
    other = AgencyFactory.create(code="OTHER")
    with attacker() as cursor:
        cursor.execute(
            "UPDATE agencies_creditentry SET agency_id = %s, number = 2 WHERE number = 3",
            [other.pk],
        )
    assert verify() == (
        4,
        [
            Finding("KEPT", "the ledger ends with entry 2, but its head says 3"),
            Finding("OTHER", CHANGED),
        ],
    )


def test_verify_finds_one_ledger_swapped_for_another(kept: Agency) -> None:
    other = AgencyFactory.create(code="OTHER", joined_on=kept.joined_on)
    with attacker() as cursor:
        cursor.execute(
            "UPDATE agencies_agency SET ledger_length = 1, ledger_seal = %s WHERE code = 'KEPT';",
            [other.ledger_seal],
        )
        cursor.execute(
            "DELETE FROM agencies_creditentry WHERE agency_id = %s AND number > 1", [kept.pk]
        )
    assert verify()[1] == [Finding("KEPT", "the sealed head does not fit the 1 entries found")]


@pytest.mark.django_db
def test_verify_finds_an_agency_without_a_ledger() -> None:
    Agency.objects.create(code="BARE", name="没有账本", joined_on=FIRST)
    assert verify() == (0, [Finding("BARE", "has no ledger at all")])


def append_sealed(agency: Agency, **fields: Any) -> None:
    """A line as the application would seal it, with whatever it says."""
    agency.refresh_from_db()
    last = CreditEntry.objects.filter(agency=agency).order_by("-number").first()
    entry = CreditEntry(
        agency=agency, number=agency.ledger_length + 1, created_at=timezone.now(), **fields
    )
    entry.seal = line_seal(entry, last.seal if last else "")
    entry.save()
    agency.ledger_length = entry.number
    agency.ledger_seal = head_seal(agency.pk, entry.number, entry.seal)
    agency.save()


@pytest.mark.django_db
def test_verify_finds_a_day_below_zero() -> None:
    agency = AgencyFactory.create(code="BELOW")
    append_sealed(agency, kind=EntryKind.DEDUCTION, asked=130, points=-130, effective_on=FIRST)
    append_sealed(agency, kind=EntryKind.AWARD, points=30, effective_on=LAST)
    assert verify() == (3, [Finding("BELOW", f"the balance of {FIRST} is -10")])


@pytest.mark.django_db
def test_verify_finds_a_ledger_that_does_not_begin_with_its_opening() -> None:
    agency = Agency.objects.create(code="LATE", name="先奖后开", joined_on=FIRST)
    append_sealed(agency, kind=EntryKind.AWARD, points=30, effective_on=FIRST)
    assert verify() == (1, [Finding("LATE", "the first entry is not an opening balance")])


def test_another_key_fits_no_seal(kept: Agency, settings: Any) -> None:
    settings.LEDGER_KEY = "not the application's"
    assert verify()[1] == [Finding("KEPT", CHANGED.replace("2", "1"))]


@pytest.mark.django_db(transaction=True)
def test_what_is_deducted_during_a_verification_is_no_finding() -> None:
    agency = AgencyFactory.create()
    late = ViolationFactory.create(agency=agency)
    seen: list[str] = []

    def meanwhile() -> None:
        due = Deduction(agency.pk, late.pk, 5, LAST, late.reference)
        deduct([due], at=timezone.now())
        connection.close()

    def after_the_entries(execute: Any, statement: str, *rest: Any) -> Any:
        result = execute(statement, *rest)
        if "ledger_seal" in statement:
            seen.append(statement)
            if len(seen) == 1:
                other = Thread(target=meanwhile)
                other.start()
                other.join()
        return result

    with connection.execute_wrapper(after_the_entries):
        assert verify() == (1, [])
    assert verify() == (2, [])


def test_the_command_counts_what_is_sound(kept: Agency) -> None:
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert out.getvalue() == "3 entries verified, nothing differs.\n"


def test_the_command_names_the_agency_and_exits_1(kept: Agency) -> None:
    with attacker() as cursor:
        cursor.execute("UPDATE agencies_creditentry SET points = -1 WHERE number = 2")
    out = StringIO()
    with pytest.raises(CommandError, match="Findings: 1, in 3 entries") as failed:
        call_command("verify_ledger", stdout=out)
    assert failed.value.returncode == 1
    assert out.getvalue() == f"KEPT: {CHANGED}\n"
