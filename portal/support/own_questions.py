"""An agency's own questions, as its members read them: never what is internal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Prefetch, QuerySet

from agencies.models import Agency
from portal.enums import Author, Channel, QuestionState, QuestionVerb
from portal.models import Question, QuestionFile, QuestionMessage, QuestionStep
from portal.support.thread import BY_AGENCY

# Steps that an agency reads; who has a question on the desk is the platform's own matter.
TOLD_STEPS: Final = (QuestionVerb.CLOSED, QuestionVerb.REOPENED)


@dataclass(frozen=True)
class Entry:
    """A line of a thread: a message, or a step that changed where the question stands.

    `of_platform` is which side it comes from; `who` names a colleague or a caller, never anybody
    of the platform. `source` is the merged question that a message was written in, if any.
    """

    at: datetime
    of_platform: bool
    who: str = ""
    source: Question | None = None
    message: QuestionMessage | None = None
    verb: str = ""
    by_phone: bool = False


@dataclass(frozen=True)
class Thread:
    """A question with all that was said in it, the oldest first.

    `merged` are the agency's other questions that were merged into this one.
    """

    question: Question
    entries: tuple[Entry, ...]
    merged: tuple[Question, ...]


def questions_of(agency: Agency, state: str = "") -> QuerySet[Question]:
    """The agency's questions, the newest first; of one state where it is named."""
    found = Question.objects.filter(agency=agency).order_by("-id")
    return found.filter(state=state) if state in QuestionState.values else found


def counts_of(agency: Agency) -> dict[str, int]:
    """How many questions of the agency are in each state. One query."""
    rows = (
        Question.objects.filter(agency=agency)
        .order_by("state")
        .values_list("state")
        .annotate(count=Count("id"))
    )
    return dict.fromkeys(QuestionState.values, 0) | dict(rows)


def thread_of(agency: Agency, question_id: int) -> Thread:
    """An own question with its thread. Five queries.

    What was written in a question that was merged into this one is read here too. Raises
    Question.DoesNotExist for what is not the agency's.
    """
    question = (
        Question.objects.filter(agency=agency).select_related("merged_into").get(pk=question_id)
    )
    files = Prefetch("files", QuestionFile.objects.defer("content").order_by("id"))
    merged = tuple(question.merged.filter(agency=agency).order_by("id"))
    asked = {each.pk: each for each in (question, *merged)}
    messages = (
        QuestionMessage.objects.filter(question__in=asked, is_internal=False)
        .select_related("author")
        .prefetch_related(files)
        .order_by("id")
    )
    steps = question.steps.filter(verb__in=TOLD_STEPS).order_by("id")
    entries = [
        *(_stepped(step) for step in steps if step.verb == QuestionVerb.REOPENED),
        *(_said(asked[message.question_id], message, question) for message in messages),
        *(_stepped(step) for step in steps if step.verb == QuestionVerb.CLOSED),
    ]
    # of one moment: reopened, then what was written, then closed
    in_order = tuple(sorted(entries, key=lambda entry: entry.at))
    return Thread(question=question, entries=in_order, merged=merged)


def own_files(agency: Agency) -> QuerySet[QuestionFile]:
    """The files that the agency may read: with messages of its questions, not internal ones."""
    return QuestionFile.objects.filter(
        message__question__agency=agency, message__is_internal=False
    ).order_by("id")


def _said(asked: Question, message: QuestionMessage, shown: Question) -> Entry:
    of_platform = message.side == Author.PLATFORM
    # what a caller said was entered by somebody of the platform, who is never named
    entered = asked.channel == Channel.PHONE and message.author_id == asked.asked_by_id
    by_phone = entered and not of_platform
    who = asked.caller if by_phone else "" if of_platform else str(message.author)
    source = asked if asked.pk != shown.pk else None
    return Entry(message.at, of_platform, who, source, message, by_phone=by_phone)


def _stepped(step: QuestionStep) -> Entry:
    return Entry(step.at, step.about.get("by") != BY_AGENCY, verb=step.verb)
