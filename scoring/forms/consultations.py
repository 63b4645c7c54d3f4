"""What is filled in around a consultation: by the staff, and by the owners of agencies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.consultation_comments import LONGEST_COMMENT
from scoring.rulebook_life import LONGEST_REASON, LONGEST_TEXT


def _day(label: Any, **options: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


def _text(label: Any, *, rows: int, most: int, required: Any, **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"class": "form-control", "rows": rows})
    return forms.CharField(
        label=label,
        max_length=most,
        widget=widget,
        error_messages={"required": required},
        **options,
    )


IN_CHINESE = gettext_lazy("Write it in Chinese too: agencies read it in their language.")
IN_ENGLISH = gettext_lazy("Write it in English too: agencies read it in their language.")


class OpenForm(forms.Form):
    """From when to when agencies are asked, and why. Days are the platform's (Asia/Shanghai)."""

    opens_on = _day(
        gettext_lazy("First day"),
        required=False,
        help_text=gettext_lazy("Opens at 00:00 of that day; today or empty: at once."),
    )
    closes_on = _day(
        gettext_lazy("Last day"),
        help_text=gettext_lazy("Comments are taken until its end; at least 7 full days."),
        error_messages={"required": gettext_lazy("Say until which day agencies may comment.")},
    )
    reasons_zh = _text(
        gettext_lazy("Why the rules are to change (Chinese)"),
        rows=6,
        most=LONGEST_TEXT,
        required=IN_CHINESE,
    )
    reasons_en = _text(
        gettext_lazy("Why the rules are to change (English)"),
        rows=6,
        most=LONGEST_TEXT,
        required=IN_ENGLISH,
    )

    def opens_at(self, now: datetime) -> datetime:
        """The first moment of the first day, or now."""
        day = self.cleaned_data["opens_on"]
        return now if day is None or day == timezone.localdate(now) else _begins(day)

    def closes_at(self) -> datetime:
        """The end of the last day."""
        return _begins(self.cleaned_data["closes_on"] + timedelta(days=1))

    def clean_closes_on(self) -> date:
        day: date = self.cleaned_data["closes_on"]
        if day == date.max:
            raise forms.ValidationError(_("Choose a day that people live to see."))
        return day


class CloseForm(forms.Form):
    """The closing summary."""

    summary_zh = _text(
        gettext_lazy("Summary (Chinese)"), rows=6, most=LONGEST_TEXT, required=IN_CHINESE
    )
    summary_en = _text(
        gettext_lazy("Summary (English)"), rows=6, most=LONGEST_TEXT, required=IN_ENGLISH
    )


class AnswerForm(forms.Form):
    """The platform's answer to a comment."""

    answer_zh = _text(
        gettext_lazy("Answer (Chinese)"), rows=3, most=LONGEST_COMMENT, required=IN_CHINESE
    )
    answer_en = _text(
        gettext_lazy("Answer (English)"), rows=3, most=LONGEST_COMMENT, required=IN_ENGLISH
    )


class WithdrawForm(forms.Form):
    """Why a version is given up, for everybody to read."""

    reason_zh = _text(
        gettext_lazy("Public reason (Chinese)"), rows=3, most=LONGEST_REASON, required=IN_CHINESE
    )
    reason_en = _text(
        gettext_lazy("Public reason (English)"), rows=3, most=LONGEST_REASON, required=IN_ENGLISH
    )


class CommentForm(forms.Form):
    """What an agency says about one of the clauses that it may choose from."""

    clause = forms.ChoiceField(
        label=gettext_lazy("About"),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    text = _text(
        gettext_lazy("Your comment"),
        rows=5,
        most=LONGEST_COMMENT,
        required=gettext_lazy("Write what you want to say."),
        help_text=gettext_lazy(
            "Up to 2000 characters. It is published with the platform's answer, without your name."
        ),
    )

    def __init__(self, *args: Any, titles: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].choices = list(titles.items())  # type: ignore[attr-defined]


def _begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
