"""What the desk does with a question: answer, note, hand over, classify, merge, close."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from agencies.actions.case_files import NewFile
from agencies.enums import Role
from agencies.refusals import Refused
from portal.enums import QuestionState, QuestionVerb
from portal.models import Question, QuestionFile, QuestionMessage, User
from portal.support.answering import (
    answer,
    assign,
    close_many,
    closing,
    merge,
    newest_message,
    note,
    reclass,
    release,
)
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.cases import listening
from tests.factories.questions import ASKED, QuestionFactory, answered, say
from tests.factories.staff import operator, superuser, supporter

pytestmark = pytest.mark.django_db
KEY = UUID(int=7)
PNG = NewFile("curve.png", b"\x89PNG\r\n\x1a\n1")
HOUR = timedelta(hours=1)
NOON = ASKED + 2 * HOUR


@pytest.fixture
def person() -> User:
    return supporter(name="Lin")


@pytest.fixture
def question() -> Question:
    return QuestionFactory.create(subject="Why did we fall")


def sent(question: Question, by: User, **fields: Any) -> QuestionMessage:
    ordinary = {"text": "Because.", "request_key": uuid4(), "at": NOON}
    return answer(question_id=question.pk, by=by, **{**ordinary, **fields})


def steps(question: Question) -> list[tuple[str, str, dict[str, Any]]]:
    return list(question.steps.values_list("verb", "note", "about"))


def refused(step: Any, **given: Any) -> str:
    with pytest.raises(Refused) as reason:
        step(**given)
    return reason.value.rule


class TestAnswer:
    def test_it_stops_the_clock_is_measured_and_told(
        self, question: Question, person: User
    ) -> None:
        with listening() as heard:
            message = sent(question, person, files=[PNG])
        question.refresh_from_db()
        assert (question.state, question.waiting_since, question.due_at) == ("answered", None, None)
        assert question.first_answered_at == NOON
        assert question.first_answered_by == person
        assert (question.first_answer_minutes, question.first_answer_late) == (120, False)
        assert (message.side, message.is_internal, message.text) == ("platform", False, "Because.")
        assert [each.name for each in message.files.all()] == ["curve.png"]
        assert steps(question) == [("answered", "", {"message": message.pk})]
        told = {"question": question.pk, "subject": "Why did we fall"}
        assert heard.news == [(question.agency_id, "question_answered", told)]

    def test_minutes_pass_in_business_hours_only_and_after_the_due_moment_it_is_late(
        self, question: Question, person: User
    ) -> None:
        tuesday_ten = ASKED + timedelta(days=1)
        sent(question, person, at=tuesday_ten)
        question.refresh_from_db()
        assert (question.first_answer_minutes, question.first_answer_late) == (9 * 60, True)

    def test_at_the_due_moment_it_is_in_time(self, question: Question, person: User) -> None:
        assert question.due_at is not None
        sent(question, person, at=question.due_at)
        question.refresh_from_db()
        assert question.first_answer_late is False

    def test_a_second_answer_measures_nothing_anew(self, question: Question, person: User) -> None:
        sent(question, person)
        sent(question, operator(), at=NOON + HOUR)
        question.refresh_from_db()
        assert question.first_answered_at == NOON
        assert question.first_answered_by == person
        assert question.messages.filter(side="platform").count() == 2

    def test_it_may_close_the_question_at_once(self, question: Question, person: User) -> None:
        with listening() as heard:
            sent(question, person, close=True)
        question.refresh_from_db()
        assert (question.state, question.closed_at) == (QuestionState.CLOSED, NOON)
        assert [verb for verb, _note, _about in steps(question)] == ["answered", "closed"]
        assert [news for _agency, news, _about in heard.news] == ["question_answered"]

    def test_the_same_form_again_is_the_same_answer(self, question: Question, person: User) -> None:
        first = sent(question, person, request_key=KEY)
        with listening() as heard:
            assert sent(question, person, request_key=KEY, text="Else.", close=True) == first
        question.refresh_from_db()
        assert question.state == QuestionState.ANSWERED
        assert heard.news == []
        assert QuestionMessage.objects.filter(side="platform").count() == 1

    def test_a_form_of_another_question_is_refused(self, question: Question, person: User) -> None:
        sent(question, person, request_key=KEY)
        other = QuestionFactory.create()
        given: dict[str, Any] = {
            "question_id": other.pk,
            "text": "x",
            "request_key": KEY,
            "at": NOON,
        }
        assert refused(answer, by=person, **given) == "sent"

    def test_what_either_side_wrote_meanwhile_holds_it_back(
        self, question: Question, person: User
    ) -> None:
        newest = question.messages.latest("pk").pk
        say(question, "One thing more", by=question.asked_by)
        given: dict[str, Any] = {
            "question_id": question.pk,
            "text": "x",
            "request_key": KEY,
            "at": NOON,
        }
        assert refused(answer, by=person, seen=newest, **given) == "unread"
        assert sent(question, person, seen=newest + 1).text == "Because."

    def test_what_was_merged_into_it_meanwhile_holds_it_back(
        self, question: Question, person: User
    ) -> None:
        given: dict[str, Any] = {
            "question_id": question.pk,
            "text": "x",
            "request_key": KEY,
            "at": NOON,
        }
        older = QuestionFactory.create(agency=question.agency)
        merge(question_id=older.pk, into_id=question.pk, at=NOON, by=person)
        newest = newest_message(question)
        assert refused(answer, by=person, seen=newest, merged=0, **given) == "unread"
        assert sent(question, person, seen=newest, merged=1).text == "Because."

    def test_notes_hold_nothing_back(self, question: Question, person: User) -> None:
        newest = question.messages.latest("pk").pk
        say(question, "hm", by=person, side="platform", is_internal=True)
        assert sent(question, person, seen=newest).text == "Because."

    @pytest.mark.parametrize("state", ["closed", "merged"])
    def test_what_is_over_takes_none(self, person: User, state: str) -> None:
        into = QuestionFactory.create()
        merged = {"merged_into": into} if state == "merged" else {}
        question = QuestionFactory.create(state=state, closed_at=NOON, **merged)
        given: dict[str, Any] = {
            "question_id": question.pk,
            "text": "x",
            "request_key": KEY,
            "at": NOON,
        }
        assert refused(answer, by=person, **given) == "state"

    def test_an_empty_one_or_a_wrong_file_leaves_nothing(
        self, question: Question, person: User
    ) -> None:
        given: dict[str, Any] = {
            "question_id": question.pk,
            "request_key": KEY,
            "at": NOON,
            "by": person,
        }
        assert refused(answer, text="  \n", **given) == "text"
        assert refused(answer, text="x", files=[NewFile("a.exe", b"MZ")], **given) == "file_type"
        question.refresh_from_db()
        assert question.state == QuestionState.OPEN
        assert QuestionFile.objects.count() == 0

    def test_members_of_the_agency_answer_nothing_of_it(
        self, question: Question, person: User
    ) -> None:
        MembershipFactory.create(agency=question.agency, user=person, role=Role.VIEWER)
        given: dict[str, Any] = {
            "question_id": question.pk,
            "text": "x",
            "request_key": KEY,
            "at": NOON,
        }
        assert refused(answer, by=person, **given) == "own_agency"
        assert refused(note, by=person, **given) == "own_agency"
        plain = {"question_id": question.pk, "at": NOON, "by": person}
        assert refused(assign, to=operator(), **plain) == "own_agency"
        assert refused(release, **plain) == "own_agency"
        assert refused(reclass, clause="appeal", **plain) == "own_agency"
        given = {"question_ids": [question.pk], "reason": "x", "at": NOON}
        assert refused(close_many, by=person, **given) == "own_agency"
        other = QuestionFactory.create(agency=question.agency)
        assert refused(merge, into_id=other.pk, **plain) == "own_agency"

    def test_one_that_does_not_exist_is_missing(self, person: User) -> None:
        with pytest.raises(Question.DoesNotExist):
            answer(question_id=1, text="x", request_key=KEY, at=NOON, by=person)


def test_a_note_is_internal_and_the_clock_runs_on(question: Question, person: User) -> None:
    with listening() as heard:
        kept = note(question_id=question.pk, text="Ask Wei", request_key=KEY, at=NOON, by=person)
        again = note(question_id=question.pk, text="", request_key=KEY, at=NOON, by=person)
    question.refresh_from_db()
    assert again == kept
    assert (kept.side, kept.is_internal) == ("platform", True)
    assert question.state == QuestionState.OPEN
    assert question.first_answered_at is None
    assert heard.news == []
    assert steps(question) == [("noted", "", {"message": kept.pk})]


class TestLookingAfter:
    def test_it_is_given_handed_over_and_put_back(self, question: Question, person: User) -> None:
        wei = operator(name="Wei")
        at = {"question_id": question.pk, "at": NOON, "by": person}
        assign(to=person, was=0, **at)
        assign(to=wei, note=" knows the case ", was=person.pk, **at)
        release(**at)
        question.refresh_from_db()
        assert question.assignee is None
        assert steps(question) == [
            ("assigned", "", {"to": person.pk, "was": None}),
            ("assigned", "knows the case", {"to": wei.pk, "was": person.pk}),
            ("released", "", {"was": wei.pk}),
        ]

    def test_twice_is_once(self, question: Question, person: User) -> None:
        at = {"question_id": question.pk, "at": NOON, "by": person}
        assign(to=person, was=0, **at)
        assign(to=person, was=0, **at)
        assert len(steps(question)) == 1
        release(**at)
        release(**at)
        assert len(steps(question)) == 2

    def test_of_two_who_take_it_the_first_has_it(self, question: Question, person: User) -> None:
        at = {"question_id": question.pk, "at": NOON}
        assign(to=person, was=0, by=person, **at)
        wei = operator()
        assert refused(assign, to=wei, was=0, by=wei, **at) == "taken"
        question.refresh_from_db()
        assert question.assignee == person

    @pytest.mark.parametrize("kind", ["plain", "inactive", "no staff"])
    def test_only_to_people_who_may_answer(
        self, question: Question, person: User, kind: str
    ) -> None:
        to = {
            "plain": lambda: UserFactory.create(is_staff=True),
            "inactive": lambda: supporter(is_active=False),
            "no staff": lambda: UserFactory.create(is_superuser=True),
        }[kind]()
        at = {"question_id": question.pk, "at": NOON, "by": person}
        assert refused(assign, to=to, **at) == "person"
        assert assign(to=superuser(), **at).assignee is not None

    def test_not_to_a_member_of_the_agency(self, question: Question, person: User) -> None:
        member = supporter()
        MembershipFactory.create(agency=question.agency, user=member)
        at = {"question_id": question.pk, "at": NOON, "by": person}
        assert refused(assign, to=member, **at) == "own_agency"

    def test_a_note_has_at_most_500_characters(self, question: Question, person: User) -> None:
        at = {"question_id": question.pk, "at": NOON, "by": person}
        assert refused(assign, to=person, note="x" * 501, **at) == "note"
        assert assign(to=person, note="x" * 500, **at).assignee == person

    def test_what_is_over_is_given_to_nobody(self, person: User) -> None:
        question = QuestionFactory.create(state="closed", closed_at=NOON)
        at = {"question_id": question.pk, "at": NOON, "by": person}
        assert refused(assign, to=person, **at) == "state"
        assert refused(release, **at) == "state"


def test_the_clause_is_one_of_the_rules_in_force(question: Question, person: User) -> None:
    at = {"question_id": question.pk, "at": NOON, "by": person}
    reclass(clause="stage-observation", **at)
    reclass(clause="stage-observation", **at)
    reclass(clause="", **at)
    assert refused(reclass, clause="no-such", **at) == "clause"
    assert steps(question) == [
        ("reclassed", "", {"clause": "stage-observation", "was": ""}),
        ("reclassed", "", {"clause": "", "was": "stage-observation"}),
    ]


class TestMerge:
    def test_the_one_that_is_left_keeps_the_earlier_clock(
        self, question: Question, person: User
    ) -> None:
        later = QuestionFactory.create(agency=question.agency, asked_at=ASKED + HOUR)
        into = merge(question_id=question.pk, into_id=later.pk, at=NOON, by=person)
        question.refresh_from_db()
        into.refresh_from_db()
        assert (question.state, question.merged_into, question.closed_at) == ("merged", later, NOON)
        assert (question.waiting_since, question.due_at) == (None, None)
        assert (into.state, into.waiting_since) == ("open", ASKED)
        assert into.due_at == ASKED + 8 * HOUR
        assert steps(question) == [("merged", "", {"into": later.pk})]
        assert steps(into) == []

    def test_one_that_waits_opens_an_answered_one(self, question: Question, person: User) -> None:
        done = answered(QuestionFactory.create(agency=question.agency))
        due_at = question.due_at
        merge(question_id=question.pk, into_id=done.pk, at=NOON, by=person)
        done.refresh_from_db()
        assert (done.state, done.waiting_since, done.due_at) == ("open", ASKED, due_at)
        assert steps(done) == [("reopened", "", {"merged": question.pk})]

    def test_an_answered_one_leaves_the_other_clock_alone(
        self, question: Question, person: User
    ) -> None:
        done = answered(QuestionFactory.create(agency=question.agency))
        merge(question_id=done.pk, into_id=question.pk, at=NOON, by=person)
        due_at = question.due_at
        question.refresh_from_db()
        assert (question.state, question.due_at) == ("open", due_at)

    def test_what_cannot_be_one(self, question: Question, person: User) -> None:
        at = {"at": NOON, "by": person}
        foreign = QuestionFactory.create()
        shut = QuestionFactory.create(agency=question.agency, state="closed", closed_at=NOON)
        assert refused(merge, question_id=question.pk, into_id=question.pk, **at) == "same"
        assert refused(merge, question_id=question.pk, into_id=foreign.pk, **at) == "agency"
        assert refused(merge, question_id=question.pk, into_id=shut.pk, **at) == "state"
        assert refused(merge, question_id=shut.pk, into_id=question.pk, **at) == "state"
        other = QuestionFactory.create(agency=question.agency)
        merge(question_id=other.pk, into_id=question.pk, **at)
        third = QuestionFactory.create(agency=question.agency)
        assert refused(merge, question_id=question.pk, into_id=third.pk, **at) == "merged"
        assert refused(merge, question_id=other.pk, into_id=third.pk, **at) == "state"
        with pytest.raises(Question.DoesNotExist):
            merge(question_id=question.pk, into_id=999_999_999, **at)


class TestClose:
    def test_many_for_one_reason_which_each_agency_reads(
        self, question: Question, person: User
    ) -> None:
        done = answered(QuestionFactory.create())
        over = QuestionFactory.create(state="closed", closed_at=ASKED, close_reason="before")
        ids = [question.pk, done.pk, over.pk]
        plan = closing(ids)
        assert [each.pk for each in plan.closed] == [question.pk, done.pk]
        assert (plan.unanswered, plan.passed, plan.agencies) == (1, 1, 2)
        with listening() as heard:
            closed = close_many(
                question_ids=ids, reason=" Answered in public ", at=NOON, by=person, seen=plan.seen
            )
        assert [each.pk for each in closed] == [question.pk, done.pk]
        for each in (question, done, over):
            each.refresh_from_db()
        assert (question.state, question.closed_at) == ("closed", NOON)
        assert (question.due_at, question.close_reason) == (None, "Answered in public")
        assert (over.closed_at, over.close_reason) == (ASKED, "before")
        assert steps(question) == [("closed", "Answered in public", {})]
        assert [(agency, news) for agency, news, _about in heard.news] == [
            (question.agency_id, "question_closed"),
            (done.agency_id, "question_closed"),
        ]
        assert heard.news[0][2] == {
            "question": question.pk,
            "subject": "Why did we fall",
            "reason": "Answered in public",
        }

    def test_where_somebody_wrote_meanwhile_it_stays_open(
        self, question: Question, person: User
    ) -> None:
        other = QuestionFactory.create()
        seen = closing([question.pk, other.pk]).seen
        say(question, "One thing more", by=question.asked_by)
        given = {"reason": "x", "at": NOON, "by": person, "seen": seen}
        closed = close_many(question_ids=[question.pk, other.pk], **given)
        assert [each.pk for each in closed] == [other.pk]
        assert refused(close_many, question_ids=[question.pk], **given) == "state"

    def test_twice_is_refused_and_tells_nobody_again(
        self, question: Question, person: User
    ) -> None:
        given: dict[str, Any] = {
            "question_ids": [question.pk],
            "reason": "x",
            "at": NOON,
            "by": person,
        }
        close_many(**given)
        with listening() as heard:
            assert refused(close_many, **given) == "state"
        assert heard.news == []

    @pytest.mark.parametrize("reason", ["", " \n", "x" * 501])
    def test_the_reason_has_1_to_500_characters(
        self, question: Question, person: User, reason: str
    ) -> None:
        given: dict[str, Any] = {
            "question_ids": [question.pk],
            "reason": reason,
            "at": NOON,
            "by": person,
        }
        assert refused(close_many, **given) == "reason"

    def test_at_most_200_at_once(self, person: User) -> None:
        given = {"reason": "x", "at": NOON, "by": person}
        assert refused(close_many, question_ids=range(1, 202), **given) == "many"
        assert refused(close_many, question_ids=range(1, 201), **given) == "state"


def test_every_step_says_who_and_when(question: Question, person: User) -> None:
    sent(question, person)
    written = question.steps.get()
    assert (written.verb, written.actor, written.at) == (QuestionVerb.ANSWERED, person, NOON)
    assert datetime(2026, 11, 16, 4, 0, tzinfo=UTC) == NOON


def test_an_agency_without_a_question_has_nothing_to_close() -> None:
    AgencyFactory.create()
    assert closing([]).closed == []
