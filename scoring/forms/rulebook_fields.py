"""Fields for the numbers and words of a rulebook, exact and with its bounds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.rulebook import SOURCES
from scoring.rulebook.reading import DECIMALS, TEXT_LENGTH, WHOLE_DIGITS
from scoring.wording import SOURCE_MEANINGS

_NUMBER: Final = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_LONGEST: Final = 40
_MONTH: Final = r"[12][0-9]{3}-(0[1-9]|1[0-2])"
KEY: Final = r"[a-z][a-z0-9_]{0,63}"


def _digits(mode: str) -> forms.TextInput:
    return forms.TextInput(
        {
            "class": "form-control num",
            "inputmode": mode,
            "autocomplete": "off",
            "maxlength": _LONGEST,
        }
    )


def _typed(value: Any) -> str:
    """What somebody typed, without commas between thousands; the digits 0 to 9 only.

    Longer than a browser lets anybody type it, it is no number: Python reads digits only so far.
    """
    text = "" if value is None else str(value).strip()
    if text and (len(text) > _LONGEST or not _NUMBER.fullmatch(text)):
        raise ValidationError(_("Write a number with the digits 0 to 9, for example 1234.5."))
    return text.replace(",", "")


def _shown(value: Any) -> Any:
    """A number as the field first shows it: every digit, grouped by thousands."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return value
    text = f"{Decimal(value):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class NumberField(forms.DecimalField):
    """An exact number; commas between thousands are tolerated, exponents are not.

    `low` and `high` are its bounds, both included.
    """

    def __init__(
        self,
        label: Any,
        low: int | None = None,
        high: int | None = None,
        *,
        decimals: int = DECIMALS,
        **options: Any,
    ) -> None:
        super().__init__(
            label=label,
            min_value=low,
            max_value=high,
            max_digits=WHOLE_DIGITS + decimals,
            decimal_places=decimals,
            widget=_digits("decimal"),
            **options,
        )

    def to_python(self, value: Any) -> Any:
        text = _typed(value)
        return Decimal(text) + 0 if text else None  # there is no negative zero

    def prepare_value(self, value: Any) -> Any:
        """The stored number as people type it."""
        return _shown(value)


class ShareField(NumberField):
    """A share of 1 that people type in per cent."""

    def __init__(self, label: Any, **bounds: Any) -> None:
        super().__init__(label, decimals=DECIMALS - 2, **bounds)

    def clean(self, value: Any) -> Decimal | None:
        per_cent = super().clean(value)
        return None if per_cent is None else per_cent.scaleb(-2)

    def prepare_value(self, value: Any) -> Any:
        """The stored share in per cent."""
        return _shown(value.scaleb(2) if isinstance(value, Decimal) else value)


class WholeField(forms.IntegerField):
    """A whole number within bounds, both included."""

    def __init__(self, label: Any, low: int, high: int, **options: Any) -> None:
        super().__init__(
            label=label, min_value=low, max_value=high, widget=_digits("numeric"), **options
        )

    def to_python(self, value: Any) -> int | None:
        text = _typed(value)
        if "." in text:
            raise ValidationError(_("Write a whole number."))
        return int(text) if text else None

    def prepare_value(self, value: Any) -> Any:
        """The stored number as people type it."""
        return _shown(value)


class LineField(forms.CharField):
    """One line of text, as long as a rulebook allows it."""

    def __init__(self, label: Any, *, limit: int = TEXT_LENGTH, **options: Any) -> None:
        widget = forms.TextInput({"class": "form-control", "autocomplete": "off"})
        super().__init__(label=label, max_length=limit, widget=widget, **options)

    def validate(self, value: str) -> None:
        """Refuse what has no place in one line."""
        super().validate(value)
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
            raise ValidationError(_("Write one line without control characters."))


class MonthField(forms.RegexField):
    """A data month, chosen from the browser's calendar where it has one."""

    def __init__(self, label: Any, **options: Any) -> None:
        widget = forms.TextInput({"class": "form-control", "type": "month", "pattern": _MONTH})
        wrong = {"invalid": gettext_lazy("Write the month as YYYY-MM, for example 2027-01.")}
        super().__init__(
            rf"^{_MONTH}\Z", label=label, widget=widget, error_messages=wrong, **options
        )


class KeyField(forms.RegexField):
    """The lasting name of a benefit, by which versions are compared."""

    def __init__(self, label: Any, **options: Any) -> None:
        widget = forms.TextInput({"class": "form-control code", "autocomplete": "off"})
        wrong = {
            "invalid": gettext_lazy(
                "Begin with a letter and use only a–z, 0–9 and _, for example dedicated_operations."
            )
        }
        super().__init__(rf"^{KEY}\Z", label=label, widget=widget, error_messages=wrong, **options)


class OneOfField(forms.ChoiceField):
    """One of some choices; nothing is chosen at first."""

    def __init__(self, label: Any, choices: Iterable[tuple[str, Any]], **options: Any) -> None:
        widget = forms.Select({"class": "form-select"})
        every = [("", gettext_lazy("– choose –")), *choices]
        super().__init__(label=label, choices=every, widget=widget, **options)


class SourceField(OneOfField):
    """Where a number or a right comes from: S, P or D."""

    def __init__(self) -> None:
        meanings = [(each, _Meaning(each)) for each in SOURCES]
        super().__init__(gettext_lazy("Where it comes from"), meanings)


class _Meaning:
    """The letter with its meaning, in the language of whoever reads it."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __str__(self) -> str:
        return f"{self.source} – {SOURCE_MEANINGS[self.source]}"


class TickField(forms.BooleanField):
    """A box to tick."""

    def __init__(self, label: Any, **options: Any) -> None:
        widget = forms.CheckboxInput({"class": "form-check-input"})
        super().__init__(label=label, required=False, widget=widget, **options)
