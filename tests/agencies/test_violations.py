"""Violations: drafting, issuing once, what a decision does, and revoking it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from agencies.actions.violations import (
    PlannedMeasure,
    amend_draft,
    discard_draft,
    group_incident,
    issue,
    revoke,
)
from agencies.enums import EntryKind, Measure, News, PenaltyState, Subject, ViolationState
from agencies.ledger import balances_on, verify
from agencies.models import Agency, ConductEvent, CreditEntry, Penalty, Violation
from agencies.queries.cases import appeal_figures, overdue_appeals, violation_page
from agencies.refusals import Refused
from tests.factories import AgencyFactory, UserFactory, ViolationFactory
from tests.factories.cases import (
    AT,
    TODAY,
    AppealFactory,
    CaseFileFactory,
    IncidentFactory,
    PenaltyFactory,
    drafted,
    issued,
    later,
    listening,
)
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(days=1)
NEXT_WEEK = TODAY + timedelta(days=7)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def measures_of(case: Violation) -> list[tuple[str, str, date | None, date | None]]:
    rows = Penalty.objects.filter(violation=case).order_by("pk")
    return list(rows.values_list("kind", "state", "starts_on", "until"))


def steps_of(case: Violation) -> list[tuple[str, str, str]]:
    steps = ConductEvent.objects.filter(subject=Subject.VIOLATION, subject_id=case.pk)
    return list(steps.order_by("pk").values_list("verb", "from_state", "to_state"))


def balance(agency: Agency, on: date = TODAY) -> int:
    return balances_on(on)[agency.pk]


class TestDraft:
    def test_it_holds_the_plan_and_acts_on_nothing(self) -> None:
        by = operator()
        with listening() as heard:
            case = drafted(by=by, measures=[PlannedMeasure(Measure.WARNING)])
        case.refresh_from_db()
        assert (case.state, case.decided_on, case.appeal_until) == ("draft", None, None)
        assert (case.drafted_by, case.issued_by) == (by, None)
        assert measures_of(case) == [("warning", "planned", None, None)]
        assert steps_of(case) == [("draft", "", "draft")]
        assert balance(case.agency) == 120
        assert (heard.news, heard.spans) == ([], [])

    def test_the_case_number_tells_the_day(self) -> None:
        reference = drafted().reference
        assert reference.startswith("PORTAL-20261122-")
        assert len(reference) == len("PORTAL-20261122-") + 8

    def test_the_same_form_again_is_the_same_draft(self) -> None:
        key, agency = uuid4(), AgencyFactory.create()
        first = drafted(agency=agency, request_key=key, points=10)
        again = drafted(agency=agency, request_key=key, points=99)
        assert (again.pk, again.points, Violation.objects.count()) == (first.pk, 10, 1)

    @pytest.mark.parametrize(
        ("given", "rule"),
        [
            ({"occurred_on": TOMORROW}, "occurred_on"),
            ({"occurred_on": date(2023, 12, 31)}, "occurred_on"),
            ({"kind": "rudeness"}, "kind"),
            ({"summary": " \n"}, "summary"),
            ({"summary": "x" * 2001}, "summary"),
            ({"points": -1}, "points"),
            ({"points": 1_000_001}, "points"),
            ({"measures": [PlannedMeasure(Measure.WARNING)] * 2}, "measures"),
            ({"measures": [PlannedMeasure(Measure.REMOVAL, TODAY)]}, "measures"),
            ({"measures": [PlannedMeasure(Measure.REMOVAL, None, NEXT_WEEK)]}, "measures"),
            ({"measures": [PlannedMeasure(Measure.CANCEL_HONOURS, None, TODAY)]}, "measures"),
            (
                {"measures": [PlannedMeasure(Measure.WARNING, NEXT_WEEK, NEXT_WEEK)]},
                "measures",
            ),
            ({"measures": [PlannedMeasure(Measure.LINKED_AGENCIES)]}, "measures"),
            (
                {"measures": [PlannedMeasure(Measure.LINKED_AGENCIES, agency_ids=(0,))]},
                "measures",
            ),
            ({"measures": [PlannedMeasure(Measure.LINKED_ACCOUNTS)]}, "measures"),
        ],
    )
    def test_what_cannot_be_is_refused(self, given: dict[str, Any], rule: str) -> None:
        with pytest.raises(Refused) as refused:
            drafted(**given)
        assert refused.value.rule == rule
        assert not Violation.objects.exists()

    def test_the_day_of_joining_and_today_are_possible(self) -> None:
        assert drafted(occurred_on=date(2024, 1, 1)).pk
        assert drafted(occurred_on=TODAY).pk

    def test_a_removed_agency_gets_none(self) -> None:
        agency = AgencyFactory.create(name="甲", removed_on=TODAY)
        with pytest.raises(Refused, match=r"甲 was removed from the platform on Nov\. 22, 2026"):
            drafted(agency=agency)
        assert drafted(agency=AgencyFactory.create(removed_on=TOMORROW)).pk

    def test_the_agency_itself_and_the_staff_are_no_linked_ones(self) -> None:
        agency = AgencyFactory.create()
        itself = PlannedMeasure(Measure.LINKED_AGENCIES, agency_ids=(agency.pk,))
        staff = PlannedMeasure(Measure.LINKED_ACCOUNTS, account_ids=(operator().pk,))
        for measure in (itself, staff):
            with pytest.raises(Refused):
                drafted(agency=agency, measures=[measure])

    def test_an_incident_is_of_one_agency(self) -> None:
        other = ViolationFactory.create(incident=IncidentFactory.create())
        with pytest.raises(Refused, match="of one agency only"):
            drafted(incident=other.incident)
        assert drafted(agency=other.agency, incident=other.incident).incident == other.incident

    def test_changing_rewrites_it_with_its_measures(self) -> None:
        case = drafted(measures=[PlannedMeasure(Measure.WARNING)])
        changer = operator()
        amend_draft(
            violation_id=case.pk,
            kind="other",
            occurred_on=TODAY,
            summary="改",
            points=7,
            measures=[PlannedMeasure(Measure.CANCEL_HONOURS, NEXT_WEEK)],
            at=AT,
            by=changer,
        )
        case.refresh_from_db()
        assert (case.kind, case.points, case.summary) == ("other", 7, "改")
        assert measures_of(case) == [("cancel_honours", "planned", NEXT_WEEK, None)]
        assert [verb for verb, *_ in steps_of(case)] == ["draft", "amend"]

    def test_discarding_leaves_only_the_log(self) -> None:
        case = drafted(measures=[PlannedMeasure(Measure.WARNING)])
        CaseFileFactory.create(violation=case)
        discard_draft(violation_id=case.pk, at=AT, by=operator())
        assert not Violation.objects.exists()
        assert not Penalty.objects.exists()
        assert [verb for verb, *_ in steps_of(case)] == ["draft", "discard"]
        with pytest.raises(Refused, match="its draft was discarded"):
            issue(violation_id=case.pk, at=AT, by=operator())

    def test_a_decided_case_is_neither_changed_nor_discarded(self) -> None:
        case = issued()
        with pytest.raises(Refused, match=r"already decided on Nov\. 22, 2026"):
            discard_draft(violation_id=case.pk, at=AT, by=operator())
        with pytest.raises(Refused, match="already decided"):
            amend_draft(
                violation_id=case.pk,
                kind="other",
                occurred_on=TODAY,
                summary="改",
                points=7,
                measures=(),
                at=AT,
                by=operator(),
            )


class TestIssue:
    def test_it_takes_points_and_tells_the_agency(self) -> None:
        by = operator()
        case = drafted(by=by, measures=[PlannedMeasure(Measure.SUSPEND_BINDING, None, NEXT_WEEK)])
        with listening() as heard:
            issue(violation_id=case.pk, at=AT, by=by)
        case.refresh_from_db()
        assert (case.state, case.issued_by) == (ViolationState.ISSUED, by)
        assert (case.decided_on, case.appeal_until) == (TODAY, date(2026, 12, 7))
        assert measures_of(case) == [("suspend_binding", "active", TODAY, NEXT_WEEK)]
        entry = CreditEntry.objects.get(violation=case)
        assert (entry.asked, entry.points, entry.effective_on) == (20, -20, TODAY)
        assert entry.actor == by
        assert heard.news == [
            (
                case.agency_id,
                News.VIOLATION_ISSUED,
                {
                    "reference": case.reference,
                    "kind": "dispute",
                    "asked": 20,
                    "applied": 20,
                    "balance": 100,
                    "appeal_until": "2026-12-07",
                    "measures": [
                        {
                            "measure": "suspend_binding",
                            "starts_on": "2026-11-22",
                            "until": "2026-11-29",
                            "reference": case.reference,
                        }
                    ],
                },
            )
        ]
        assert heard.spans == [(TODAY, None)]
        assert steps_of(case)[-1] == ("issue", "draft", "issued")

    def test_the_second_one_reads_that_it_was_decided(self) -> None:
        case = issued()
        with pytest.raises(Refused, match="nothing was done a second time") as refused:
            issue(violation_id=case.pk, at=AT, by=operator())
        assert refused.value.rule == "decided"
        assert balance(case.agency) == 100

    def test_it_takes_at_most_what_is_there(self) -> None:
        agency = AgencyFactory.create()
        issued(agency=agency, points=100)
        with listening() as heard:
            issued(agency=agency, points=50)
        (told,) = [about for *_, about in heard.news]
        assert (told["asked"], told["applied"], told["balance"]) == (50, 20, 0)

    def test_a_warning_alone_changes_no_month(self) -> None:
        with listening() as heard:
            issued(points=0, measures=[PlannedMeasure(Measure.WARNING)])
        assert heard.spans == []

    def test_cancelled_honours_change_months(self) -> None:
        with listening() as heard:
            issued(points=0, measures=[PlannedMeasure(Measure.CANCEL_HONOURS)])
        assert heard.spans == [(TODAY, None)]

    def test_linked_ones_are_hit_and_linked_agencies_told_without_the_case_number(self) -> None:
        agency, linked = AgencyFactory.create_batch(2)
        account = UserFactory.create()
        with listening() as heard:
            case = issued(
                agency=agency,
                measures=[
                    PlannedMeasure(Measure.LINKED_AGENCIES, agency_ids=(linked.pk,)),
                    PlannedMeasure(Measure.LINKED_ACCOUNTS, account_ids=(account.pk,)),
                ],
            )
        rows = Penalty.objects.filter(violation=case).order_by("pk")
        assert list(rows.values_list("kind", "agency", "account", "state", "starts_on")) == [
            ("linked_agencies", linked.pk, None, "active", TODAY),
            ("linked_accounts", agency.pk, account.pk, "active", TODAY),
        ]
        assert heard.news[0] == (
            linked.pk,
            News.PENALTY_STARTED,
            {"measure": "linked_agencies", "starts_on": "2026-11-22", "until": None},
        )
        assert heard.news[1][:2] == (agency.pk, News.VIOLATION_ISSUED)
        assert [each["measure"] for each in heard.news[1][2]["measures"]] == ["linked_accounts"]
        assert ConductEvent.objects.filter(agency=linked).values_list("verb").get() == ("impose",)

    def test_a_day_planned_before_the_decision_is_its_day(self) -> None:
        plan = [PlannedMeasure(Measure.SUSPEND_BINDING, TODAY, NEXT_WEEK)]
        case = drafted(measures=plan)
        issue(violation_id=case.pk, at=later(3), by=operator())
        assert measures_of(case) == [
            ("suspend_binding", "active", TODAY + timedelta(days=3), NEXT_WEEK)
        ]

    def test_a_measure_that_is_over_by_then_holds_the_decision_back(self) -> None:
        case = drafted(measures=[PlannedMeasure(Measure.SUSPEND_BINDING, None, NEXT_WEEK)])
        with pytest.raises(Refused, match=r"over on Nov\. 29, 2026, before it begins"):
            issue(violation_id=case.pk, at=later(7), by=operator())
        case.refresh_from_db()
        assert case.state == ViolationState.DRAFT
        assert balance(case.agency, NEXT_WEEK) == 120

    def test_a_measure_of_a_later_day_does_not_hold_yet(self) -> None:
        case = issued(measures=[PlannedMeasure(Measure.SUSPEND_BINDING, NEXT_WEEK)])
        held = Penalty.objects.filter(agency=case.agency)
        assert not held.in_effect_on(TODAY).exists()
        assert held.in_effect_on(NEXT_WEEK).exists()

    def test_an_agency_that_was_removed_meanwhile_gets_no_decision(self) -> None:
        case = drafted()
        Agency.objects.filter(pk=case.agency_id).update(removed_on=TODAY)
        with pytest.raises(Refused, match="was removed"):
            issue(violation_id=case.pk, at=AT, by=operator())


class TestRevoke:
    def test_everything_is_undone_and_told(self) -> None:
        agency, linked = AgencyFactory.create_batch(2)
        case = issued(
            agency=agency,
            measures=[
                PlannedMeasure(Measure.CANCEL_HONOURS),
                PlannedMeasure(Measure.LINKED_AGENCIES, agency_ids=(linked.pk,)),
            ],
        )
        by = operator()
        with listening() as heard:
            revoke(violation_id=case.pk, reason=" 证据有误 ", at=later(40), by=by)
        case.refresh_from_db()
        assert (case.state, case.reviewed_by, case.review_reason) == ("revoked", by, "证据有误")
        assert case.reviewed_on == date(2027, 1, 1)
        assert {state for _, state, *_ in measures_of(case)} == {PenaltyState.LIFTED}
        assert balance(agency, TODAY) == 120
        assert heard.kinds() == [
            (agency.pk, News.PENALTY_LIFTED),
            (linked.pk, News.PENALTY_LIFTED),
            (agency.pk, News.VIOLATION_REVOKED),
        ]
        assert heard.news[-1][2] == {
            "reference": case.reference,
            "kind": "dispute",
            "reason": "证据有误",
            "returned": 20,
            "balance": 120,
        }
        assert heard.spans == [(TODAY, None)]
        assert verify()[1] == []

    def test_nobody_revokes_what_they_had_a_hand_in(self) -> None:
        drafter, changer, issuer = operator(), operator(), operator()
        case = drafted(by=drafter)
        facts = {"kind": "other", "occurred_on": TODAY, "summary": "改", "points": 1}
        amend_draft(violation_id=case.pk, **facts, measures=(), at=AT, by=changer)
        issue(violation_id=case.pk, at=AT, by=issuer)
        for person in (drafter, changer, issuer):
            with pytest.raises(Refused) as refused:
                revoke(violation_id=case.pk, reason="x", at=AT, by=person)
            assert refused.value.rule == "own_decision"
        assert revoke(violation_id=case.pk, reason="x", at=AT, by=operator()).state == "revoked"

    @pytest.mark.parametrize("reason", ["", " \n", "x" * 2001])
    def test_a_reason_is_needed(self, reason: str) -> None:
        case = issued()
        with pytest.raises(Refused) as refused:
            revoke(violation_id=case.pk, reason=reason, at=AT, by=operator())
        assert refused.value.rule == "reason"

    def test_a_draft_is_discarded_and_a_revoked_one_stays_so(self) -> None:
        with pytest.raises(Refused, match="discard it instead"):
            revoke(violation_id=drafted().pk, reason="x", at=AT, by=operator())
        case = issued()
        revoke(violation_id=case.pk, reason="x", at=AT, by=operator())
        with pytest.raises(Refused, match="already revoked"):
            revoke(violation_id=case.pk, reason="x", at=AT, by=operator())
        assert balance(case.agency) == 120

    def test_an_imported_one_is_revoked_like_the_others(self) -> None:
        case = ViolationFactory.create(state=ViolationState.ISSUED)
        with listening() as heard:
            revoke(violation_id=case.pk, reason="x", at=AT, by=operator())
        assert heard.spans == []  # it had taken nothing

    def test_a_measure_that_is_over_never_was(self) -> None:
        case = issued(measures=[PlannedMeasure(Measure.SUSPEND_BINDING, None, TOMORROW)])
        Penalty.objects.update(state=PenaltyState.EXPIRED)
        assert Penalty.objects.in_effect_on(TODAY).exists()
        with listening() as heard:
            revoke(violation_id=case.pk, reason="x", at=later(30), by=operator())
        assert heard.kinds() == [(case.agency_id, News.VIOLATION_REVOKED)]
        assert not Penalty.objects.in_effect_on(TODAY).exists()

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
    def test_revoking_everything_equals_never_having_issued(self, order: tuple[int, ...]) -> None:
        agency, untouched, linked = AgencyFactory.create_batch(3)
        cases = [
            issued(agency=agency, points=50, at=later(-40)),
            issued(
                agency=agency,
                points=60,
                at=later(-20),
                measures=[
                    PlannedMeasure(Measure.SUSPEND_BINDING),
                    PlannedMeasure(Measure.LINKED_AGENCIES, agency_ids=(linked.pk,)),
                ],
            ),
            issued(agency=agency, points=60, measures=[PlannedMeasure(Measure.REMOVAL)]),
        ]
        for which in order:
            revoke(violation_id=cases[which].pk, reason="x", at=later(1), by=operator())
        for day in (TODAY - timedelta(days=n) for n in range(-2, 45)):
            assert balance(agency, day) == balance(untouched, day)
            assert not Penalty.objects.in_effect_on(day).exists()
        open_ones = [PenaltyState.PLANNED, PenaltyState.PROPOSED, PenaltyState.ACTIVE]
        assert not Penalty.objects.filter(state__in=open_ones).exists()
        assert CreditEntry.objects.filter(kind=EntryKind.REVERSAL).count() == 3
        assert verify()[1] == []


class TestIncident:
    def test_violations_of_one_agency_become_one_event(self) -> None:
        agency = AgencyFactory.create()
        cases = [issued(agency=agency), drafted(agency=agency)]
        ids = [case.pk for case in cases]
        incident = group_incident(violation_ids=ids, title=" 直播 ", at=AT, by=operator())
        assert (incident.title, incident.violations.count()) == ("直播", 2)
        third = issued(agency=agency)
        again = group_incident(violation_ids=[ids[0], third.pk], title="改名", at=AT, by=operator())
        assert (again.pk, again.title, again.violations.count()) == (incident.pk, "改名", 3)
        assert steps_of(third)[-1][0] == "group"

    def test_what_does_not_belong_together_is_refused(self) -> None:
        one, other = issued(), issued()
        with pytest.raises(Refused, match="of one agency only"):
            group_incident(violation_ids=[one.pk, other.pk], title="x", at=AT, by=operator())
        with pytest.raises(Refused, match="of one agency only"):
            group_incident(violation_ids=[], title="x", at=AT, by=operator())
        with pytest.raises(Refused, match="short title"):
            group_incident(violation_ids=[one.pk], title=" ", at=AT, by=operator())
        revoke(violation_id=one.pk, reason="x", at=AT, by=operator())
        with pytest.raises(Refused, match="stays as it is"):
            group_incident(violation_ids=[one.pk], title="x", at=AT, by=operator())

    def test_two_incidents_do_not_become_one(self) -> None:
        agency = AgencyFactory.create()
        cases = [issued(agency=agency, incident=IncidentFactory.create()) for _ in range(2)]
        with pytest.raises(Refused, match="different incidents"):
            group_incident(
                violation_ids=[case.pk for case in cases], title="x", at=AT, by=operator()
            )


def reviewed(**given: Any) -> Violation:
    review = {"state": "upheld", "reviewed_by": UserFactory.create(), "reviewed_on": TODAY}
    return ViolationFactory.create(
        **{**review, "review_reason": "x", "appeal": AppealFactory.create(), **given}
    )


def by_the_issuer_itself() -> Violation:
    person = UserFactory.create()
    return reviewed(issued_by=person, reviewed_by=person)


@pytest.mark.parametrize(
    ("constraint", "make"),
    [
        ("violation_decided_unless_draft", lambda: ViolationFactory.create(state="draft")),
        (
            "violation_decided_unless_draft",
            lambda: ViolationFactory.create(appeal_until=date(2026, 5, 9)),
        ),
        ("violation_under_review_has_appeal", lambda: ViolationFactory.create(state="appealed")),
        ("violation_under_review_has_appeal", lambda: reviewed(appeal=None)),
        ("violation_reviewed_by_another", by_the_issuer_itself),
        ("violation_reviewed_with_reason", lambda: reviewed(review_reason="")),
        ("violation_reviewed_with_reason", lambda: reviewed(reviewed_on=None)),
        ("violation_reviewed_with_reason", lambda: reviewed(state="appealed")),
        ("violation_reviewed_with_reason", lambda: ViolationFactory.create(state="revoked")),
    ],
)
def test_the_database_refuses(constraint: str, make: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=f'"{constraint}"'), transaction.atomic():
        make()


class TestPages:
    def test_a_decision_with_all_that_belongs_to_it(
        self, django_assert_max_num_queries: Any
    ) -> None:
        agency = AgencyFactory.create()
        incident = IncidentFactory.create()
        case = issued(
            agency=agency,
            points=200,
            incident=incident,
            measures=[PlannedMeasure(Measure.WARNING)],
        )
        sibling = issued(agency=agency, incident=incident)
        file = CaseFileFactory.create(violation=case)
        revoke(violation_id=case.pk, reason="x", at=AT, by=operator())
        case.refresh_from_db()
        with django_assert_max_num_queries(5):
            page = violation_page(case)
        assert [penalty.kind for penalty in page.measures] == [Measure.WARNING, Measure.REMOVAL]
        assert (page.files, page.appeal_files) == ([file], [])
        assert "content" in page.files[0].get_deferred_fields()
        assert (page.applied, page.returned) == (120, 120)
        assert page.siblings == [sibling]
        assert [step.verb for step in page.steps] == [
            *("draft", "issue", "impose", "propose", "revoke", "lift", "lift"),
        ]

    def test_one_that_took_nothing(self) -> None:
        page = violation_page(issued(points=0))
        assert (page.applied, page.returned, page.siblings) == (0, 0, [])

    def test_figures_by_kind(self, django_assert_num_queries: Any) -> None:
        appeal = AppealFactory.create(due_on=TODAY)
        ViolationFactory.create(state="appealed", appeal=appeal)
        reviewed()
        reviewed(state="revoked")
        reviewed(state="revoked", appeal=None)
        ViolationFactory.create(kind="other")
        drafted()
        with django_assert_num_queries(1), translation.override("en"):
            figures = appeal_figures()
        assert [
            (f.kind, f.decided, f.appealed, f.undecided, f.upheld, f.revoked, f.corrected)
            for f in figures
        ] == [("dispute", 4, 3, 1, 1, 1, 1), ("other", 1, 0, 0, 0, 0, 0)]
        assert figures[1].label == "Other violations"
        AppealFactory.create(due_on=TODAY, decided_at=AT)
        assert overdue_appeals(today=TODAY) == 0
        assert (
            overdue_appeals(today=TOMORROW)
            == 1
            + Violation.objects.filter(
                state__in=["upheld", "revoked"], appeal__decided_at=None, appeal__due_on=TODAY
            ).count()
        )


def test_a_planned_measure_is_nobodys_yet() -> None:
    PenaltyFactory.create(state=PenaltyState.PLANNED)
    assert not Penalty.objects.in_effect_on(TODAY).exists()
