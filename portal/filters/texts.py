"""What the lists of prepared and public answers are narrowed down by, in the address."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.filters.cases import TEXT, CaseFilter, Choice
from portal.models import CannedAnswer, HelpArticle
from portal.support.clauses import Choices


class ClauseFilter(CaseFilter):
    """Texts by a part of them and by their clause."""

    parts: tuple[str, ...] = ()

    q = filters.CharFilter(method="search", label=_("Part of the text"), widget=TEXT)
    clause = Choice(label=_("Clause of the rules"))

    def __init__(self, *args: Any, clauses: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["clause"].extra["choices"] = clauses

    def search(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By a part of the text in either language."""
        holds = Q()
        for part in self.parts:
            holds |= Q(**{f"{part}__icontains": value})
        return found.filter(holds)


class CannedFilter(ClauseFilter):
    """Prepared answers, those in use or not."""

    parts = ("name", "text_zh", "text_en")
    state = Choice(
        method="in_state",
        choices=[("used", _("In use")), ("unused", _("Not in use"))],
        label=_("State"),
    )

    class Meta:
        model = CannedAnswer
        fields: list[str] = []

    def in_state(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In use, or not."""
        return found.filter(is_active=value == "used")


class ArticleFilter(ClauseFilter):
    """Public answers, published or not."""

    parts = ("title_zh", "title_en", "text_zh", "text_en")
    state = Choice(
        method="in_state",
        choices=[("published", _("Published")), ("hidden", _("Not published"))],
        label=_("State"),
    )

    class Meta:
        model = HelpArticle
        fields: list[str] = []

    def in_state(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Published, or not."""
        return found.filter(is_published=value == "published")
