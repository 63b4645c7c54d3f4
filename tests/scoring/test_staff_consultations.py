"""Consultations at the staff's desk, from the draft to the decision of two people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.enums import Role
from portal.models import OutboxEntry, StaffLook
from scoring.enums import RulebookState
from scoring.models import Consultation, ConsultationComment, RulebookVersion
from scoring.rulebook_drafts import change_part
from scoring.rulebook_life import approve_scheduling, propose_scheduling
from scoring.rulebook_versions import begin_counting, store_rulebook
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.cases import AT, SHANGHAI
from tests.factories.consultations import (
    CLOSES,
    CommentFactory,
    ConsultationFactory,
    answered,
    concluded,
    draft,
)
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db

AFTER = CLOSES + timedelta(hours=12)
ASKED = {
    "closes_on": "2026-11-30",
    "reasons_zh": "理由",
    "reasons_en": "Reasons",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def desk() -> Client:
    return signed_in(operator(name="Desk Person"))


@pytest.fixture
def reader() -> Client:
    return signed_in(supporter())


@pytest.fixture
def consultation() -> Consultation:
    return ConsultationFactory.create()


def text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def sent(client: Client, path: str, data: dict[str, str] | None = None) -> str:
    """What the person reads after a form was sent."""
    response = client.post(path, data or {}, follow=True)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def at(consultation: Consultation, step: str = "") -> str:
    return f"/staff/consultations/{consultation.pk}/{step}"


def of(version: RulebookVersion, step: str = "") -> str:
    return f"/staff/rulebooks/{version.pk}/{step}"


def asked(version: RulebookVersion, **given: str) -> dict[str, str]:
    """What the form sends that shows the version as it is."""
    return {**ASKED, "seen": version.sha256, **given}


class TestOpening:
    def test_days_are_the_platforms_and_the_first_is_now(self, desk: Client) -> None:
        version = draft()
        AgencyFactory.create()
        page = text(desk, of(version, "consult/"))
        assert "<ins>V3 from 560 points in all</ins>" in page
        told = sent(desk, of(version, "consult/"), asked(version))
        assert "The consultation is announced and every agency is told." in told
        found = Consultation.objects.get()
        assert (found.opens_at, found.closes_at) == (*(AT, datetime(2026, 12, 1, tzinfo=SHANGHAI)),)
        assert found.version == version
        assert OutboxEntry.objects.count() == 1

    def test_a_later_first_day_begins_at_midnight_and_today_is_now(self, desk: Client) -> None:
        one, other = draft(), draft("2027.2", "2027-02")
        sent(desk, of(one, "consult/"), asked(one, opens_on="2026-11-24"))
        sent(desk, of(other, "consult/"), asked(other, opens_on="2026-11-22"))
        assert [each.opens_at for each in Consultation.objects.order_by("pk")] == [
            datetime(2026, 11, 24, tzinfo=SHANGHAI),
            AT,
        ]

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"closes_on": "2026-11-28"}, "lasts at least 7 full days"),
            ({"closes_on": "2026-12-31"}, "has to end on Dec. 30, 2026 at the latest"),
            ({"closes_on": "9999-12-31"}, "Choose a day"),
            ({"closes_on": "0001-01-01"}, "lasts at least 7 full days"),
            ({"opens_on": "0001-01-01"}, "cannot open in the past"),
            ({"opens_on": "9999-12-31"}, "has to end on Dec. 30, 2026 at the latest"),
            ({"closes_on": ""}, "Say until which day"),
            ({"reasons_zh": " "}, "Write it in Chinese too"),
        ],
    )
    def test_what_cannot_be_stays_in_the_form_with_the_reason(
        self, desk: Client, given: dict[str, str], told: str
    ) -> None:
        version = draft()
        page = sent(desk, of(version, "consult/"), asked(version, **given))
        assert told in page
        assert "Reasons" in page
        version.refresh_from_db()
        assert version.state == RulebookState.DRAFT

    def test_sent_twice_it_opens_once(self, desk: Client) -> None:
        version = draft()
        sent(desk, of(version, "consult/"), asked(version))
        assert "Only a draft can be consulted on" in sent(
            desk, of(version, "consult/"), asked(version)
        )
        assert Consultation.objects.count() == 1

    def test_a_draft_that_changed_under_the_form_is_not_announced_unread(
        self, desk: Client
    ) -> None:
        version = draft()
        opened = asked(version)
        rules = replace(version.rulebook, bonus_cap=Decimal(60))
        changed = change_part(
            version_id=version.pk,
            rulebook=rules,
            seen_sha256=version.sha256,
            by=UserFactory.create(),
        )
        page = sent(desk, of(version, "consult/"), opened)
        assert "Nothing was announced: this draft has changed" in page
        assert "<ins>The bonus counts up to 60 points" in page
        assert f'name="seen" value="{changed.sha256}"' in page
        assert Consultation.objects.count() == OutboxEntry.objects.count() == 0
        sent(desk, of(version, "consult/"), asked(changed))
        assert Consultation.objects.get().version == version

    def test_what_is_no_draft_leads_to_its_life(
        self, desk: Client, consultation: Consultation
    ) -> None:
        response = desk.get(of(consultation.version, "consult/"))
        assert response.headers["location"] == of(consultation.version)

    def test_reading_opens_nothing_and_support_does_not_come_here(
        self, desk: Client, reader: Client
    ) -> None:
        version = draft()
        text(desk, of(version, "consult/"))
        assert reader.get(of(version, "consult/")).status_code == 403
        assert reader.post(of(version, "consult/"), asked(version)).status_code == 403
        assert not Consultation.objects.exists()


class TestAnswering:
    ANSWER = {"answer_zh": "已采纳。", "answer_en": "We follow it."}

    def answer(self, comment: ConsultationComment) -> str:
        return f"/staff/consultations/comments/{comment.pk}/answer/"

    def test_comments_stand_by_clause_the_unanswered_first_with_their_agencies(
        self, desk: Client, consultation: Consultation
    ) -> None:
        agency = AgencyFactory.create(name="Canary Agency", code="CANARY")
        said = {"consultation": consultation, "agency": agency}
        answered(CommentFactory.create(text="first, answered", clause="", **said))
        CommentFactory.create(text="second", clause="level-cut-offs", **said)
        CommentFactory.create(text="third", clause="", **said)
        page = text(desk, at(consultation))
        order = [page.index(words) for words in ("third", "second", "first, answered")]
        assert order == sorted(order)
        assert page.count("Canary Agency") >= 3
        assert "2 to answer" in page
        look = StaffLook.objects.get()
        assert "Consultation on Agency level rules" in look.object_label

    def test_an_answer_is_published_and_may_be_changed(
        self, desk: Client, consultation: Consultation
    ) -> None:
        comment = CommentFactory.create(consultation=consultation)
        assert "The answer is published" in sent(desk, self.answer(comment), self.ANSWER)
        sent(desk, self.answer(comment), {**self.ANSWER, "answer_en": "In part."})
        comment.refresh_from_db()
        assert (comment.answer_zh, comment.answer_en) == ("已采纳。", "In part.")

    def test_half_an_answer_stays_in_its_form(
        self, desk: Client, consultation: Consultation
    ) -> None:
        comment = CommentFactory.create(consultation=consultation)
        page = sent(desk, self.answer(comment), {"answer_zh": "", "answer_en": "Kept words"})
        assert "Kept words" in page
        assert "Write it in Chinese too" in page
        comment.refresh_from_db()
        assert comment.answered_at is None

    def test_support_reads_and_does_not_answer(
        self, reader: Client, consultation: Consultation
    ) -> None:
        comment = CommentFactory.create(consultation=consultation)
        page = text(reader, at(consultation))
        assert comment.text in page
        assert "Publish the answer" not in page
        assert reader.post(self.answer(comment), self.ANSWER).status_code == 403
        assert reader.post(at(consultation, "close/")).status_code == 403


class TestClosing:
    SUMMARY = {"summary_zh": "总结", "summary_en": "Summary"}

    def test_the_summary_is_published_after_the_end(
        self, desk: Client, consultation: Consultation, clock: time_machine.Coordinates
    ) -> None:
        assert "It is written after the end of Nov. 29, 2026" in text(desk, at(consultation))
        early = sent(desk, at(consultation, "close/"), self.SUMMARY)
        assert "Agencies may comment until the end of Nov. 29, 2026" in early
        clock.move_to(AFTER)
        told = sent(signed_in(operator()), at(consultation, "close/"), self.SUMMARY)
        assert "The summary is published and every agency is told." in told
        consultation.refresh_from_db()
        assert consultation.closed_at == AFTER

    def test_not_while_comments_wait(
        self, desk: Client, consultation: Consultation, clock: time_machine.Coordinates
    ) -> None:
        CommentFactory.create(consultation=consultation)
        clock.move_to(AFTER)
        page = sent(desk, at(consultation, "close/"), self.SUMMARY)
        assert "1 comment has no answer yet: answer it first." in page
        assert "Summary</textarea>" in page


class TestDeciding:
    @pytest.fixture
    def version(
        self, consultation: Consultation, clock: time_machine.Coordinates
    ) -> RulebookVersion:
        clock.move_to(AFTER)
        return concluded(consultation).version

    def test_one_proposes_another_approves(self, desk: Client, version: RulebookVersion) -> None:
        told = sent(desk, of(version, "propose/"))
        assert "Proposed. Another person has to approve it." in told
        assert "You proposed it, so another person has to approve it." in told
        assert "Approve: schedule it" not in told
        other = signed_in(operator())
        assert "Approve: schedule it" in text(other, of(version))
        assert "Approved: the version counts from its first month" in sent(
            other, of(version, "approve/")
        )
        version.refresh_from_db()
        assert version.state == RulebookState.SCHEDULED

    def test_the_own_proposal_is_refused_with_a_sentence(
        self, desk: Client, version: RulebookVersion
    ) -> None:
        sent(desk, of(version, "propose/"))
        told = sent(desk, of(version, "approve/"))
        assert "You proposed this version yourself, so its approval needs another person." in told
        version.refresh_from_db()
        assert (version.state, version.approved_by) == (RulebookState.CONSULTATION, None)

    def test_a_proposal_is_taken_back_by_either(
        self, desk: Client, version: RulebookVersion
    ) -> None:
        sent(desk, of(version, "propose/"))
        assert "The proposal was taken back." in sent(
            signed_in(operator()), of(version, "unpropose/")
        )
        version.refresh_from_db()
        assert version.proposed_by is None

    def test_it_is_withdrawn_with_a_public_reason(
        self, desk: Client, version: RulebookVersion
    ) -> None:
        path = of(version, "withdraw/")
        assert "It will never count." in text(desk, path)
        assert "Write it in English too" in sent(desk, path, {"reason_zh": "因"})
        told = sent(desk, path, {"reason_zh": "因", "reason_en": "Too early."})
        assert "Withdrawn on Nov. 30, 2026: Too early." in told

    def test_before_it_is_withdrawn_the_page_says_what_counts_then(
        self, desk: Client, version: RulebookVersion
    ) -> None:
        begin_counting(version, RulebookState.SCHEDULED, at=AFTER)
        other = draft("2027.1b", "2027-01", ("days = 15 ", "days = 20 "))
        begin_counting(other, RulebookState.SCHEDULED, at=AFTER + timedelta(hours=1))
        page = text(desk, of(other, "withdraw/"))
        assert "For the data months from January 2027 on, version 2026.1 counts then." in page
        assert "Version 2027.1, whose place this one took, stays retired" in page

    def test_what_counts_already_shows_no_form_to_withdraw_it(self, desk: Client) -> None:
        version = RulebookVersion.objects.get(version="2026.1")
        page = text(desk, of(version, "withdraw/"))
        assert ("It cannot be withdrawn as it stands" in page, "reason_zh" in page) == (True, False)

    def test_only_those_who_manage_rules_decide(
        self, reader: Client, version: RulebookVersion
    ) -> None:
        for step in ("propose/", "approve/", "unpropose/", "withdraw/"):
            assert reader.post(of(version, step)).status_code == 403
        assert "Only those who manage rules can go on from here." in text(reader, of(version))


class TestLife:
    """What the panel of a version says at each point of its life."""

    def test_a_draft_says_until_when_it_can_be_asked_about(
        self, desk: Client, clock: time_machine.Coordinates
    ) -> None:
        version = draft()
        page = text(desk, of(version))
        assert "To count from January 2027, the consultation has to open by Dec. 24, 2026" in page
        assert f'href="{of(version, "consult/")}"' in page
        clock.move_to(datetime(2026, 12, 24, tzinfo=SHANGHAI))
        page = text(signed_in(operator()), of(version))
        assert "Give the draft a later first month." in page
        assert of(version, "consult/") not in page

    def test_an_open_one_leads_to_its_comments(
        self, desk: Client, consultation: Consultation
    ) -> None:
        CommentFactory.create(consultation=consultation)
        page = text(desk, of(consultation.version))
        assert "Agencies may comment until the end of Nov. 29, 2026." in page
        assert "1 comment waits for an answer." in page
        assert f'href="{at(consultation)}"' in page

    def test_a_concluded_one_says_what_its_approval_retires_and_what_moved(
        self, desk: Client, consultation: Consultation, clock: time_machine.Coordinates
    ) -> None:
        concluded(consultation)
        clock.move_to(AFTER)
        other = draft("2027.0", "2027-01", ("days = 15 ", "days = 20 "))
        store_rulebook(other.text, at=AFTER, activate=True)
        page = text(desk, of(consultation.version))
        assert "Version 2027.0 counts from the same month: the approval retires it." in page
        assert "difference from version 2026.1; meanwhile 2027.0 counts for that month" in page

    def test_too_late_it_says_what_to_do(
        self, consultation: Consultation, clock: time_machine.Coordinates
    ) -> None:
        concluded(consultation)
        clock.move_to(datetime(2027, 1, 1, tzinfo=SHANGHAI))
        page = text(signed_in(operator()), of(consultation.version))
        assert "January 2027 has begun, and no month changes its rules while it runs" in page
        assert "Propose to schedule it" not in page

    def test_a_decided_one_names_who_decided(
        self, desk: Client, consultation: Consultation, clock: time_machine.Coordinates
    ) -> None:
        version = concluded(consultation).version
        one, two = UserFactory.create(name="Ann"), UserFactory.create(name="Ben")
        propose_scheduling(version_id=version.pk, at=AFTER, by=one)
        approve_scheduling(version_id=version.pk, at=AFTER, by=two)
        clock.move_to(AFTER)
        page = text(desk, of(version))
        assert "Counts from the data month January 2027 on, by itself." in page
        assert "Proposed by Ann" in page
        assert "approved by Ben" in page
        assert of(version, "withdraw/") in page
        clock.move_to(datetime(2027, 1, 1, tzinfo=SHANGHAI))
        page = text(signed_in(operator()), of(version))
        assert "Counts for the data months from January 2027 on" in page
        assert of(version, "withdraw/") not in page

    def test_an_operators_act_is_named_as_such(self, desk: Client) -> None:
        version = RulebookVersion.objects.get(version="2026.1")
        assert "by an operator" in text(desk, of(version))


def test_the_list_has_what_is_to_be_concluded_first(
    desk: Client, consultation: Consultation
) -> None:
    CommentFactory.create_batch(2, consultation=consultation)
    done = ConsultationFactory.create(version=draft("2026.12", "2027-02"))
    concluded(done)
    page = text(desk, "/staff/consultations/")
    assert page.index("2027.1") < page.index("2026.12")
    assert "2 to answer" in page
    assert StaffLook.objects.get().object_label == "Consultations"


def test_pages_of_the_desk_are_for_the_staff(consultation: Consultation) -> None:
    member = signed_in(MembershipFactory.create(role=Role.OWNER).user)
    for path in ("/staff/consultations/", at(consultation)):
        assert member.get(path).status_code == 403
        assert Client().get(path).status_code == 302


def test_wrong_methods_and_missing_ones(desk: Client, consultation: Consultation) -> None:
    version = consultation.version
    for path in ("/staff/consultations/", at(consultation)):
        assert desk.post(path).status_code == 405
    for path in (at(consultation, "close/"), of(version, "propose/"), of(version, "approve/")):
        assert desk.get(path).status_code == 405
    for path in ("/staff/consultations/1/close/", "/staff/consultations/comments/1/answer/"):
        assert desk.post(path).status_code == 404
    for step in ("consult", "propose", "approve", "unpropose", "withdraw"):
        assert desk.post(f"/staff/rulebooks/9/{step}/").status_code == 404


def test_pages_take_as_many_queries_for_three_as_for_one(
    desk: Client, consultation: Consultation
) -> None:
    def counted(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            text(desk, path)
        return len(queries)

    def comments() -> None:
        CommentFactory.create(consultation=consultation)
        answered(CommentFactory.create(consultation=consultation))

    comments()
    few = counted("/staff/consultations/"), counted(at(consultation))
    comments()
    comments()
    for number in (2, 3):
        version = draft(f"2027.{number}", f"2027-0{number}")
        concluded(ConsultationFactory.create(version=version))
        begin_counting(version, RulebookState.SCHEDULED, at=AT)
    many = counted("/staff/consultations/"), counted(at(consultation))
    assert few == many
    assert max(many) <= 14, many
