"""What the lists of agencies and of looks are narrowed down by, in the address."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.enums import Stage
from agencies.filters.cases import DAY, TEXT, CaseFilter, Choice
from agencies.models import Agency
from portal.enums import StaffRole
from portal.models import StaffLook
from portal.support.agencies import agencies_like
from scoring.models import RulebookVersion
from scoring.months import current_month

HERE, REMOVED = "here", "removed"
ONE_DAY = timedelta(days=1)


def levels() -> list[tuple[str, str]]:
    """The levels of the rules in force, the highest first; none before there are any."""
    try:
        rulebook = RulebookVersion.objects.for_month(current_month(timezone.now())).rulebook
    except RulebookVersion.DoesNotExist:
        return []
    return [(level.key, level.key) for level in reversed(rulebook.levels)]


class AgencyFilter(CaseFilter):
    """Agencies by a part of code or name, level, stage, and whether they are still there."""

    q = filters.CharFilter(method="search", label=_("Agency code or name"), widget=TEXT)
    level = Choice(choices=levels, label=_("Level"))
    stage = Choice(choices=Stage.choices, label=_("Stage"))
    state = Choice(
        method="in_state",
        choices=[
            (HERE, pgettext_lazy("agency", "On the platform")),
            (REMOVED, pgettext_lazy("agency", "Removed")),
        ],
        label=_("State"),
    )

    class Meta:
        model = Agency
        fields: list[str] = []

    def search(self, found: QuerySet[Agency], name: str, value: str) -> QuerySet[Agency]:
        """Those with the words in code or name, the best fits first."""
        return agencies_like(found, value)

    def in_state(self, found: QuerySet[Agency], name: str, value: str) -> QuerySet[Agency]:
        """Still on the platform today, or not any more."""
        gone = Q(removed_on__lte=timezone.localdate())
        return found.filter(gone) if value == REMOVED else found.exclude(gone)


class LookFilter(CaseFilter):
    """Looks by person, what they worked as, agency and day."""

    who = filters.CharFilter(method="by_person", label=_("Person: e-mail or name"), widget=TEXT)
    role = Choice(choices=StaffRole.choices, label=pgettext_lazy("of people", "Role"))
    agency = filters.CharFilter("agency__code", label=_("Agency code"), widget=TEXT)
    at_from = filters.DateFilter(method="from_day", label=_("From"), widget=DAY)
    at_to = filters.DateFilter(method="to_day", label=_("To"), widget=DAY)

    class Meta:
        model = StaffLook
        fields: list[str] = []

    @property
    def agency_asked(self) -> Agency | None:
        """The one agency that was looked at, if one is asked for."""
        code = self.form.cleaned_data.get("agency") if self.is_valid() else ""
        return Agency.objects.filter(code=code).first() if code else None

    def by_person(self, found: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those of whoever has the e-mail, or a name with the words in it."""
        return found.filter(Q(actor__email=value.lower()) | Q(actor__name__icontains=value))

    def from_day(self, found: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        """From the beginning of a day of the platform."""
        return found.filter(at__gte=timezone.make_aware(datetime.combine(value, time.min)))

    def to_day(self, found: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        """Until the end of a day of the platform; the last day that there is has no next one."""
        end = datetime.combine(min(value, date.max - ONE_DAY) + ONE_DAY, time.min)
        return found.filter(at__lt=timezone.make_aware(end))
