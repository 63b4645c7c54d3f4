"""Answers that everybody may read, found by words: those of a language with and without blanks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, Final

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.text import Truncator

from portal.models import HelpArticle
from portal.support.search_words import search_words

FOUND: Final = 10
IN_TITLE, IN_TEXT, ON_CLAUSE = 3, 1, 2
LONGEST_EXCERPT: Final = 120


@dataclass(frozen=True)
class Answer:
    """A public answer in the reader's language."""

    pk: int
    title: str
    text: str
    clause: str

    @property
    def excerpt(self) -> str:
        """How the answer begins, in one line."""
        return Truncator(" ".join(self.text.split())).chars(LONGEST_EXCERPT)


def search_articles(words: str, language: str, *, clause: str = "") -> list[Answer]:
    """The public answers that fit a question best, the best first: ten at most. One query.

    1. Words are looked for in both languages, since names of levels and terms are mixed; Chinese,
       which has no blanks, by each two signs that follow one another (`search_words`).
    2. An answer is found that has a third of them at least. A word in the title counts 3, in the
       text 1; an answer about the `clause` of the question counts 2 more.
    3. Without a word that means anything, those about the clause.
    """
    wanted = search_words(words)
    clause = clause.replace("\x00", "")  # it may come from an address
    published = HelpArticle.objects.filter(is_published=True)
    if not wanted:
        found = published.filter(clause=clause) if clause else published.none()
        return [in_language(each, language) for each in found.order_by("-changed_at", "id")[:FOUND]]
    titles = [_has(word, "title") for word in wanted]
    texts = [_has(word, "text") for word in wanted]
    found = (
        published.annotate(
            hits=_sum(1, [title | text for title, text in zip(titles, texts, strict=True)]),
            score=_sum(IN_TITLE, titles) + _sum(IN_TEXT, texts) + _sum(ON_CLAUSE, _about(clause)),
        )
        .filter(hits__gte=-(-len(wanted) // 3))
        .order_by("-score", "-changed_at", "id")
    )
    return [in_language(each, language) for each in found[:FOUND]]


def published_articles() -> QuerySet[HelpArticle]:
    """All public answers, the newest first."""
    return HelpArticle.objects.filter(is_published=True).order_by("-changed_at", "id")


def in_language(article: HelpArticle, language: str) -> Answer:
    """An article as readers of a language see it."""
    if language == "en":
        return Answer(article.pk, article.title_en, article.text_en, article.clause)
    return Answer(article.pk, article.title_zh, article.text_zh, article.clause)


def _has(word: str, part: str) -> Q:
    return Q(**{f"{part}_zh__icontains": word}) | Q(**{f"{part}_en__icontains": word})


def _about(clause: str) -> list[Q]:
    return [Q(clause=clause)] if clause else []


def _sum(weight: int, conditions: list[Q]) -> Any:
    each = [
        Case(When(condition, then=Value(weight)), default=Value(0), output_field=IntegerField())
        for condition in conditions
    ]
    return reduce(add, each, Value(0, output_field=IntegerField()))
