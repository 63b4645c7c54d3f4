"""What agencies say about a draft of the rules, and what they are answered (docs/rules.md §12)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agencies.enums import News, Role
from agencies.models import Agency, Membership
from agencies.refusals import Refused
from agencies.signals import agency_news
from scoring.enums import RulebookState
from scoring.models import Consultation, ConsultationComment
from scoring.months import last_day_before
from scoring.queries.rules import clauses, names_of
from scoring.rulebook_life import locked_consultation

if TYPE_CHECKING:
    from portal.models import User

LONGEST_COMMENT = 2000
MOST_COMMENTS = 50


@transaction.atomic
def write_comment(
    *,
    agency: Agency,
    consultation_id: int,
    clause: str,
    text: str,
    at: datetime,
    by: User,
) -> ConsultationComment:
    """Say something about a clause of a draft, or about all of it ("") (S, docs/rules.md §12).

    1. By an owner of the agency, while comments are taken; 1 to 2000 characters, at most 50
       comments of an agency (D).
    2. `clause` is an anchor of the draft or of the version that it is compared with.
    3. The same text about the same clause again is the comment that is there.

    Raises Refused with the rule "owner", "closed", "text", "clause" or "many". Locks the
    consultation.
    """
    consultation = locked_consultation(consultation_id)
    text = "\n".join(text.strip().splitlines())
    _refuse_stranger(agency, by)
    _refuse_over(consultation, at=at)
    if not 0 < len(text) <= LONGEST_COMMENT:
        raise Refused(
            _("Write a comment of 1 to %(most)s characters.") % {"most": LONGEST_COMMENT},
            rule="text",
        )
    if clause and clause not in _anchors(consultation):
        raise Refused(_("The rules have no such clause: choose one of the list."), rule="clause")
    own = ConsultationComment.objects.filter(consultation=consultation, agency=agency)
    written = own.filter(clause=clause, text=text).first()
    if written is not None:
        return written
    if own.count() >= MOST_COMMENTS:
        raise Refused(
            _("An agency can write %(most)s comments on a draft; yours has written them.")
            % {"most": MOST_COMMENTS},
            rule="many",
        )
    return ConsultationComment.objects.create(
        consultation=consultation, agency=agency, clause=clause, text=text, at=at, author=by
    )


def _anchors(consultation: Consultation) -> set[str]:
    versions = (consultation.version, consultation.compared_with)
    return {clause.key for version in versions for clause in clauses(version.rulebook)}


def _refuse_stranger(agency: Agency, by: User) -> None:
    if not Membership.objects.filter(agency=agency, user=by, role=Role.OWNER).exists():
        raise Refused(
            _("Only an owner of the agency may comment; you may read along."), rule="owner"
        )


def _refuse_over(consultation: Consultation, *, at: datetime) -> None:
    if at < consultation.opens_at:
        raise Refused(_("This consultation is not open yet."), rule="closed")
    if at >= consultation.closes_at:
        raise Refused(
            _("Comments were taken until the end of %(day)s.")
            % {"day": date_format(last_day_before(consultation.closes_at))},
            rule="closed",
        )
    if consultation.version.state != RulebookState.CONSULTATION:
        raise Refused(
            _("The platform has decided on this version already: comments are not taken any more."),
            rule="closed",
        )


@transaction.atomic
def withdraw_comment(*, agency: Agency, comment_id: int, at: datetime, by: User) -> None:
    """Take a comment of the agency back, unanswered and while comments are taken (D).

    By an owner; the row goes, its history stays. Raises Refused with the rule "owner", "closed" or
    "answered", and ConsultationComment.DoesNotExist for one that is not the agency's. Locks the
    consultation and the comment.
    """
    comment = _locked_comment(comment_id, agency=agency)
    _refuse_stranger(agency, by)
    _refuse_over(comment.consultation, at=at)
    if comment.answered_at is not None:
        raise Refused(
            _("This comment has an answer already, so it stays beside it."), rule="answered"
        )
    comment.delete()


@transaction.atomic
def answer_comment(
    *, comment_id: int, answer_zh: str, answer_en: str, at: datetime, by: User
) -> ConsultationComment:
    """Answer a comment in both languages; comment and answer are public from then on (§12).

    1. The answer may be changed until the summary is published; the agency is told once.
    2. Who wrote the comment is never public.

    Raises Refused with the rule "closed" or "text", and ConsultationComment.DoesNotExist. Locks the
    consultation and the comment.
    """
    comment = _locked_comment(comment_id)
    consultation = comment.consultation
    if consultation.closed_at is not None:
        raise Refused(
            _("The consultation is concluded: its answers stay as they were published."),
            rule="closed",
        )
    answers = answer_zh.strip(), answer_en.strip()
    if not all(0 < len(answer) <= LONGEST_COMMENT for answer in answers):
        raise Refused(
            _("Answer in Chinese and in English, in 1 to %(most)s characters each.")
            % {"most": LONGEST_COMMENT},
            rule="text",
        )
    first = comment.answered_at is None
    comment.answer_zh, comment.answer_en = answers
    comment.answered_at, comment.answered_by = at, by
    comment.save(update_fields=["answer_zh", "answer_en", "answered_at", "answered_by"])
    if first:
        agency_news.send(
            ConsultationComment,
            agency_id=comment.agency_id,
            news=News.COMMENT_ANSWERED,
            about={"consultation": consultation.pk, **names_of(consultation.version)},
            at=at,
        )
    return comment


def _locked_comment(comment_id: int, *, agency: Agency | None = None) -> ConsultationComment:
    """A comment under its lock and its consultation's, the latter first as everywhere."""
    comments = ConsultationComment.objects.filter(pk=comment_id)
    if agency is not None:
        comments = comments.filter(agency=agency)
    consultation = locked_consultation(comments.values_list("consultation_id", flat=True).get())
    comment = comments.select_for_update().get()
    comment.consultation = consultation
    return comment
