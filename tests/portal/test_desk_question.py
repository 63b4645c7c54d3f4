"""One question at the desk: the page, its drafts, and every step taken on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agencies.models import Agency
from portal.models import CannedAnswer, Question, StaffLook, User
from portal.support.question_page import MOST_OTHERS
from tests.agencies.desk import PNG, queries, refused_to_outsiders, said, told
from tests.factories import AgencyFactory, AssessmentFactory, MembershipFactory
from tests.factories.questions import (
    ASKED,
    QuestionFactory,
    answered,
    say,
    with_file,
)
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db
NOW = ASKED + timedelta(hours=2)
STEPS = ("answer", "note", "assign", "release", "clause", "merge", "close")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def person() -> User:
    return supporter(name="Lin")


@pytest.fixture
def desk(person: User) -> Client:
    return signed_in(person)


@pytest.fixture
def star() -> Agency:
    return AgencyFactory.create(code="STAR", name="星河")


@pytest.fixture
def question(star: Agency) -> Question:
    return QuestionFactory.create(agency=star, subject="Why did we fall", clause="appeal")


def at(question: Question, step: str = "") -> str:
    return f"/staff/questions/{question.pk}/{step + '/' if step else ''}"


def again(question: Question) -> Question:
    return Question.objects.get(pk=question.pk)


def prepared(text: str, **fields: Any) -> CannedAnswer:
    given = {"name": "Level", "text_zh": "中文", "written_by": operator(), "changed_at": ASKED}
    return CannedAnswer.objects.create(text_en=text, **{**given, **fields})


def box(page: str) -> str:
    """What stands in the text box of the answer."""
    found = re.search(r"<textarea[^>]*id=\"id_text\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    return found[1].strip()


class TestPage:
    def test_the_thread_in_order_with_what_is_internal_told_apart(
        self, desk: Client, question: Question, person: User
    ) -> None:
        file = with_file(say(question, "Our proof", by=question.asked_by))
        say(question, "Ask Wei", by=person, side="platform", is_internal=True, at=NOW)
        desk.post(at(question, "assign"), {"to": person.pk, "was": 0, "note": "mine"})
        page = said(desk.get(at(question)))
        kinds = re.findall(r'<li class="(said said-\w+|stepped)', page)
        assert kinds == ["said said-agency", "said said-agency", "said said-internal", "stepped"]
        assert "Internal: the agency does not see it" in page
        assert f'<a href="/staff/questions/files/{file.pk}/">proof.pdf</a>' in page
        assert 'Lin: given to Lin <span class="step-note">mine</span>' in page

    def test_the_figures_of_the_agency_stand_beside_it(
        self, desk: Client, question: Question, star: Agency
    ) -> None:
        assert "No result of this agency is published yet." in said(desk.get(at(question)))
        result = AssessmentFactory.create(agency=star)
        page = said(desk.get(at(question)))
        assert f'<span class="level level-{result.level}">' in page
        assert f"{result.total:.2f}" in page
        assert "October 2026" in page
        assert 'action="/staff/agencies/STAR/see/"' in page
        assert 'href="/staff/agencies/STAR/why/"' in page

    def test_what_it_was_asked_from(self, desk: Client, star: Agency) -> None:
        about = {"page": "score", "month": "2026-10"}
        question = QuestionFactory.create(agency=star, about=about, clause="gone-with-the-rules")
        page = said(desk.get(at(question)))
        assert "<dd> Score </dd>" in page
        assert "<dd> October 2026 </dd>" in page
        assert "gone-with-the-rules" in page

    def test_what_was_merged_into_it_is_read_here(
        self, desk: Client, question: Question, star: Agency
    ) -> None:
        other = QuestionFactory.create(agency=star, text="The same thing")
        desk.post(at(other, "merge"), {"into": question.pk})
        page = said(desk.get(at(question)))
        assert "The same thing" in page
        assert f'<span class="faint">Q{other.pk}</span>' in page
        assert f'<a href="{at(question)}">Q{question.pk}</a>' in said(desk.get(at(other)))

    def test_every_look_is_written_down(
        self, desk: Client, question: Question, person: User
    ) -> None:
        file = with_file(question.messages.get())
        desk.get(at(question))
        desk.get(at(question, "merge"))
        assert desk.get(f"/staff/questions/files/{file.pk}/").status_code == 200
        looks = StaffLook.objects.filter(actor=person, agency=question.agency).order_by("pk")
        assert list(looks.values_list("object_label", flat=True)) == [
            str(question),
            f"Merging {question}",
            f"{question}: proof.pdf",
        ]

    def test_the_number_of_queries_does_not_grow(
        self, desk: Client, question: Question, person: User, star: Agency
    ) -> None:
        AssessmentFactory.create(agency=star)
        with_file(question.messages.get())
        desk.get(at(question))
        before = queries(desk, at(question))
        for number in range(3):
            with_file(say(question, f"More {number}", by=question.asked_by))
            QuestionFactory.create(agency=star)
            prepared("x", name=f"Answer {number}")
            to = operator(name=f"Wei {number}")
            desk.post(at(question, "assign"), {"to": to.pk})
        assert queries(desk, at(question)) == before
        assert before <= 14

    def test_a_member_of_the_agency_reads_and_does_nothing(
        self, desk: Client, question: Question, person: User
    ) -> None:
        MembershipFactory.create(agency=question.agency, user=person)
        page = said(desk.get(at(question)))
        assert "You are a member of this agency" in page
        assert at(question, "answer") not in page
        answer = desk.post(at(question, "note"), {"text": "x", "request_key": uuid4()})
        assert "You are a member of this agency" in said(answer)
        assert not question.steps.exists()

    def test_a_closed_one_takes_notes_and_a_clause_only(self, desk: Client, star: Agency) -> None:
        over = QuestionFactory.create(
            agency=star, state="closed", closed_at=NOW, close_reason="Public now"
        )
        page = said(desk.get(at(over)))
        assert "Public now" in page
        offered = {step for step in STEPS if f'action="{at(over, step)}"' in page}
        assert offered == {"note", "clause"}


class TestDrafts:
    def test_a_prepared_answer_is_filled_in_and_the_clause_quoted(
        self, desk: Client, question: Question
    ) -> None:
        canned = prepared("{agency} ({code}): {nonsense}")
        page = said(desk.get(at(question), {"canned": canned.pk, "language": "en"}))
        assert box(page).startswith("星河 (STAR): {nonsense} Rules, “Appeal”: ")
        assert "Nothing stands for these placeholders" in page
        assert "{nonsense}" in page

    def test_one_that_names_its_clause_quotes_it_where_it_stands(
        self, desk: Client, question: Question
    ) -> None:
        canned = prepared("See {clause_title}.", clause="bonus-cap")
        page = said(desk.get(at(question), {"canned": canned.pk, "language": "en"}))
        assert box(page).startswith("See ")
        assert "Rules, “" not in box(page)
        assert "Filled in. Read it, then send it." in page

    def test_the_language_is_that_of_whoever_asked_unless_chosen(
        self, desk: Client, question: Question
    ) -> None:
        canned = prepared("English text", clause="")
        page = said(desk.get(at(question), {"canned": canned.pk}))
        assert box(page).startswith("中文")
        User.objects.filter(pk=question.asked_by_id).update(mail_language="en")
        page = said(desk.get(at(question), {"canned": canned.pk}))
        assert box(page).startswith("English text")

    def test_why_the_level_is_what_it_is_fills_the_box(
        self, desk: Client, question: Question, star: Agency
    ) -> None:
        result = AssessmentFactory.create(agency=star)
        page = said(desk.get(at(question), {"why": 1, "month": "2026-10", "language": "en"}))
        assert "October 2026" in box(page)
        assert f"{result.total:.2f}" in box(page)

    @pytest.mark.parametrize("canned", ["x", "999999"])
    def test_one_that_is_not_there_fills_nothing(
        self, desk: Client, question: Question, canned: str
    ) -> None:
        page = said(desk.get(at(question), {"canned": canned}))
        assert "This prepared answer is no longer in use." in page
        assert box(page) == ""

    def test_one_out_of_use_is_not_offered(self, desk: Client, question: Question) -> None:
        canned = prepared("x", is_active=False)
        page = said(desk.get(at(question), {"canned": canned.pk}))
        assert "This prepared answer is no longer in use." in page


class TestSteps:
    def test_an_answer_is_sent_with_its_files(self, desk: Client, question: Question) -> None:
        newest = question.messages.latest("pk").pk
        sent = {"text": "Because.", "request_key": uuid4(), "seen": newest}
        files = {"attached": SimpleUploadedFile("a.png", PNG)}
        answer = desk.post(at(question, "answer"), {**sent, **files})
        assert answer.headers["location"] == at(question)
        assert told(answer) == ["The answer is sent and the agency is told."]
        assert again(question).state == "answered"
        assert question.messages.latest("pk").files.get().name == "a.png"

    def test_what_was_written_meanwhile_holds_it_back_and_the_text_stays(
        self, desk: Client, question: Question
    ) -> None:
        newest = question.messages.latest("pk").pk
        say(question, "One thing more", by=question.asked_by)
        sent = {"text": "Because.", "request_key": uuid4(), "seen": newest}
        answer = desk.post(at(question, "answer"), sent)
        page = said(answer)
        assert answer.status_code == 200
        assert "Somebody wrote in this question after you opened it" in page
        assert box(page) == "Because."
        assert again(question).state == "open"
        shown = re.search(r'name="seen" value="(\d+)"', page)
        assert shown
        assert int(shown[1]) == newest + 1

    def test_what_was_merged_meanwhile_holds_it_back_and_is_read_then(
        self, desk: Client, question: Question
    ) -> None:
        opened = said(desk.get(at(question)))
        other = QuestionFactory.create(agency=question.agency, text="And the orders?")
        desk.post(at(other, "merge"), {"into": question.pk})
        shown = dict(re.findall(r'name="(seen|merged)" value="(\d+)"', opened))
        sent = {"text": "Because.", "request_key": uuid4(), **shown}
        page = said(desk.post(at(question, "answer"), sent))
        assert "Another question was merged into this one after you opened it" in page
        assert "And the orders?" in page
        assert box(page) == "Because."
        assert again(question).state == "open"
        assert re.findall(r'name="merged" value="(\d+)"', page) == ["1"]

    def test_an_empty_answer_is_refused(self, desk: Client, question: Question) -> None:
        answer = desk.post(at(question, "answer"), {"text": " ", "request_key": uuid4()})
        assert "Write the answer: the agency reads it." in said(answer)

    def test_a_note_is_kept(self, desk: Client, question: Question) -> None:
        answer = desk.post(at(question, "note"), {"text": "Ask Wei", "request_key": uuid4()})
        assert told(answer) == ["The note is kept; agencies never read it."]
        assert question.messages.latest("pk").is_internal

    def test_it_is_handed_over_and_put_back(self, desk: Client, question: Question) -> None:
        wei = operator(name="Wei")
        desk.post(at(question, "assign"), {"to": wei.pk, "note": "please", "was": 0})
        assert again(question).assignee == wei
        late = desk.post(at(question, "assign"), {"to": operator().pk, "was": 0})
        assert "Wei has taken this question meanwhile." in said(late)
        assert desk.post(at(question, "release")).status_code == 302
        assert again(question).assignee is None

    def test_only_to_people_who_answer(self, desk: Client, question: Question) -> None:
        answer = desk.post(at(question, "assign"), {"to": question.asked_by_id, "was": 0})
        assert answer.status_code == 200
        assert "<details open>" in said(answer)
        assert again(question).assignee is None

    def test_the_clause_is_noted(self, desk: Client, question: Question) -> None:
        desk.post(at(question, "clause"), {"clause": "bonus-cap"})
        assert again(question).clause == "bonus-cap"
        assert desk.post(at(question, "clause"), {"clause": "no-such"}).status_code == 200
        desk.post(at(question, "clause"), {"clause": ""})
        assert again(question).clause == ""

    def test_it_is_closed_for_a_reason(self, desk: Client, question: Question) -> None:
        refused = desk.post(at(question, "close"), {"reason": ""})
        assert "Say why: the agencies read it." in said(refused)
        answer = desk.post(at(question, "close"), {"reason": "Public now"})
        assert told(answer) == ["The question is closed and the agency is told."]
        assert again(question).close_reason == "Public now"
        twice = desk.post(at(question, "close"), {"reason": "Public now"})
        assert "None of these questions can be closed any more." in said(twice)

    def test_merging_shows_both_before_it_is_done(
        self, desk: Client, question: Question, star: Agency
    ) -> None:
        other = QuestionFactory.create(agency=star, subject="The same")
        page = said(desk.get(at(question, "merge")))
        assert f"Q{other.pk} The same" in page
        assert "What will happen" not in page
        page = said(desk.get(at(question, "merge"), {"into": other.pk}))
        assert f"Q{question.pk} becomes part of Q{other.pk}" in page
        assert again(question).state == "open"
        answer = desk.post(at(question, "merge"), {"into": other.pk})
        assert answer.headers["location"] == at(other)
        assert again(question).merged_into == other
        twice = desk.post(at(question, "merge"), {"into": other.pk})
        assert twice.status_code == 200
        assert f"This question was merged into Q{other.pk}" in said(twice)

    def test_open_questions_are_offered_first_and_never_all(
        self, desk: Client, question: Question, star: Agency
    ) -> None:
        waits = QuestionFactory.create(agency=star, subject="Waits")
        for _ in range(MOST_OTHERS):
            answered(QuestionFactory.create(agency=star))
        page = said(desk.get(at(question, "merge")))
        assert page.count("?into=") == MOST_OTHERS
        assert page.index("?into=") == page.index(f"?into={waits.pk}")
        assert "At most 50 are shown, open ones first, then the newest." in page

    @pytest.mark.parametrize("into", ["x", "999999999", "9" * 30])
    def test_merging_into_nothing_is_404(self, desk: Client, question: Question, into: str) -> None:
        assert desk.get(at(question, "merge"), {"into": into}).status_code == 404
        assert desk.post(at(question, "merge"), {"into": into}).status_code == 404

    def test_another_agencys_question_is_not_found_to_merge(
        self, desk: Client, question: Question
    ) -> None:
        foreign = QuestionFactory.create(subject="CANARY")
        answer = desk.get(at(question, "merge"), {"into": foreign.pk})
        assert answer.status_code == 404
        assert "CANARY" not in said(answer)

    def test_into_itself_is_refused_with_a_sentence(self, desk: Client, question: Question) -> None:
        page = said(desk.get(at(question, "merge"), {"into": question.pk}))
        assert "A question cannot be merged into itself" in page


class TestWho:
    @pytest.mark.parametrize("step", ["", *STEPS])
    def test_outsiders_are_refused(self, question: Question, step: str) -> None:
        refused_to_outsiders(at(question, step))

    def test_files_are_for_the_desk(self, question: Question) -> None:
        file = with_file(question.messages.get())
        refused_to_outsiders(f"/staff/questions/files/{file.pk}/")

    @pytest.mark.parametrize("step", ["answer", "note", "assign", "release", "clause", "close"])
    def test_steps_are_sent_never_opened(self, desk: Client, question: Question, step: str) -> None:
        assert desk.get(at(question, step)).status_code == 405
        assert desk.post(at(question)).status_code == 405

    @pytest.mark.parametrize("step", ["", *STEPS])
    def test_what_is_not_there_is_404(self, desk: Client, step: str) -> None:
        sent = {"text": "x", "request_key": uuid4(), "reason": "x", "clause": ""}
        sent["to"] = operator().pk
        path = f"/staff/questions/999999999/{step + '/' if step else ''}"
        answer = desk.post(path, sent) if step else desk.get(path)
        assert answer.status_code == 404

    def test_an_answered_question_is_answered_again(self, desk: Client, question: Question) -> None:
        answered(question)
        sent = {"text": "And this.", "request_key": uuid4()}
        assert desk.post(at(question, "answer"), sent).status_code == 302
        assert question.messages.count() == 3
