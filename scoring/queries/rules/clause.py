"""What readable rules are made of, and which mark a number of the rulebook bears."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext, pgettext_lazy

from scoring.rulebook import Rulebook, Text, parse

DEFAULT: Final = Path(__file__).parents[2] / "rulebooks" / "default.toml"

# Beside the letter, so that nobody needs to learn the letters.
MARK_WORDS: Final[dict[str, Promise]] = {
    "S": pgettext_lazy("source of a rule", "announced"),
    "P": pgettext_lazy("source of a rule", "public rules"),
    "D": pgettext_lazy("source of a rule", "default"),
}


@dataclass(frozen=True)
class Line:
    """A sentence of a clause; `key` is stable within it, so that two versions can be compared.

    `mark` is S, P or D, or empty for a number that the platform set in place of the default's.
    A line that is not `listed` is drawn otherwise on the page and is there for the comparison.
    """

    key: str
    text: str
    mark: str
    listed: bool = True


@dataclass(frozen=True)
class KnotPair:
    """A row of an indicator's curve, as people read it: this value earns these points."""

    value: str
    points: str


@dataclass(frozen=True)
class Clause:
    """A rule that can be pointed at: `key` is its anchor and never changes its meaning."""

    key: str
    title: str
    lines: tuple[Line, ...]
    knots: tuple[KnotPair, ...] = ()

    @property
    def listed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.listed)


@dataclass(frozen=True)
class Section:
    """A topic of the rules with its clauses."""

    key: str
    title: str
    clauses: tuple[Clause, ...]


@cache
def default_rulebook() -> Rulebook:
    """The shipped rulebook, whose numbers bear the marks of docs/rules.md."""
    return parse(DEFAULT.read_text(encoding="utf-8"))


def mark_of(rulebook: Rulebook, part: Callable[[Rulebook], Any], mark: str) -> str:
    """The mark of a number while it is the default's; none once the platform has set its own.

    Indicators and benefits name their source themselves and do not come here. `part` may raise
    KeyError or IndexError where one of the two rulebooks lacks the part.
    """
    try:
        return mark if part(rulebook) == part(default_rulebook()) else ""
    except (KeyError, IndexError):
        return ""


def in_language(text: Text) -> str:
    """A text of the rulebook in the reader's language."""
    return text.en if get_language() == "en" else text.zh


def plain(number: Decimal | int) -> str:
    """A number with every digit it has, grouped by thousands."""
    written = f"{Decimal(number):,f}"
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return written.replace("-", "\N{MINUS SIGN}")


def enumerated(parts: Iterable[str]) -> str:
    """The parts one after the other, as the reader's language separates them."""
    return pgettext("between the parts of an enumeration", ", ").join(parts)


def short(number: int) -> str:
    """A limit in the units that people say it in: 500万, 5M; exact, or it is written out."""
    chinese = ((100_000_000, "亿"), (10_000, "万"))
    scales = chinese if get_language() != "en" else ((1_000_000, "M"), (1_000, "K"))
    for scale, suffix in scales:
        if number >= scale and number % scale == 0:
            return f"{number // scale:,}{suffix}"
    return plain(number)


def per_cent(share: Decimal) -> str:
    """A share of 1 as a percentage, exactly."""
    return f"{plain(share.scaleb(2))}%"
