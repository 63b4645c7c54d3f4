"""How a draft of the rulebook begins: as a copy, or from a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.forms.rulebook import VERSION_LENGTH
from scoring.forms.rulebook_fields import LineField, MonthField
from scoring.rulebook.parsing import MOST_CHARACTERS

MOST_BYTES = 1 << 20


class CopyForm(forms.Form):
    """Name and first month of a copy."""

    version = LineField(
        gettext_lazy("Version name"),
        limit=VERSION_LENGTH,
        help_text=gettext_lazy("Short and never used before, for example 2027.1."),
    )
    effective_from = MonthField(
        gettext_lazy("Counts from the data month"),
        help_text=gettext_lazy("It can be changed while the version is a draft."),
    )


class ImportForm(forms.Form):
    """A rulebook as a file or as text; `text` becomes whichever was given."""

    file = forms.FileField(
        label=gettext_lazy("File (TOML)"),
        required=False,
        widget=forms.FileInput({"class": "form-control", "accept": ".toml,application/toml"}),
        help_text=gettext_lazy("UTF-8, up to 1 MB."),
    )
    text = forms.CharField(
        label=gettext_lazy("or its text"),
        required=False,
        strip=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea({"class": "form-control code", "rows": 12, "spellcheck": "false"}),
    )

    def clean_file(self) -> str:
        """The text of the file; empty without one. A byte order mark is no part of it."""
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than 1 MB: that is not a rulebook. Choose another one.")
            )
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError(
                _("The file is not UTF-8 text: save it as UTF-8 and choose it again.")
            ) from None

    def clean_text(self) -> str:
        """The pasted text with the ends of lines that a file has."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n").removeprefix("\ufeff")

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        given = super().clean() or self.cleaned_data
        if self.errors:
            return given
        if bool(given["file"].strip()) == bool(given["text"].strip()):
            raise forms.ValidationError(_("Choose a file or paste its text: one of the two."))
        return {"text": given["file"] or given["text"]}
