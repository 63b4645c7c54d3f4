"""What the lists of cases are narrowed down by; every filter lives in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agencies.enums import EntryKind, ViolationKind, ViolationState
from agencies.models import Agency, Appeal, CreditEntry, Violation
from agencies.queries.desk import appeals_awaiting, awaiting

if TYPE_CHECKING:
    from agencies.models.violation import ViolationQuerySet
    from portal.models import User

DAY = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
CHOICE = forms.Select(attrs={"class": "form-select"})
TEXT = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "maxlength": 100})
TICK = forms.CheckboxInput(attrs={"class": "form-check-input"})


class Choice(filters.ChoiceFilter):
    """One of some values, or all of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"empty_label": _("All"), "widget": CHOICE, **kwargs})


class CaseFilter(filters.FilterSet):
    """A filter that finds nothing where it is not understood, rather than everything."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    @property
    def found(self) -> QuerySet[Any]:
        """The rows that fit; none while an entry of the filter is wrong."""
        return self.qs if self.is_valid() else self.queryset.none()

    @property
    def active(self) -> bool:
        """Whether anything is narrowed down at all."""
        return any(self.data.get(name) for name in self.filters)


class ViolationFilter(CaseFilter):
    """Violations by case, agency, kind, state, day of the decision, and who is asked."""

    q = filters.CharFilter(method="search", label=_("Case number or agency"), widget=TEXT)
    kind = Choice(choices=ViolationKind.choices, label=_("Kind"))
    state = Choice(choices=ViolationState.choices, label=_("State"))
    decided_from = filters.DateFilter("decided_on", "gte", label=_("Decided from"), widget=DAY)
    decided_to = filters.DateFilter("decided_on", "lte", label=_("Decided to"), widget=DAY)
    mine = filters.BooleanFilter(method="awaits_me", label=_("Awaits me"), widget=TICK)

    class Meta:
        model = Violation
        fields: list[str] = []

    def search(self, found: ViolationQuerySet, name: str, value: str) -> ViolationQuerySet:
        """By how the case number begins, the agency's code, or a part of its name."""
        return found.filter(
            Q(reference__startswith=value)
            | Q(agency__code=value)
            | Q(agency__name__icontains=value)
        )

    def awaits_me(self, found: ViolationQuerySet, name: str, value: bool) -> ViolationQuerySet:
        """Those whose next step this person may take."""
        return awaiting(found, self.user) if value else found


class AppealFilter(CaseFilter):
    """Appeals by agency, kind of a violation that they name, and whether they are decided."""

    agency = filters.CharFilter(method="search", label=_("Agency"), widget=TEXT)
    kind = Choice(method="of_kind", choices=ViolationKind.choices, label=_("Kind"), widget=CHOICE)
    state = Choice(
        method="in_state",
        choices=[("open", _("Undecided")), ("decided", _("Answered"))],
        label=_("State"),
    )
    mine = filters.BooleanFilter(method="awaits_me", label=_("Awaits me"), widget=TICK)

    class Meta:
        model = Appeal
        fields: list[str] = []

    def search(self, found: QuerySet[Appeal], name: str, value: str) -> QuerySet[Appeal]:
        """By the agency's code or a part of its name."""
        return found.filter(Q(agency__code=value) | Q(agency__name__icontains=value))

    def of_kind(self, found: QuerySet[Appeal], name: str, value: str) -> QuerySet[Appeal]:
        """Those that name a violation of the kind; the count of their cases stays whole."""
        cases = Violation.objects.filter(kind=value, appeal__isnull=False)
        return found.filter(pk__in=cases.values("appeal"))

    def in_state(self, found: QuerySet[Appeal], name: str, value: str) -> QuerySet[Appeal]:
        """Undecided, or decided."""
        return found.filter(decided_at__isnull=value == "open")

    def awaits_me(self, found: QuerySet[Appeal], name: str, value: bool) -> QuerySet[Appeal]:
        """Those that this person may decide."""
        return appeals_awaiting(found, self.user) if value else found


class LedgerFilter(CaseFilter):
    """Lines of the ledger by agency, kind and the day on which they count."""

    agency = filters.CharFilter("agency__code", label=_("Agency code"), widget=TEXT)
    kind = Choice(choices=EntryKind.choices, label=_("Kind"))
    effective_from = filters.DateFilter("effective_on", "gte", label=_("From"), widget=DAY)
    effective_to = filters.DateFilter("effective_on", "lte", label=_("To"), widget=DAY)

    class Meta:
        model = CreditEntry
        fields: list[str] = []

    @property
    def agency_asked(self) -> Agency | None:
        """The one agency whose ledger is asked for, if there is one."""
        code = self.form.cleaned_data.get("agency") if self.is_valid() else ""
        return Agency.objects.filter(code=code).first() if code else None
