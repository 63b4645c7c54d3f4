"""Two questions of an agency that are one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.refusals import Refused
from portal.enums import QuestionState, QuestionVerb
from portal.models import Question
from portal.support.answering.states import (
    ANSWERABLE,
    hold_all,
    refuse_members,
    refuse_settled,
    settle,
)
from portal.support.thread import take_step

if TYPE_CHECKING:
    from portal.models import User


@transaction.atomic
def merge(*, question_id: int, into_id: int, at: datetime, by: User) -> Question:
    """Make a question part of another one of the same agency; the other one is returned.

    1. Both are open or answered. What was written stays where it is and is read in both.
    2. Where the platform owes an answer to either, the other one is open and keeps the earlier of
       the two clocks.
    3. One that others were merged into stays: nothing leads on twice.

    Raises Question.DoesNotExist, Refused with the rule "same", "agency", "merged", "own_agency"
    or "state". Locks both questions.
    """
    if question_id == into_id:
        raise Refused(_("A question cannot be merged into itself: choose another."), rule="same")
    held = hold_all([question_id, into_id])
    if len(held) < 2:
        raise Question.DoesNotExist
    question, into = held[question_id], held[into_id]
    refuse_unmergeable(question, into)
    refuse_members([question], by)
    if question.state == QuestionState.OPEN:
        _take_over_the_clock(question, into, at=at, by=by)
    settle(question, QuestionState.MERGED, at=at)
    question.merged_into = into
    question.save()
    take_step(question, QuestionVerb.MERGED, at=at, by=by, about={"into": into.pk})
    return into


def refuse_unmergeable(question: Question, into: Question) -> None:
    """Raise Refused where one question cannot become part of another; see the rules of `merge`.

    Another agency's question never reads what this one wrote.
    """
    if question.pk == into.pk:
        raise Refused(_("A question cannot be merged into itself: choose another."), rule="same")
    if question.agency_id != into.agency_id:
        raise Refused(
            _("Q%(number)s belongs to another agency: only questions of one agency are merged.")
            % {"number": into.pk},
            rule="agency",
        )
    refuse_settled(question)
    if question.merged.exists():
        raise Refused(
            _("Others were merged into Q%(number)s: merge the other question into it instead.")
            % {"number": question.pk},
            rule="merged",
        )
    if into.state not in ANSWERABLE:
        raise Refused(
            _("Q%(number)s is closed or merged itself: choose one that is open or answered.")
            % {"number": into.pk},
            rule="state",
        )


def _take_over_the_clock(question: Question, into: Question, *, at: datetime, by: User) -> None:
    reopened = into.state != QuestionState.OPEN
    into.state = QuestionState.OPEN
    into.waiting_since = min(filter(None, (into.waiting_since, question.waiting_since)))
    into.due_at = min(filter(None, (into.due_at, question.due_at)))
    into.save(update_fields=["state", "waiting_since", "due_at"])
    if reopened:
        take_step(into, QuestionVerb.REOPENED, at=at, by=by, about={"merged": question.pk})
