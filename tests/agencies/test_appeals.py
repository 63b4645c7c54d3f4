"""Appeals: who, until when, about what; and the verdict of another person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from agencies.actions.appeals import decide_appeal, file_appeal
from agencies.actions.case_files import NewFile
from agencies.actions.violations import PlannedMeasure, group_incident, revoke
from agencies.enums import Measure, News, PenaltyState, Role, Subject, ViolationState
from agencies.ledger import balances_on
from agencies.models import Agency, Appeal, ConductEvent, Violation
from agencies.refusals import Refused
from portal.models import User
from tests.factories import AgencyFactory, MembershipFactory, UserFactory, ViolationFactory
from tests.factories.cases import AT, PDF, TODAY, drafted, issued, later, listening
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def owner() -> User:
    """The owner of an agency; the agency is `owner.agencies.get()`."""
    return MembershipFactory.create().user


def agency_of(owner: User) -> Agency:
    return owner.agencies.get()


def appeal_against(*cases: Violation, by: User, **given: Any) -> Appeal:
    filled = {"text": "事实不符", "at": AT, "agency": cases[0].agency, **given}
    return file_appeal(violation_ids=[case.pk for case in cases], by=by, **filled)


def state_of(case: Violation) -> str:
    return Violation.objects.values_list("state", flat=True).get(pk=case.pk)


class TestFiling:
    def test_it_is_filed_with_text_and_files(self, owner: User) -> None:
        case = issued(agency=agency_of(owner))
        with listening() as heard:
            appeal = appeal_against(
                case, by=owner, text=" 我们没有 ", files=[NewFile("a.pdf", PDF)], at=later(1)
            )
        case.refresh_from_db()
        assert (case.state, case.appeal) == (ViolationState.APPEALED, appeal)
        assert (appeal.text, appeal.filed_by, appeal.filed_at) == ("我们没有", owner, later(1))
        assert (appeal.due_on, appeal.decided_at) == (date(2026, 12, 8), None)
        assert appeal.files.get().name == "a.pdf"
        told = {"references": [case.reference], "due_on": "2026-12-08", "files": 1}
        assert heard.news == [(case.agency_id, News.APPEAL_FILED, told)]
        step = ConductEvent.objects.get(subject=Subject.APPEAL)
        assert (step.subject_id, step.verb, step.actor) == (appeal.pk, "file", owner)

    def test_everything_stays_in_force_meanwhile(self, owner: User) -> None:
        case = issued(agency=agency_of(owner), measures=[PlannedMeasure(Measure.SUSPEND_BINDING)])
        appeal_against(case, by=owner)
        assert case.penalties.in_effect_on(TODAY).exists()
        assert balances_on(TODAY)[case.agency_id] == 100

    def test_the_last_day_is_in_time_and_the_next_is_late(self, owner: User) -> None:
        one, other = (issued(agency=agency_of(owner)) for _ in range(2))
        last_minute = later(15).replace(hour=23, minute=59)
        appeal_against(one, by=owner, at=last_minute)
        with pytest.raises(Refused, match=r"until the end of Dec\. 7, 2026") as refused:
            appeal_against(other, by=owner, at=last_minute + timedelta(minutes=1))
        assert refused.value.rule == "late"
        assert state_of(other) == "issued"

    @pytest.mark.parametrize("text", ["", " \n", "x" * 5001])
    def test_it_says_why(self, owner: User, text: str) -> None:
        with pytest.raises(Refused) as refused:
            appeal_against(issued(agency=agency_of(owner)), by=owner, text=text)
        assert refused.value.rule == "text"

    def test_only_an_owner_of_the_agency_files_it(self, owner: User) -> None:
        case = issued(agency=agency_of(owner))
        viewer = MembershipFactory.create(agency=case.agency, role=Role.VIEWER).user
        stranger = MembershipFactory.create().user
        for person in (viewer, stranger, operator()):
            with pytest.raises(Refused) as refused:
                appeal_against(case, by=person)
            assert refused.value.rule == "owner"

    def test_drafts_and_foreign_cases_are_unknown_alike(self, owner: User) -> None:
        agency = agency_of(owner)
        foreign = issued()
        said = set()
        for case in (drafted(agency=agency), foreign, Violation(pk=0, agency=agency)):
            with pytest.raises(Refused) as refused:
                appeal_against(case, agency=agency, by=owner)
            said.add((refused.value.rule, str(refused.value)))
        assert said == {("unknown", "There is no such decision about your agency.")}
        with pytest.raises(Refused):
            file_appeal(agency=agency, violation_ids=[], text="x", at=AT, by=owner)

    def test_a_decision_is_appealed_once(self, owner: User) -> None:
        case = issued(agency=agency_of(owner))
        appeal = appeal_against(case, by=owner)
        with pytest.raises(Refused, match="can be appealed once") as refused:
            appeal_against(case, by=owner)
        assert refused.value.rule == "already_appealed"
        decide_appeal(
            appeal_id=appeal.pk, verdicts={case.pk: "uphold"}, reason="x", at=AT, by=operator()
        )
        with pytest.raises(Refused, match="can be appealed once"):
            appeal_against(case, by=owner)

    def test_there_is_nothing_to_appeal_in_a_revoked_one(self, owner: User) -> None:
        case = issued(agency=agency_of(owner))
        revoke(violation_id=case.pk, reason="x", at=AT, by=operator())
        with pytest.raises(Refused, match="was revoked"):
            appeal_against(case, by=owner)

    def test_several_belong_to_one_incident(self, owner: User) -> None:
        cases = [issued(agency=agency_of(owner)) for _ in range(2)]
        with pytest.raises(Refused, match="one incident") as refused:
            appeal_against(*cases, by=owner)
        assert refused.value.rule == "several"
        group_incident(
            violation_ids=[case.pk for case in cases], title="直播", at=AT, by=operator()
        )
        appeal = appeal_against(*cases, by=owner)
        assert list(appeal.violations.order_by("pk")) == cases

    def test_one_late_one_holds_the_incident_back(self, owner: User) -> None:
        agency = agency_of(owner)
        cases = [issued(agency=agency, at=later(-20)), issued(agency=agency)]
        group_incident(
            violation_ids=[case.pk for case in cases], title="直播", at=AT, by=operator()
        )
        with pytest.raises(Refused, match=cases[0].reference):
            appeal_against(*cases, by=owner)
        assert appeal_against(cases[1], by=owner).pk

    def test_a_bad_file_leaves_no_appeal(self, owner: User) -> None:
        case = issued(agency=agency_of(owner))
        with pytest.raises(Refused) as refused:
            appeal_against(case, by=owner, files=[NewFile("a.exe", b"MZ")])
        assert refused.value.rule == "file_type"
        assert not Appeal.objects.exists()
        assert state_of(case) == "issued"

    def test_a_removed_agency_may_appeal(self, owner: User) -> None:
        case = issued(agency=agency_of(owner))
        Agency.objects.filter(pk=case.agency_id).update(removed_on=TODAY)
        assert appeal_against(case, by=owner).pk

    def test_an_imported_case_is_appealed_by_the_same_clock(self, owner: User) -> None:
        day = TODAY - timedelta(days=15)
        case = ViolationFactory.create(agency=agency_of(owner), decided_on=day)
        assert appeal_against(case, by=owner).violations.get() == case


class TestDeciding:
    @pytest.fixture
    def appeal(self, owner: User) -> Appeal:
        """An appeal against two violations of one incident, of 20 and 30 points."""
        agency = agency_of(owner)
        measures = [PlannedMeasure(Measure.SUSPEND_BINDING)]
        cases = [issued(agency=agency, points=n, measures=measures) for n in (20, 30)]
        ids = [case.pk for case in cases]
        group_incident(violation_ids=ids, title="直播", at=AT, by=operator())
        return appeal_against(*cases, by=owner)

    def decide(self, appeal: Appeal, *verdicts: str, **given: Any) -> Appeal:
        cases = appeal.violations.order_by("pk")
        ordered = {case.pk: verdict for case, verdict in zip(cases, verdicts, strict=False)}
        filled = {"verdicts": ordered, "reason": "复核", "at": later(3), "by": None, **given}
        filled["by"] = filled["by"] or operator()
        return decide_appeal(appeal_id=appeal.pk, **filled)

    def test_each_violation_gets_its_verdict(self, appeal: Appeal) -> None:
        upheld, revoked = appeal.violations.order_by("pk")
        by = operator()
        with listening() as heard:
            self.decide(appeal, "uphold", "revoke", by=by)
        appeal.refresh_from_db()
        assert appeal.decided_at == later(3)
        for case, state in ((upheld, "upheld"), (revoked, "revoked")):
            case.refresh_from_db()
            assert (case.state, case.reviewed_by, case.review_reason) == (state, by, "复核")
            assert case.reviewed_on == TODAY + timedelta(days=3)
        assert upheld.penalties.get().state == PenaltyState.ACTIVE
        assert revoked.penalties.get().state == PenaltyState.LIFTED
        assert balances_on(TODAY)[appeal.agency_id] == 100
        assert [news for _, news in heard.kinds()] == [
            News.PENALTY_LIFTED,
            News.VIOLATION_REVOKED,
            News.APPEAL_DECIDED,
        ]
        assert heard.news[-1][2] == {
            "verdicts": {upheld.reference: "upheld", revoked.reference: "revoked"},
            "reason": "复核",
        }
        assert heard.spans == [(TODAY, None)]

    def test_upholding_changes_nothing_else(self, appeal: Appeal) -> None:
        with listening() as heard:
            self.decide(appeal, "uphold", "uphold")
        assert (heard.kinds(), heard.spans) == ([(appeal.agency_id, News.APPEAL_DECIDED)], [])
        assert balances_on(TODAY)[appeal.agency_id] == 70

    def test_revoking_both_gives_all_back(self, appeal: Appeal) -> None:
        with listening() as heard:
            self.decide(appeal, "revoke", "revoke")
        assert balances_on(TODAY)[appeal.agency_id] == 120
        assert heard.spans == [(TODAY, None)]

    def test_who_had_a_hand_in_one_of_them_decides_neither(self, appeal: Appeal) -> None:
        for case in appeal.violations.all():
            with pytest.raises(Refused) as refused:
                self.decide(appeal, "uphold", "uphold", by=case.issued_by)
            assert refused.value.rule == "own_decision"

    @pytest.mark.parametrize("verdicts", [("uphold",), (), ("uphold", "maybe"), ("uphold", "")])
    def test_a_verdict_for_each_is_needed(self, appeal: Appeal, verdicts: tuple[str, ...]) -> None:
        with pytest.raises(Refused) as refused:
            self.decide(appeal, *verdicts)
        assert refused.value.rule == "verdicts"
        assert Appeal.objects.get().decided_at is None

    def test_a_reason_is_needed(self, appeal: Appeal) -> None:
        with pytest.raises(Refused) as refused:
            self.decide(appeal, "uphold", "uphold", reason=" ")
        assert refused.value.rule == "reason"

    def test_it_is_decided_once_and_upheld_for_good(self, appeal: Appeal) -> None:
        case = appeal.violations.order_by("pk")[0]
        self.decide(appeal, "uphold", "revoke")
        with pytest.raises(Refused, match="already decided"):
            self.decide(appeal, "uphold", "revoke")
        with pytest.raises(Refused, match="upheld on appeal"):
            revoke(violation_id=case.pk, reason="x", at=AT, by=operator())

    def test_one_revoked_meanwhile_leaves_the_other_to_the_appeal(self, appeal: Appeal) -> None:
        first, second = appeal.violations.order_by("pk")
        with listening() as heard:
            revoke(violation_id=first.pk, reason="x", at=AT, by=operator())
        assert News.APPEAL_DECIDED not in dict(heard.kinds()).values()
        self.decide(appeal, "uphold", "uphold")
        assert (state_of(first), state_of(second)) == ("revoked", "upheld")

    def test_revoking_all_closes_the_appeal(self, appeal: Appeal) -> None:
        with listening() as heard:
            for case in appeal.violations.all():
                revoke(violation_id=case.pk, reason="x", at=AT, by=operator())
        appeal.refresh_from_db()
        assert appeal.decided_at == AT
        assert heard.news[-1][1] == News.APPEAL_DECIDED
        with pytest.raises(Refused, match="already decided"):
            self.decide(appeal, "uphold", "uphold")

    def test_an_imported_case_is_reviewed_by_anybody(self, owner: User) -> None:
        case = ViolationFactory.create(agency=agency_of(owner), decided_on=TODAY)
        appeal = appeal_against(case, by=owner)
        self.decide(appeal, "revoke")
        assert state_of(case) == "revoked"


def test_a_person_without_a_seat_is_no_owner() -> None:
    with pytest.raises(Refused):
        appeal_against(issued(agency=AgencyFactory.create()), by=UserFactory.create())
