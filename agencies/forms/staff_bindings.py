"""The forms by which the staff bind, part and move creators."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.actions.binding_changes import day_after
from agencies.forms.codes import AgencyField, CreatorField, CreatorsField, DayField, ReasonField
from agencies.queries.binding_days import Days


class BindForm(forms.Form):
    """A binding that the platform sets."""

    agency = AgencyField(label=gettext_lazy("Agency code"))
    creator = CreatorField(label=gettext_lazy("Creator ID"))
    on = DayField(label=gettext_lazy("First day"))
    reason = ReasonField()


class EndBindingForm(forms.Form):
    """The end of a binding that the platform sets."""

    last_day = DayField(label=gettext_lazy("Last day that counts for the agency"))
    reason = ReasonField()


class CorrectBindingForm(forms.Form):
    """The days that a binding really had, or that it never was.

    `seen` are the recorded days that the preview showed; empty asks for the preview.
    """

    bound_from = DayField(label=gettext_lazy("First day"), required=False)
    last_day = DayField(
        label=gettext_lazy("Last day that counts for the agency"),
        required=False,
        help_text=gettext_lazy("Leave it empty where the binding goes on."),
    )
    never_was = forms.BooleanField(
        label=gettext_lazy("It never was: remove it, whatever the days above say"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    reason = ReasonField()
    seen = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)

    def clean_seen(self) -> Days | None:
        """The recorded days as `written` wrote them; None for anything else."""
        first, _between, until = self.cleaned_data["seen"].partition("/")
        try:
            return date.fromisoformat(first), date.fromisoformat(until) if until else None
        except ValueError:
            return None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "bound_from" in given and not given["bound_from"] and not given["never_was"]:
            self.add_error("bound_from", _("Say since when the creator was bound."))
        return given

    @property
    def days(self) -> Days | None:
        """The days as they are stored; None where the binding never was."""
        given = self.cleaned_data
        if given["never_was"]:
            return None
        return given["bound_from"], given["last_day"] and day_after(given["last_day"])


def written(days: Days) -> str:
    """Recorded days as a hidden field carries them."""
    first, until = days
    return f"{first.isoformat()}/{until.isoformat() if until else ''}"


class TransferForm(forms.Form):
    """Creators who move to another agency: some, or all of one agency.

    `seen` is the digest of the preview that was looked at; empty asks for the preview.
    """

    creators = CreatorsField(
        label=gettext_lazy("Creator IDs, separated by lines or commas"), required=False
    )
    from_agency = AgencyField(
        label=gettext_lazy("or everybody of the agency (code)"), required=False
    )
    to_agency = AgencyField(label=gettext_lazy("To the agency (code)"))
    on = DayField(label=gettext_lazy("First day at the new agency"))
    reason = ReasonField()
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        some, everybody = given.get("creators"), given.get("from_agency")
        if "creators" in given and "from_agency" in given and bool(some) == bool(everybody):
            self.add_error(
                "creators", _("Name either the creators or the agency that they all leave.")
            )
        return given


class DecideUnbindingForm(forms.Form):
    """The platform's decision on a wish to part."""

    KEEP, END = "keep", "end"

    verdict = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            (END, gettext_lazy("End the binding")),
            (KEEP, gettext_lazy("Keep the binding")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the two.")},
    )
    reason = ReasonField(label=gettext_lazy("Reason, for both sides to read"))
