"""Questions that come by phone, entered for an agency by the platform's people."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict, Unpack
from uuid import UUID, uuid5

from django.db import transaction

from agencies.models import Agency
from portal.enums import Channel
from portal.models import Question
from portal.support.answering import answer, assign
from portal.support.asking import ask

if TYPE_CHECKING:
    from portal.models import User


class Call(TypedDict):
    """What was said on the phone, by whom, and how that person was identified."""

    caller: str
    caller_check: str
    subject: str
    text: str
    clause: str


@transaction.atomic
def take_call(
    *,
    agency: Agency,
    said: str,
    close: bool,
    keep: bool,
    request_key: UUID,
    at: datetime,
    by: User,
    **call: Unpack[Call],
) -> Question:
    """Enter a question that came by phone; the agency reads it like one of its own (S, §5).

    1. `said` is what was answered on the phone, "" where nothing was yet: the answer counts from
       now, and with `close` nothing is left to do.
    2. With `keep` whoever took the call looks after it; else it lies in the inbox of all.
    3. The same `request_key` again returns the same question and adds nothing to it.

    Raises Refused as `ask`, `assign` and `answer` do. Locks the agency, then the question.
    """
    question = ask(
        agency=agency,
        by=by,
        at=at,
        channel=Channel.PHONE,
        request_key=request_key,
        **call,
    )
    if question.asked_at != at:
        return question
    if keep and question.first_answered_at is None:
        assign(question_id=question.pk, to=by, at=at, by=by, was=question.assignee_id or 0)
    if said.strip():
        # of its own key, so that the form sent twice answers once
        answer(
            question_id=question.pk,
            text=said,
            request_key=uuid5(request_key, "said"),
            at=at,
            by=by,
            close=close,
        )
    question.refresh_from_db()
    return question
