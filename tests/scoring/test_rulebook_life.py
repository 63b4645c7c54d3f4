"""A version of the rules from draft to force: asked about, decided by two, withdrawn."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.enums import News
from agencies.refusals import Refused
from portal.models import OutboxEntry, User
from portal.outbox.news import words
from scoring.enums import Cause, RulebookState
from scoring.models import Consultation, RulebookVersion, RulebookWithdrawal
from scoring.rulebook_life import (
    approve_scheduling,
    close_consultation,
    open_consultation,
    propose_scheduling,
    settle_rulebooks,
    take_back_proposal,
    withdraw_version,
)
from scoring.rulebook_versions import store_rulebook
from tests.factories import AgencyFactory, EvaluationFactory, UserFactory, rulebooks
from tests.factories.cases import AT, SHANGHAI
from tests.factories.consultations import (
    CLOSES,
    CommentFactory,
    ConsultationFactory,
    answered,
    concluded,
    draft,
)
from tests.factories.rulebooks import rules

pytestmark = pytest.mark.django_db

DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
AFTER = CLOSES + timedelta(hours=9)
NEW_YEAR = datetime(2027, 1, 1, tzinfo=SHANGHAI)


def asked(version: RulebookVersion, **given: Any) -> Consultation:
    ordinary: dict[str, Any] = {
        "seen_sha256": version.sha256,
        "opens_at": AT,
        "closes_at": CLOSES,
        "reasons_zh": "理由",
        "reasons_en": "Reasons",
        "at": AT,
    }
    given.setdefault("by", None)
    given["by"] = given["by"] or UserFactory.create()
    return open_consultation(version_id=version.pk, **{**ordinary, **given})


def refusal(step: Any, **given: Any) -> tuple[str, str]:
    before = list(RulebookVersion.objects.order_by("pk").values())
    with pytest.raises(Refused) as refused:
        step(**given)
    assert list(RulebookVersion.objects.order_by("pk").values()) == before
    return refused.value.rule, str(refused.value)


@pytest.fixture
def people() -> tuple[User, User]:
    return UserFactory.create(name="Proposer"), UserFactory.create(name="Approver")


@pytest.fixture
def version() -> RulebookVersion:
    """One whose consultation is concluded."""
    return concluded(ConsultationFactory.create()).version


def scheduled(version: RulebookVersion, people: tuple[User, User]) -> RulebookVersion:
    propose_scheduling(version_id=version.pk, at=AFTER, by=people[0])
    return approve_scheduling(version_id=version.pk, at=AFTER, by=people[1])


class TestOpening:
    def test_a_draft_is_asked_about_and_every_agency_is_told_in_one_statement(self) -> None:
        three = AgencyFactory.create_batch(3)
        AgencyFactory.create(removed_on=date(2026, 11, 22))
        leaving = AgencyFactory.create(removed_on=date(2026, 11, 23))
        with CaptureQueriesContext(connection) as queries:
            consultation = asked(draft())
        told = OutboxEntry.objects.filter(news=News.CONSULTATION_OPENED).order_by("pk")
        assert [each.agency_id for each in told] == [*(each.pk for each in three), leaving.pk]
        assert sum("INTO portal_outboxentry" in each["sql"] for each in queries) == 1
        assert (consultation.version.state, consultation.compared_with.version) == (
            RulebookState.CONSULTATION,
            "2026.1",
        )
        assert told[0].about == {
            "consultation": consultation.pk,
            "closes_on": "2026-11-29",
            "name_zh": "机构等级规则（默认版） · 2027.1",
            "name_en": "Agency level rules (default edition) · 2027.1",
        }
        assert "comment until Nov. 29, 2026" in words(told[0]).sentence

    def test_the_text_of_the_draft_stays_as_it_was_asked_about(self) -> None:
        version = asked(draft()).version
        with pytest.raises(Exception, match="Cannot update rows"):
            RulebookVersion.objects.filter(pk=version.pk).update(text="other")

    def test_seven_days_to_the_second_are_enough_and_less_is_refused(self) -> None:
        version, week = draft(), AT + timedelta(days=7)
        rule, told = refusal(asked, version=version, closes_at=week - timedelta(seconds=1))
        assert rule == "days"
        assert "at least 7 full days" in told
        assert "Nov. 29, 2026" in told
        assert asked(version, closes_at=week).closes_at == week

    def test_the_earliest_end_that_is_named_is_enough(self) -> None:
        version, midnight = draft(), datetime(2026, 11, 23, tzinfo=SHANGHAI)
        days = {"opens_at": midnight, "closes_at": datetime(2026, 11, 29, tzinfo=SHANGHAI)}
        assert "Nov. 29, 2026" in refusal(asked, version=version, **days)[1]
        asked(version, opens_at=midnight, closes_at=CLOSES)

    def test_it_does_not_open_in_the_past(self) -> None:
        given = {"opens_at": AT - timedelta(seconds=1)}
        assert refusal(asked, version=draft(), **given)[0] == "days"

    def test_a_day_lies_between_its_end_and_the_first_month(self) -> None:
        version = draft()
        rule, told = refusal(asked, version=version, closes_at=NEW_YEAR)
        assert (rule, "Dec. 30, 2026 at the latest" in told) == ("month", True)
        asked(version, closes_at=NEW_YEAR - timedelta(days=1))

    @pytest.mark.parametrize("reasons", ["", "   ", "x" * 5001])
    def test_reasons_are_given_in_both_languages(self, reasons: str) -> None:
        assert refusal(asked, version=draft(), reasons_zh=reasons)[0] == "reasons"
        assert refusal(asked, version=draft(), reasons_en=reasons)[0] == "reasons"

    def test_a_draft_that_changes_no_rule_is_not_asked_about(self) -> None:
        same = draft("2027.1", "2027-01", ("默认版", "新版"))
        rule, told = refusal(asked, version=same)
        assert (rule, "version 2026.1" in told) == ("same", True)

    def test_another_order_of_the_rules_is_no_other_rule(self) -> None:
        book = rules()
        turned = rules(benefits=book.benefits[::-1], violations=book.violations[::-1])
        assert refusal(asked, version=rulebooks.draft(turned))[0] == "same"

    def test_what_counts_for_its_first_month_is_what_it_is_compared_with(self) -> None:
        december = draft("2026.12", "2026-12", ("days = 15 ", "days = 20 "))
        store_rulebook(december.text, at=AT, activate=True)
        assert asked(draft()).compared_with == december

    def test_only_a_draft_is_asked_about_and_only_once(self) -> None:
        version = asked(draft()).version
        assert refusal(asked, version=version)[0] == "state"
        assert Consultation.objects.count() == 1


class TestClosing:
    def close(self, consultation: Consultation, **given: Any) -> Consultation:
        ordinary = {"summary_zh": "总结", "summary_en": "Summary", "at": AFTER}
        by = UserFactory.create()
        return close_consultation(consultation_id=consultation.pk, **{**ordinary, **given}, by=by)

    def test_the_summary_is_published_and_every_agency_told(self) -> None:
        agency = AgencyFactory.create()
        consultation = self.close(ConsultationFactory.create())
        assert (consultation.closed_at, consultation.summary_en) == (AFTER, "Summary")
        news = OutboxEntry.objects.get(agency=agency)
        assert (news.news, news.about["consultation"]) == ("consultation_closed", consultation.pk)
        assert "summary and the answers are published" in words(news).sentence

    def test_not_before_its_end(self) -> None:
        consultation = ConsultationFactory.create()
        early = CLOSES - timedelta(microseconds=1)
        rule, told = refusal(self.close, consultation=consultation, at=early)
        assert (rule, "until the end of Nov. 29, 2026" in told) == ("days", True)
        self.close(consultation, at=CLOSES)

    def test_not_while_a_comment_has_no_answer(self) -> None:
        comment = CommentFactory.create()
        rule, told = refusal(self.close, consultation=comment.consultation)
        assert (rule, told.startswith("1 comment has no answer")) == ("unanswered", True)
        answered(comment)
        self.close(comment.consultation)

    def test_not_twice_and_not_without_words(self) -> None:
        consultation = ConsultationFactory.create()
        assert refusal(self.close, consultation=consultation, summary_en=" ")[0] == "summary"
        self.close(consultation)
        assert refusal(self.close, consultation=consultation)[0] == "closed"


class TestDeciding:
    def test_two_people_schedule_it_and_every_agency_is_told(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        agency = AgencyFactory.create()
        found = scheduled(version, people)
        found.refresh_from_db()
        assert (found.state, found.activated_at) == (RulebookState.SCHEDULED, AFTER)
        assert (found.proposed_by, found.approved_by) == people
        news = OutboxEntry.objects.get(agency=agency)
        assert news.about["effective_from"] == "2027-01-01"
        assert "counts from the data month January 2027 on" in words(news).sentence
        assert words(news).url == "/rules/?version=2027.1"

    def test_it_counts_from_its_month_whether_written_down_or_not(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        scheduled(version, people)
        assert RulebookVersion.objects.for_month(DECEMBER).version == "2026.1"
        assert RulebookVersion.objects.for_month(JANUARY) == version
        assert settle_rulebooks(NEW_YEAR - timedelta(microseconds=1)) == []
        assert settle_rulebooks(NEW_YEAR) == ["rulebook 2027.1 is in force"]
        assert settle_rulebooks(NEW_YEAR) == []
        version.refresh_from_db()
        assert (version.state, version.activated_at) == (RulebookState.IN_FORCE, AFTER)

    def test_nobody_approves_the_own_proposal(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        propose_scheduling(version_id=version.pk, at=AFTER, by=people[0])
        given = {"version_id": version.pk, "at": AFTER, "by": people[0]}
        rule, told = refusal(approve_scheduling, **given)
        assert (rule, "needs another person" in told) == ("another", True)

    def test_there_is_one_proposal_and_it_can_be_taken_back(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        given: dict[str, Any] = {"version_id": version.pk, "at": AFTER}
        assert refusal(approve_scheduling, **given, by=people[1])[0] == "unproposed"
        assert refusal(take_back_proposal, **given, by=people[1])[0] == "unproposed"
        propose_scheduling(**given, by=people[0])
        assert refusal(propose_scheduling, **given, by=people[1])[0] == "proposed"
        take_back_proposal(**given, by=people[1])
        propose_scheduling(**given, by=people[1])
        assert approve_scheduling(**given, by=people[0]).proposed_by == people[1]

    def test_not_before_the_summary(self, people: tuple[User, User]) -> None:
        version = ConsultationFactory.create().version
        given = {"version_id": version.pk, "at": AFTER, "by": people[0]}
        assert refusal(propose_scheduling, **given)[0] == "open"

    def test_not_a_draft_and_not_what_is_decided(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        given = {"at": AFTER, "by": people[0]}
        other = draft("2027.2", "2027-02")
        assert refusal(propose_scheduling, version_id=other.pk, **given)[0] == "state"
        scheduled(version, people)
        assert refusal(propose_scheduling, version_id=version.pk, **given)[0] == "state"
        assert refusal(approve_scheduling, version_id=version.pk, **given)[0] == "state"

    def test_not_once_its_month_has_begun(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        late = {"version_id": version.pk, "at": NEW_YEAR}
        assert refusal(propose_scheduling, **late, by=people[0])[0] == "month"
        last = NEW_YEAR - timedelta(microseconds=1)
        propose_scheduling(version_id=version.pk, at=last, by=people[0])
        rule, told = refusal(approve_scheduling, **late, by=people[1])
        assert (rule, "January 2027" in told) == ("month", True)
        approve_scheduling(version_id=version.pk, at=last, by=people[1])

    def test_the_approval_retires_the_other_one_of_the_same_month(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        other = draft("2027.0", "2027-01", ("days = 15 ", "days = 20 "))
        store_rulebook(other.text, at=AT, activate=True)
        propose_scheduling(version_id=version.pk, at=AFTER, by=people[0])
        assert RulebookVersion.objects.for_month(JANUARY) == other
        approve_scheduling(version_id=version.pk, at=AFTER, by=people[1])
        other.refresh_from_db()
        assert (other.state, other.retired_at) == (RulebookState.RETIRED, AFTER)
        assert RulebookVersion.objects.for_month(JANUARY) == version

    def test_evaluated_months_that_it_changes_are_stale(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        before = EvaluationFactory.create(month=DECEMBER)
        ahead = EvaluationFactory.create(month=JANUARY)
        scheduled(version, people)
        before.refresh_from_db()
        ahead.refresh_from_db()
        assert (before.stale_since, ahead.stale_since) == (None, AFTER)
        assert ahead.marks.get().cause == Cause.RULES


class TestWithdrawing:
    def withdraw(self, version: RulebookVersion, **given: Any) -> RulebookVersion:
        ordinary = {"reason_zh": "不再需要", "reason_en": "Not needed any more.", "at": AFTER}
        by = UserFactory.create()
        return withdraw_version(version_id=version.pk, **{**ordinary, **given}, by=by)

    def test_after_the_consultation_it_is_given_up_with_a_public_reason(
        self, version: RulebookVersion
    ) -> None:
        found = self.withdraw(version)
        assert (found.state, found.retired_at) == (RulebookState.RETIRED, AFTER)
        assert found.activated_at is None
        assert not OutboxEntry.objects.filter(news=News.RULES_WITHDRAWN).exists()
        assert RulebookWithdrawal.objects.get().reason_en == "Not needed any more."

    def test_scheduled_it_gives_its_month_back(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        agency = AgencyFactory.create()
        scheduled(version, people)
        self.withdraw(version)
        assert RulebookVersion.objects.for_month(JANUARY).version == "2026.1"
        told = OutboxEntry.objects.get(news=News.RULES_WITHDRAWN)
        assert told.agency_id == agency.pk
        assert "does not come into force in January 2027 after all" in words(told).sentence
        assert words(told).url == f"/rules/?version={version.version}"

    def test_not_once_it_counts(self, version: RulebookVersion, people: tuple[User, User]) -> None:
        scheduled(version, people)
        assert refusal(self.withdraw, version=version, at=NEW_YEAR)[0] == "month"

    def test_not_while_it_is_asked_about_nor_as_a_draft_nor_twice(
        self, version: RulebookVersion
    ) -> None:
        asked_now = ConsultationFactory.create(version=draft("2027.2", "2027-02"))
        assert refusal(self.withdraw, version=asked_now.version)[0] == "open"
        assert refusal(self.withdraw, version=draft("2027.3", "2027-03"))[0] == "state"
        assert refusal(self.withdraw, version=version, reason_zh="")[0] == "reason"
        self.withdraw(version)
        assert refusal(self.withdraw, version=version)[0] == "state"

    def test_the_reason_is_kept(self, version: RulebookVersion) -> None:
        self.withdraw(version)
        with pytest.raises(Exception, match="Cannot update or delete rows"):
            RulebookWithdrawal.objects.all().delete()


class TestCommand:
    """The operator's audited act, at every point of a version's life."""

    def test_what_is_asked_about_is_put_in_force_and_can_still_be_concluded(self) -> None:
        consultation = ConsultationFactory.create()
        store_rulebook(consultation.version.text, at=AT, activate=True)
        version = RulebookVersion.objects.get(version="2027.1")
        assert (version.state, version.approved_by) == (RulebookState.IN_FORCE, None)
        by = UserFactory.create()
        close_consultation(
            consultation_id=consultation.pk, summary_zh="一", summary_en="1", at=AFTER, by=by
        )

    def test_a_scheduled_one_keeps_who_decided_and_marks_nothing(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        scheduled(version, people)
        ahead = EvaluationFactory.create(month=JANUARY)
        later = AFTER + timedelta(days=1)
        found, changed = store_rulebook(version.text, at=later, activate=True)
        assert (changed, found.state, found.activated_at) == (True, "in_force", AFTER)
        assert (found.proposed_by, found.approved_by) == people
        ahead.refresh_from_db()
        assert ahead.stale_since is None

    def test_it_takes_the_place_of_a_scheduled_one(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        scheduled(version, people)
        other = draft("2027.0", "2027-01", ("days = 15 ", "days = 20 "))
        store_rulebook(other.text, at=AFTER, activate=True)
        version.refresh_from_db()
        assert (version.state, version.retired_at) == (RulebookState.RETIRED, AFTER)

    def test_a_later_scheduled_one_ends_what_is_marked_stale(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        scheduled(version, people)
        months = [EvaluationFactory.create(month=each) for each in (DECEMBER, JANUARY)]
        other = draft("2026.12", "2026-12", ("days = 15 ", "days = 20 "))
        store_rulebook(other.text, at=AFTER, activate=True)
        for each in months:
            each.refresh_from_db()
        assert [each.stale_since for each in months] == [AFTER, None]

    def test_what_was_approved_before_a_withdrawal_did_not_put_it_in_force(
        self, version: RulebookVersion, people: tuple[User, User]
    ) -> None:
        one, other = people
        propose_scheduling(version_id=version.pk, at=AFTER, by=one)
        approve_scheduling(version_id=version.pk, at=AFTER, by=other)
        withdraw_version(version_id=version.pk, reason_zh="因", reason_en="x", at=AFTER, by=one)
        found, _changed = store_rulebook(version.text, at=AFTER + timedelta(days=1), activate=True)
        assert found.state == RulebookState.IN_FORCE
        assert (found.proposed_by, found.proposed_at) == (None, None)
        assert (found.approved_by, found.approved_at) == (None, None)

    def test_one_that_was_withdrawn_counts_after_all(self, version: RulebookVersion) -> None:
        TestWithdrawing().withdraw(version)
        at = datetime(2026, 12, 2, tzinfo=UTC)
        found, _changed = store_rulebook(version.text, at=at, activate=True)
        assert (found.state, found.activated_at, found.retired_at) == ("in_force", at, None)
