"""What the lists of bindings and wishes to part are narrowed down by, in the address."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from agencies.enums import UnbindingState
from agencies.filters.cases import DAY, TEXT, CaseFilter, Choice
from agencies.models import Agency, Binding, Creator, Unbinding
from agencies.models.creator import BindingQuerySet
from agencies.models.request import OPEN_UNBINDING
from agencies.queries.wishes import Phase, in_phase

PHASES = [
    (Phase.CURRENT.value, _("Bound today")),
    (Phase.FUTURE.value, _("Begins later")),
    (Phase.OVER.value, _("Over")),
]


class BindingFilter(CaseFilter):
    """Bindings by agency, creator, where they stand today, and their first day.

    Of one agency or creator they come by their first day, the latest first.
    """

    agency = filters.CharFilter(method="of_agency", label=_("Agency code"), widget=TEXT)
    creator = filters.CharFilter(method="of_creator", label=_("Creator ID"), widget=TEXT)
    state = Choice(method="in_state", choices=PHASES, label=_("State"))
    bound_from = filters.DateFilter("bound_from", "gte", label=_("Bound from"), widget=DAY)
    bound_to = filters.DateFilter("bound_from", "lte", label=_("Bound to"), widget=DAY)

    class Meta:
        model = Binding
        fields: list[str] = []

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    @property
    def agency_asked(self) -> Agency | None:
        """The one agency whose bindings are asked for, if there is one."""
        code = self.form.cleaned_data.get("agency") if self.is_valid() else ""
        return Agency.objects.filter(code=code).first() if code else None

    # the id is asked first: a join would tempt the database to walk all bindings in their order
    def of_agency(self, found: BindingQuerySet, name: str, value: str) -> BindingQuerySet:
        """Those of the agency with exactly this code."""
        pk = Agency.objects.filter(code=value).values_list("pk", flat=True).first()
        return _latest(found.filter(agency=pk)) if pk else found.none()

    def of_creator(self, found: BindingQuerySet, name: str, value: str) -> BindingQuerySet:
        """Those of the creator with exactly this id."""
        pk = Creator.objects.filter(creator_id=value).values_list("pk", flat=True).first()
        return _latest(found.filter(creator=pk)) if pk else found.none()

    def in_state(self, found: BindingQuerySet, name: str, value: str) -> BindingQuerySet:
        """Bound today, later, or not any more."""
        return in_phase(found, Phase(value), today=self.today)


def _latest(found: BindingQuerySet) -> BindingQuerySet:
    return found.order_by("-bound_from", "-pk")


class UnbindingFilter(CaseFilter):
    """Open wishes to part by agency, creator and state."""

    agency = filters.CharFilter("binding__agency__code", label=_("Agency code"), widget=TEXT)
    creator = filters.CharFilter("binding__creator__creator_id", label=_("Creator ID"), widget=TEXT)
    state = Choice(
        choices=[(state.value, state.label) for state in map(UnbindingState, OPEN_UNBINDING)],
        label=_("State"),
    )

    class Meta:
        model = Unbinding
        fields: list[str] = []

    @property
    def agency_asked(self) -> Agency | None:
        """The one agency whose wishes are asked for, if there is one."""
        code = self.form.cleaned_data.get("agency") if self.is_valid() else ""
        return Agency.objects.filter(code=code).first() if code else None
