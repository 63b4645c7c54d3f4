"""From which day to which day figures are asked for."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from agencies.forms.codes import DayField

# Days beyond these have no days around them that a clock could count from.
WITHIN: Final = (MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31)))


class PeriodForm(forms.Form):
    """Two days, both included."""

    first = DayField(label=_("Asked from"), validators=WITHIN)
    last = DayField(label=_("Asked until"), validators=WITHIN)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day lies before the first: swap the two."))
        return found
