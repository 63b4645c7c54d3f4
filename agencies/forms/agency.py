"""What the members of an agency fill in: an appeal, a wish to bind, a wish to part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.forms.files import FilesField, ManyFiles
from agencies.models import BindingRequest, Creator, Unbinding, Violation
from agencies.models.violation import Appeal


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
    attachments = FilesField(
        label=_("Files that show it"),
        required=False,
        help_text=_("Up to 5 files, PDF, PNG or JPEG, 10 MB each"),
        widget=ManyFiles(
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
