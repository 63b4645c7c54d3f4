"""What a question may still become, and who may have a hand in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from agencies.models import Membership
from agencies.refusals import Refused
from portal.enums import QuestionState
from portal.models import Question, QuestionMessage
from portal.support.thread import locked_question

if TYPE_CHECKING:
    from portal.models import User

# What takes an answer; a closed one is opened again by the agency alone.
ANSWERABLE = (QuestionState.OPEN, QuestionState.ANSWERED)


def hold(question_id: int, by: User) -> Question:
    """Lock a question until the commit, for somebody who does not belong to its agency.

    Raises Question.DoesNotExist, Refused with the rule "own_agency".
    """
    question = locked_question(question_id)
    refuse_members([question], by)
    return question


def hold_all(ids: Sequence[int]) -> dict[int, Question]:
    """Lock questions until the commit, in the order of their numbers; each as it is stored now."""
    rows = Question.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=set(ids))
    return {row.pk: row for row in rows.order_by("pk")}


def sent_before(question: Question, request_key: UUID) -> QuestionMessage | None:
    """The message that the same form wrote already; call it with the question locked.

    Raises Refused with the rule "sent" where the form was used for another question.
    """
    earlier = QuestionMessage.objects.filter(request_key=request_key).first()
    if earlier is not None and earlier.question_id != question.pk:
        raise Refused(
            _("This form was sent with another question already: open the page again."),
            rule="sent",
        )
    return earlier


def settle(question: Question, state: QuestionState, *, at: datetime, reason: str = "") -> None:
    """Stop the clock of a locked question and give it its new state; the caller saves it."""
    question.state = state
    question.waiting_since = question.due_at = None
    question.closed_at = None if state == QuestionState.ANSWERED else at
    question.close_reason = reason


def refuse_settled(question: Question) -> None:
    """Raise Refused ("state") where a question takes no answer and no other step any more."""
    if question.state in ANSWERABLE:
        return
    if question.state == QuestionState.MERGED:
        sentence = _(
            "This question was merged into Q%(number)s: go on there. Nothing was done."
        ) % {"number": question.merged_into_id}
    else:
        sentence = _(
            "This question is closed: the agency opens it again by writing. Nothing was done."
        )
    raise Refused(sentence, rule="state")


def refuse_members(questions: Sequence[Question], by: User) -> None:
    """Raise Refused ("own_agency") where the person belongs to an agency that asks (D)."""
    agencies = {question.agency_id for question in questions}
    if Membership.objects.filter(user=by, agency__in=agencies).exists():
        raise Refused(
            _("You are a member of this agency: somebody else of the platform looks after it."),
            rule="own_agency",
        )
