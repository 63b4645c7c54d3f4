"""The forms of titles and public notices."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from agencies.forms.codes import AgencyField, DayField, ReasonField
from agencies.models import NoticeEntry, PublicNotice, Title, Violation


class LineField(forms.CharField):
    """One line, as long as the column holds."""

    def __init__(self, *, model: type[Model], column: str, **options: Any) -> None:
        field: Any = model._meta.get_field(column)
        widget = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"})
        super().__init__(max_length=field.max_length, widget=widget, **options)


class GrantTitleForm(forms.Form):
    """A title for an agency, in both languages."""

    agency = AgencyField(label=_("Agency code"))
    name_zh = LineField(label=_("Title in Chinese"), model=Title, column="name_zh")
    name_en = LineField(label=_("Title in English"), model=Title, column="name_en")
    on = DayField(label=_("Granted on"))


class WithdrawTitleForm(forms.Form):
    """Why a title is withdrawn."""

    reason = ReasonField(label=_("Reason, for the agency to read"))


class AmendNoticeForm(forms.Form):
    """What stands above the entries of a notice."""

    title = LineField(label=_("Title"), model=PublicNotice, column="title")
    introduction = forms.CharField(
        label=_("Introduction (optional)"),
        required=False,
        max_length=PublicNotice._meta.get_field("introduction").max_length,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 4}),
    )


class NoticeForm(AmendNoticeForm):
    """A notice and the period whose violations it gathers."""

    first_day = DayField(label=_("Decided from"))
    last_day = DayField(label=_("Decided to"))
    request_key = forms.UUIDField(widget=forms.HiddenInput)


class WordingForm(forms.Form):
    """What the public reads of one violation."""

    wording = forms.CharField(
        label=_("Wording"),
        max_length=NoticeEntry._meta.get_field("wording").max_length,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 5}),
        error_messages={"required": _("An entry needs words: say what was decided.")},
    )


class AddEntryForm(forms.Form):
    """Names one more violation; `case` becomes it. Drafts are not found."""

    case = LineField(label=_("Case number"), model=Violation, column="reference")

    def clean_case(self) -> Violation:
        reference = self.cleaned_data["case"]
        violation = Violation.objects.decided().filter(reference=reference).first()
        if violation is None:
            raise forms.ValidationError(
                _("No decided case has the number %(case)s."), params={"case": reference}
            )
        return violation


class AboutAgencyForm(forms.Form):
    """Looks for an agency in the public notices."""

    agency = forms.CharField(
        label=_("Agency: a part of its name, or its code"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control", "type": "search"}),
    )
