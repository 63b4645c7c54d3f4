"""What the lists of creators and disputes are narrowed down by, in the address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from agencies.filters.cases import TEXT, CaseFilter, Choice
from scoring.enums import DisputeKind, DisputeState
from scoring.models import Dispute
from scoring.months import first_day
from scoring.queries.creators import LEFT, NOW, Wanted
from scoring.tables import NAMES

HIGHEST_LEVEL = 7
DEFAULT_SORT = "-settled"
CHOICE = {"class": "form-select"}
# Fields that leave somebody out; the others only choose the month, the order and the columns.
NARROWING = ("q", "state", "level", "showcase")


def _orders() -> list[tuple[str, str | Promise]]:
    orders: list[tuple[str, str | Promise]] = []
    for key, name in NAMES.items():
        orders.append((f"-{key}", format_lazy(_("↓ {column}: highest first"), column=name)))
        orders.append((key, format_lazy(_("↑ {column}: lowest first"), column=name)))
    return [*orders, ("creator", _("Creator ID: A to Z")), ("-creator", _("Creator ID: Z to A"))]


class CreatorsForm(forms.Form):
    """The month, who is looked for, the order and the columns; nobody is found while it is wrong.

    Columns that are not chosen are left out; without any choice all are shown.
    """

    month = forms.ChoiceField(
        label=_("Month"), required=False, widget=forms.Select(attrs=CHOICE), choices=[]
    )
    q = forms.CharField(
        label=_("ID or nickname"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"class": "form-control", "type": "search", "autocomplete": "off"}
        ),
    )
    state = forms.ChoiceField(
        label=_("Whether bound"),
        required=False,
        choices=[
            ("", _("All")),
            (NOW, _("Bound now or later")),
            (LEFT, _("Left since the month")),
        ],
        widget=forms.Select(attrs=CHOICE),
    )
    level = forms.TypedChoiceField(
        label=_("Creator level"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("All")),
            *(
                (str(level), format_lazy(_("L{level} and above"), level=level))
                for level in range(1, HIGHEST_LEVEL + 1)
            ),
        ],
        widget=forms.Select(attrs=CHOICE),
    )
    showcase = forms.ChoiceField(
        label=_("Sells by showcase"),
        required=False,
        choices=[("", _("All")), ("yes", _("Yes")), ("no", _("No"))],
        widget=forms.Select(attrs=CHOICE),
    )
    sort = forms.ChoiceField(
        label=_("Order"), required=False, choices=_orders, widget=forms.Select(attrs=CHOICE)
    )
    show = forms.MultipleChoiceField(
        label=_("Columns"),
        required=False,
        choices=list(NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, months: Iterable[date], **kwargs: Any) -> None:
        """`data` is the address; what it does not say is as on the page without one."""
        address = data.copy()
        address.setdefault("sort", DEFAULT_SORT)
        if not address.getlist("show"):
            address.setlist("show", list(NAMES))
        super().__init__(address, **kwargs)
        cast("forms.ChoiceField", self.fields["month"]).choices = [
            (f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")) for month in months
        ]

    @property
    def active(self) -> bool:
        """Whether anybody is left out."""
        return any(self.data.get(name) for name in NARROWING)

    @property
    def wanted(self) -> Wanted | None:
        """Who is asked for, in which order; None while an entry is wrong."""
        if not self.is_valid():
            return None
        found = self.cleaned_data
        sort = found["sort"] or DEFAULT_SORT
        return Wanted(
            search=found["q"],
            state=found["state"],
            level_from=found["level"],
            showcase={"yes": True, "no": False}.get(found["showcase"]),
            sort=sort.removeprefix("-"),
            descending=sort.startswith("-"),
        )

    @property
    def shown(self) -> list[str]:
        """The chosen columns in the order of the table."""
        chosen = self.cleaned_data.get("show") if self.is_valid() else None
        return [key for key in NAMES if key in (chosen or NAMES)]


class MonthField(forms.CharField):
    """A month as addresses carry it, YYYY-MM; becomes its first day."""

    widget = forms.TextInput(
        attrs={"class": "form-control", "type": "month", "placeholder": "2026-01"}
    )

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        try:
            return first_day(text) if text else None
        except ValueError:
            raise forms.ValidationError(_("Write the month as 2026-01.")) from None


class MonthFilter(filters.Filter):
    """Rows of one data month."""

    field_class = MonthField


class DisputeFilter(CaseFilter):
    """Disputes by agency, creator, month, kind and state."""

    agency = filters.CharFilter(method="search", label=_("Agency"), widget=TEXT)
    creator = filters.CharFilter("creator_code", label=_("Creator ID"), widget=TEXT)
    month = MonthFilter("month", label=_("Month"))
    kind = Choice(choices=DisputeKind.choices, label=_("About"))
    state = Choice(choices=DisputeState.choices, label=_("State"))

    class Meta:
        model = Dispute
        fields: list[str] = []

    def search(self, found: QuerySet[Dispute], name: str, value: str) -> QuerySet[Dispute]:
        """By the agency's code or a part of its name."""
        return found.filter(Q(agency__code=value) | Q(agency__name__icontains=value))
