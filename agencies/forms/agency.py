"""What the members of an agency fill in: an appeal, a wish to bind, a wish to part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from agencies.models import BindingRequest, Creator, Unbinding, Violation
from agencies.models.violation import Appeal

MOST_FILES = 5
MOST_BYTES = 10 * 1024**2


class ManyFilesInput(forms.FileInput):
    """A field in which several files are chosen at once."""

    allow_multiple_selected = True

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, UploadedFile], name: str
    ) -> list[UploadedFile]:
        return files.getlist(name)


class ManyFilesField(forms.FileField):
    """The files chosen, none to `MOST_FILES` of them, each of at most `MOST_BYTES`.

    What is in them is looked at where they are stored; too large ones are not even read.
    """

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = [file for file in data or [] if file]
        if len(given) > MOST_FILES:
            raise forms.ValidationError(
                _("These are %(count)d files; an appeal takes at most %(most)d. Leave some out."),
                params={"count": len(given), "most": MOST_FILES},
            )
        for file in given:
            if file.size > MOST_BYTES:
                raise forms.ValidationError(
                    _("%(name)s is larger than 10 MB. Make it smaller, or split it."),
                    params={"name": file.name},
                )
        return [super(ManyFilesField, self).clean(file, initial) for file in given]


class OtherDecisionsField(forms.ModelMultipleChoiceField):
    """Decisions to tick, each by its case number and how its summary begins."""

    def label_from_instance(self, obj: Violation) -> str:
        return f"{obj.reference} · {obj.summary[:80]}"


class AppealForm(forms.Form):
    """An objection to one violation, and to others of the same incident."""

    text = forms.CharField(
        label=_("Why the decision is wrong"),
        max_length=Appeal._meta.get_field("text").max_length,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 6}),
    )
    attachments = ManyFilesField(
        label=_("Files that show it"),
        required=False,
        help_text=_("Up to 5 files, PDF, PNG or JPEG, 10 MB each"),
        widget=ManyFilesInput(
            attrs={"class": "form-control", "accept": ".pdf,.png,.jpg,.jpeg", "multiple": True}
        ),
    )
    others = OtherDecisionsField(
        label=_("Appeal these decisions on the same incident too"),
        queryset=Violation.objects.none(),
        to_field_name="reference",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, others: Iterable[Violation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_ones = list(others)
        if not open_ones:
            del self.fields["others"]
            return
        field = cast("OtherDecisionsField", self.fields["others"])
        field.queryset = Violation.objects.filter(pk__in=[each.pk for each in open_ones])

    @property
    def chosen(self) -> list[Violation]:
        """The other decisions that were ticked."""
        return list(self.cleaned_data.get("others", []))


class AskBindingForm(forms.Form):
    """Which creator is to be bound, and what the creator reads about it."""

    creator_id = forms.CharField(
        label=_("Creator ID"),
        max_length=Creator._meta.get_field("creator_id").max_length,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    message = forms.CharField(
        label=_("Message to the creator (optional)"),
        required=False,
        max_length=BindingRequest._meta.get_field("message").max_length,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
    )


class UnbindForm(forms.Form):
    """A wish to part with a creator."""

    reason = forms.CharField(
        label=_("Reason, for the creator to read (optional)"),
        required=False,
        max_length=Unbinding._meta.get_field("reason").max_length,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 3}),
    )


class ObjectionForm(forms.Form):
    """Why a creator's wish to part is refused; whether there is a reason, the action says."""

    objection = forms.CharField(
        label=_("Reason of the refusal, for the creator to read"),
        required=False,
        max_length=Unbinding._meta.get_field("objection").max_length,
    )


class SearchForm(forms.Form):
    """Looks for a creator by ID or nickname."""

    q = forms.CharField(
        label=_("Creator ID or nickname"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "type": "search",
                "placeholder": _("Creator ID or nickname"),
            }
        ),
    )
