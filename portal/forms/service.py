"""The forms of the desk's calendar: hours of the week, single days, targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.forms.codes import DayField
from portal.models import ServiceDay, ServiceTarget
from portal.models.service import WEEKDAYS
from portal.support.clock import Span


class MomentField(forms.TimeField):
    """A time of day on the clock of 24 hours; may stay empty."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time", "class": "form-control"}, format="%H:%M")
        super().__init__(required=False, widget=widget, **options)


class HoursForm(forms.Form):
    """From when to when support works on each weekday; both times empty: closed."""

    def __init__(self, *args: Any, hours: Mapping[int, Span], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for weekday, name in enumerate(WEEKDAYS):
            opens, closes = hours.get(weekday, (None, None))
            self.fields[f"opens_{weekday}"] = MomentField(
                label=_("%(day)s from") % {"day": name}, initial=opens
            )
            self.fields[f"closes_{weekday}"] = MomentField(
                label=_("%(day)s to") % {"day": name}, initial=closes
            )

    @property
    def rows(self) -> Iterator[tuple[str | Promise, BoundField, BoundField]]:
        """Each weekday with its two fields."""
        for weekday, name in enumerate(WEEKDAYS):
            yield name, self[f"opens_{weekday}"], self[f"closes_{weekday}"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for weekday in range(len(WEEKDAYS)):
            names = (f"opens_{weekday}", f"closes_{weekday}")
            if any(name in self.errors for name in names):
                continue
            for name, other in (names, names[::-1]):
                if not found.get(name) and found.get(other):
                    self.add_error(name, _("Give both times, or none for a day off."))
        return found

    @property
    def hours(self) -> dict[int, Span | None]:
        """The hours as `set_hours` takes them."""
        found = {}
        for weekday in range(len(WEEKDAYS)):
            opens = self.cleaned_data[f"opens_{weekday}"]
            closes = self.cleaned_data[f"closes_{weekday}"]
            found[weekday] = (opens, closes) if opens and closes else None
        return found


class DayForm(forms.Form):
    """A day with other hours than its weekday."""

    day = DayField(label=pgettext_lazy("date", "Day"))
    name = forms.CharField(
        label=_("Why, e.g. the name of the holiday"),
        max_length=ServiceDay._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    opens = MomentField(label=_("Open from (empty: closed all day)"))
    closes = MomentField(label=_("Open until"))


class TargetsForm(forms.Form):
    """In how many business minutes each level or stage gets its first answer."""

    def __init__(
        self, *args: Any, targets: Iterable[tuple[str, str, int | None]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.keys: list[str] = []
        for key, name, minutes in targets:
            self.keys.append(key)
            validators = ServiceTarget._meta.get_field("minutes").validators
            self.fields[f"minutes_{key}"] = forms.IntegerField(
                label=name,
                initial=minutes,
                validators=validators,
                widget=forms.NumberInput(
                    attrs={"class": "form-control", "min": 1, "max": 10_000, "step": 1}
                ),
            )

    @property
    def minutes(self) -> dict[str, int]:
        """The targets as `set_targets` takes them."""
        return {key: self.cleaned_data[f"minutes_{key}"] for key in self.keys}
