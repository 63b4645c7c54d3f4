"""`import_violations`: cases decided elsewhere and the credit they cost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import time_machine

from agencies.enums import EntryKind, ViolationState
from agencies.ledger import balances_on, verify
from agencies.models import Agency, CreditEntry, Violation
from tests.agencies.deliveries import deliver
from tests.factories import AgencyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_on_22_november")]


@pytest.fixture
def _on_22_november() -> object:
    with time_machine.travel("2026-11-22 10:00+08:00", tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory(code="A1", joined_on=date(2026, 1, 1))


def test_case_is_recorded_and_its_points_are_taken_on_the_day_of_the_decision(
    tmp_path: Path, agency: Agency
) -> None:
    said = deliver(tmp_path, "violations", "A1,dispute,2026-05-01,2026-05-31,20,拒不解绑,CASE-1")
    assert (said.counts, said.exit_code) == ("accepted 1, rejected 0", 0)
    violation = Violation.objects.get()
    assert (violation.agency, violation.kind, violation.points) == (agency, "dispute", 20)
    assert (violation.state, violation.reference) == (ViolationState.ISSUED, "CASE-1")
    assert (violation.occurred_on, violation.decided_on) == (date(2026, 5, 1), date(2026, 5, 31))
    assert balances_on(date(2026, 5, 30)) == {agency.pk: 120}
    assert balances_on(date(2026, 5, 31)) == {agency.pk: 100}
    assert verify()[1] == []


def test_deduction_takes_at_most_what_is_there(tmp_path: Path, agency: Agency) -> None:
    deliver(
        tmp_path,
        "violations",
        "A1,impersonation,2026-05-01,2026-06-01,120,冒用,CASE-2",
        "A1,dispute,2026-05-01,2026-05-31,20,纠纷,CASE-1",
    )
    taken = CreditEntry.objects.filter(kind=EntryKind.DEDUCTION).order_by("number")
    assert [(entry.asked, entry.points) for entry in taken] == [(20, -20), (120, -100)]
    assert balances_on(date(2026, 6, 1)) == {agency.pk: 0}


def test_case_without_points_leaves_no_entry(tmp_path: Path, agency: Agency) -> None:
    deliver(tmp_path, "violations", "A1,other,2026-05-01,2026-05-31,0,警告,CASE-1")
    assert Violation.objects.get().points == 0
    assert not CreditEntry.objects.filter(kind=EntryKind.DEDUCTION).exists()


def test_same_case_again_changes_nothing(tmp_path: Path, agency: Agency) -> None:
    row = "A1,dispute,2026-05-01,2026-05-31,20,拒不解绑,CASE-1"
    for _ in range(3):
        assert deliver(tmp_path, "violations", row).counts == "accepted 1, rejected 0"
    assert Violation.objects.count() == 1
    assert balances_on(date(2026, 11, 22)) == {agency.pk: 100}


def test_stored_case_with_other_values_is_rejected(tmp_path: Path, agency: Agency) -> None:
    AgencyFactory(code="A2")
    deliver(tmp_path, "violations", "A1,dispute,2026-05-01,2026-05-31,20,甲,CASE-1")
    said = deliver(tmp_path, "violations", "A2,dispute,2026-05-01,2026-05-30,10,甲,CASE-1")
    assert said.reasons == [
        (
            2,
            "reference: case CASE-1 is stored with another agency_code, decided_on, points;"
            " a file cannot change history",
        )
    ]
    assert balances_on(date(2026, 11, 22), [agency.pk]) == {agency.pk: 100}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "A9,dispute,2026-05-01,2026-05-31,20,x,CASE-1",
            "agency_code: there is no agency A9; import the agencies first",
        ),
        (
            "A1,rudeness,2026-05-01,2026-05-31,20,x,CASE-1",
            'kind: the rulebook of 2026-05 knows no kind "rudeness"',
        ),
        (
            "A1,dispute,2025-12-01,2025-12-31,20,x,CASE-1",
            "decided_on: 2025-12-31 is before the agency joined on 2026-01-01",
        ),
        (
            "A1,dispute,2026-05-01,2026-11-23,20,x,CASE-1",
            'decided_on: "2026-11-23" is in the future',
        ),
        (
            "A1,dispute,2026-06-01,2026-05-31,20,x,CASE-1",
            "decided_on: 2026-05-31 is before it occurred, on 2026-06-01",
        ),
        (
            "A1,dispute,2026-05-01,2026-05-31,-1,x,CASE-1",
            'points: "-1" is not between 0 and 1000000',
        ),
        (
            "A1,dispute,2026-05-01,2026-05-31,1.5,x,CASE-1",
            'points: "1.5" is not a whole number: write digits only',
        ),
        ("A1,dispute,2026-05-01,2026-05-31,20,,CASE-1", "summary is empty: it is required"),
        ("A1,dispute,2026-05-01,2026-05-31,20,x,", "reference is empty: it is required"),
    ],
)
def test_row_is_rejected_with_its_reason(
    tmp_path: Path, agency: Agency, row: str, reason: str
) -> None:
    assert deliver(tmp_path, "violations", row).reasons == [(2, reason)]
    assert not Violation.objects.exists()
    assert CreditEntry.objects.count() == 1


def test_today_is_no_future(tmp_path: Path, agency: Agency) -> None:
    said = deliver(tmp_path, "violations", "A1,dispute,2026-11-22,2026-11-22,1,x,CASE-1")
    assert said.counts == "accepted 1, rejected 0"


def test_rows_of_one_case_are_all_rejected(tmp_path: Path, agency: Agency) -> None:
    said = deliver(
        tmp_path,
        "violations",
        "A1,dispute,2026-05-01,2026-05-31,20,x,CASE-1",
        "A1,dispute,2026-05-01,2026-05-31,30,x,CASE-1",
    )
    assert said.counts == "accepted 0, rejected 2"


def test_summary_may_have_several_lines(tmp_path: Path, agency: Agency) -> None:
    deliver(tmp_path, "violations", 'A1,dispute,2026-05-01,2026-05-31,20,"一\n二, 三",CASE-1')
    assert Violation.objects.get().summary == "一\n二, 三"
