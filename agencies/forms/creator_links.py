"""What creators fill in: which link they want, and what they answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class AskLinkForm(forms.Form):
    """Who asks for a link; a platform that delivers links itself may hold no contact."""

    creator_id = forms.CharField(
        label=_("Your creator ID"),
        max_length=32,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Enter your creator ID; your profile shows it.")},
    )
    contact = forms.EmailField(
        label=_("Your contact e-mail on file"),
        widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "email"}),
        error_messages={
            "required": _("Enter the e-mail address that the platform has on file for you."),
            "invalid": _("This is not an e-mail address: name@example.com is one."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.CREATOR_WEBHOOK_URL:
            self.fields["contact"].required = False
            self.fields["contact"].label = _("Your contact e-mail on file, if there is one")


class AnswerForm(forms.Form):
    """One button of a page behind a link, what it is about, and the words that go with it."""

    answer = forms.ChoiceField()
    about = forms.IntegerField(required=False)
    text = forms.CharField(required=False)

    def __init__(self, *args: Any, answers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].choices = [(each, each) for each in answers]  # type: ignore[attr-defined]
