"""Writing prepared answers for the desk and public answers for every agency."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agencies.refusals import Refused
from portal.enums import Author
from portal.models import CannedAnswer, HelpArticle, Question, User


class CannedFields(TypedDict):
    """What a prepared answer says; {placeholders} stand for figures of the agency that asks."""

    name: str
    clause: str
    text_zh: str
    text_en: str
    is_active: bool


class ArticleFields(TypedDict):
    """What a public answer says, in both languages."""

    clause: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str


def write_canned(
    *, answer: CannedAnswer | None, at: datetime, by: User, **fields: Unpack[CannedFields]
) -> CannedAnswer:
    """Write a prepared answer, or change one; its name is its own. Raises Refused."""
    written = answer or CannedAnswer()
    for name, value in fields.items():
        setattr(written, name, value)
    written.written_by, written.changed_at = by, at
    try:
        with transaction.atomic():
            written.save()
    except IntegrityError as fault:
        raise Refused(
            _("There is a prepared answer “%(name)s” already: give this one another name.")
            % {"name": fields["name"]},
            rule="name",
        ) from fault
    return written


@transaction.atomic
def write_article(
    *,
    article: HelpArticle | None,
    question: Question | None,
    at: datetime,
    by: User,
    **fields: Unpack[ArticleFields],
) -> HelpArticle:
    """Write a public answer, or change one; a new one is published as a step of its own.

    One that was written from a question names neither the agency nor its code: every agency reads
    it. `question` is where a new one comes from; the same text of the same person again is the
    one that is there. Locks the article, or who writes a new one. Raises Refused.
    """
    if article is not None:
        # as it is now: it may have been withdrawn since the form was opened
        written = HelpArticle.objects.select_for_update().get(pk=article.pk)
    else:
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        same = HelpArticle.objects.filter(question=question, written_by=by, **fields)
        if (earlier := same.order_by("pk").first()) is not None:
            return earlier
        written = HelpArticle(question=question)
    for name, value in fields.items():
        setattr(written, name, value)
    _check_nameless(written)
    written.written_by, written.changed_at = by, at
    written.save()
    return written


def publish_article(*, article_id: int, at: datetime, by: User) -> HelpArticle:
    """Let every agency find a public answer; one that is published already stays as it is."""
    return _show(article_id, True, at, by)


def withdraw_article(*, article_id: int, at: datetime, by: User) -> HelpArticle:
    """Hide a public answer from agencies; the text stays at the desk."""
    return _show(article_id, False, at, by)


@transaction.atomic
def _show(article_id: int, shown: bool, at: datetime, by: User) -> HelpArticle:
    article = HelpArticle.objects.select_for_update().get(pk=article_id)
    if article.is_published == shown:
        return article
    if shown:
        _check_nameless(article)
    article.is_published, article.written_by, article.changed_at = shown, by, at
    article.save(update_fields=["is_published", "written_by", "changed_at"])
    return article


def _check_nameless(article: HelpArticle) -> None:
    if article.question is None:
        return
    agency = article.question.agency
    said = "\n".join((article.title_zh, article.title_en, article.text_zh, article.text_en))
    for telling in (agency.name, agency.code):
        if telling.casefold() in said.casefold():
            raise Refused(
                _(
                    "The text names the agency that asked (%(telling)s): every agency reads it, so"
                    " take that out."
                )
                % {"telling": telling},
                rule="name",
            )


def draft_from(question: Question) -> dict[str, str]:
    """What a public answer begins with: the question's words and its newest answer. One query.

    In the fields of both languages: whoever writes it keeps one and translates the other.
    """
    answer = (
        question.messages.filter(side=Author.PLATFORM, is_internal=False).order_by("-pk").first()
    )
    text = answer.text if answer else ""
    return {
        "clause": question.clause,
        "title_zh": question.subject,
        "title_en": question.subject,
        "text_zh": text,
        "text_en": text,
    }
