"""The forms of the desk: answering, noting, looking after, closing, entering a call."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.actions.case_files import NewFile
from agencies.forms.files import FilesField, ManyFiles
from portal.enums import CallerCheck
from portal.forms.prose import ProseField
from portal.models import CannedAnswer, Question, QuestionStep, User
from portal.support.thread import LONGEST_TEXT

if TYPE_CHECKING:
    from portal.support.clauses import Choices

LONGEST_REASON: Final = QuestionStep._meta.get_field("note").max_length
LONGEST_SUBJECT: Final = Question._meta.get_field("subject").max_length
LONGEST_CALLER: Final = Question._meta.get_field("caller").max_length
SELECT: Final = {"class": "form-select"}
TICK: Final = {"class": "form-check-input"}


def _area(rows: int, **attributes: Any) -> forms.Textarea:
    return forms.Textarea(attrs={"class": "form-control", "rows": rows, **attributes})


def _line(**attributes: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", **attributes})


class KeyedForm(forms.Form):
    """A form that acts once, however often it is sent."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("request_key", uuid.uuid4())


def shown_anew(form: forms.Form, **values: Any) -> None:
    """Put what is shown now into a refused form, so that sending it again is about that."""
    if form.is_bound:
        known = {name: value for name, value in values.items() if name in form.fields}
        # read one by one: of a form that was sent, each name has a list of values
        form.data = {**{name: form.data[name] for name in form.data}, **known}


class AnswerForm(KeyedForm):
    """An answer; `seen` is the newest message, `merged` how many questions were part of it then."""

    text = ProseField(
        label=_("Answer"),
        max_length=LONGEST_TEXT,
        widget=_area(10),
        error_messages={"required": _("Write the answer: the agency reads it.")},
    )
    attached = FilesField(
        label=_("Files with the answer"),
        required=False,
        widget=ManyFiles(attrs={"class": "form-control", "accept": ".pdf,.png,.jpg,.jpeg"}),
        help_text=_("PDF, PNG or JPEG, up to 10 MB each, 5 at most"),
    )
    close = forms.BooleanField(
        label=_("Close the question with it"),
        required=False,
        widget=forms.CheckboxInput(attrs=TICK),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    merged = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def new_files(self) -> list[NewFile]:
        """The files as the action takes them."""
        return [
            NewFile(name=each.name or "", content=each.read())
            for each in self.cleaned_data["attached"]
        ]


class NoteForm(KeyedForm):
    """What only the platform's people read."""

    text = ProseField(
        label=_("Internal note"),
        max_length=LONGEST_TEXT,
        widget=_area(3),
        error_messages={"required": _("Write the note before you keep it.")},
    )


class AssignForm(forms.Form):
    """Who looks after a question; `was` is who did when the page was opened, 0 for nobody."""

    to = forms.TypedChoiceField(
        label=_("Looked after by"), coerce=int, widget=forms.Select(attrs=SELECT)
    )
    note = forms.CharField(
        label=_("Note for them"),
        required=False,
        max_length=LONGEST_REASON,
        widget=_line(maxlength=LONGEST_REASON),
    )
    was = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(each.pk, str(each)) for each in people]  # type: ignore[attr-defined]


class ClauseForm(forms.Form):
    """Which clause of the rules a question is about."""

    clause = forms.ChoiceField(
        label=pgettext_lazy("of rules", "Clause"),
        required=False,
        widget=forms.Select(attrs=SELECT),
    )

    def __init__(self, *args: Any, clauses: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].choices = with_none(clauses)  # type: ignore[attr-defined]


def with_none(clauses: Choices) -> list[Any]:
    """The clauses by section, after the choice of none."""
    return [("", _("No clause")), *clauses]


class CloseForm(forms.Form):
    """Why questions are closed; `seen` is the newest message when they were looked at."""

    reason = forms.CharField(
        label=_("Reason, as the agencies read it"),
        max_length=LONGEST_REASON,
        widget=_area(3, maxlength=LONGEST_REASON),
        error_messages={"required": _("Say why: the agencies read it.")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)


class DraftForm(forms.Form):
    """Which prepared answer fills the text box, and in which language."""

    canned = forms.ModelChoiceField(
        CannedAnswer.objects.filter(is_active=True),
        empty_label=_("Choose one"),
        label=_("Prepared answer"),
        widget=forms.Select(attrs=SELECT),
        error_messages={"invalid_choice": _("This prepared answer is no longer in use.")},
    )
    language = forms.ChoiceField(
        label=pgettext_lazy("of an answer", "Language"),
        choices=settings.LANGUAGES,
        widget=forms.Select(attrs=SELECT),
    )


class CallForm(KeyedForm):
    """A question that came by phone, with who called and what was answered at once."""

    caller = forms.CharField(
        label=_("Who called"),
        max_length=LONGEST_CALLER,
        widget=_line(maxlength=LONGEST_CALLER),
        help_text=_("Name and what they are at the agency"),
    )
    caller_check = forms.ChoiceField(
        label=_("Identified by"),
        choices=CallerCheck.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how you made sure that they speak for the agency.")},
    )
    subject = forms.CharField(
        label=_("The question in one line"),
        max_length=LONGEST_SUBJECT,
        widget=_line(maxlength=LONGEST_SUBJECT),
    )
    text = ProseField(label=_("What they want to know"), max_length=LONGEST_TEXT, widget=_area(5))
    clause = forms.ChoiceField(
        label=pgettext_lazy("of rules", "Clause"),
        required=False,
        widget=forms.Select(attrs=SELECT),
    )
    said = ProseField(
        label=_("What you answered on the phone"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=_area(5),
        help_text=_("Empty while it is not answered: the question waits in the inbox then."),
    )
    close = forms.BooleanField(
        label=_("Close it: nothing is left to do"),
        required=False,
        widget=forms.CheckboxInput(attrs=TICK),
    )
    keep = forms.BooleanField(
        label=_("I look after it"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs=TICK),
    )

    def __init__(self, *args: Any, clauses: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].choices = with_none(clauses)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("close") and not str(given.get("said") or "").strip():
            self.add_error("said", _("Write what you answered, or leave the question open."))
        return given
