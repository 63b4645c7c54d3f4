"""Questions of agencies, what was written in them, and public answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from django.utils import timezone

from agencies.enums import Stage
from portal.enums import Author, QuestionState
from portal.models import HelpArticle, Question, QuestionFile, QuestionMessage, User
from tests.factories.conduct import AgencyFactory
from tests.factories.people import UserFactory

# a Monday, 10:00 of the platform
ASKED = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
ANSWERED = ASKED + timedelta(hours=2)
PDF = b"%PDF-1.7 question"


class QuestionFactory(factory.django.DjangoModelFactory[Question]):
    """An open question of the portal with its first message."""

    class Meta:
        model = Question
        skip_postgeneration_save = True

    agency = factory.SubFactory(AgencyFactory)
    subject = factory.Sequence(lambda n: f"Question {n}")
    asked_by = factory.SubFactory(UserFactory)
    asked_at = ASKED
    state = QuestionState.OPEN
    stage = Stage.ASSESSED
    waiting_since = factory.LazyAttribute(lambda o: o.asked_at if o.state == "open" else None)
    due_at = factory.LazyAttribute(
        lambda o: o.asked_at + timedelta(hours=8) if o.state == "open" else None
    )

    @factory.post_generation
    def text(self: Any, create: bool, extracted: str | None, **_kwargs: Any) -> None:
        if create:
            say(self, extracted or "How does this come about?", by=self.asked_by, at=self.asked_at)


class HelpArticleFactory(factory.django.DjangoModelFactory[HelpArticle]):
    """A published public answer."""

    class Meta:
        model = HelpArticle

    title_zh = factory.Sequence(lambda n: f"公开问题{n}")
    title_en = factory.Sequence(lambda n: f"Public question {n}")
    text_zh = "公开答复"
    text_en = "Public answer"
    is_published = True
    written_by = factory.SubFactory(UserFactory)
    changed_at = ASKED


def say(question: Question, text: str, *, by: User, **fields: Any) -> QuestionMessage:
    """Something that is written in a question, by the agency unless told."""
    ordinary = {"side": Author.AGENCY, "at": timezone.now()}
    return QuestionMessage.objects.create(
        question=question, text=text, author=by, **{**ordinary, **fields}
    )


def answered(question: Question, text: str = "Because of it.", **fields: Any) -> Question:
    """The question with an answer, two hours after it was asked unless told."""
    by = fields.pop("by", None) or UserFactory.create(name="Staff of the desk", is_staff=True)
    at = fields.pop("at", ANSWERED)
    say(question, text, by=by, side=Author.PLATFORM, at=at)
    changes = {
        "state": QuestionState.ANSWERED,
        "waiting_since": None,
        "due_at": None,
        "first_answered_at": at,
        "first_answered_by": by,
        "first_answer_minutes": 120,
        "first_answer_late": False,
    }
    Question.objects.filter(pk=question.pk).update(**{**changes, **fields})
    question.refresh_from_db()
    return question


def with_file(message: QuestionMessage, name: str = "proof.pdf") -> QuestionFile:
    return QuestionFile.objects.create(
        message=message,
        name=name,
        content_type="application/pdf",
        size=len(PDF),
        sha256="0" * 64,
        content=PDF,
    )
