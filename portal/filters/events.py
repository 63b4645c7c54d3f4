"""What the list of events is narrowed down by, in the address."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.filters.cases import DAY, TEXT, CaseFilter, Choice
from portal.enums import EventState
from portal.models import Event


class EventFilter(CaseFilter):
    """Events by words of title or city, state and day."""

    q = filters.CharFilter(method="search", label=_("Title or city"), widget=TEXT)
    state = Choice(choices=EventState.choices, label=_("State"))
    first = filters.DateFilter("starts_at", "date__gte", label=_("From"), widget=DAY)
    last = filters.DateFilter("starts_at", "date__lte", label=_("Until"), widget=DAY)

    class Meta:
        model = Event
        fields: list[str] = []

    def search(self, found: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """By a part of title or city in either language."""
        columns = ("title_zh", "title_en", "city_zh", "city_en")
        any_of = Q()
        for column in columns:
            any_of |= Q(**{f"{column}__icontains": value})
        return found.filter(any_of)
