"""The forms of events: for agencies that send people, for the staff who run them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.actions.case_files import NewFile, refuse_large
from agencies.forms.codes import AgencyField, ReasonField
from agencies.refusals import Refused
from portal.models import Event, EventItem, Registration

TIME_FORMAT = "%Y-%m-%dT%H:%M"
EARLIEST, LATEST = 2000, 2100


class TimeField(forms.DateTimeField):
    """A moment in the platform's zone, chosen from the browser's calendar where it has one."""

    def __init__(self, **options: Any) -> None:
        attributes = {"type": "datetime-local", "class": "form-control"}
        widget = forms.DateTimeInput(attrs=attributes, format=TIME_FORMAT)
        super().__init__(widget=widget, input_formats=[TIME_FORMAT, "%Y-%m-%d %H:%M"], **options)

    def validate(self, value: datetime | None) -> None:
        """A slip in the year would be nothing that the database can tell again."""
        super().validate(value)
        if value is not None and not EARLIEST <= value.year < LATEST:
            raise forms.ValidationError(_("Look at the year: an event lies in this century."))


def _line(model: type[Any], column: str, **attributes: str) -> forms.TextInput:
    longest: int = model._meta.get_field(column).max_length
    return forms.TextInput(
        attrs={"class": "form-control", "maxlength": longest, "autocomplete": "off", **attributes}
    )


class RegisterForm(forms.Form):
    """Who comes; whether there is a seat is decided when it is sent."""

    person = forms.CharField(
        label=_("Who comes"), max_length=60, widget=_line(Registration, "person")
    )
    phone = forms.CharField(
        label=_("Phone on the day"),
        max_length=40,
        widget=_line(Registration, "phone", inputmode="tel"),
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput)


class EventForm(forms.ModelForm):
    """An event without its programme."""

    starts_at = TimeField(label=_("Begins"))
    ends_at = TimeField(label=_("Ends"))
    register_until = TimeField(label=_("Registration until"))
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    class Meta:
        model = Event
        fields: ClassVar[list[str]] = [
            *("title_zh", "title_en", "city_zh", "city_en", "venue_zh", "venue_en"),
            *("text_zh", "text_en", "starts_at", "ends_at", "register_until"),
            *("seats", "most_per_agency"),
        ]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            **{
                f"{name}_{language}": _line(Event, f"{name}_{language}")
                for name in ("title", "city", "venue")
                for language in ("zh", "en")
            },
            "text_zh": forms.Textarea(attrs={"class": "form-control", "rows": 5}),
            "text_en": forms.Textarea(attrs={"class": "form-control", "rows": 5}),
            "seats": forms.NumberInput(attrs={"class": "form-control", "min": 1}),
            "most_per_agency": forms.NumberInput(attrs={"class": "form-control", "min": 1}),
        }

    def clean(self) -> dict[str, Any]:
        """Times come in their order."""
        cleaned: dict[str, Any] = super().clean() or {}
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        until = cleaned.get("register_until")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("The end lies after the beginning."))
        if starts and until and until > starts:
            self.add_error("register_until", _("Registration ends before the event begins."))
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ItemForm(forms.ModelForm):
    """A line of the programme; times lie within the event, which is asked when it is written."""

    starts_at = TimeField(label=_("Begins"))
    ends_at = TimeField(label=_("Ends"))
    speaker_agency = AgencyField(label=_("Agency code of the speaker (optional)"), required=False)

    class Meta:
        model = EventItem
        fields: ClassVar[list[str]] = [
            *("starts_at", "ends_at", "title_zh", "title_en"),
            *("speaker", "speaker_zh", "speaker_en", "speaker_agency"),
        ]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            name: _line(EventItem, name)
            for name in ("title_zh", "title_en", "speaker", "speaker_zh", "speaker_en")
        }

    @property
    def values(self) -> dict[str, Any]:
        """What the action takes."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class BaseItems(forms.BaseFormSet):
    """The lines of a programme; empty lines and those marked for removal are left out."""

    @property
    def values(self) -> list[dict[str, Any]]:
        """What the action takes."""
        there = self.initial_form_count()
        return [
            form.values
            for number, form in enumerate(self.forms)
            if (number < there or form.has_changed()) and form not in self.deleted_forms
        ]


Items: Any = forms.formset_factory(
    ItemForm, formset=BaseItems, extra=2, can_delete=True, max_num=40, validate_max=True
)


def lines_of(event: Event) -> list[dict[str, Any]]:
    """The programme as the lines of the form begin with it."""
    return [
        {
            **{name: getattr(item, name) for name in ItemForm.Meta.fields},
            "speaker_agency": item.speaker_agency.code if item.speaker_agency else "",
        }
        for item in event.items.all()
    ]


class CancelEventForm(forms.Form):
    """Why an event is called off."""

    reason = ReasonField(label=_("Reason, for the agencies to read"))


class MaterialForm(forms.Form):
    """A file for the agencies, with a title in both languages."""

    title_zh = forms.CharField(
        label=_("Title of the file in Chinese"), max_length=120, widget=_line(Event, "title_zh")
    )
    title_en = forms.CharField(
        label=_("Title of the file in English"), max_length=120, widget=_line(Event, "title_en")
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, PNG or JPEG, at most 10 MB."),
        widget=forms.FileInput(attrs={"class": "form-control"}),
    )

    def clean_file(self) -> NewFile:
        """The file as it was sent; asked how large it is before it is read."""
        sent = self.cleaned_data["file"]
        try:
            refuse_large(sent.name, sent.size)
        except Refused as refused:
            raise forms.ValidationError(str(refused), code=refused.rule) from refused
        return NewFile(sent.name, sent.read())
