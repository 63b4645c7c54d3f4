"""Removal: proposed by a decision or by credit 0, confirmed by another, undone by revocation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from agencies.actions.bindings import bind
from agencies.actions.removal import propose_removals_at_zero
from agencies.actions.unbinding import ask_unbinding_by_agency
from agencies.actions.violations import (
    PlannedMeasure,
    confirm_removal,
    decline_removal,
    issue,
    revoke,
)
from agencies.enums import LinkPurpose, Measure, News, PenaltyState, Subject
from agencies.ledger import award, balances_on
from agencies.models import (
    Agency,
    Binding,
    BindingRequest,
    ConductEvent,
    Creator,
    CreatorLink,
    Penalty,
    Unbinding,
    Violation,
)
from agencies.refusals import Refused
from portal.models import OutboxEntry
from portal.outbox import due_entries
from tests.agencies.deliveries import deliver
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    CreatorFactory,
    MembershipFactory,
    UserFactory,
)
from tests.factories.cases import (
    AT,
    TODAY,
    PenaltyFactory,
    drafted,
    issued,
    later,
    listening,
)
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TOMORROW = TODAY + DAY
REMOVAL = PlannedMeasure(Measure.REMOVAL)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def proposed(**given: Any) -> Penalty:
    """A removal that was proposed with a violation."""
    case = issued(**{"points": 0, "measures": [REMOVAL], **given})
    return case.penalties.get(kind=Measure.REMOVAL)


def confirm(penalty: Penalty, **given: Any) -> Penalty:
    by = given.pop("by", None) or operator()
    filled = {"reason": "情节严重", "at": AT, **given}
    return confirm_removal(penalty_id=penalty.pk, by=by, **filled)


def removed_on(agency: Agency) -> date | None:
    return Agency.objects.values_list("removed_on", flat=True).get(pk=agency.pk)


class TestConfirm:
    def test_a_proposal_alone_changes_nothing(self) -> None:
        with listening() as heard:
            penalty = proposed()
        assert (penalty.state, penalty.starts_on) == (PenaltyState.PROPOSED, None)
        assert penalty.proposed_by == penalty.violation.issued_by
        assert removed_on(penalty.agency) is None
        assert [news for _, news in heard.kinds()] == [News.VIOLATION_ISSUED]

    def test_the_second_person_removes_the_agency(self) -> None:
        penalty, by = proposed(), operator()
        with listening() as heard:
            confirm(penalty, by=by)
        penalty.refresh_from_db()
        assert (penalty.state, penalty.starts_on) == (PenaltyState.ACTIVE, TODAY)
        assert penalty.confirmed_by == by
        assert removed_on(penalty.agency) == TODAY
        assert heard.news == [
            (
                penalty.agency_id,
                News.PENALTY_STARTED,
                {
                    "measure": "removal",
                    "starts_on": "2026-11-22",
                    "until": None,
                    "reference": penalty.violation.reference,
                    "unbound": 0,
                },
            )
        ]
        assert heard.spans == [(TODAY, None)]
        step = ConductEvent.objects.get(subject=Subject.PENALTY, verb="confirm")
        assert (step.actor, step.reason) == (by, "情节严重")

    @pytest.mark.parametrize("decide", [confirm_removal, decline_removal])
    def test_who_drafted_proposed_or_issued_does_not_decide(
        self, decide: Callable[..., object]
    ) -> None:
        drafter, issuer = operator(), operator()
        case = drafted(by=drafter, points=0, measures=[REMOVAL])
        issue(violation_id=case.pk, at=AT, by=issuer)
        penalty = case.penalties.get()
        for person in (drafter, issuer):
            with pytest.raises(Refused, match="another person") as refused:
                decide(penalty_id=penalty.pk, reason="x", at=AT, by=person)
            assert refused.value.rule == "own_decision"
        decide(penalty_id=penalty.pk, reason="x", at=AT, by=operator())

    @pytest.mark.parametrize("decide", [confirm_removal, decline_removal])
    def test_a_member_of_the_agency_does_not_decide(self, decide: Callable[..., object]) -> None:
        penalty, person = proposed(), operator()
        MembershipFactory.create(agency=penalty.agency, user=person, role="viewer")
        MembershipFactory.create(user=(other := operator()))
        with pytest.raises(Refused, match="You are a member of this agency") as refused:
            decide(penalty_id=penalty.pk, reason="x", at=AT, by=person)
        assert refused.value.rule == "own_agency"
        decide(penalty_id=penalty.pk, reason="x", at=AT, by=other)

    @pytest.mark.parametrize("left_on", [TODAY, TODAY - DAY])
    def test_who_left_for_another_reason_is_not_removed_again(self, left_on: date) -> None:
        penalty = proposed()
        Agency.objects.filter(pk=penalty.agency_id).update(removed_on=left_on)
        with pytest.raises(Refused, match="was already removed from the platform on") as refused:
            confirm(penalty)
        assert refused.value.rule == "removed"
        penalty.refresh_from_db()
        assert (penalty.state, removed_on(penalty.agency)) == (PenaltyState.PROPOSED, left_on)
        decline_removal(penalty_id=penalty.pk, reason="x", at=AT, by=operator())

    @pytest.mark.parametrize("decide", [confirm_removal, decline_removal])
    def test_a_reason_is_needed(self, decide: Callable[..., object]) -> None:
        with pytest.raises(Refused, match="State the reason"):
            decide(penalty_id=proposed().pk, reason=" ", at=AT, by=operator())

    @pytest.mark.parametrize("decide", [confirm_removal, decline_removal])
    def test_it_is_decided_once(self, decide: Callable[..., object]) -> None:
        penalty = proposed()
        decline_removal(penalty_id=penalty.pk, reason="x", at=AT, by=operator())
        penalty.refresh_from_db()
        assert (penalty.state, penalty.confirmed_by) == (PenaltyState.DECLINED, None)
        assert removed_on(penalty.agency) is None
        with pytest.raises(Refused, match="already decided: Not confirmed"):
            decide(penalty_id=penalty.pk, reason="x", at=AT, by=operator())

    def test_what_is_no_removal_is_not_found(self) -> None:
        other = PenaltyFactory.create()
        with pytest.raises(Refused) as refused:
            confirm(other)
        assert refused.value.rule == "gone"


def wish_to_part() -> None:
    """For every binding a wish to part, and a link that waits to be sent."""
    wishes = Unbinding.objects.bulk_create(
        Unbinding(binding=binding, side="agency", asked_at=AT, silent_on=TODAY + 14 * DAY)
        for binding in Binding.objects.all()
    )
    links = CreatorLink.objects.bulk_create(
        CreatorLink(
            creator_id=wish.binding.creator_id,
            purpose=LinkPurpose.ANSWER,
            unbinding=wish,
            nonce=uuid4(),
            created_at=AT,
            expires_at=later(7),
        )
        for wish in wishes
    )
    OutboxEntry.objects.bulk_create(
        OutboxEntry(creator_link=link, at=AT, next_attempt_at=AT) for link in links
    )


class TestUnbinding:
    def test_bindings_end_with_yesterday_and_later_ones_never_begin(self) -> None:
        penalty = proposed()
        agency = penalty.agency
        held = BindingFactory.create(agency=agency)
        ending = BindingFactory.create(agency=agency, bound_until=TOMORROW)
        over = BindingFactory.create(agency=agency, bound_until=TODAY)
        today = BindingFactory.create(agency=agency, bound_from=TODAY)
        coming = BindingFactory.create(agency=agency, bound_from=TOMORROW)
        elsewhere = BindingFactory.create()
        with listening() as heard:
            confirm(penalty)
        ends = dict(Binding.objects.values_list("pk", "bound_until"))
        assert ends == {held.pk: TODAY, ending.pk: TODAY, over.pk: TODAY, elsewhere.pk: None}
        assert heard.news[0][2]["unbound"] == 4
        steps = ConductEvent.objects.filter(subject=Subject.BINDING).order_by("pk")
        assert list(steps.values_list("subject_id", "verb", "about", "creator")) == [
            (held.pk, "unbind", {"last_day": "2026-11-21"}, held.creator_id),
            (ending.pk, "unbind", {"last_day": "2026-11-21"}, ending.creator_id),
            (today.pk, "drop", {"on": "2026-11-22"}, today.creator_id),
            (coming.pk, "drop", {"on": "2026-11-23"}, coming.creator_id),
        ]

    def test_what_was_asked_is_closed(self) -> None:
        penalty = proposed()
        agency, person = penalty.agency, UserFactory.create()
        request = BindingRequest.objects.create(
            agency=agency,
            creator=CreatorFactory.create(),
            asked_by=person,
            asked_at=AT,
            expires_at=later(7),
        )
        wishes = [
            Unbinding.objects.create(
                binding=BindingFactory.create(agency=agency, bound_from=first),
                side="agency",
                asked_at=AT,
                silent_on=TODAY + 14 * DAY,
            )
            for first in (date(2026, 1, 1), TOMORROW)
        ]
        CreatorLink.objects.create(
            creator=wishes[1].binding.creator,
            purpose=LinkPurpose.ANSWER,
            unbinding=wishes[1],
            nonce=uuid4(),
            created_at=AT,
            expires_at=later(7),
        )
        confirm(penalty)
        request.refresh_from_db()
        assert (request.state, request.closed_at) == ("withdrawn", AT)
        left = Unbinding.objects.get()
        assert (left.pk, left.state, left.closed_at) == (wishes[0].pk, "ended", AT)
        assert not CreatorLink.objects.exists()

    def test_silence_that_was_over_before_counts(self) -> None:
        penalty = proposed()
        binding = BindingFactory.create(agency=penalty.agency)
        Unbinding.objects.create(
            binding=binding, side="agency", asked_at=AT, silent_on=TODAY - 3 * DAY
        )
        with listening() as heard:
            confirm(penalty)
        binding.refresh_from_db()
        assert binding.bound_until == TODAY - 3 * DAY
        assert heard.spans == [(TODAY - 3 * DAY, None)]

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("first", [TODAY, TOMORROW])
    def test_a_wish_about_what_never_began_goes_with_its_link(self, first: date) -> None:
        penalty, owner = proposed(), UserFactory.create()
        agency, creator = penalty.agency, CreatorFactory.create(contact="c@example.com")
        MembershipFactory.create(agency=agency, user=owner)
        bound = bind(agency=agency, creator=creator, on=first, reason="x", at=AT, by=operator())
        ask_unbinding_by_agency(agency=agency, binding_id=bound.pk, reason="", at=AT, by=owner)
        assert due_entries(AT).get().creator_link.creator == creator
        confirm(penalty)
        assert removed_on(agency) == TODAY
        links = OutboxEntry.objects.filter(creator_link__isnull=False)
        for left in (Binding.objects, Unbinding.objects, CreatorLink.objects, links):
            assert not left.exists()

    def test_a_link_of_a_closed_wish_is_not_sent(self) -> None:
        penalty, owner = proposed(), UserFactory.create()
        creator = CreatorFactory.create(contact="c@example.com")
        held = BindingFactory.create(agency=penalty.agency, creator=creator)
        ask_unbinding_by_agency(
            agency=penalty.agency, binding_id=held.pk, reason="", at=AT, by=owner
        )
        assert due_entries(AT).exists()
        confirm(penalty)
        assert CreatorLink.objects.exists()
        assert not due_entries(AT).exists()

    @pytest.mark.parametrize("number", [3, 1_000])
    def test_1000_creators_need_no_more_statements_than_3(self, number: int) -> None:
        penalty = proposed()
        creators = Creator.objects.bulk_create(
            CreatorFactory.build(creator_id=f"M{n}") for n in range(number)
        )
        Binding.objects.bulk_create(
            Binding(
                agency=penalty.agency,
                creator=creator,
                bound_from=TODAY + DAY * (n % 3 - 1),
            )
            for n, creator in enumerate(creators)
        )
        wish_to_part()
        by = operator()
        with CaptureQueriesContext(connection) as queries:
            confirm(penalty, by=by)
        assert len(queries) <= 50
        assert OutboxEntry.objects.filter(creator_link__isnull=False).count() == len(
            range(0, number, 3)
        )
        assert Binding.objects.count() == len(range(0, number, 3))
        assert not Binding.objects.not_over_on(TODAY).exists()


class TestLifting:
    def test_revocation_brings_the_agency_back_without_its_creators(self) -> None:
        penalty = proposed()
        binding = BindingFactory.create(agency=penalty.agency)
        confirm(penalty)
        with listening() as heard:
            revoke(violation_id=penalty.violation_id, reason="x", at=later(9), by=operator())
        assert removed_on(penalty.agency) is None
        binding.refresh_from_db()
        assert binding.bound_until == TODAY
        assert [news for _, news in heard.kinds()] == [
            News.PENALTY_LIFTED,
            News.VIOLATION_REVOKED,
        ]
        assert heard.spans == [(TODAY, None)]

    def test_who_confirmed_does_not_revoke(self) -> None:
        penalty, by = proposed(), operator()
        confirm(penalty, by=by)
        with pytest.raises(Refused) as refused:
            revoke(violation_id=penalty.violation_id, reason="x", at=AT, by=by)
        assert refused.value.rule == "own_decision"

    def test_another_removal_in_force_keeps_it_away_from_its_own_day(self) -> None:
        agency = AgencyFactory.create()
        first, second = proposed(agency=agency), proposed(agency=agency)
        confirm(first)
        confirm(second, at=later(2))
        assert removed_on(agency) == TODAY
        revoke(violation_id=first.violation_id, reason="x", at=later(3), by=operator())
        assert removed_on(agency) == TODAY + 2 * DAY
        revoke(violation_id=second.violation_id, reason="x", at=later(3), by=operator())
        assert removed_on(agency) is None

    def test_lifting_the_later_one_changes_nothing(self) -> None:
        agency = AgencyFactory.create()
        first, second = proposed(agency=agency), proposed(agency=agency)
        confirm(first)
        confirm(second, at=later(2))
        revoke(violation_id=second.violation_id, reason="x", at=later(3), by=operator())
        assert removed_on(agency) == TODAY

    def test_a_day_that_came_from_elsewhere_meanwhile_stays(self) -> None:
        penalty = proposed()
        confirm(penalty)
        Agency.objects.filter(pk=penalty.agency_id).update(removed_on=TODAY - DAY)
        revoke(violation_id=penalty.violation_id, reason="x", at=AT, by=operator())
        assert removed_on(penalty.agency) == TODAY - DAY

    def test_a_later_day_gives_way_and_is_put_back(self) -> None:
        penalty, leaves_on = proposed(), TODAY + 20 * DAY
        Agency.objects.filter(pk=penalty.agency_id).update(removed_on=leaves_on)
        confirm(penalty)
        assert removed_on(penalty.agency) == TODAY
        step = ConductEvent.objects.get(subject=Subject.PENALTY, verb="confirm")
        assert step.about == {"replaced": "2026-12-12"}
        revoke(violation_id=penalty.violation_id, reason="x", at=AT, by=operator())
        assert removed_on(penalty.agency) == leaves_on

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_the_last_of_two_removals_puts_it_back(self, order: tuple[int, int]) -> None:
        agency, leaves_on = AgencyFactory.create(), TODAY + 20 * DAY
        both = [proposed(agency=agency), proposed(agency=agency)]
        Agency.objects.filter(pk=agency.pk).update(removed_on=leaves_on)
        confirm(both[0])
        confirm(both[1], at=later(2))
        days = []
        for which in order:
            revoke(violation_id=both[which].violation_id, reason="x", at=later(3), by=operator())
            days.append(removed_on(agency))
        assert days == [TODAY + (0 if order[0] else 2) * DAY, leaves_on]

    def test_a_declined_one_is_not_lifted(self) -> None:
        penalty = proposed()
        decline_removal(penalty_id=penalty.pk, reason="x", at=AT, by=operator())
        revoke(violation_id=penalty.violation_id, reason="x", at=AT, by=operator())
        penalty.refresh_from_db()
        assert penalty.state == PenaltyState.DECLINED


def proposals() -> list[tuple[int, str, bool, int | None]]:
    rows = Penalty.objects.filter(kind=Measure.REMOVAL).order_by("pk")
    return list(rows.values_list("violation", "state", "at_zero", "proposed_by"))


class TestAtZero:
    def test_the_deduction_that_led_there_proposes(self) -> None:
        agency = AgencyFactory.create()
        issued(agency=agency, points=60)
        assert proposals() == []
        case = issued(agency=agency, points=60)
        issued(agency=agency, points=60)  # finds nothing to take
        assert proposals() == [(case.pk, "proposed", True, None)]
        step = ConductEvent.objects.get(verb="propose")
        assert (step.actor, step.about) == (None, {"measure": "removal", "at_zero": True})

    def test_an_open_removal_is_enough(self) -> None:
        case = issued(points=120, measures=[REMOVAL])
        assert proposals() == [(case.pk, "proposed", False, case.issued_by_id)]
        confirm(case.penalties.get())
        assert propose_removals_at_zero([case.agency_id], at=AT) == []

    def test_what_was_declined_is_not_proposed_again(self) -> None:
        case = issued(points=120)
        decline_removal(penalty_id=case.penalties.get().pk, reason="x", at=AT, by=operator())
        assert propose_removals_at_zero([case.agency_id], at=later(5)) == []

    def test_the_issuer_does_not_confirm_it(self) -> None:
        case = issued(points=120)
        with pytest.raises(Refused) as refused:
            confirm(case.penalties.get(), by=case.issued_by)
        assert refused.value.rule == "own_decision"
        confirm(case.penalties.get())
        assert removed_on(case.agency) == TODAY

    def test_revoking_an_earlier_case_lifts_the_proposal(self) -> None:
        agency = AgencyFactory.create()
        first, second = issued(agency=agency, points=60), issued(agency=agency, points=60)
        revoke(violation_id=first.pk, reason="x", at=AT, by=operator())
        assert balances_on(TODAY)[agency.pk] == 60
        assert proposals() == [(second.pk, "lifted", True, None)]
        third = issued(agency=agency, points=60)
        assert proposals()[1:] == [(third.pk, "proposed", True, None)]

    def test_credit_that_stays_0_keeps_the_proposal(self) -> None:
        agency = AgencyFactory.create()
        issued(agency=agency, points=120)
        nothing_taken = issued(agency=agency, points=20)
        revoke(violation_id=nothing_taken.pk, reason="x", at=AT, by=operator())
        assert [state for _, state, *_ in proposals()] == ["proposed"]

    def test_an_award_alone_leaves_it_to_the_second_person(self) -> None:
        case = issued(points=120)
        award(agency_id=case.agency_id, points=10, on=TODAY, reason="x", at=AT, by_id=operator().pk)
        assert [state for _, state, *_ in proposals()] == ["proposed"]

    def test_who_has_points_again_is_not_removed(self) -> None:
        case = issued(points=120)
        penalty = case.penalties.get()
        award(agency_id=case.agency_id, points=10, on=TODAY, reason="x", at=AT, by_id=operator().pk)
        with pytest.raises(Refused, match="has 10 points again") as refused:
            confirm(penalty)
        assert refused.value.rule == "above_zero"
        assert removed_on(case.agency) is None
        issued(agency=case.agency, points=10)
        confirm(penalty)
        assert removed_on(case.agency) == TODAY

    def test_removed_agencies_and_those_with_credit_are_passed_over(self) -> None:
        gone, well = issued(points=120).agency, AgencyFactory.create()
        Penalty.objects.filter(agency=gone).delete()
        Agency.objects.filter(pk=gone.pk).update(removed_on=TODAY)
        assert propose_removals_at_zero([gone.pk, well.pk], at=AT) == []
        Agency.objects.filter(pk=gone.pk).update(removed_on=None)
        assert [p.agency_id for p in propose_removals_at_zero([gone.pk], at=AT)] == [gone.pk]

    def test_many_agencies_need_no_more_statements_than_one(
        self, django_assert_num_queries: Any
    ) -> None:
        for number in (1, 3):
            ids = [issued(points=120).agency_id for _ in range(number)]
            Penalty.objects.all().delete()
            with django_assert_num_queries(7):  # two of them begin and end the block
                assert len(propose_removals_at_zero(ids, at=AT)) == number

    def test_an_import_proposes_too(self, tmp_path: Path) -> None:
        AgencyFactory.create(code="A1", joined_on=date(2026, 1, 1))
        AgencyFactory.create(code="A2", joined_on=date(2026, 1, 1))
        with time_machine.travel(AT, tick=False):
            deliver(
                tmp_path,
                "violations",
                "A1,dispute,2026-05-01,2026-05-31,100,甲,CASE-1",
                "A1,dispute,2026-05-01,2026-06-30,100,乙,CASE-2",
                "A2,dispute,2026-05-01,2026-05-31,100,丙,CASE-3",
            )
        case = Violation.objects.get(reference="CASE-2")
        assert proposals() == [(case.pk, "proposed", True, None)]
        assert Penalty.objects.get().agency.code == "A1"
        assert timezone.localdate(ConductEvent.objects.get().at) == TODAY


def twice() -> None:
    penalty = PenaltyFactory.create()
    PenaltyFactory.create(violation=penalty.violation)


def confirmed_by_the_proposer() -> None:
    person = UserFactory.create()
    PenaltyFactory.create(kind=Measure.REMOVAL, proposed_by=person, confirmed_by=person)


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        ("penalty_measure_known", lambda: PenaltyFactory.create(kind="exile")),
        ("penalty_state_known", lambda: PenaltyFactory.create(state="lost")),
        ("penalty_once_per_violation", twice),
        ("penalty_in_force_has_begun", lambda: PenaltyFactory.create(starts_on=None)),
        (
            "penalty_in_force_has_begun",
            lambda: PenaltyFactory.create(starts_on=None, state=PenaltyState.EXPIRED),
        ),
        ("penalty_not_empty", lambda: PenaltyFactory.create(until=TODAY)),
        (
            "penalty_removal_is_open",
            lambda: PenaltyFactory.create(
                kind=Measure.REMOVAL, state=PenaltyState.PROPOSED, until=TOMORROW
            ),
        ),
        ("penalty_removal_by_two", lambda: PenaltyFactory.create(kind=Measure.REMOVAL)),
        ("penalty_removal_by_two", confirmed_by_the_proposer),
        (
            "penalty_account_only_for_accounts",
            lambda: PenaltyFactory.create(kind=Measure.LINKED_ACCOUNTS),
        ),
        (
            "penalty_account_only_for_accounts",
            lambda: PenaltyFactory.create(account=UserFactory.create()),
        ),
    ],
)
def test_the_database_refuses(constraint: str, make: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        make()
