"""What the register of imported files is narrowed down by, in the address."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.enums import FileKind, ImportOutcome
from agencies.filters.cases import DAY, TEXT, CaseFilter, Choice
from agencies.models import ImportedFile


class ImportFilter(CaseFilter):
    """Deliveries by kind, what became of them, a part of the name, and the platform day."""

    TAKEN_BACK, WITH_REJECTS = "taken_back", "with_rejects"

    kind = Choice(choices=FileKind.choices, label=_("Kind"))
    outcome = Choice(
        method="became",
        choices=[
            *ImportOutcome.choices,
            (WITH_REJECTS, _("With rejected rows")),
            (TAKEN_BACK, _("Taken back")),
        ],
        label=_("What became of it"),
    )
    name = filters.CharFilter("name", "icontains", label=_("File name"), widget=TEXT)
    first = filters.DateFilter("started_at", "date__gte", label=_("From"), widget=DAY)
    last = filters.DateFilter("started_at", "date__lte", label=_("To"), widget=DAY)

    class Meta:
        model = ImportedFile
        fields: list[str] = []

    def became(
        self, found: QuerySet[ImportedFile], name: str, value: str
    ) -> QuerySet[ImportedFile]:
        """By the outcome, or those with rejected rows, or those that were taken back."""
        if value == self.TAKEN_BACK:
            return found.filter(retraction__isnull=False)
        if value == self.WITH_REJECTS:
            return found.filter(rejected__gt=0)
        return found.filter(outcome=value)
