"""The same step from many hands at once is taken once, and nobody waits for ever."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import accumulate
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from agencies.actions.appeals import file_appeal
from agencies.actions.violations import (
    PlannedMeasure,
    confirm_removal,
    decline_removal,
    draft_violation,
    issue,
    revoke,
)
from agencies.enums import EntryKind, Measure, PenaltyState, ViolationKind, ViolationState
from agencies.ledger import balances_on, verify
from agencies.models import Agency, Appeal, ConductEvent, CreditEntry, Penalty, Violation
from agencies.refusals import Refused
from tests.factories import AgencyFactory, BindingFactory, MembershipFactory
from tests.factories.cases import AT, TODAY, drafted, issued
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db(transaction=True)
TURNS = 50 if os.environ.get("SOAK") else 1


def at_once(*steps: Callable[[], object]) -> list[object]:
    """Take the steps in threads of their own, together; what each returned, or raised."""
    start = Barrier(len(steps))
    ended: list[object] = [None] * len(steps)

    def take(number: int, step: Callable[[], object]) -> None:
        try:
            start.wait()
            ended[number] = step()
        except Exception as error:
            ended[number] = error
        finally:
            connection.close()

    threads = [Thread(target=take, args=each) for each in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def refusals(ended: list[object]) -> list[str]:
    """The rules by which steps were refused; any other exception is raised."""
    rules = []
    for each in ended:
        if isinstance(each, Refused):
            rules.append(each.rule)
        elif isinstance(each, Exception):
            raise each
    return sorted(rules)


@pytest.mark.parametrize("turn", range(TURNS))
def test_8_admins_issue_320_deductions_and_never_take_more_than_there_is(turn: int) -> None:
    agency = AgencyFactory.create()
    admins = [operator() for _ in range(8)]

    def work(which: int) -> None:
        for number in range(40):
            case = draft_violation(
                agency=agency,
                kind=ViolationKind.OTHER,
                occurred_on=TODAY,
                summary="并发",
                points=1 + number % 3,
                measures=(),
                request_key=uuid4(),
                at=AT,
                by=admins[which],
            )
            issue(violation_id=case.pk, at=AT, by=admins[which])

    ended = at_once(*(lambda which=which: work(which) for which in range(8)))
    assert ended == [None] * 8
    entries = list(CreditEntry.objects.filter(agency=agency).order_by("number"))
    assert [entry.number for entry in entries] == list(range(1, 322))
    assert min(accumulate(entry.points for entry in entries)) == 0
    assert balances_on(TODAY) == {agency.pk: 0}
    states = Violation.objects.filter(agency=agency).values_list("state", flat=True)
    assert list(states) == [ViolationState.ISSUED] * 320
    assert ConductEvent.objects.filter(verb="issue").count() == 320
    assert Penalty.objects.get().at_zero
    assert verify()[1] == []


def test_one_draft_issued_by_20_acts_once() -> None:
    case = drafted(measures=[PlannedMeasure(Measure.SUSPEND_BINDING)])
    by = operator()
    ended = at_once(*[lambda: issue(violation_id=case.pk, at=AT, by=by)] * 20)
    assert refusals(ended) == ["decided"] * 19
    assert CreditEntry.objects.filter(kind=EntryKind.DEDUCTION).count() == 1
    assert balances_on(TODAY) == {case.agency_id: 100}
    assert Penalty.objects.get().state == PenaltyState.ACTIVE
    assert ConductEvent.objects.filter(verb="issue").count() == 1


def test_one_form_posted_20_times_drafts_once() -> None:
    agency, by, key = AgencyFactory.create(), operator(), uuid4()
    ended = at_once(*[lambda: drafted(agency=agency, by=by, request_key=key)] * 20)
    assert refusals(ended) == []
    assert len({case.pk for case in ended if isinstance(case, Violation)}) == 1
    assert ConductEvent.objects.filter(verb="draft").count() == 1


def test_20_appeals_are_one() -> None:
    owner = MembershipFactory.create().user
    case = issued(agency=owner.agencies.get())
    ended = at_once(
        *[
            lambda: file_appeal(
                agency=case.agency, violation_ids=[case.pk], text="x", at=AT, by=owner
            )
        ]
        * 20
    )
    assert refusals(ended) == ["already_appealed"] * 19
    assert Appeal.objects.count() == 1


def test_a_removal_is_confirmed_or_declined_once() -> None:
    case = issued(points=0, measures=[PlannedMeasure(Measure.REMOVAL)])
    BindingFactory.create_batch(3, agency=case.agency)
    penalty, admins = case.penalties.get(), [operator() for _ in range(6)]
    ended = at_once(
        *(
            lambda decide=decide, by=by: decide(penalty_id=penalty.pk, reason="x", at=AT, by=by)
            for decide, by in zip([confirm_removal, decline_removal] * 3, admins, strict=True)
        )
    )
    assert refusals(ended) == ["decided"] * 5
    penalty.refresh_from_db()
    agency = Agency.objects.get(pk=case.agency_id)
    assert (agency.removed_on is not None) == (penalty.state == PenaltyState.ACTIVE)


@pytest.mark.parametrize("turn", range(5 * TURNS))
def test_confirming_and_issuing_across_linked_agencies_ends(turn: int) -> None:
    """Each case hits the other agency too, so the locks are wanted crosswise."""
    agencies = AgencyFactory.create_batch(2)
    cases, removals = [], []
    for agency, other in (agencies, agencies[::-1]):
        plan = [PlannedMeasure(Measure.LINKED_AGENCIES, agency_ids=(other.pk,))]
        removal = [*plan, PlannedMeasure(Measure.REMOVAL)]
        removals.append(issued(agency=agency, measures=removal, points=0))
        cases.append(drafted(agency=agency, measures=plan))
        BindingFactory.create_batch(3, agency=agency)
    by = operator()
    penalties = [case.penalties.get(kind=Measure.REMOVAL) for case in removals]
    ended = at_once(
        lambda: issue(violation_id=cases[0].pk, at=AT, by=by),
        lambda: confirm_removal(penalty_id=penalties[0].pk, reason="x", at=AT, by=by),
        lambda: issue(violation_id=cases[1].pk, at=AT, by=by),
        lambda: confirm_removal(penalty_id=penalties[1].pk, reason="x", at=AT, by=by),
    )
    assert set(refusals(ended)) <= {"removed"}
    assert not Agency.objects.filter(removed_on=None).exists()
    assert verify()[1] == []


def test_revoking_and_confirming_at_once_agree() -> None:
    case = issued(points=120, measures=[PlannedMeasure(Measure.REMOVAL)])
    penalty, one, other = case.penalties.get(), operator(), operator()
    ended = at_once(
        lambda: confirm_removal(penalty_id=penalty.pk, reason="x", at=AT, by=one),
        lambda: revoke(violation_id=case.pk, reason="x", at=AT, by=other),
    )
    assert refusals(ended) in ([], ["decided"])
    penalty.refresh_from_db()
    assert penalty.state == PenaltyState.LIFTED
    assert Agency.objects.get().removed_on is None
    assert balances_on(TODAY) == {case.agency_id: 120}
