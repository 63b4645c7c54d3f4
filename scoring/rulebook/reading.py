"""Typed questions to a parsed TOML file; every wrong answer becomes a fault with its place.

A question that finds a fault answers with a harmless stand-in and lets the reading go on, so
that the author of a rulebook sees all the faults at once. Nothing built from stand-ins leaves
the parser: one fault refuses the file.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from scoring.rulebook.terms import Text

WHOLE_DIGITS: Final = 15
DECIMALS: Final = 6
MOST_ITEMS: Final = 200
TEXT_LENGTH: Final = 200

_PLAIN_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a rulebook: where, and what would be right."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class RulebookError(ValueError):
    """A rulebook is refused whole; `faults` lists everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def described(value: Any) -> str:
    """A value as a fault message may show it: short, on one line, whatever the file held."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            # Turning a very long integer into text is slow and, past a limit, refused.
            return str(value) if value.bit_length() <= 64 else "a very long whole number"
        case Decimal():
            written = str(value)
            return written if len(written) <= 40 else "a very long number"
        case str():
            shown = value if len(value) <= 40 else value[:40] + "…"
            return json.dumps(shown, ensure_ascii=False)
        case dict():
            return "a table"
        case list():
            return "a list"
        case _:
            return "a date or a time"


def joined(place: str, key: str) -> str:
    """The place of a key inside a table; a key of unusual characters is shown in quotes."""
    name = key if _BARE_KEY.fullmatch(key) else described(key)
    return f"{place}.{name}" if place else name


class Reader:
    """Collects the faults of one file and opens its tables and lists."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, place: str, message: str) -> None:
        """Note that something is wrong at a place."""
        self.faults.append(Fault(place, message))

    def table(
        self,
        value: Any,
        place: str,
        required: Sequence[str],
        optional: Sequence[str] = (),
    ) -> "Table":
        """The table at a place; faults when it is none, lacks a key or has an unknown one."""
        if not isinstance(value, dict):
            self.fault(
                place,
                f"must be a table with {', '.join(required)}, not {described(value)}",
            )
            return Table(self, place, {})
        for key in value:
            if key not in required and key not in optional:
                known = ", ".join((*required, *optional))
                self.fault(
                    joined(place, key),
                    f"is not a key of the rulebook; known here: {known}",
                )
        for key in required:
            if key not in value:
                self.fault(joined(place, key), "is missing")
        return Table(self, place, value)

    def number(self, value: Any, place: str, what: str) -> Decimal:
        """An exact number: a TOML number or a plain decimal string, of bounded length.

        `what` opens the message ("", or a part of the place such as "the value ").
        """
        number = _exact_number(value)
        if number is None:
            self.fault(
                place,
                f"{what}must be a number such as 120 or 0.05, with at most {WHOLE_DIGITS} digits"
                f" before the point and {DECIMALS} after it, not {described(value)}",
            )
            return Decimal(0)
        return number


def _exact_number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    if isinstance(value, str):
        if len(value) > 2 + WHOLE_DIGITS + DECIMALS or not _PLAIN_NUMBER.fullmatch(value):
            return None
    elif isinstance(value, int) and value.bit_length() > 64:
        return None
    number = Decimal(value)
    if not number.is_finite():
        return None
    if not number:
        return Decimal(0)
    exponent = number.as_tuple().exponent
    if number.adjusted() >= WHOLE_DIGITS or not isinstance(exponent, int) or exponent < -DECIMALS:
        return None
    # 1e5 in the file is 100000 from here on: no exponent reaches a page or an export.
    return Decimal(format(number, "f"))


@dataclass(frozen=True)
class Table:
    """One table of the file with its place; a key that is missing was reported on opening."""

    reader: Reader
    place: str
    entries: dict[str, Any]

    def at(self, key: str) -> str:
        """The place of a key of this table."""
        return joined(self.place, key)

    def fault(self, key: str, message: str) -> None:
        """Note that something is wrong with a key of this table."""
        self.reader.fault(self.at(key), message)

    def whole(self, key: str, low: int, high: int) -> int:
        """A whole number within bounds, both included."""
        value = self.entries.get(key)
        if value is None:
            return low
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fault(
                key,
                f"must be a whole number from {low} to {high}, not {described(value)}",
            )
            return low
        return value

    def whole_or_none(self, key: str, low: int, high: int) -> int | None:
        """A whole number within bounds, or None when the key is absent."""
        return self.whole(key, low, high) if key in self.entries else None

    def number(self, key: str, low: int, high: int, decimals: int = DECIMALS) -> Decimal:
        """An exact number within bounds, both included, with at most so many decimals."""
        value = self.entries.get(key)
        if value is None:
            return Decimal(low)
        before = len(self.reader.faults)
        number = self.reader.number(value, self.at(key), "")
        if len(self.reader.faults) > before:
            return Decimal(low)
        if not low <= number <= high:
            self.fault(key, f"must be from {low} to {high}, not {described(value)}")
            return Decimal(low)
        if number != round(number, decimals):
            self.fault(key, f"may have {decimals} decimals at most, not {described(value)}")
        return number

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.entries.get(key)
        if value is not None and not isinstance(value, bool):
            self.fault(key, f"must be true or false, not {described(value)}")
        return value is True

    def text(self, key: str, limit: int = TEXT_LENGTH) -> str:
        """A text that is not blank, on one line, within a length."""
        value = self.entries.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(key, f"must be a text in quotes, not {described(value)}")
            return ""
        if not value.strip():
            self.fault(key, "must not be empty")
        elif len(value) > limit:
            self.fault(key, f"may have {limit} characters at most; this has {len(value)}")
        elif any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
            self.fault(key, "must be one line without control characters")
        return value.strip()

    def matching(self, key: str, pattern: str, example: str) -> str:
        """A text that matches a pattern as a whole; the example tells how it should look."""
        value = self.entries.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            self.fault(key, f"must look like {example}, not {described(value)}")
            return ""
        return value

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """One of the texts that are known here; "" when it is none of them."""
        value = self.entries.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or value not in choices:
            self.fault(key, f"must be one of {', '.join(choices)}, not {described(value)}")
            return ""
        return value

    def title(self) -> Text:
        """The title of this table, in both languages."""
        if "title" not in self.entries:
            return Text("", "")
        both = self.reader.table(self.entries["title"], self.at("title"), ("zh", "en"))
        return Text(both.text("zh"), both.text("en"))

    def table(self, key: str, required: Sequence[str], optional: Sequence[str] = ()) -> "Table":
        """The table under a key; empty when the key is missing, which was reported."""
        if key not in self.entries:
            return Table(self.reader, self.at(key), {})
        return self.reader.table(self.entries[key], self.at(key), required, optional)

    def items(self, key: str, least: int = 0, most: int = MOST_ITEMS) -> Iterator[tuple[str, Any]]:
        """The elements of a list with their places, counted from 0 as in `levels[0]`."""
        value = self.entries.get(key)
        if value is None:
            return
        if not isinstance(value, list):
            self.fault(key, f"must be a list, not {described(value)}")
            return
        if not least <= len(value) <= most:
            self.fault(key, f"must have {least} to {most} entries; this has {len(value)}")
            return
        for position, item in enumerate(value):
            yield f"{self.at(key)}[{position}]", item
