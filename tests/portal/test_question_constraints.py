"""What the database itself refuses of questions and answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from portal.models import CannedAnswer, HelpArticle, Question, QuestionMessage, QuestionStep
from tests.factories import UserFactory
from tests.factories.questions import ASKED, QuestionFactory, answered, say, with_file

pytestmark = pytest.mark.django_db

FAULTS: dict[str, dict[str, Any]] = {
    "question_vocabulary_known": {"stage": "unknown"},
    "question_has_subject": {"subject": ""},
    "question_clock_runs_while_open": {"due_at": None},
    "question_caller_identified": {"channel": "phone", "caller": "Ms Wang"},
    "question_first_answer_whole": {"first_answered_at": ASKED},
    "question_closed_when": {"close_reason": "Settled"},
    "question_rated_one_to_five": {"rating": 6, "rated_at": ASKED},
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_question_is_whole(name: str) -> None:
    question = QuestionFactory.create()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Question.objects.filter(pk=question.pk).update(**FAULTS[name])


def test_a_question_is_merged_into_another() -> None:
    question = QuestionFactory.create()
    merged = {"state": "merged", "waiting_since": None, "due_at": None, "closed_at": ASKED}
    for into in (None, question):
        with (
            pytest.raises(IntegrityError, match="question_merged_into_another"),
            transaction.atomic(),
        ):
            Question.objects.filter(pk=question.pk).update(**merged, merged_into=into)


def test_a_message_says_something_and_only_the_platform_writes_internally() -> None:
    question = QuestionFactory.create()
    for name, fields in (
        ("question_message_says_what", {"text": ""}),
        ("question_message_internal_of_platform", {"is_internal": True}),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            say(question, **{"text": "x", "by": question.asked_by, **fields})


def test_messages_and_steps_are_never_changed() -> None:
    question = QuestionFactory.create()
    QuestionStep.objects.create(question=question, verb="asked", at=ASKED)
    for model, name in (
        (QuestionMessage, "question_message_kept"),
        (QuestionStep, "question_step_kept"),
    ):
        with pytest.raises(DatabaseError, match=name), transaction.atomic():
            model.objects.update(at=ASKED + timedelta(days=1))


def test_a_file_is_kept_once_with_a_message() -> None:
    message = QuestionFactory.create().messages.get()
    with_file(message)
    with pytest.raises(IntegrityError, match="question_file_once"), transaction.atomic():
        with_file(message, "again.pdf")


def test_a_step_is_one_of_those_known() -> None:
    question = answered(QuestionFactory.create())
    with pytest.raises(IntegrityError, match="question_step_known"), transaction.atomic():
        QuestionStep.objects.create(question=question, verb="forgotten", at=ASKED)


def test_answers_are_written_in_both_languages() -> None:
    texts = {"text_zh": "答复", "written_by": UserFactory.create(), "changed_at": ASKED}
    with (
        pytest.raises(IntegrityError, match="help_article_in_both_languages"),
        transaction.atomic(),
    ):
        HelpArticle.objects.create(title_zh="问题", title_en="Question", text_en="", **texts)
    with (
        pytest.raises(IntegrityError, match="canned_answer_in_both_languages"),
        transaction.atomic(),
    ):
        CannedAnswer.objects.create(name="Short", text_en="", **texts)
