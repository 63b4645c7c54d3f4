"""The forms by which the staff run the Star Source plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.actions.star_source import MOST_LINES, Line
from agencies.forms.codes import CODE_LENGTH, DayField, ReasonField

LONGEST_LINE: Final = 60
MOST_IMPRESSIONS: Final = 10**15
AGENCY_READS: Final = gettext_lazy("Reason, for the agency to read")


class SelectForm(forms.Form):
    """Creators who join the plan: a line each, with a first live day where it is another one."""

    creators = forms.CharField(
        label=gettext_lazy("Creators, one in a line"),
        max_length=MOST_LINES * LONGEST_LINE,
        help_text=gettext_lazy(
            "The creator ID, and behind it the first live day where it is not the one below:"
            " C000123 2027-01-15"
        ),
        widget=forms.Textarea(attrs={"class": "form-control code", "rows": 8}),
    )
    first_live_on = DayField(
        label=gettext_lazy("First live day of all lines without one"), required=False
    )
    reason = ReasonField(label=AGENCY_READS)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "creators" in given and "first_live_on" in given:
            given["lines"] = list(self._lines(given["creators"], given["first_live_on"]))
        return given

    def _lines(self, text: str, otherwise: date | None) -> Iterator[Line]:
        for number, line in enumerate(text.splitlines(), start=1):
            words = re.findall(r"[^\s,;，；、]+", line)
            if not words:
                continue
            day = _day(words[1]) if len(words) == 2 else otherwise if len(words) == 1 else None
            if day is None or len(words[0]) > CODE_LENGTH:
                said = _("Line %(number)d: give a creator ID and a first live day, as 2027-01-15.")
                self.add_error("creators", said % {"number": number})
            else:
                yield Line(words[0], day)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None


class MoveForm(forms.Form):
    """Another first live day; `seen` is the anchor of the preview, empty asks for the preview."""

    first_live_on = DayField(label=gettext_lazy("New first live day"))
    reason = ReasonField(label=AGENCY_READS)
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


class LeaveForm(forms.Form):
    """Leaving the plan."""

    reason = ReasonField(label=AGENCY_READS)


class DoneForm(forms.Form):
    """A point of a checklist that was done, with a few words about it."""

    item = forms.CharField(max_length=40)
    note = forms.CharField(
        required=False,
        max_length=500,
        error_messages={"max_length": gettext_lazy("Keep the note to 500 characters.")},
    )


class CancelIncentiveForm(forms.Form):
    """Why recorded traffic is cancelled."""

    reason = ReasonField()


class IncentiveForm(forms.Form):
    """Traffic that was given; `request_key` lets a form that is sent twice act once."""

    given_on = DayField(label=gettext_lazy("Given on"))
    what = forms.CharField(
        label=gettext_lazy("What was given"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    amount = forms.IntegerField(
        label=gettext_lazy("Impressions"),
        min_value=1,
        max_value=MOST_IMPRESSIONS,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    @classmethod
    def fresh(cls, *, today: date) -> IncentiveForm:
        """An empty form of today, with a key of its own."""
        key: UUID = uuid4()
        return cls(initial={"given_on": today, "request_key": key})
