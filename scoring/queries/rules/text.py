"""A rulebook as ordered sections and clauses, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from scoring.queries.rules.assessment import assessment_sections, value_in_words
from scoring.queries.rules.clause import Clause, Line, Section, plain
from scoring.queries.rules.conduct import conduct_sections
from scoring.queries.rules.level import level_sections
from scoring.rulebook import Rulebook, Text
from scoring.wording import UNITS

KNOTS: Final = "knots"  # the line that lists a curve


@dataclass(frozen=True)
class LineChange:
    """A line before and after; None where it was not there or is no longer."""

    before: Line | None
    after: Line | None

    @property
    def key(self) -> str:
        """That of the line."""
        line = self.after or self.before
        return line.key if line else ""


@dataclass(frozen=True)
class KnotChange:
    """A value of an indicator's curve with the points of its knot; None where there is no knot."""

    value: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Change:
    """A clause that differs; `here` says whether the newer version still has it.

    `knots` are all knots of a curve that differs, of either version and in order.
    """

    key: str
    title: str
    here: bool
    lines: tuple[LineChange, ...]
    knots: tuple[KnotChange, ...] = ()

    @property
    def worded(self) -> tuple[LineChange, ...]:
        """The lines that differ, without the one that lists the knots of a curve."""
        return tuple(line for line in self.lines if line.key != KNOTS)


def sections(rulebook: Rulebook) -> tuple[Section, ...]:
    """The whole rulebook as text in the reader's language, in the order of the domain."""
    parts = (assessment_sections, level_sections, conduct_sections)
    return tuple(section for part in parts for section in part(rulebook))


def clauses(rulebook: Rulebook) -> tuple[Clause, ...]:
    """Every clause of a rulebook, each with its stable key, in the reader's language.

    1. A key names the same rule in every version; it is the anchor on the rules pages.
    2. Keys are distinct, of a–z, 0–9 and hyphens.
    """
    return tuple(clause for section in sections(rulebook) for clause in section.clauses)


def changes(before: Rulebook, after: Rulebook) -> tuple[Change, ...]:
    """What changed from one version to the next, clause by clause, line by line.

    1. In the order of the newer version; clauses that are gone come last.
    2. A number or a mark that changed shows both wordings; what is alike is left out.
    3. A name that changed only in the other language is shown in that one.
    """
    old, new = _clauses(before), _clauses(after)
    foreign = {} if _names(before) == _names(after) else _elsewhere(before, after)
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        lines = tuple(_differing(old.get(key), new.get(key)))
        told = {line.key for line in lines}
        lines += tuple(line for line in foreign.get(key, ()) if line.key not in told)
        if lines:
            clause = new.get(key) or old[key]
            knots = _knots(before, after, key) if KNOTS in {line.key for line in lines} else ()
            found.append(Change(key, clause.title, key in new, lines, knots))
    return tuple(found)


def differ(one: Rulebook, other: Rulebook) -> bool:
    """Whether any rule reads otherwise; names, first months and the order of rules are none."""
    return bool(changes(one, other))


def _clauses(rulebook: Rulebook) -> dict[str, Clause]:
    return {clause.key: clause for clause in clauses(rulebook)}


def _names(rulebook: Rulebook) -> dict[str, Text]:
    """What a rulebook names in both languages."""
    kinds = {f"violation {each.kind}": each.title for each in rulebook.violations}
    return kinds | {f"benefit {each.key}": each.title for each in rulebook.benefits}


def _elsewhere(before: Rulebook, after: Rulebook) -> dict[str, tuple[LineChange, ...]]:
    """The lines that differ for readers of the other language, by clause."""
    with override("zh-hans" if get_language() == "en" else "en"):
        old, new = _clauses(before), _clauses(after)
        return {key: tuple(_differing(old.get(key), new.get(key))) for key in {*old, *new}}


def _knots(before: Rulebook, after: Rulebook, clause: str) -> tuple[KnotChange, ...]:
    """The knots of an indicator's clause in both rulebooks, by their values."""
    key = clause.removeprefix("indicator-").replace("-", "_")
    old, new = (
        {knot.value: plain(knot.points) for knot in rulebook.indicator(key).knots}
        for rulebook in (before, after)
    )
    return tuple(
        KnotChange(value_in_words(value, UNITS[key]), old.get(value), new.get(value))
        for value in sorted({*old, *new})
    )


def _differing(old: Clause | None, new: Clause | None) -> Iterator[LineChange]:
    before, after = _lines(old), _lines(new)
    for key in [*after, *(key for key in before if key not in after)]:
        if before.get(key) != after.get(key):
            yield LineChange(before.get(key), after.get(key))


def _lines(clause: Clause | None) -> dict[str, Line]:
    if clause is None:
        return {}
    title = Line("title", _("Name: %(title)s") % {"title": clause.title}, "")
    return {line.key: line for line in (title, *clause.lines)}
