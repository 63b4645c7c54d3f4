"""A question as its agency reads it: the thread, writing again, closing, rating, files."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agencies.enums import Role
from agencies.models import Agency
from portal.enums import Author, CallerCheck, Channel, QuestionState
from portal.models import Question, QuestionStep, User
from tests.agencies.desk import queries, said, told
from tests.factories import EvaluationFactory, MembershipFactory, UserFactory
from tests.factories.level import AssessmentFactory
from tests.factories.questions import (
    ANSWERED,
    PDF,
    QuestionFactory,
    answered,
    say,
    with_file,
)
from tests.factories.staff import signed_in, supporter

pytestmark = pytest.mark.django_db

LATER = ANSWERED + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _then() -> Any:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def member() -> User:
    return MembershipFactory.create(role=Role.VIEWER, user__name="Li Na").user


@pytest.fixture
def agency(member: User) -> Agency:
    return member.agencies.get()


@pytest.fixture
def client(member: User) -> Client:
    return signed_in(member)


@pytest.fixture
def question(agency: Agency, member: User) -> Question:
    return QuestionFactory.create(agency=agency, asked_by=member, subject="Why V2?")


def page_of(question: Question, rest: str = "") -> str:
    return f"/help/questions/{question.pk}/{rest}"


def test_an_open_question_says_by_when_it_is_answered(client: Client, question: Question) -> None:
    page = said(client.get(page_of(question)))
    assert "<h1>Why V2?</h1>" in page
    assert "we answer by Nov. 16, 2026, 6 p.m." in page
    assert "Li Na" in page
    assert "How was it?" not in page
    Question.objects.update(due_at=ANSWERED)
    assert "we are sorry, and on it" in said(client.get(page_of(question)))


def test_the_thread_names_nobody_of_the_platform_and_shows_no_note(
    client: Client, question: Question
) -> None:
    answered(question, "看这里:https://portal.example/score/?a=1&b=2。<b>")
    staff = UserFactory.create(name="CANARY person", is_staff=True)
    note = say(question, "CANARY note", by=staff, side=Author.PLATFORM, is_internal=True)
    QuestionStep.objects.create(
        question=question, verb="assigned", note="CANARY step", actor=staff, at=LATER
    )
    page = said(client.get(page_of(question)))
    link = "https://portal.example/score/?a=1&b=2"
    assert f'看这里:<a href="{link}" rel="noopener noreferrer">{link}</a>。<b></p>' in page
    assert "The platform" in page
    assert "Staff of the desk" not in page
    assert "CANARY" not in page
    assert client.get(f"/help/files/{with_file(note).pk}/").status_code == 404


def test_a_call_is_shown_with_who_called(client: Client, agency: Agency) -> None:
    staff = supporter(name="CANARY")
    call = QuestionFactory.create(
        agency=agency,
        asked_by=staff,
        channel=Channel.PHONE,
        caller="Ms Wang",
        caller_check=CallerCheck.CALLED_BACK,
    )
    page = said(client.get(page_of(call)))
    assert "Ms Wang" in page
    assert "by phone, written down by the platform" in page
    assert "CANARY" not in page
    User.objects.filter(pk=staff.pk).update(is_staff=False)  # who left is not named either
    assert "CANARY" not in said(client.get(page_of(call)))


def test_a_colleague_who_works_for_the_platform_too_is_named(
    client: Client, agency: Agency
) -> None:
    colleague = MembershipFactory.create(agency=agency, user__name="Wang Wu", user__is_staff=True)
    page = said(client.get(page_of(QuestionFactory.create(agency=agency, asked_by=colleague.user))))
    assert "Wang Wu" in page
    assert "by phone" not in page


def test_writing_again_reopens_it(client: Client, question: Question) -> None:
    answered(question)
    entries = {
        "text": "That is not it",
        "request_key": uuid4(),
        "attachments": [SimpleUploadedFile("more.pdf", PDF)],
    }
    response = client.post(page_of(question, "write/"), entries)
    assert response.headers["location"] == page_of(question)
    assert told(response) == ["Your message has been sent; the platform is to answer again."]
    page = said(client.get(page_of(question)))
    assert "The question was opened again." in page
    assert page.index("The question was opened again.") < page.index("That is not it")
    assert "more.pdf" in page
    question.refresh_from_db()
    assert question.state == "open"


def test_a_refused_message_stands_beside_its_field(client: Client, question: Question) -> None:
    response = client.post(page_of(question, "write/"), {"text": "", "request_key": uuid4()})
    assert response.status_code == 200
    assert 'id="write_text_error">Write a sentence or two.' in said(response)
    wrong = {"text": "x", "attachments": [SimpleUploadedFile("a.exe", b"MZ")]}
    response = client.post(page_of(question, "write/"), {**wrong, "request_key": uuid4()})
    assert "is no PDF, PNG or JPEG file" in said(response)
    assert question.messages.count() == 1


def test_it_is_closed_and_says_how_it_opens(client: Client, question: Question) -> None:
    response = client.post(page_of(question, "close/"))
    assert told(response) == ["The question is closed. Write in it to open it again."]
    page = said(client.get(page_of(question)))
    assert "This question is closed" in page
    assert "Your agency closed the question." in page
    assert "Close the question" not in page
    assert "there is nothing to close" in told(client.post(page_of(question, "close/")))[-1]


def test_the_platforms_reason_is_read(client: Client, question: Question) -> None:
    Question.objects.update(
        state="closed", waiting_since=None, due_at=None, closed_at=LATER, close_reason="Repaired"
    )
    QuestionStep.objects.create(question=question, verb="closed", at=LATER)
    page = said(client.get(page_of(question)))
    assert "Repaired" in page
    assert "The platform closed the question." in page


def test_an_answer_is_rated(client: Client, question: Question) -> None:
    answered(question)
    page = page_of(question, "rate/")
    assert "Choose one of the five marks." in said(client.post(page, {"text": "x"}))
    response = client.post(page, {"rating": "4", "text": "Quick"})
    assert told(response) == ["Thank you: whoever runs the support reads this."]
    question.refresh_from_db()
    assert (question.rating, question.rating_text, question.rated_at) == (4, "Quick", LATER)
    assert "You rated this on Nov. 16, 2026" in said(client.get(page_of(question)))


def test_an_unanswered_question_is_not_rated(client: Client, question: Question) -> None:
    response = client.post(page_of(question, "rate/"), {"rating": "5"})
    assert response.status_code == 302
    assert "this one still waits for that" in told(response)[-1]


def test_a_merged_question_and_its_target_lead_to_each_other(
    client: Client, agency: Agency, question: Question
) -> None:
    merged = QuestionFactory.create(
        agency=agency,
        subject="Why so low?",
        text="Asked before",
        state=QuestionState.MERGED,
        merged_into=question,
        closed_at=LATER,
    )
    page = said(client.get(page_of(merged)))
    assert "This question became part of another one of yours" in page
    assert f'href="{page_of(question)}">Why V2?</a>' in page
    assert 'id="write"' not in page
    page = said(client.get(page_of(question)))
    assert f'href="{page_of(merged)}">Why so low?</a>' in page
    assert "Asked before" in page
    entries = {"text": "More", "request_key": uuid4()}
    response = client.post(page_of(merged, "write/"), entries)
    assert response.headers["location"] == page_of(question)


def test_a_file_is_a_private_download(client: Client, question: Question) -> None:
    file = with_file(question.messages.get())
    response = client.get(f"/help/files/{file.pk}/")
    assert response.content == PDF
    assert response.headers["content-disposition"] == 'attachment; filename="proof.pdf"'
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-security-policy"] == "sandbox"


def test_another_agencys_question_does_not_exist(client: Client, question: Question) -> None:
    foreign = answered(QuestionFactory.create(subject="CANARY"))
    file = with_file(foreign.messages.first())  # type: ignore[arg-type] # it has one
    assert "CANARY" not in said(client.get("/help/"))
    assert client.get(page_of(foreign)).status_code == 404
    assert client.get(f"/help/files/{file.pk}/").status_code == 404
    for rest, entries in (
        ("write/", {"text": "x", "request_key": uuid4()}),
        ("close/", {}),
        ("rate/", {"rating": "5"}),
    ):
        assert client.post(page_of(foreign, rest), entries).status_code == 404
        assert client.get(page_of(question, rest)).status_code == 405
        stranger = Client().post(page_of(question, rest), entries)
        assert stranger.headers["location"].startswith("/sign-in/")
        assert signed_in(supporter()).post(page_of(question, rest), entries).status_code in {
            302,
            403,
        }
    question.refresh_from_db()
    assert (question.state, question.messages.count()) == ("open", 1)


def test_the_page_asks_the_database_alike_for_one_and_three(
    client: Client, question: Question
) -> None:
    Question.objects.update(clause="appeal", about={"page": "conduct"})
    with_file(question.messages.get())
    first = queries(client, page_of(question))
    for _ in range(2):
        with_file(say(question, "x", by=question.asked_by))
    assert queries(client, page_of(question)) == first <= 10


def test_home_calls_a_new_answer_to_mind_until_it_is_rated(
    client: Client, agency: Agency, question: Question
) -> None:
    evaluation = EvaluationFactory.create(month=date(2026, 10, 1))
    AssessmentFactory.create(agency=agency, evaluation=evaluation)
    before = queries(client, "/home/")
    answered(question)
    page = said(client.get("/home/"))
    assert f'<a href="{page_of(question)}">Why V2?</a>' in page
    assert "answered on Nov. 16, 2026: read it" in page
    assert queries(client, "/home/") == before
    with time_machine.travel(ANSWERED + timedelta(days=14), tick=False):
        assert "Why V2?" not in said(signed_in(question.asked_by).get("/home/"))
    Question.objects.update(rating=5, rated_at=LATER)
    assert "Why V2?" not in said(client.get("/home/"))
