"""Revocations, awards and the way back on the stored ledger, also by many at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from agencies.credit_rules import Ban, Line, settling
from agencies.enums import EntryKind
from agencies.ledger import (
    AFTER_REVOCATION,
    Deduction,
    Finding,
    award,
    balances_on,
    deduct,
    lines_of,
    preview,
    restore_due,
    reverse,
    running,
    verify,
)
from agencies.models import Agency, CreditEntry, Violation
from agencies.refusals import Refused
from scoring.rulebook_versions import DEFAULT, store_rulebook
from tests.agencies.beside import race
from tests.agencies.test_ledger import append_sealed, attacker
from tests.factories import AgencyFactory, UserFactory, ViolationFactory

DAY = date(2026, 3, 1)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=timezone.get_default_timezone())


def later(days: int) -> date:
    return DAY + timedelta(days)


def issue(agency: Agency, asked: int, on: date = DAY) -> Violation:
    """A violation of the agency with the deduction that it leads to."""
    case: Violation = ViolationFactory.create(agency=agency, occurred_on=on, decided_on=on)
    deduct([Deduction(agency.pk, case.pk, asked, on, case.reference)], at=NOW)
    return case


def give_back(*cases: Violation, by_id: int | None = None) -> dict[int, int]:
    return reverse([case.pk for case in cases], at=NOW, by_id=by_id, reason="Shown to be wrong")


def give(agency: Agency, points: int, on: date, reason: str = "Spring campaign") -> CreditEntry:
    return award(agency_id=agency.pk, points=points, on=on, reason=reason, at=NOW, by_id=None)


def book(agency: Agency) -> list[tuple[str, int, date]]:
    return [(line.kind, line.points, line.day) for line in lines_of(agency.pk)]


def balances(agency: Agency, *days: date) -> list[int]:
    return [balances_on(day, [agency.pk])[agency.pk] for day in days]


@pytest.mark.django_db
class TestReversing:
    def test_it_gives_back_what_was_applied_on_the_same_day(self) -> None:
        agency, admin = AgencyFactory.create(), UserFactory.create()
        case = issue(agency, 200)

        assert give_back(case, by_id=admin.pk) == {case.pk: 120}

        entry = CreditEntry.objects.get(kind=EntryKind.REVERSAL)
        assert (entry.points, entry.effective_on, entry.number) == (120, DAY, 3)
        assert entry.reverses == case.credit_entries.get(kind=EntryKind.DEDUCTION)
        assert (entry.violation, entry.actor, entry.reason) == (case, admin, "Shown to be wrong")
        assert balances(agency, DAY, later(99)) == [120, 120]
        assert verify() == (3, [])

    def test_twice_is_once(self) -> None:
        case = issue(AgencyFactory.create(), 20)
        assert give_back(case, case) == {case.pk: 20}
        assert give_back(case) == {}
        assert CreditEntry.objects.count() == 3

    def test_a_violation_without_deduction_has_nothing_to_give_back(self) -> None:
        case = issue(AgencyFactory.create(), 0)
        assert give_back(case) == {}
        assert reverse([], at=NOW, by_id=None, reason="") == {}
        assert CreditEntry.objects.count() == 1

    def test_a_deduction_that_took_nothing_is_reversed_by_nothing(self) -> None:
        agency = AgencyFactory.create()
        issue(agency, 120)
        case = issue(agency, 30)
        assert give_back(case) == {case.pk: 0}
        assert book(agency)[-1] == (EntryKind.REVERSAL, 0, DAY)
        assert give_back(case) == {}
        assert verify() == (4, [])

    def test_restores_that_nothing_carries_any_more_are_adjusted(self) -> None:
        agency, admin = AgencyFactory.create(), UserFactory.create()
        case = issue(agency, 15)
        assert restore_due(today=later(30), at=NOW) == [(agency.pk, 10, 115)]
        assert restore_due(today=later(60), at=NOW) == [(agency.pk, 5, 120)]

        give_back(case, by_id=admin.pk)

        adjustments = CreditEntry.objects.filter(kind=EntryKind.ADJUSTMENT).order_by("number")
        assert [
            (entry.adjusts.number, entry.points, entry.effective_on, entry.reason, entry.actor)
            for entry in adjustments
            if entry.adjusts
        ] == [
            (3, -10, later(30), AFTER_REVOCATION, admin),
            (4, -5, later(60), AFTER_REVOCATION, admin),
        ]
        assert balances(agency, DAY, later(30), later(60)) == [120, 120, 120]
        assert verify() == (7, [])

    def test_an_award_gives_way_to_the_cap_of_its_day(self) -> None:
        text = DEFAULT.read_text(encoding="utf-8")
        store_rulebook(
            text.replace('version = "2026.1"', 'version = "wider"')
            .replace('effective_from = "2000-01"', 'effective_from = "2026-03"')
            .replace("cap = 150 ", "cap = 140 "),
            at=NOW,
            activate=True,
        )
        agency = AgencyFactory.create()
        case = issue(agency, 50)
        assert give(agency, 60, later(3)).points == 60
        give_back(case)
        assert book(agency)[-1] == (EntryKind.ADJUSTMENT, -40, later(3))
        assert balances(agency, later(2), later(3)) == [120, 140]
        assert verify() == (5, [])

    def test_several_cases_of_several_agencies_are_settled_together(self) -> None:
        first, second = AgencyFactory.create_batch(2)
        cases = [issue(first, 30), issue(second, 40), issue(first, 20)]
        restore_due(today=later(30), at=NOW)
        assert give_back(*cases) == {cases[0].pk: 30, cases[1].pk: 40, cases[2].pk: 20}
        assert balances(first, DAY, later(30)) == [120, 120]
        assert balances(second, DAY, later(30)) == [120, 120]
        assert verify() == (12, [])

    def test_a_long_reason_is_kept_as_far_as_there_is_room(self) -> None:
        case = issue(AgencyFactory.create(), 20)
        reverse([case.pk], at=NOW, by_id=None, reason="理" * 2000)
        assert CreditEntry.objects.get(kind=EntryKind.REVERSAL).reason == "理" * 500


@pytest.mark.django_db
class TestAwards:
    def test_it_lifts_up_to_the_cap(self) -> None:
        agency, admin = AgencyFactory.create(), UserFactory.create()
        entry = award(
            agency_id=agency.pk, points=50, on=DAY, reason=" First ", at=NOW, by_id=admin.pk
        )
        entry.refresh_from_db()
        assert (entry.kind, entry.points, entry.effective_on) == (EntryKind.AWARD, 30, DAY)
        assert (entry.reason, entry.actor, entry.created_at) == ("First", admin, NOW)
        assert balances(agency, later(-1), DAY) == [120, 150]
        assert verify() == (2, [])

    def test_a_later_balance_leaves_less_for_an_earlier_day(self) -> None:
        agency = AgencyFactory.create()
        issue(agency, 30)
        give(agency, 45, later(5))
        assert give(agency, 99, later(2)).points == 15
        assert balances(agency, DAY, later(2), later(5)) == [90, 105, 150]

    @pytest.mark.parametrize(
        ("changed", "rule", "sentence"),
        [
            ({"points": 0}, "points", "An award gives at least one point."),
            ({"points": -5}, "points", "An award gives at least one point."),
            ({"reason": "  "}, "reason", "Say what the award is for."),
            ({"on": date(2026, 11, 23)}, "future", "An award counts from today"),
            ({"on": date(2023, 12, 31)}, "joined", "joined on Jan. 1, 2024"),
            ({}, "once", "already given on March 1, 2026"),
            ({"on": DAY - timedelta(1)}, "cap", "already at the cap of 150"),
        ],
    )
    def test_it_is_refused(self, changed: dict[str, Any], rule: str, sentence: str) -> None:
        agency = AgencyFactory.create()
        given = {
            "agency_id": agency.pk,
            "points": 30,
            "on": DAY,
            "reason": "First",
            "at": NOW,
            "by_id": None,
        }
        award(**given)  # type: ignore[arg-type]
        with pytest.raises(Refused) as refused:
            award(**given | changed)  # type: ignore[arg-type]
        assert refused.value.rule == rule
        assert sentence in str(refused.value)
        assert CreditEntry.objects.count() == 2

    def test_a_removed_agency_gets_none(self) -> None:
        agency = AgencyFactory.create(removed_on=date(2026, 11, 22))
        with pytest.raises(Refused, match="was removed on"):
            give(agency, 10, DAY)


@pytest.mark.django_db
class TestTheWayBack:
    def test_ten_points_after_thirty_clean_days_and_again_after_thirty_more(self) -> None:
        agency = AgencyFactory.create()
        AgencyFactory.create()
        issue(agency, 25)
        assert restore_due(today=later(29), at=NOW) == []
        assert restore_due(today=later(30), at=NOW) == [(agency.pk, 10, 105)]
        assert restore_due(today=later(30), at=NOW) == []
        assert restore_due(today=later(59), at=NOW) == []
        assert restore_due(today=later(60), at=NOW) == [(agency.pk, 10, 115)]
        assert restore_due(today=later(90), at=NOW) == [(agency.pk, 5, 120)]
        assert restore_due(today=later(500), at=NOW) == []
        entry = CreditEntry.objects.filter(kind=EntryKind.RESTORE).earliest("number")
        assert (entry.effective_on, entry.created_at, entry.actor) == (later(30), NOW, None)
        assert verify() == (6, [])

    def test_imported_history_is_not_restored_in_hindsight(self) -> None:
        agency = AgencyFactory.create()
        issue(agency, 90)
        assert restore_due(today=later(200), at=NOW) == [(agency.pk, 10, 40)]
        assert restore_due(today=later(201), at=NOW) == []
        assert balances(agency, later(199), later(200)) == [30, 40]

    def test_a_new_deduction_starts_the_days_anew(self) -> None:
        agency = AgencyFactory.create()
        issue(agency, 25)
        case = issue(agency, 5, later(20))
        assert restore_due(today=later(49), at=NOW) == []
        give_back(case)
        assert restore_due(today=later(49), at=NOW) == [(agency.pk, 10, 105)]

    def test_a_deduction_that_found_nothing_to_take_does_too(self) -> None:
        agency = AgencyFactory.create()
        issue(agency, 120)
        issue(agency, 50, later(20))
        assert restore_due(today=later(49), at=NOW) == []
        assert restore_due(today=later(50), at=NOW) == [(agency.pk, 10, 10)]

    @pytest.mark.parametrize(("removed", "points"), [(30, []), (31, [10])])
    def test_a_removed_agency_gets_none(self, removed: int, points: list[int]) -> None:
        agency = AgencyFactory.create(removed_on=later(removed))
        issue(agency, 25)
        assert [given for _, given, _ in restore_due(today=later(30), at=NOW)] == points

    def test_it_stops_at_the_cap(self) -> None:
        agency = AgencyFactory.create()
        issue(agency, 25)
        give(agency, 48, later(1))
        assert restore_due(today=later(30), at=NOW) == [(agency.pk, 7, 150)]
        assert restore_due(today=later(60), at=NOW) == []

    def test_a_day_sees_one_restore_also_when_it_was_taken_back(self) -> None:
        agency = AgencyFactory.create()
        case = issue(agency, 25)
        issue(agency, 12)
        restore_due(today=later(30), at=NOW)
        give_back(case, *Violation.objects.exclude(pk=case.pk))
        issue(agency, 8)
        assert restore_due(today=later(30), at=NOW) == []
        assert restore_due(today=later(31), at=NOW) == [(agency.pk, 8, 120)]
        assert verify()[1] == []

    def test_finding_nobody_costs_two_queries(self, django_assert_num_queries: Any) -> None:
        for agency in AgencyFactory.create_batch(3):
            issue(agency, 20)
        with django_assert_num_queries(4):  # the savepoint's two included
            assert restore_due(today=later(29), at=NOW) == []

    def test_many_are_restored_by_as_many_queries_as_one(
        self, django_assert_num_queries: Any
    ) -> None:
        for agency in AgencyFactory.create_batch(3):
            issue(agency, 20)
        with django_assert_num_queries(11):
            assert len(restore_due(today=later(30), at=NOW)) == 3
        issue(AgencyFactory.create(), 20)
        with django_assert_num_queries(11):
            assert len(restore_due(today=later(30), at=NOW)) == 1


@pytest.mark.django_db
class TestPreview:
    def test_it_says_what_would_be_taken_and_banned(self) -> None:
        agency = AgencyFactory.create()
        issue(agency, 30)
        before = book(agency)
        shown = preview(agency.pk, points=60, on=later(1))
        assert (shown.before, shown.applied, shown.after) == (90, 60, 30)
        assert shown.bans == (
            Ban(80, 30, later(1), later(31), 3),
            Ban(40, 60, later(1), later(61), 3),
        )
        assert book(agency) == before

    def test_a_ban_that_is_there_already_is_not_new(self) -> None:
        agency = AgencyFactory.create()
        issue(agency, 50)
        assert preview(agency.pk, points=20, on=later(1)).bans == ()

    def test_it_takes_no_more_than_there_is(self) -> None:
        agency = AgencyFactory.create()
        issue(agency, 100, later(5))
        shown = preview(agency.pk, points=50, on=DAY)
        assert (shown.before, shown.applied, shown.after) == (120, 20, 100)
        assert preview(agency.pk, points=0, on=DAY).bans == ()


@pytest.mark.django_db
def test_the_lines_name_what_they_reverse_and_adjust() -> None:
    agency = AgencyFactory.create()
    case = issue(agency, 200)
    restore_due(today=later(30), at=NOW)
    give_back(case)
    joined = agency.joined_on
    assert lines_of(agency.pk) == [
        Line(1, "opening", 120, joined),
        Line(2, "deduction", -120, DAY, asked=200),
        Line(3, "restore", 10, later(30)),
        Line(4, "reversal", 120, DAY, reverses=2),
        Line(5, "adjustment", -10, later(30), adjusts=3),
    ]
    assert [(entry.number, entry.balance) for entry in running(agency.pk)] == [
        (5, 120),
        (3, 130),
        (4, 120),
        (2, 0),
        (1, 120),
    ]


class TestConstraints:
    """What the database itself refuses, whoever writes."""

    @pytest.mark.parametrize(
        ("name", "fields"),
        [
            ("credit_entry_award_once", {"kind": "award", "points": 1, "reason": "First"}),
            ("credit_entry_restore_once_a_day", {"kind": "restore", "points": 1}),
            ("credit_entry_adjustment_names_its_line", {"kind": "adjustment", "points": -1}),
            (
                "credit_entry_adjustment_names_its_line",
                {"kind": "adjustment", "points": 0, "adjusts": 4},
            ),
            (
                "credit_entry_adjustment_names_its_line",
                {"kind": "award", "points": 1, "adjusts": 4},
            ),
        ],
    )
    @pytest.mark.django_db
    def test_it_refuses(self, name: str, fields: dict[str, Any]) -> None:
        agency = AgencyFactory.create()
        issue(agency, 20)
        give(agency, 5, later(30), "First")
        restore_due(today=later(30), at=NOW)
        if "adjusts" in fields:
            fields = fields | {"adjusts": agency.credit_entries.get(number=fields["adjusts"])}
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            append_sealed(agency, effective_on=later(30), **fields)

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE agencies_creditentry SET reason = ''",
            "DELETE FROM agencies_creditentry",
            "TRUNCATE agencies_creditentry",
        ],
    )
    @pytest.mark.django_db
    def test_neither_an_ordinary_role_nor_the_owner_rewrites(self, change: str) -> None:
        issue(AgencyFactory.create(), 20)
        with connection.cursor() as cursor:
            cursor.execute(
                "SET CONSTRAINTS ALL IMMEDIATE;"
                "CREATE ROLE ledger_clerk; GRANT USAGE ON SCHEMA public TO ledger_clerk;"
                "GRANT ALL ON agencies_creditentry TO ledger_clerk"
            )
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            assert cursor.fetchone() == (True,)
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                cursor.execute(change)
            cursor.execute("SET LOCAL ROLE ledger_clerk")
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                cursor.execute(change)
            cursor.execute("RESET ROLE")
        assert CreditEntry.objects.count() == 2


@pytest.mark.django_db
class TestVerifying:
    """No other hand edits a correction unseen, and the rules hold for sealed lines too."""

    @pytest.mark.parametrize(
        ("attack", "number"),
        [
            ("UPDATE {} SET adjusts_id = (SELECT id FROM {} WHERE number = 4) WHERE number = 6", 6),
            ("UPDATE {} SET adjusts_id = NULL, kind = 'award', points = 1 WHERE number = 6", 6),
            ("UPDATE {} SET points = -1 WHERE number = 6", 6),
            ("UPDATE {} SET reason = '' WHERE number = 6", 6),
            (
                "UPDATE {} SET reverses_id = (SELECT id FROM {} WHERE number = 1) WHERE number = 5",
                5,
            ),
            ("UPDATE {} SET effective_on = effective_on + 1 WHERE number = 5", 5),
            ("UPDATE {} SET points = 40 WHERE number = 3", 3),
        ],
    )
    def test_an_edit_of_a_correction_is_found(self, attack: str, number: int) -> None:
        agency = AgencyFactory.create(code="CUT")
        case = issue(agency, 12)
        restore_due(today=later(30), at=NOW)
        restore_due(today=later(60), at=NOW)
        give_back(case)
        assert verify() == (7, [])
        with attacker() as cursor:
            cursor.execute(attack.replace("{}", "agencies_creditentry"))
        message = f"entry {number} was changed or inserted: its seal does not fit"
        assert verify()[1] == [Finding("CUT", message)]

    @pytest.mark.parametrize(
        ("lines", "message"),
        [
            ([("restore", 10, 30)], "entry 3 gives 5 points more than the rules allow"),
            ([("award", 40, 30)], "entry 3 gives 5 points more than the rules allow"),
            (
                [("award", 10, 30), ("adjustment", -11, 30, 3)],
                "entry 3 gave 10 points, adjustments took back 11",
            ),
            (
                [("award", 10, 30), ("adjustment", -1, 31, 3)],
                "entry 4 does not fit the entry that it adjusts",
            ),
            ([("adjustment", -5, 0, 2)], "entry 3 does not fit the entry that it adjusts"),
            ([("reversal", 5, 1, 2)], "entry 3 does not fit the deduction that it reverses"),
            ([("reversal", 4, 0, 2)], "entry 3 does not fit the deduction that it reverses"),
            ([("award", 5, 0), ("reversal", -5, 0, 3)], "entry 4 does not fit the deduction"),
        ],
    )
    def test_sealed_lines_against_the_rules_are_found(
        self, lines: list[tuple[Any, ...]], message: str
    ) -> None:
        agency = AgencyFactory.create(code="RULES")
        issue(agency, 5)
        for kind, points, days, *named in lines:
            other = agency.credit_entries.get(number=named[0]) if named else None
            about = {"reversal": "reverses", "adjustment": "adjusts"}.get(kind)
            fields: dict[str, Any] = {about: other} if about else {}
            append_sealed(agency, kind=kind, points=points, effective_on=later(days), **fields)
        (finding,) = verify()[1]
        assert finding.agency_code == "RULES"
        assert finding.message.startswith(message)

    def test_a_line_of_another_ledger_is_not_to_be_reversed(self) -> None:
        agency, other = AgencyFactory.create(code="ONE"), AgencyFactory.create(code="TWO")
        case = issue(other, 5)
        taken = case.credit_entries.get()
        append_sealed(agency, kind="reversal", points=5, effective_on=DAY, reverses=taken)
        assert verify()[1] == [
            Finding("ONE", "entry 2 does not fit the deduction that it reverses")
        ]


def at_once(*tasks: Callable[[], object]) -> None:
    """Run tasks in threads with connections of their own, all from the same moment."""
    assert race(tasks)[1] == []


@pytest.mark.django_db(transaction=True)
def test_four_reconciles_at_once_restore_once() -> None:
    agencies = AgencyFactory.create_batch(5)
    for agency in agencies:
        issue(agency, 20)
    given: list[tuple[int, int, int]] = []
    at_once(*[lambda: given.extend(restore_due(today=later(30), at=NOW))] * 4)
    assert sorted(given) == [(agency.pk, 10, 110) for agency in agencies]
    assert verify() == (15, [])


@pytest.mark.django_db(transaction=True)
def test_four_revocations_at_once_give_back_once() -> None:
    agency = AgencyFactory.create()
    case = issue(agency, 20)
    restore_due(today=later(30), at=NOW)
    answers: list[dict[int, int]] = []
    at_once(*[lambda: answers.append(give_back(case))] * 4)
    assert sorted(answers, key=len) == [{}, {}, {}, {case.pk: 20}]
    assert balances(agency, DAY, later(30)) == [120, 120]
    assert verify() == (5, [])


def storm(turns: int) -> None:
    """Eight people deduct, revoke, award and restore on one agency, all at once."""
    agency = AgencyFactory.create()
    cases = ViolationFactory.create_batch(4 * turns, agency=agency)
    start = timezone.localdate(NOW) - timedelta(200)
    refusals: set[str] = set()

    def judge(which: int) -> None:
        for turn in range(turns):
            case, on = cases[which * turns + turn], start + timedelta((7 * turn + which) % 180)
            due = Deduction(agency.pk, case.pk, 5 + 9 * turn % 40, on, case.reference)
            deduct([due], at=NOW)
            if turn % 3:
                give_back(cases[which * turns + turn - 1])

    def clock() -> None:
        for turn in range(turns):
            restore_due(today=start + timedelta(11 * turn % 180), at=NOW)

    def patron(name: str) -> None:
        for turn in range(turns):
            on = start + timedelta(13 * turn % 180)
            try:
                give(agency, 25, on, f"{name} {turn}")
            except Refused as refused:
                refusals.add(refused.rule)

    at_once(
        *(lambda which=which: judge(which) for which in range(4)),  # type: ignore[misc]
        clock,
        clock,
        lambda: patron("first"),
        lambda: patron("second"),
    )
    assert refusals <= {"cap"}
    lines = lines_of(agency.pk)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert settling(lines, lambda _: 150) == []
    for days in range(201):
        assert 0 <= sum(line.points for line in lines if line.day <= start + timedelta(days)) <= 150
    assert verify() == (len(lines), [])

    give_back(*cases)
    lines = lines_of(agency.pk)
    awards = [line for line in lines if line.kind == "award"]
    never = 120
    for line in sorted(awards, key=lambda line: (line.day, line.number)):
        never = min(150, never + line.points)
    assert balances(agency, timezone.localdate(NOW)) == [never]
    assert verify() == (len(lines), [])


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_keep_the_rules() -> None:
    storm(turns=160 if os.environ.get("SOAK") else 16)
