"""What a question is made of: messages with their files, and the steps that were taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from agencies.actions.case_files import NewFile, checked, refuse_many, stored_name
from agencies.refusals import Refused
from portal.enums import Author, QuestionVerb
from portal.models import Question, QuestionFile, QuestionMessage, QuestionStep

if TYPE_CHECKING:
    from portal.models import User

LONGEST_TEXT: Final = 5000
# What `about` of a step says in `by` where a member of the agency took it.
BY_AGENCY: Final = "agency"


def locked_question(question_id: int) -> Question:
    """A question under its lock until the commit; raises Question.DoesNotExist."""
    return Question.objects.select_for_update(of=("self",), no_key=True).get(pk=question_id)


def plain_text(text: str) -> str:
    """What somebody writes, without blanks around it; raises Refused(rule="text")."""
    text = text.replace("\r\n", "\n").strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        raise Refused(
            _("Write something, and at most %(most)s characters of it.") % {"most": LONGEST_TEXT},
            rule="text",
        )
    return text


def write_message(
    question: Question,
    *,
    side: Author,
    text: str,
    at: datetime,
    by: User,
    files: Sequence[NewFile] = (),
    request_key: UUID | None = None,
    is_internal: bool = False,
) -> QuestionMessage:
    """Add what somebody wrote, with at most 5 files of 10 MB, each content once.

    Call it with the question locked, or just made. Raises Refused with the rule "text" or one of
    the files.
    """
    message = QuestionMessage.objects.create(
        question=question,
        side=side,
        author=by,
        is_internal=is_internal,
        text=plain_text(text),
        at=at,
        request_key=request_key,
    )
    _store(files, message)
    return message


def _store(files: Sequence[NewFile], message: QuestionMessage) -> None:
    """Check and store what came with a message. Raises Refused."""
    fresh: dict[str, QuestionFile] = {}
    for file in files:
        content_type = checked(file.name, file.content)
        digest = sha256(file.content).hexdigest()
        fresh.setdefault(
            digest,
            QuestionFile(
                message=message,
                name=stored_name(file.name, content_type),
                content_type=content_type,
                size=len(file.content),
                sha256=digest,
                content=file.content,
            ),
        )
    refuse_many(len(fresh))
    QuestionFile.objects.bulk_create(fresh.values())


def take_step(
    question: Question,
    verb: QuestionVerb,
    *,
    at: datetime,
    by: User | None,
    note: str = "",
    about: Mapping[str, Any] | None = None,
) -> QuestionStep:
    """Write down a step that was taken with a question."""
    return QuestionStep.objects.create(
        question=question, verb=verb, actor=by, note=note, about=dict(about or {}), at=at
    )
