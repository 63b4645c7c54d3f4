"""What the staff fill in at the back-test lab."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scoring.models import RulebookVersion
from scoring.months import first_day
from scoring.queries.backtests import choosable_versions
from scoring.wording import INDICATOR_NAMES

NEWEST = 3
_SELECT = {"class": "form-select"}


class VersionField(forms.ModelChoiceField):
    """A version of the rules with its state."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.version} · {obj.get_state_display()}"


class AskForm(forms.Form):
    """Which version is tried on which published months."""

    version = VersionField(
        RulebookVersion.objects.none(),
        label=_("Version of the rules"),
        empty_label=None,
        widget=forms.Select(attrs=_SELECT),
    )
    months = forms.MultipleChoiceField(
        label=_("Published months, at most 12"),
        error_messages={"required": _("Choose at least one month to try the rules on.")},
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, published: Sequence[date], **kwargs: Any) -> None:
        newest = [f"{month:%Y-%m}" for month in published[:NEWEST]]
        kwargs["initial"] = {"months": newest, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["version"].queryset = choosable_versions()  # type: ignore[attr-defined]
        self.fields["months"].choices = month_choices(published)  # type: ignore[attr-defined]

    def clean_months(self) -> list[date]:
        """The months as days."""
        return [first_day(text) for text in self.cleaned_data["months"]]


class LookForm(forms.Form):
    """Which month is looked at, and who of its movers."""

    month = forms.ChoiceField(label=_("Month"), required=False)
    before = forms.ChoiceField(label=pgettext_lazy("place in a matrix", "From"), required=False)
    after = forms.ChoiceField(label=pgettext_lazy("place in a matrix", "To"), required=False)
    moved_by = forms.ChoiceField(label=_("Moved most by"), required=False)

    def __init__(
        self,
        *args: Any,
        months: Sequence[date],
        before: Iterable[tuple[str, Any]],
        after: Iterable[tuple[str, Any]],
        none: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "month": [("", _("All months")), *month_choices(months[::-1])],
            "before": [("", _("Any place")), *before],
            "after": [("", _("Any place")), *after],
            "moved_by": [
                ("", _("Any indicator")),
                *INDICATOR_NAMES.items(),
                (none, _("Other rules than the curves, such as cut-offs")),
            ],
        }
        for name, offered in choices.items():
            field: Any = self.fields[name]
            field.choices = offered
            field.widget.attrs.update(_SELECT)

    @property
    def active(self) -> bool:
        """Whether the list is narrowed down at all."""
        return any(self.data.get(name) for name in ("before", "after", "moved_by"))

    @property
    def chosen_month(self) -> date | None:
        """The month that is looked at, None for all together; one that is wrong counts as all."""
        self.is_valid()
        text = self.cleaned_data.get("month")
        return first_day(text) if text else None


def month_choices(months: Iterable[date]) -> list[tuple[str, str]]:
    """Months as people read them, by YYYY-MM."""
    return [(f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")) for month in months]
