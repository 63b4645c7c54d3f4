"""What the list of plans is narrowed down by, in the address."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.enums import StarPhase
from agencies.filters.cases import TEXT, CaseFilter, Choice
from agencies.models import Agency, StarPlan
from agencies.star_source import plans

SOON_DAYS: Final = 7
PHASES: Final = [*StarPhase.choices, (plans.LEFT, _("Left the plan"))]


class PlanFilter(CaseFilter):
    """Plans by creator, agency, phase, and what is due."""

    creator = filters.CharFilter(method="of_creator", label=_("Creator ID"), widget=TEXT)
    agency = filters.CharFilter(method="of_agency", label=_("Agency code"), widget=TEXT)
    phase = Choice(method="in_phase", choices=PHASES, label=_("Phase"))
    due = Choice(
        method="by_due",
        choices=[
            ("overdue", _("Points overdue")),
            ("soon", _("Phase ends within 7 days, points open")),
        ],
        label=_("What is due"),
    )

    class Meta:
        model = StarPlan
        fields: list[str] = []

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    @property
    def agency_asked(self) -> Agency | None:
        """The one agency whose creators are asked for, if there is one."""
        code = self.form.cleaned_data.get("agency") if self.is_valid() else ""
        return Agency.objects.filter(code=code).first() if code else None

    def of_creator(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By how the id begins, or a part of the nickname."""
        return found.filter(
            Q(creator__creator_id__startswith=value) | Q(creator__nickname__icontains=value)
        )

    def of_agency(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those whose creators are bound today to the agency with exactly this code."""
        agency = Agency.objects.filter(code=value).first()
        return plans.of_agency(found, agency, self.today) if agency else found.none()

    def in_phase(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those that stand in the phase today."""
        return plans.in_phase(found, value)

    def by_due(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those with points that are late, or that will be soon."""
        if value == "overdue":
            return plans.overdue(found, self.today)
        return plans.ending(found, self.today, days=SOON_DAYS)
