"""Fields in which the staff name an agency, creators, days and reasons."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, Creator

MOST_CREATORS = 5_000
CODE_LENGTH = 32
# Room for what stands between two ids: commas, spaces, ends of lines.
ROOM = 8


class AgencyField(forms.CharField):
    """The whole code of an agency; becomes the agency."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"class": "form-control code", "autocomplete": "off"})
        super().__init__(max_length=CODE_LENGTH, widget=widget, **options)

    def clean(self, value: Any) -> Agency | None:
        code = super().clean(value)
        if not code:
            return None
        agency = Agency.objects.filter(code=code).first()
        if agency is None:
            raise forms.ValidationError(
                _("No agency has the code %(code)s: check upper and lower case too."),
                params={"code": code},
            )
        return agency


class CreatorField(forms.CharField):
    """The whole id of a creator; becomes the creator."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"class": "form-control code", "autocomplete": "off"})
        super().__init__(max_length=CODE_LENGTH, widget=widget, **options)

    def clean(self, value: Any) -> Creator | None:
        creator_id = super().clean(value)
        if not creator_id:
            return None
        creator = Creator.objects.filter(creator_id=creator_id).first()
        if creator is None:
            raise forms.ValidationError(
                _("No creator has the ID %(creator)s: check upper and lower case too."),
                params={"creator": creator_id},
            )
        return creator


class CreatorsField(forms.CharField):
    """Ids of creators, separated by commas, spaces or lines; each counts once, at most 5,000.

    Whether somebody has the id is looked at where the creators are.
    """

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"class": "form-control code", "rows": 6})
        length = MOST_CREATORS * (CODE_LENGTH + ROOM)
        super().__init__(max_length=length, widget=widget, **options)

    def clean(self, value: Any) -> list[str]:
        ids = list(dict.fromkeys(re.findall(r"[^\s,;，；、]+", super().clean(value))))
        if len(ids) > MOST_CREATORS:
            raise forms.ValidationError(
                _("These are %(number)d creators; move at most %(most)d at a time."),
                params={"number": len(ids), "most": MOST_CREATORS},
            )
        return ids


class DayField(forms.DateField):
    """A day, chosen from the browser's calendar where it has one."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **options)


class ReasonField(forms.CharField):
    """A mandatory reason; kept with the step."""

    def __init__(self, **options: Any) -> None:
        settled: dict[str, Any] = {
            "label": _("Reason"),
            "max_length": 500,
            "widget": forms.Textarea(attrs={"class": "form-control", "rows": 3}),
            "error_messages": {"required": _("Say why: the reason is kept with the step.")},
        }
        super().__init__(**{**settled, **options})
