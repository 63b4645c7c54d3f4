"""What the members of an agency fill in about the level: the nine values of the simulator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scoring.guidance import DECIMALS
from scoring.queries.plan import LIMITS, Plan
from scoring.queries.simulation import as_typed, starting_values
from scoring.rulebook import INDICATOR_KEYS
from scoring.wording import INDICATOR_NAMES, UNITS

_MOST: Final[Mapping[str, Decimal]] = {
    **LIMITS,
    "settled_amount": Decimal("999999999999.99"),
    "settled_orders": Decimal(999_999_999_999),
    "worry_free_orders": Decimal(999_999_999_999),
    "l5_creators": Decimal(9_999_999),
    "showcase_creators": Decimal(9_999_999),
}
_LEAST: Final[Mapping[str, Decimal]] = {"settled_amount": -_MOST["settled_amount"]}
_TYPED: Final[Mapping[str, Promise]] = {
    "yuan": gettext_lazy("yuan"),
    "share": gettext_lazy("per cent"),
    "minutes": gettext_lazy("minutes"),
}
_NUMBER: Final = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?")
_LONGEST: Final = 40


class ExactField(forms.Field):
    """The value of an indicator as an exact decimal; shares are typed in per cent.

    1. Blanks around a number and commas between its thousands are tolerated, nothing else is.
    2. No more decimals than the indicator's smallest unit has, nothing outside its limits. An
       amount may be negative, by refunds; all else is 0 at least.
    3. An empty reputation stands for no value; the others need a number.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.unit = UNITS[key]
        super().__init__(
            label=str(INDICATOR_NAMES[key]),
            required=False,
            help_text=str(_TYPED.get(self.unit, "")),
            widget=forms.TextInput(
                {
                    "class": "form-control num",
                    "inputmode": "decimal",
                    "autocomplete": "off",
                    "maxlength": _LONGEST,
                    "aria-describedby": f"error-{key} hint-{key}",
                }
            ),
        )

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").strip()
        if not text:
            if self.key == "reputation":
                return None
            raise ValidationError(_("Write a number; 0 stands for none."))
        if len(text) > _LONGEST or not _NUMBER.fullmatch(text):
            raise ValidationError(_("Write a number with the digits 0 to 9, for example 1234.5."))
        number = Decimal(text.replace(",", "")) + 0  # there is no negative zero
        least = _LEAST.get(self.key, Decimal(0))
        if number < least:
            raise ValidationError(_("This cannot be below %(least)s.") % {"least": f"{least:,f}"})
        self._check_decimals(text)
        most = _MOST[self.key].scaleb(self.shift)
        if number > most:
            raise ValidationError(_("This can be %(most)s at most.") % {"most": f"{most:,f}"})
        return number.scaleb(-self.shift)

    @property
    def shift(self) -> int:
        """The places between what is typed and the value: two for shares."""
        return 2 if self.unit == "share" else 0

    def _check_decimals(self, text: str) -> None:
        most = DECIMALS[self.key] - self.shift
        if len(text.partition(".")[2].rstrip("0")) <= most:
            return
        if most == 0:
            raise ValidationError(_("Write a whole number."))
        raise ValidationError(
            ngettext("Write at most %(count)s decimal.", "Write at most %(count)s decimals.", most)
            % {"count": most}
        )


class SimulatorForm(forms.Form):
    """Nine values, filled with those of a plan wherever none was given."""

    def __init__(self, given: Mapping[str, str], *, plan: Plan) -> None:
        self.start = starting_values(plan)
        filled = {key: given.get(key, as_typed(key, self.start[key])) for key in INDICATOR_KEYS}
        super().__init__(filled, auto_id="value-%s")
        for key in INDICATOR_KEYS:
            self.fields[key] = ExactField(key)

    def values(self) -> dict[str, Decimal | None]:
        """What was typed; where that is no value, the one of the plan."""
        self.is_valid()
        return {key: self.cleaned_data.get(key, self.start[key]) for key in INDICATOR_KEYS}
