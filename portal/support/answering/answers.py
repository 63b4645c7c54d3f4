"""Answering: what the platform's people write to an agency, and among themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.actions.case_files import NewFile
from agencies.actions.transitions import tell
from agencies.enums import News
from agencies.refusals import Refused
from portal.enums import Author, QuestionState, QuestionVerb
from portal.models import Question, QuestionMessage
from portal.support.answering.states import hold, refuse_settled, sent_before, settle
from portal.support.clock import minutes_between
from portal.support.targets import service_hours
from portal.support.thread import take_step, write_message

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def answer(
    *,
    question_id: int,
    text: str,
    files: Sequence[NewFile] = (),
    request_key: UUID,
    at: datetime,
    by: User,
    close: bool = False,
    seen: int | None = None,
    merged: int | None = None,
) -> QuestionMessage:
    """Answer a question; the agency is told (S, docs/rules.md §5).

    1. An open or answered one takes answers. The clock stops; with `close` it is closed as well.
    2. The first answer is measured: business minutes since it was asked, and whether it came after
       `due_at`.
    3. `seen` is the newest message that whoever answers has read, `merged` how many questions were
       part of this one: where either side wrote since, or another one was merged into it, the
       answer is not sent. None for unasked.
    4. The same `request_key` again returns the same message and does nothing.

    Raises Question.DoesNotExist, Refused with the rule "own_agency", "sent", "state", "unread",
    "text" or one of the files. Locks the question.
    """
    question = hold(question_id, by)
    earlier = sent_before(question, request_key)
    if earlier is not None:
        return earlier
    refuse_settled(question)
    _refuse_unread(question, seen, merged)
    message = write_message(
        question,
        side=Author.PLATFORM,
        text=text,
        at=at,
        by=by,
        files=files,
        request_key=request_key,
    )
    _answered(question, message, close=close)
    return message


@transaction.atomic
def note(
    *, question_id: int, text: str, request_key: UUID, at: datetime, by: User
) -> QuestionMessage:
    """Write what only the platform reads, whatever the question's state; its clock runs on.

    The same `request_key` again returns the same note. Raises Question.DoesNotExist, Refused with
    the rule "own_agency", "sent" or "text". Locks the question.
    """
    question = hold(question_id, by)
    earlier = sent_before(question, request_key)
    if earlier is not None:
        return earlier
    message = write_message(
        question,
        side=Author.PLATFORM,
        text=text,
        at=at,
        by=by,
        request_key=request_key,
        is_internal=True,
    )
    take_step(question, QuestionVerb.NOTED, at=at, by=by, about={"message": message.pk})
    return message


def newest_message(question: Question) -> int:
    """The number of the newest message that both sides read, 0 without any."""
    both = question.messages.filter(is_internal=False)
    return both.order_by("-pk").values_list("pk", flat=True).first() or 0


def _measure_first(question: Question, at: datetime, by: User) -> None:
    if question.first_answered_at is not None:
        return
    question.first_answered_at = at
    question.first_answered_by = by
    question.first_answer_minutes = minutes_between(service_hours(), question.asked_at, at)
    question.first_answer_late = question.due_at is not None and at > question.due_at


def _refuse_unread(question: Question, seen: int | None, merged: int | None) -> None:
    if merged is not None and question.merged.count() > merged:
        raise Refused(
            _(
                "Another question was merged into this one after you opened it: read what it asks,"
                " then send your answer again. Nothing was sent."
            ),
            rule="unread",
        )
    if seen is not None and newest_message(question) > seen:
        raise Refused(
            _(
                "Somebody wrote in this question after you opened it: read what is new, then send"
                " your answer again. Nothing was sent."
            ),
            rule="unread",
        )


def _answered(question: Question, message: QuestionMessage, *, close: bool) -> None:
    at, by = message.at, message.author
    _measure_first(question, at, by)
    take_step(question, QuestionVerb.ANSWERED, at=at, by=by, about={"message": message.pk})
    settle(question, QuestionState.CLOSED if close else QuestionState.ANSWERED, at=at)
    if close:
        take_step(question, QuestionVerb.CLOSED, at=at, by=by)
    question.save()
    tell(
        question.agency_id,
        News.QUESTION_ANSWERED,
        at=at,
        question=question.pk,
        subject=question.subject,
    )
