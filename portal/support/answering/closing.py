"""Closing questions for a reason, one or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from agencies.actions.transitions import tell
from agencies.enums import News
from agencies.refusals import Refused
from portal.enums import QuestionState, QuestionVerb
from portal.models import Question
from portal.support.answering.states import ANSWERABLE, hold_all, refuse_members, settle
from portal.support.thread import take_step

if TYPE_CHECKING:
    from portal.models import User

LONGEST_REASON: Final = 500
MOST_CLOSED: Final = 200


@dataclass(frozen=True)
class Closing:
    """What closing some questions will do.

    `closed` are those that it closes, `unanswered` how many of them never had an answer, `passed`
    how many are closed or merged already, `agencies` how many read the reason, and `seen` the
    newest message that was there when this was found out.
    """

    closed: Sequence[Question]
    unanswered: int
    passed: int
    agencies: int
    seen: int


def closing(question_ids: Sequence[int]) -> Closing:
    """What `close_many` would do with these questions now. Two queries."""
    found = Question.objects.filter(pk__in=set(question_ids)).select_related("agency")
    rows = list(found.annotate(newest=_newest()).order_by("pk"))
    closed = [row for row in rows if row.state in ANSWERABLE]
    return Closing(
        closed=closed,
        unanswered=sum(row.first_answered_at is None for row in closed),
        passed=len(rows) - len(closed),
        agencies=len({row.agency_id for row in closed}),
        seen=max((row.newest or 0 for row in rows), default=0),
    )


@transaction.atomic
def close_many(
    *,
    question_ids: Sequence[int],
    reason: str,
    at: datetime,
    by: User,
    seen: int | None = None,
) -> list[Question]:
    """Close open and answered questions for one reason, which their agencies read; all or none.

    1. Those that are closed or merged already are passed over; so are those in which somebody
       wrote after message `seen`, where it is given.
    2. Each agency is told of each question. At most 200 at once.

    Returns those that were closed. Raises Refused with the rule "reason", "many", "own_agency" or,
    where none is left to close, "state". Locks the questions.
    """
    reason = _needed_reason(reason)
    refuse_many(question_ids)
    held = hold_all(question_ids)
    unread = _unread(list(held), seen)
    closed = [row for row in held.values() if row.state in ANSWERABLE and row.pk not in unread]
    if not closed:
        raise Refused(
            _("None of these questions can be closed any more. Look at them again."),
            rule="state",
        )
    refuse_members(closed, by)
    for question in closed:
        settle(question, QuestionState.CLOSED, at=at, reason=reason)
        question.save()
        take_step(question, QuestionVerb.CLOSED, at=at, by=by, note=reason)
        tell(
            question.agency_id,
            News.QUESTION_CLOSED,
            at=at,
            question=question.pk,
            subject=question.subject,
            reason=reason,
        )
    return closed


def refuse_many(question_ids: Sequence[int]) -> None:
    """Raise Refused ("many") where these are more questions than are closed at once."""
    if len(set(question_ids)) > MOST_CLOSED:
        raise Refused(
            _("At most %(most)s questions are closed at a time: choose fewer.")
            % {"most": MOST_CLOSED},
            rule="many",
        )


def _needed_reason(reason: str) -> str:
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Refused(
            _("Give the reason in 1 to %(most)s characters: the agency reads it.")
            % {"most": LONGEST_REASON},
            rule="reason",
        )
    return reason


def _newest() -> Max:
    return Max("messages__pk", filter=Q(messages__is_internal=False))


def _unread(ids: Sequence[int], seen: int | None) -> set[int]:
    """The questions in which somebody wrote after message `seen`."""
    if seen is None:
        return set()
    newer = Question.objects.filter(
        pk__in=ids, messages__pk__gt=seen, messages__is_internal=False
    ).order_by("pk")
    return set(newer.values_list("pk", flat=True))
