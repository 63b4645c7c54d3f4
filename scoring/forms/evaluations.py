"""What the staff fill in at the desk of evaluations."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.enums import EvaluationState
from scoring.filters import MonthField
from scoring.models import Evaluation
from scoring.queries.revisions import SHOWN

MOST_REASON = 500
_CHOICE = {"class": "form-select"}


class AskForm(forms.Form):
    """Which month, and why again where it was published before."""

    month = MonthField(label=gettext_lazy("Data month"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MOST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
        help_text=gettext_lazy(
            "Needed where the month is published. It is kept with the revision, for the staff."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """A published month is computed again only with a reason."""
        found: dict[str, Any] = super().clean() or {}
        month: date | None = found.get("month")
        if month and not found.get("reason") and _is_published(month):
            self.add_error("reason", _("This month is published: say why it is computed again."))
        return found


def _is_published(month: date) -> bool:
    return Evaluation.objects.published().filter(month=month).exists()


class ReleaseForm(forms.Form):
    """Why what the gate holds should be published all the same; `digest` is what was shown."""

    digest = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Why it should be published all the same"),
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
        help_text=gettext_lazy("The person who confirms reads it, and it is kept for good."),
    )


class DeclineForm(forms.Form):
    """Why a proposal is not confirmed."""

    note = forms.CharField(
        label=gettext_lazy("Why it is declined"),
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )


class EvaluationsForm(forms.Form):
    """What the list is narrowed down by; nothing is found while an entry is wrong."""

    month = MonthField(label=gettext_lazy("Data month"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("All")), *EvaluationState.choices],
        widget=forms.Select(attrs=_CHOICE),
    )
    needs = forms.ChoiceField(
        label=gettext_lazy("Needs somebody"),
        required=False,
        choices=[
            ("", gettext_lazy("All")),
            ("stale", gettext_lazy("Out of date")),
            ("held", gettext_lazy("Held by the gate")),
            ("release", gettext_lazy("A release waits")),
        ],
        widget=forms.Select(attrs=_CHOICE),
    )

    @property
    def active(self) -> bool:
        """Whether anything is left out."""
        return any(self.data.get(name) for name in self.fields)


class CompareForm(forms.Form):
    """With which revision, what of the difference, and which agencies."""

    other = forms.TypedChoiceField(
        label=gettext_lazy("Compared with"), coerce=int, widget=forms.Select(attrs=_CHOICE)
    )
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        required=False,
        choices=list(SHOWN.items()),
        widget=forms.Select(attrs=_CHOICE),
    )
    q = forms.CharField(
        label=gettext_lazy("Code or name of the agency"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"class": "form-control", "type": "search", "autocomplete": "off"}
        ),
    )

    def __init__(self, data: Any, *, others: list[tuple[int, str]]) -> None:
        """The other revision is `with` in the address, the first of `others` without it."""
        address = data.copy()
        address.setdefault("with", str(others[0][0]))
        super().__init__(address)
        self.fields["other"].choices = others  # type: ignore[attr-defined]

    def add_prefix(self, field_name: str) -> str:
        """`with` is a word of Python, not of addresses."""
        return super().add_prefix("with" if field_name == "other" else field_name)

    @property
    def active(self) -> bool:
        """Whether any agency is left out beyond those that did not change."""
        return any(self.data.get(name) for name in ("show", "q"))
