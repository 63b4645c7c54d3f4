"""The versions of the rulebook that count or counted, and the page of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from django.utils.translation import gettext as _

from scoring.enums import RulebookState
from scoring.models import RulebookVersion
from scoring.months import previous_month
from scoring.queries.rules.clause import Section, in_language
from scoring.queries.rules.text import Change, changes, sections
from scoring.rulebook import Rulebook

# The shipped rulebook begins with this month, which is to say: with the first data month.
BEFORE_ALL_DATA: Final = date(2000, 1, 1)


class NoSuchVersion(Exception):
    """Asked for a version that was never in force; the message is for the reader."""


class Force(Enum):
    """Whether a version decides today."""

    CURRENT = "current"
    LATER = "later"
    EARLIER = "earlier"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Version:
    """A line of the history; it counts for the data months `first` to `last` (None: no end).

    A REPLACED one gave way to another that begins with the same month, and counts for none.
    """

    pk: int
    version: str
    first: date
    last: date | None
    force: Force
    shown: bool

    @property
    def from_the_first(self) -> bool:
        """Whether it begins before any data month can be."""
        return self.first <= BEFORE_ALL_DATA


@dataclass(frozen=True)
class RulesPage:
    """A version of the rules as text, the history it stands in, and what it changed."""

    version: Version
    title: str
    sections: tuple[Section, ...]
    history: tuple[Version, ...]
    before: Version | None
    changes: tuple[Change, ...]


def rules_page(version: str, *, today: date) -> RulesPage | None:
    """The version asked for, or the one that counts today; None while no version is in force.

    1. Versions that are or were in force are shown; a draft is answered like one that does not
       exist. One that was put in force for a later month is shown as such.
    2. `before` is the version that was last in force ahead of it: by month, then by the time at
       which it was put in force.

    Two queries. Raises NoSuchVersion.
    """
    history = _history(version, today.replace(day=1))
    position = next((place for place, each in enumerate(history) if each.shown), None)
    if position is None:
        if version:
            raise NoSuchVersion(
                _("There is no version “%(version)s” of the rules. Choose one of the history.")
                % {"version": version[:64]}
            )
        return None
    shown = history[position]
    before = history[position + 1] if position + 1 < len(history) else None
    rulebooks = _rulebooks([shown.pk, *([before.pk] if before else [])])
    return RulesPage(
        version=shown,
        title=in_language(rulebooks[shown.pk].title),
        sections=sections(rulebooks[shown.pk]),
        history=history,
        before=before,
        changes=changes(rulebooks[before.pk], rulebooks[shown.pk]) if before else (),
    )


def _history(wanted: str, month: date) -> tuple[Version, ...]:
    """The newest first, each with the months for which it counts; the texts are not read."""
    rows = list(
        RulebookVersion.objects.filter(state__in=[RulebookState.IN_FORCE, RulebookState.RETIRED])
        .order_by("-effective_from", "-activated_at", "-pk")
        .values_list("pk", "version", "effective_from", "state")
    )
    starts = [row[2] for row in rows if row[3] == RulebookState.IN_FORCE]
    current = next((start for start in starts if start <= month), None)
    found = []
    for pk, version, first, state in rows:
        later = [start for start in starts if start > first]
        if state == RulebookState.RETIRED:
            force = Force.REPLACED
        elif first == current:
            force = Force.CURRENT
        else:
            force = Force.LATER if first > month else Force.EARLIER
        shown = version == wanted if wanted else force is Force.CURRENT
        last = previous_month(min(later)) if later else None
        found.append(Version(pk, version, first, last, force, shown))
    return tuple(found)


def _rulebooks(keys: list[int]) -> dict[int, Rulebook]:
    found = RulebookVersion.objects.filter(pk__in=keys).only("text").order_by("pk")
    return {each.pk: each.rulebook for each in found}
