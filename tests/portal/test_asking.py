"""Asking, writing again, closing and rating: who may, what follows, and nothing twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agencies.actions.case_files import NewFile
from agencies.enums import Role, Stage, ViolationState
from agencies.models import Agency
from agencies.refusals import Refused
from portal.enums import CallerCheck, Channel, QuestionState
from portal.models import Question, QuestionMessage, ServiceDay, ServiceHours, ServiceTarget, User
from portal.support.answering import close_many
from portal.support.asking import MOST_IN_A_ROW, MOST_OPEN, ask, close_own, follow_up, rate
from tests.factories import (
    AgencyFactory,
    BindingFactory,
    MembershipFactory,
    UserFactory,
    ViolationFactory,
)
from tests.factories.questions import ANSWERED, ASKED, PDF, QuestionFactory, answered, say
from tests.factories.staff import operator, supporter

pytestmark = pytest.mark.django_db

LATER = ANSWERED + timedelta(days=1)


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(stage=Stage.ASSESSED, level="V4", joined_on=date(2026, 3, 15))


@pytest.fixture
def member(agency: Agency) -> User:
    return MembershipFactory.create(agency=agency, role=Role.VIEWER).user


@pytest.fixture(autouse=True)
def _hours() -> None:
    """Business hours of every weekday, 9:00 to 18:00, and a target of 2 hours for V4."""
    ServiceHours.objects.all().delete()
    ServiceDay.objects.all().delete()
    ServiceTarget.objects.all().delete()
    ServiceHours.objects.bulk_create(
        ServiceHours(weekday=day, opens="09:00", closes="18:00") for day in range(5)
    )
    ServiceTarget.objects.create(key="V4", minutes=120)
    ServiceTarget.objects.create(key="novice", minutes=540)


def asked(agency: Agency, by: User, **entries: Any) -> Question:
    ordinary: dict[str, Any] = {
        "at": ASKED,
        "subject": "Why did we fall?",
        "text": "We sold more than before.",
        "request_key": uuid4(),
    }
    return ask(agency=agency, by=by, **{**ordinary, **entries})


def written(question: Question, by: User, **entries: Any) -> Question:
    ordinary: dict[str, Any] = {"text": "And now?", "request_key": uuid4(), "at": LATER}
    return follow_up(
        agency=question.agency, question_id=question.pk, by=by, **{**ordinary, **entries}
    )


def steps(question: Question) -> list[tuple[str, dict[str, Any]]]:
    return list(question.steps.order_by("id").values_list("verb", "about"))


def refused(rule: str, call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as raised:
        call(*args, **kwargs)
    assert raised.value.rule == rule
    return str(raised.value)


def test_a_viewer_asks_and_the_clock_of_the_level_starts(agency: Agency, member: User) -> None:
    made = asked(agency, member, subject="  Why did\n we fall? ", text=" We sold more. ")
    assert (made.subject, made.state, made.channel) == ("Why did we fall?", "open", "portal")
    assert (made.level, made.stage) == ("V4", "assessed")
    assert (made.waiting_since, made.due_at) == (ASKED, ASKED + timedelta(hours=2))
    message = made.messages.get()
    assert (message.text, message.side, message.author) == ("We sold more.", "agency", member)
    assert steps(made) == [("asked", {})]


def test_an_agency_without_a_result_is_served_as_a_novice() -> None:
    seat = MembershipFactory.create()
    made = asked(seat.agency, seat.user)
    assert (made.level, made.stage) == ("", "novice")
    # nine business hours: from 10:00 until the same time of the next day
    assert made.due_at == ASKED + timedelta(days=1)


def test_a_removed_agency_may_ask(agency: Agency, member: User) -> None:
    Agency.objects.filter(pk=agency.pk).update(removed_on=date(2026, 11, 1))
    assert asked(agency, member).state == "open"


def test_a_form_sent_twice_asks_once(agency: Agency, member: User) -> None:
    key = uuid4()
    first, again = (asked(agency, member, request_key=key) for _ in range(2))
    assert first == again
    assert QuestionMessage.objects.count() == 1
    other = MembershipFactory.create(user=member).agency
    refused("sent", asked, other, member, request_key=key)


def test_strangers_and_staff_do_not_ask_in_the_portal(agency: Agency) -> None:
    for person in (UserFactory.create(), supporter(), MembershipFactory.create().user):
        refused("member", asked, agency, person)
    assert not Question.objects.exists()


def test_a_call_is_entered_by_support_with_how_the_caller_was_identified(agency: Agency) -> None:
    call = {
        "channel": Channel.PHONE,
        "caller": " Ms  Wang ",
        "caller_check": CallerCheck.CALLED_BACK,
    }
    support = supporter()
    made = asked(agency, support, **call)
    assert (made.channel, made.caller, made.caller_check) == ("phone", "Ms Wang", "called_back")
    assert (made.asked_by, made.messages.get().side) == (support, "agency")
    refused("caller", asked, agency, support, **{**call, "caller": " "})
    refused("caller", asked, agency, support, **{**call, "caller_check": "trust me"})
    refused("right", asked, agency, UserFactory.create(is_staff=True), **call)
    refused("own_agency", asked, MembershipFactory.create(user=support).agency, support, **call)


def test_twenty_questions_wait_at_most_but_a_call_is_always_entered(
    agency: Agency, member: User
) -> None:
    QuestionFactory.create_batch(MOST_OPEN - 1, agency=agency, asked_by=member)
    asked(agency, member)
    assert "20 questions of yours wait" in refused("many", asked, agency, member)
    made = asked(
        agency,
        operator(),
        channel=Channel.PHONE,
        caller="Ms Wang",
        caller_check=CallerCheck.MAILED_CODE,
    )
    assert made.state == "open"
    answered(made)
    close_own(agency=agency, question_id=made.pk, at=LATER, by=member)
    refused("many", asked, agency, member)


def test_wrong_words_are_refused_and_nothing_is_left(agency: Agency, member: User) -> None:
    for rule, entries in (
        ("subject", {"subject": " "}),
        ("subject", {"subject": "x" * 121}),
        ("text", {"text": "\r\n "}),
        ("text", {"text": "x" * 5001}),
        ("file_type", {"files": [NewFile("a.exe", b"MZ")]}),
        ("file_count", {"files": [NewFile(f"{n}.pdf", PDF + bytes([n])) for n in range(6)]}),
    ):
        refused(rule, asked, agency, member, **entries)
    assert not Question.objects.exists()


def test_each_content_is_kept_once(agency: Agency, member: User) -> None:
    made = asked(agency, member, files=[NewFile("a.pdf", PDF), NewFile("b.pdf", PDF)])
    (file,) = made.messages.get().files.all()
    assert (file.name, file.content_type, file.size) == ("a.pdf", "application/pdf", len(PDF))


def test_only_what_the_agency_has_is_kept_of_the_context(agency: Agency, member: User) -> None:
    own = BindingFactory.create(agency=agency).creator.creator_id
    case = ViolationFactory.create(agency=agency).reference
    about = {
        "page": "score",
        "month": "2026-10",
        "indicator": "settled_amount",
        "violation": case,
        "creator": own,
    }
    made = asked(agency, member, about={**about, "secret": "x"})
    assert made.about == about
    assert made.clause == "indicator-settled-amount"
    foreign = {
        "page": "admin",
        "month": "2026-02",
        "indicator": "luck",
        "violation": ViolationFactory.create().reference,
        "creator": BindingFactory.create().creator.creator_id,
    }
    assert asked(agency, member, about=foreign, clause="no-such-rule").about == {}
    draft = ViolationFactory.create(agency=agency, state=ViolationState.DRAFT, decided_on=None)
    later = {"month": "2026-12", "violation": draft.reference, "creator": "\x00"}
    made = asked(agency, member, about=later, clause="appeal")
    assert (made.about, made.clause) == ({}, "appeal")


def test_writing_in_an_open_question_leaves_its_clock(agency: Agency, member: User) -> None:
    made = asked(agency, member)
    again = written(made, member, text="One thing more")
    assert (again.pk, again.waiting_since, again.due_at) == (made.pk, ASKED, made.due_at)
    assert [verb for verb, _about in steps(made)] == ["asked", "followed_up"]


@pytest.mark.parametrize("state", [QuestionState.ANSWERED, QuestionState.CLOSED])
def test_writing_again_reopens_by_the_level_of_now(
    agency: Agency, member: User, state: QuestionState
) -> None:
    question = answered(QuestionFactory.create(agency=agency), state=state, **_closed(state))
    Agency.objects.filter(pk=agency.pk).update(stage="observation", level="")
    again = written(question, member)
    again.refresh_from_db()
    assert (again.state, again.level, again.stage) == ("open", "", "observation")
    assert (again.waiting_since, again.closed_at, again.close_reason) == (LATER, None, "")
    assert again.due_at == LATER + timedelta(days=1)
    assert again.first_answered_at == ANSWERED
    assert steps(again) == [("reopened", {"by": "agency", "was": str(state)})]


def _closed(state: QuestionState) -> dict[str, Any]:
    if state == QuestionState.CLOSED:
        return {"closed_at": ANSWERED, "close_reason": "Settled"}
    return {}


def test_a_merged_question_leads_to_the_other_one(agency: Agency, member: User) -> None:
    target = QuestionFactory.create(agency=agency)
    merged = QuestionFactory.create(
        agency=agency, state=QuestionState.MERGED, merged_into=target, closed_at=ASKED
    )
    key = uuid4()
    assert written(merged, member, request_key=key) == target
    assert written(target, member, request_key=key) == target
    assert target.messages.count() == 2


def test_a_message_sent_twice_is_written_once(agency: Agency, member: User) -> None:
    question, key = answered(QuestionFactory.create(agency=agency)), uuid4()
    for _ in range(2):
        written(question, member, request_key=key)
    assert question.messages.filter(side="agency").count() == 2
    assert [verb for verb, _about in steps(question)] == ["reopened"]
    other = MembershipFactory.create(user=member).agency
    refused("sent", written, QuestionFactory.create(agency=other), member, request_key=key)


def test_ten_messages_in_a_row_wait_for_a_word(agency: Agency, member: User) -> None:
    question = QuestionFactory.create(agency=agency)
    for _ in range(MOST_IN_A_ROW - 1):
        say(question, "Please", by=member)
    refused("many", written, question, member)
    answered(question)
    assert written(question, member).state == "open"


def test_a_closing_by_the_platform_is_a_word_and_one_of_the_agency_is_none(
    agency: Agency, member: User
) -> None:
    question = QuestionFactory.create(agency=agency)
    for _ in range(MOST_IN_A_ROW - 1):
        say(question, "Please", by=member, at=ASKED)
    close_own(agency=agency, question_id=question.pk, at=ANSWERED, by=member)
    refused("many", written, question, member)
    waiting = QuestionFactory.create(agency=agency)
    for _ in range(MOST_IN_A_ROW - 1):
        say(waiting, "Please", by=member, at=ASKED)
    close_many(question_ids=[waiting.pk], reason="Repaired", at=ANSWERED, by=supporter())
    assert written(waiting, member).state == "open"


def test_writing_again_opens_no_more_than_may_wait(agency: Agency, member: User) -> None:
    settled = answered(QuestionFactory.create(agency=agency))
    waiting = QuestionFactory.create_batch(MOST_OPEN, agency=agency)
    refused("many", written, settled, member)
    assert written(waiting[0], member).state == "open"
    close_own(agency=agency, question_id=waiting[0].pk, at=LATER, by=member)
    assert written(settled, member).state == "open"


def test_what_was_merged_is_not_locked_so_that_numbers_keep_their_order(
    agency: Agency, member: User
) -> None:
    target = QuestionFactory.create(agency=agency)
    merged = QuestionFactory.create(
        agency=agency, state=QuestionState.MERGED, merged_into=target, closed_at=ASKED
    )
    with CaptureQueriesContext(connection) as asked_for:
        written(merged, member)
    locks = [
        each["sql"] for each in asked_for if 'FOR NO KEY UPDATE OF "portal_question"' in each["sql"]
    ]
    assert [f'"id" = {target.pk}' in lock for lock in locks] == [True]


def test_a_question_is_closed_once(agency: Agency, member: User) -> None:
    question = asked(agency, member)
    closed = close_own(agency=agency, question_id=question.pk, at=LATER, by=member)
    closed.refresh_from_db()
    assert (closed.state, closed.closed_at, closed.due_at) == ("closed", LATER, None)
    assert steps(closed)[-1] == ("closed", {"by": "agency"})
    refused("state", close_own, agency=agency, question_id=question.pk, at=LATER, by=member)


def test_an_answer_is_rated_and_rated_again(agency: Agency, member: User) -> None:
    question = answered(QuestionFactory.create(agency=agency))
    whose: dict[str, Any] = {"agency": agency, "question_id": question.pk, "by": member}
    rate(**whose, rating=2, text=" Too short ", at=LATER)
    rated = rate(**whose, rating=5, at=LATER + timedelta(hours=1))
    rated.refresh_from_db()
    assert (rated.rating, rated.rating_text) == (5, "")
    assert rated.rated_at == LATER + timedelta(hours=1)
    assert steps(rated) == [("rated", {"rating": 2}), ("rated", {"rating": 5})]
    refused("rating", rate, **whose, rating=6, at=LATER)
    refused("text", rate, **whose, rating=1, text="x" * 501, at=LATER)


def test_what_was_not_answered_is_not_rated(agency: Agency, member: User) -> None:
    waiting = asked(agency, member)
    unanswered = QuestionFactory.create(
        agency=agency, state=QuestionState.CLOSED, closed_at=LATER, close_reason="Bulk"
    )
    for question in (waiting, unanswered):
        refused(
            "unanswered",
            rate,
            agency=agency,
            question_id=question.pk,
            rating=5,
            at=LATER,
            by=member,
        )


def test_another_agencys_question_does_not_exist(agency: Agency, member: User) -> None:
    foreign = answered(QuestionFactory.create())
    whose: dict[str, Any] = {"agency": agency, "question_id": foreign.pk, "by": member}
    for call in (
        lambda: follow_up(**whose, text="x", request_key=uuid4(), at=LATER),
        lambda: close_own(**whose, at=LATER),
        lambda: rate(**whose, rating=5, at=LATER),
    ):
        with pytest.raises(Question.DoesNotExist):
            call()


def test_nobody_acts_for_an_agency_of_others(agency: Agency) -> None:
    question = answered(QuestionFactory.create(agency=agency))
    stranger = supporter()
    whose: dict[str, Any] = {"agency": agency, "question_id": question.pk, "by": stranger}
    refused("member", follow_up, **whose, text="x", request_key=uuid4(), at=LATER)
    refused("member", close_own, **whose, at=LATER)
    refused("member", rate, **whose, rating=5, at=LATER)


def test_the_month_of_a_context_ends_with_the_clock(agency: Agency, member: User) -> None:
    december = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # midnight of the platform
    before = december - timedelta(seconds=1)
    for at, kept in ((before, {}), (december, {"month": "2026-12"})):
        assert asked(agency, member, at=at, about={"month": "2026-12"}).about == kept
