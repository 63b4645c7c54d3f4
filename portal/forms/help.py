"""What the members of an agency fill in at the help pages: a question, more of it, a mark."""

from __future__ import annotations

from typing import Any, Final, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.actions.case_files import NewFile
from agencies.forms.files import FilesField, ManyFiles
from agencies.refusals import Refused
from portal.forms.prose import ProseField
from portal.support.asking import LONGEST_RATING, LONGEST_SUBJECT
from portal.support.clauses import Choices
from portal.support.context import KEYS, LONGEST
from portal.support.thread import LONGEST_TEXT

# Where a refusal belongs; all others are about the form as a whole.
FIELDS: Final = {
    "subject": "subject",
    "text": "text",
    "file_type": "attachments",
    "file_size": "attachments",
    "file_count": "attachments",
}
MARKS: Final = (
    (5, pgettext_lazy("how an answer was", "Very good")),
    (4, pgettext_lazy("how an answer was", "Good")),
    (3, pgettext_lazy("how an answer was", "So-so")),
    (2, pgettext_lazy("how an answer was", "Poor")),
    (1, pgettext_lazy("how an answer was", "Very poor")),
)


def _attachments() -> FilesField:
    return FilesField(
        label=pgettext_lazy("with a question", "Files"),
        required=False,
        help_text=_("Up to 5 files, PDF, PNG or JPEG, 10 MB each"),
        widget=ManyFiles(
            attrs={"class": "form-control", "accept": ".pdf,.png,.jpg,.jpeg", "multiple": True}
        ),
    )


def _text(label: Any, rows: int) -> ProseField:
    return ProseField(
        label=label,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": rows}),
        error_messages={"required": _("Write a sentence or two.")},
    )


class RefusableForm(forms.Form):
    """A form that shows what the action refuses, where it belongs."""

    def refuse(self, refused: Refused) -> None:
        """Put a refusal at its field."""
        name = FIELDS.get(refused.rule, "")
        self.add_error(name if name in self.fields else None, str(refused))

    def files_read(self) -> list[NewFile]:
        """What was attached; the files are read here."""
        return [NewFile(each.name, each.read()) for each in self.cleaned_data["attachments"]]


class SubjectForm(forms.Form):
    """The question in one line: what is looked for before anybody is asked."""

    subject = forms.CharField(
        label=_("Your question in one line"),
        max_length=LONGEST_SUBJECT,
        help_text=_("Public answers that fit are shown before you send anything."),
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        error_messages={"required": _("Say in one line what you want to know.")},
    )


class AskForm(SubjectForm, RefusableForm):
    """The whole question; the page that it was asked from goes along in hidden fields."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    text = _text(_("What you want to know, and what you have seen or tried"), 8)
    clause = forms.ChoiceField(
        label=_("Which rule it is about (optional)"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    attachments = _attachments()

    def __init__(self, *args: Any, clauses: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].help_text = ""  # they are shown by now
        field = cast("forms.ChoiceField", self.fields["clause"])
        field.choices = [("", _("None, or I do not know")), *clauses]
        for key in KEYS:
            self.fields[key] = forms.CharField(
                required=False, max_length=LONGEST, widget=forms.HiddenInput
            )

    def entries(self) -> dict[str, Any]:
        """What the action takes; the files are read here."""
        given = self.cleaned_data
        about = {key: given[key] for key in KEYS if given.get(key)}
        taken = {key: given[key] for key in ("subject", "text", "clause", "request_key")}
        return {**taken, "about": about, "files": self.files_read()}


class WriteForm(RefusableForm):
    """More of a question."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    text = _text(_("Your message"), 5)
    attachments = _attachments()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # another form on the page has a field of the same name
        super().__init__(*args, **{**kwargs, "auto_id": "write_%s"})


class RateForm(forms.Form):
    """How well a question was answered."""

    rating = forms.TypedChoiceField(
        label=_("How well were you answered?"),
        coerce=int,
        choices=MARKS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the five marks.")},
    )
    text = ProseField(
        label=_("What we should know (optional)"),
        required=False,
        max_length=LONGEST_RATING,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # another form on the page has a field of the same name
        super().__init__(*args, **{**kwargs, "auto_id": "rate_%s"})
