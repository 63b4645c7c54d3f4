"""What the lists of titles and public notices are narrowed down by, in the address."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.enums import NoticeState
from agencies.filters.cases import TEXT, CaseFilter, Choice
from agencies.models import PublicNotice, Title


class TitleFilter(CaseFilter):
    """Titles by agency, a part of their name, and whether they were withdrawn."""

    agency = filters.CharFilter("agency__code", label=_("Agency code"), widget=TEXT)
    name = filters.CharFilter(method="named", label=_("Honorary title"), widget=TEXT)
    state = Choice(
        method="in_state",
        choices=[("standing", _("Standing")), ("withdrawn", _("Withdrawn"))],
        label=_("State"),
    )

    class Meta:
        model = Title
        fields: list[str] = []

    def named(self, found: QuerySet[Title], name: str, value: str) -> QuerySet[Title]:
        """By a part of the name in either language."""
        return found.filter(Q(name_zh__icontains=value) | Q(name_en__icontains=value))

    def in_state(self, found: QuerySet[Title], name: str, value: str) -> QuerySet[Title]:
        """Standing, or withdrawn."""
        return found.filter(withdrawn_on__isnull=value == "standing")


class NoticeFilter(CaseFilter):
    """Public notices by title, state, and an agency that they name."""

    title = filters.CharFilter("title", "icontains", label=_("Title"), widget=TEXT)
    agency = filters.CharFilter(method="naming", label=_("Agency code"), widget=TEXT)
    state = Choice(choices=NoticeState.choices, label=_("State"))

    class Meta:
        model = PublicNotice
        fields: list[str] = []

    def naming(
        self, found: QuerySet[PublicNotice], name: str, value: str
    ) -> QuerySet[PublicNotice]:
        """Those with an entry on the agency; the count of their entries stays whole."""
        naming = PublicNotice.objects.filter(entries__violation__agency__code=value)
        return found.filter(pk__in=naming.values("pk"))
