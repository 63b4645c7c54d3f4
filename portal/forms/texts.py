"""The forms of prepared answers and of public answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from agencies.forms.codes import AgencyField
from portal.forms.prose import ProseField
from portal.models import CannedAnswer, HelpArticle
from portal.support.clauses import Choices
from portal.support.fills import unknown_placeholders
from portal.support.texts import ArticleFields, CannedFields


def _line(model: type[Model], column: str) -> forms.CharField:
    field: Any = model._meta.get_field(column)
    return forms.CharField(
        label=capfirst(field.verbose_name),
        max_length=field.max_length,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )


def _text(model: type[Model], column: str, language: str) -> ProseField:
    field: Any = model._meta.get_field(column)
    return ProseField(
        label=capfirst(field.verbose_name),
        max_length=field.max_length,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 9, "lang": language}),
    )


class ClauseForm(forms.Form):
    """A text about a clause of the rules in force, or about none of them."""

    clause = forms.ChoiceField(
        label=_("Clause of the rules"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, clauses: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["clause"]
        assert isinstance(field, forms.ChoiceField)  # declared above
        kept = self.get_initial_for_field(field, "clause")
        known = {key for _section, group in clauses for key, _title in group}
        # a clause that later rules lack stays chosen until somebody chooses another
        gone = [(kept, kept)] if kept and kept not in known else []
        field.choices = [("", _("No clause")), *clauses, *gone]


class CannedForm(ClauseForm):
    """A prepared answer; `preview_for` shows it with the figures of an agency, unsaved."""

    name = _line(CannedAnswer, "name")
    text_zh = _text(CannedAnswer, "text_zh", "zh-Hans")
    text_en = _text(CannedAnswer, "text_en", "en")
    is_active = forms.BooleanField(
        label=_("In use"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    preview_for = AgencyField(label=_("Agency code"), required=False)
    field_order = ["name", "clause", "text_zh", "text_en", "is_active", "preview_for"]

    def clean_text_zh(self) -> str:
        return self._only_known("text_zh")

    def clean_text_en(self) -> str:
        return self._only_known("text_en")

    def _only_known(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        unknown = unknown_placeholders(text)
        if unknown:
            raise forms.ValidationError(
                _("Nothing stands for %(unknown)s: choose from the list of placeholders."),
                params={"unknown": " ".join(unknown)},
            )
        return text

    @property
    def said(self) -> CannedFields:
        """What the answer says."""
        found = self.cleaned_data
        return CannedFields(
            name=found["name"],
            clause=found["clause"],
            text_zh=found["text_zh"],
            text_en=found["text_en"],
            is_active=found["is_active"],
        )


class ArticleForm(ClauseForm):
    """A public answer in both languages."""

    title_zh = _line(HelpArticle, "title_zh")
    text_zh = _text(HelpArticle, "text_zh", "zh-Hans")
    title_en = _line(HelpArticle, "title_en")
    text_en = _text(HelpArticle, "text_en", "en")
    field_order = ["clause", "title_zh", "text_zh", "title_en", "text_en"]

    @property
    def said(self) -> ArticleFields:
        """What the answer says."""
        found = self.cleaned_data
        return ArticleFields(
            clause=found["clause"],
            title_zh=found["title_zh"],
            title_en=found["title_en"],
            text_zh=found["text_zh"],
            text_en=found["text_en"],
        )
