"""What the clock asks of conduct: expiry, the way back, silence, proposals at zero."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext

from agencies.actions.awards import award_credit
from agencies.actions.violations import PlannedMeasure, revoke
from agencies.due import settle
from agencies.enums import Measure, News, PenaltyState, Subject
from agencies.ledger import balances_on, verify
from agencies.models import BindingRequest, ConductEvent, CreditEntry, Penalty, Unbinding
from agencies.signals import agency_news
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, UserFactory
from tests.factories.cases import AT, TODAY, PenaltyFactory, issued, later, listening
from tests.factories.staff import operator

REMOVAL = PlannedMeasure(Measure.REMOVAL)
NEXT_WEEK = TODAY + timedelta(days=7)
EXPIRED = "closed the measure suspend_binding on {}: it ended on its day"


@pytest.mark.django_db
class TestExpiry:
    def test_a_measure_is_closed_on_the_day_it_ends(self) -> None:
        case = issued(measures=[PlannedMeasure(Measure.SUSPEND_BINDING, None, NEXT_WEEK)])
        penalty = case.penalties.get()
        assert settle(now=later(6)) == []
        with listening() as heard:
            assert settle(now=later(7)) == [EXPIRED.format(case.agency.code)]
            assert settle(now=later(7)) == []
        penalty.refresh_from_db()
        assert penalty.state == PenaltyState.EXPIRED
        told = {
            "measure": "suspend_binding",
            "starts_on": "2026-11-22",
            "until": "2026-11-29",
            "reference": case.reference,
        }
        assert heard.news == [(case.agency_id, News.PENALTY_ENDED, told)]
        assert ConductEvent.objects.get(verb="expire").actor is None

    def test_a_late_run_changes_no_effect(self) -> None:
        issued(measures=[PlannedMeasure(Measure.SUSPEND_BINDING, None, NEXT_WEEK)])
        before = effects()
        settle(now=later(29))
        assert effects() == before
        assert before == [TODAY + timedelta(days=n) for n in range(7)]

    def test_measures_without_an_end_and_lifted_ones_stay(self) -> None:
        PenaltyFactory.create()
        case = issued(measures=[PlannedMeasure(Measure.SUSPEND_BINDING, None, NEXT_WEEK)])
        revoke(violation_id=case.pk, reason="x", at=AT, by=operator())
        assert settle(now=later(20)) == []


def effects() -> list[date]:
    days = [TODAY + timedelta(days=n) for n in range(-3, 20)]
    return [day for day in days if Penalty.objects.in_effect_on(day).exists()]


@pytest.mark.django_db
class TestTheWayBack:
    def test_credit_is_given_back_told_and_logged_once(self) -> None:
        case = issued()
        assert settle(now=later(29)) == []
        with listening() as heard:
            assert settle(now=later(30)) == ["gave credit back to 1 agencies"]
            assert settle(now=later(30)) == []
        about = {"points": 10, "balance": 110}
        assert heard.news == [(case.agency_id, News.CREDIT_RESTORED, about)]
        step = ConductEvent.objects.get(subject=Subject.CREDIT)
        assert (step.verb, step.subject_id, step.about) == ("restore", case.agency_id, about)
        assert balances_on(TODAY + timedelta(days=30))[case.agency_id] == 110

    def test_months_from_that_day_on_are_marked(self) -> None:
        issued()
        with listening() as heard:
            settle(now=later(29))
            assert heard.spans == []
            settle(now=later(30))
        assert heard.spans == [(TODAY + timedelta(days=30), None)]

    def test_credit_above_0_takes_the_proposal_back(self) -> None:
        first, other = issued(points=120), issued(points=120, measures=[REMOVAL])
        assert {each.state for each in Penalty.objects.all()} == {PenaltyState.PROPOSED}
        settle(now=later(30))
        assert balances_on(TODAY + timedelta(days=30))[first.agency_id] == 10
        lifted = Penalty.objects.get(violation=first)
        assert (lifted.at_zero, lifted.state) == (True, PenaltyState.LIFTED)
        assert Penalty.objects.get(violation=other).state == PenaltyState.PROPOSED
        step = ConductEvent.objects.get(verb="lift")
        assert (step.actor, step.subject_id) == (None, lifted.pk)
        assert step.reason == gettext("The balance is above 0 again.")

    def test_an_award_above_0_takes_the_proposal_back_too(self) -> None:
        case, by = issued(points=120), operator()
        with listening() as heard:
            award_credit(agency=case.agency, points=1, reason="x", at=later(1), by=by)
        assert heard.spans == [(TODAY + timedelta(days=1), None)]
        assert Penalty.objects.get().state == PenaltyState.LIFTED
        assert ConductEvent.objects.get(verb="lift").actor == by

    def test_never_more_than_was_taken(self) -> None:
        case = issued(points=15)
        for days in range(30, 200):
            settle(now=later(days))
        assert balances_on(TODAY + timedelta(days=200))[case.agency_id] == 120


@pytest.mark.django_db
class TestTheOthers:
    def test_silence_unbinds_and_requests_expire(self) -> None:
        binding = BindingFactory.create()
        Unbinding.objects.create(
            binding=binding, side="agency", asked_at=AT, silent_on=TODAY + timedelta(days=14)
        )
        BindingRequest.objects.create(
            agency=binding.agency,
            creator=CreatorFactory.create(),
            asked_by=UserFactory.create(),
            asked_at=AT,
            expires_at=later(14),
        )
        assert settle(now=later(13)) == []
        assert settle(now=later(14)) == [
            "unbound 1 creators after silence",
            "closed 1 requests that no creator answered",
        ]
        assert settle(now=later(14)) == []

    def test_credit_0_without_a_proposal_gets_one(self) -> None:
        case = issued(points=120)
        Penalty.objects.all().delete()
        assert settle(now=AT) == ["proposed the removal of 1 agencies without credit"]
        assert settle(now=AT) == []
        assert Penalty.objects.get().violation == case


@pytest.mark.django_db
class TestFailure:
    def test_one_measure_that_fails_keeps_no_other_from_its_end(self) -> None:
        plan = [PlannedMeasure(Measure.SUSPEND_BINDING, None, NEXT_WEEK)]
        first, broken, last = (issued(measures=plan, points=0) for _ in range(3))

        def fail(agency_id: int, **_: Any) -> None:
            if agency_id == broken.agency_id:
                raise RuntimeError("no outbox")

        agency_news.connect(fail)
        try:
            with pytest.raises(ExceptionGroup, match="conduct failed") as failed:
                settle(now=later(7))
        finally:
            agency_news.disconnect(fail)
        assert [str(fault) for fault in failed.value.exceptions] == ["no outbox"]
        closed = [EXPIRED.format(case.agency.code) for case in (first, last)]
        assert failed.value.__notes__ == closed
        left = Penalty.objects.filter(state=PenaltyState.ACTIVE)
        assert list(left.values_list("violation_id", flat=True)) == [broken.pk]
        assert settle(now=later(7)) == [EXPIRED.format(broken.agency.code)]

    def test_one_part_that_fails_keeps_no_other_from_its_work(self) -> None:
        issued(measures=[PlannedMeasure(Measure.SUSPEND_BINDING, None, NEXT_WEEK)])

        def fail(news: str, **_: Any) -> None:
            if news == News.PENALTY_ENDED:
                raise RuntimeError("no outbox")

        agency_news.connect(fail)
        try:
            with pytest.raises(ExceptionGroup, match="conduct failed") as failed:
                settle(now=later(30))
        finally:
            agency_news.disconnect(fail)
        assert [str(fault) for fault in failed.value.exceptions] == ["no outbox"]
        assert failed.value.__notes__ == ["gave credit back to 1 agencies"]
        assert Penalty.objects.get().state == PenaltyState.ACTIVE
        assert CreditEntry.objects.filter(kind="restore").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_nothing_due_costs_a_few_queries_however_much_there_is(number: int) -> None:
    for _ in range(number):
        issued(measures=[PlannedMeasure(Measure.SUSPEND_BINDING, None, NEXT_WEEK)])
        issued(points=120)
        binding = BindingFactory.create(agency=AgencyFactory.create())
        Unbinding.objects.create(binding=binding, side="agency", asked_at=AT, silent_on=NEXT_WEEK)
    with CaptureQueriesContext(connection) as queries:
        assert settle(now=AT) == []
    # one question for each part, the rulebook, and a block to give credit back in
    assert len(queries) <= 10
    assert len(queries) == settle_queries()


def settle_queries() -> int:
    with CaptureQueriesContext(connection) as queries:
        settle(now=AT)
    return len(queries)


@pytest.mark.django_db(transaction=True)
def test_several_at_once_do_each_thing_once() -> None:
    plan = [PlannedMeasure(Measure.SUSPEND_BINDING, None, NEXT_WEEK)]
    for _ in range(4):
        issued(measures=plan)
    now, start, said, failures = later(30), Barrier(6), [], []

    def reconcile(now: datetime) -> None:
        try:
            start.wait()
            said.extend(settle(now=now))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=reconcile, args=(now,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle(now=now)  # what one process skipped because another held it
    assert failures == []
    assert len([sentence for sentence in said if sentence.startswith("closed")]) <= 4
    assert ConductEvent.objects.filter(verb="expire").count() == 4
    assert CreditEntry.objects.filter(kind="restore").count() == 4
    assert verify()[1] == []
