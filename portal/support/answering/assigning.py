"""Who looks after a question, and which clause of the rules it is about."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.refusals import Refused
from portal.enums import QuestionVerb
from portal.models import Question
from portal.support.answering.states import hold, refuse_members, refuse_settled
from portal.support.clauses import clause_titles
from portal.support.inbox import answerers
from portal.support.thread import take_step

if TYPE_CHECKING:
    from portal.models import User

LONGEST_NOTE: Final = 500


@transaction.atomic
def assign(
    *,
    question_id: int,
    to: User,
    note: str = "",
    at: datetime,
    by: User,
    was: int | None = None,
) -> Question:
    """Give a question to somebody, or hand it over with a note that the platform alone reads.

    1. To people who may answer; who has it already keeps it, and nothing is written.
    2. `was` is the number of who had it when the form was opened, 0 for nobody: where that changed
       meanwhile nothing is done. None for unasked.

    Raises Question.DoesNotExist, Refused with the rule "own_agency", "state", "taken", "person" or
    "note". Locks the question.
    """
    question = hold(question_id, by)
    refuse_settled(question)
    if question.assignee_id == to.pk:
        return question
    _refuse_taken(question, was)
    _refuse_unable(question, to)
    before = question.assignee_id
    question.assignee = to
    question.save(update_fields=["assignee"])
    take_step(
        question,
        QuestionVerb.ASSIGNED,
        at=at,
        by=by,
        note=_noted(note),
        about={"to": to.pk, "was": before},
    )
    return question


@transaction.atomic
def release(*, question_id: int, note: str = "", at: datetime, by: User) -> Question:
    """Put a question back into the inbox of all; one that nobody has stays there.

    Raises Question.DoesNotExist, Refused with the rule "own_agency", "state" or "note". Locks the
    question.
    """
    question = hold(question_id, by)
    refuse_settled(question)
    before = question.assignee_id
    if before is None:
        return question
    question.assignee = None
    question.save(update_fields=["assignee"])
    take_step(
        question, QuestionVerb.RELEASED, at=at, by=by, note=_noted(note), about={"was": before}
    )
    return question


@transaction.atomic
def reclass(*, question_id: int, clause: str, at: datetime, by: User) -> Question:
    """Say which clause of the rules a question is about, "" for none; the same again is nothing.

    Any state takes it, so that repeated questions are counted where they belong. Raises
    Question.DoesNotExist, Refused with the rule "own_agency" or "clause". Locks the question.
    """
    question = hold(question_id, by)
    if question.clause == clause:
        return question
    if clause and clause not in clause_titles(at):
        raise Refused(
            _("The rules in force have no such clause: choose one of the list."), rule="clause"
        )
    before = question.clause
    question.clause = clause
    question.save(update_fields=["clause"])
    take_step(
        question, QuestionVerb.RECLASSED, at=at, by=by, about={"clause": clause, "was": before}
    )
    return question


def _noted(note: str) -> str:
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise Refused(
            _("The note is longer than %(most)s characters: shorten it.") % {"most": LONGEST_NOTE},
            rule="note",
        )
    return note


def _refuse_taken(question: Question, was: int | None) -> None:
    if was is not None and (question.assignee_id or 0) != was:
        if question.assignee is None:
            sentence = _("This question was put back into the inbox meanwhile. Nothing was done.")
        else:
            sentence = _("%(person)s has taken this question meanwhile. Nothing was done.") % {
                "person": question.assignee
            }
        raise Refused(sentence, rule="taken")


def _refuse_unable(question: Question, to: User) -> None:
    if not answerers().filter(pk=to.pk).exists():
        raise Refused(
            _("%(person)s may not answer questions: choose somebody else.") % {"person": to},
            rule="person",
        )
    refuse_members([question], to)
