"""The versions of the rulebook that count or counted, and the page of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from scoring.enums import RulebookState
from scoring.models import Consultation, RulebookVersion, RulebookWithdrawal
from scoring.models.rulebook_version import COUNTING
from scoring.months import last_day_before, month_begins, previous_month
from scoring.queries.rules.clause import Section, in_language
from scoring.queries.rules.text import Change, changes, sections
from scoring.rulebook import Rulebook, Text

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
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Version:
    """A line of the history; it counts for the data months `first` to `last` (None: no end).

    A REPLACED one gave way to another that begins with the same month, a WITHDRAWN one was given up
    before its first month; they count for none. `counted` is whether it ever did or will: false
    also for one that was replaced before its first month.
    """

    pk: int
    version: str
    first: date
    last: date | None
    force: Force
    shown: bool
    counted: bool

    @property
    def from_the_first(self) -> bool:
        """Whether it begins before any data month can be."""
        return self.first <= BEFORE_ALL_DATA


@dataclass(frozen=True)
class OpenConsultation:
    """A consultation that takes comments now, with the last day for them."""

    pk: int
    title: str
    first: date
    last_day: date


@dataclass(frozen=True)
class RulesPage:
    """A version of the rules as text, the history it stands in, and what it changed.

    `asked` are the consultations that are open now, the first to end first; `withdrawn_because` is
    why a withdrawn version was given up, empty for all others.
    """

    version: Version
    title: str
    sections: tuple[Section, ...]
    history: tuple[Version, ...]
    before: Version | None
    changes: tuple[Change, ...]
    asked: tuple[OpenConsultation, ...]
    withdrawn_because: str


def rules_page(version: str, *, now: datetime) -> RulesPage | None:
    """The version asked for, or the one that counts now; None while no version is in force.

    1. Versions that were put in force or scheduled are shown; a draft is answered like one that
       does not exist, and what was given up without a decision is read at its consultation. One
       that counts from a later month on is shown as such.
    2. `before` is the version that was last in force ahead of it: by month, then by the time at
       which that was decided; one that was retired before it counted is passed over.

    Three queries, four for a withdrawn one. Raises NoSuchVersion.
    """
    history = _history(version, timezone.localdate(now).replace(day=1))
    position = next((place for place, each in enumerate(history) if each.shown), None)
    if position is None:
        if version:
            raise NoSuchVersion(
                _("There is no version “%(version)s” of the rules. Choose one of the history.")
                % {"version": version[:64]}
            )
        return None
    shown = history[position]
    before = next((each for each in history[position + 1 :] if each.counted), None)
    rulebooks = _rulebooks([shown.pk, *([before.pk] if before else [])])
    return RulesPage(
        version=shown,
        title=in_language(rulebooks[shown.pk].title),
        sections=sections(rulebooks[shown.pk]),
        history=history,
        before=before,
        changes=changes(rulebooks[before.pk], rulebooks[shown.pk]) if before else (),
        asked=_asked(now),
        withdrawn_because=_reason(shown) if shown.force is Force.WITHDRAWN else "",
    )


def _reason(withdrawn: Version) -> str:
    given = RulebookWithdrawal.objects.filter(version=withdrawn.pk).latest("pk")
    return in_language(Text(given.reason_zh, given.reason_en))


def _history(wanted: str, month: date) -> tuple[Version, ...]:
    """The newest first, each with the months for which it counts; the texts are not read."""
    given_up = RulebookWithdrawal.objects.filter(version=OuterRef("pk"), at=OuterRef("retired_at"))
    rows = list(
        RulebookVersion.objects.filter(state__in=[*COUNTING, RulebookState.RETIRED])
        .filter(activated_at__isnull=False)
        .annotate(given_up=Exists(given_up.order_by()))
        .order_by("-effective_from", "-activated_at", "-pk")
        .values_list("pk", "version", "effective_from", "state", "retired_at", "given_up")
    )
    starts = [row[2] for row in rows if row[3] in COUNTING]
    current = next((start for start in starts if start <= month), None)
    found = []
    for pk, version, first, state, retired_at, withdrawn in rows:
        later = [start for start in starts if start > first]
        if state == RulebookState.RETIRED:
            force = Force.WITHDRAWN if withdrawn else Force.REPLACED
        elif first == current:
            force = Force.CURRENT
        else:
            force = Force.LATER if first > month else Force.EARLIER
        shown = version == wanted if wanted else force is Force.CURRENT
        last = previous_month(min(later)) if later else None
        counted = retired_at is None or retired_at >= month_begins(first)
        found.append(Version(pk, version, first, last, force, shown, counted))
    return tuple(found)


def _asked(now: datetime) -> tuple[OpenConsultation, ...]:
    found = Consultation.objects.open_at(now).filter(version__state=RulebookState.CONSULTATION)
    return tuple(
        OpenConsultation(
            pk=each.pk,
            title=title_of(each.version),
            first=each.version.effective_from,
            last_day=last_day_before(each.closes_at),
        )
        for each in found.select_related("version").order_by("closes_at", "pk")
    )


def title_of(version: RulebookVersion) -> str:
    """How a version is called in the reader's language: its title with its number."""
    return f"{in_language(version.rulebook.title)} · {version.version}"


def names_of(version: RulebookVersion) -> dict[str, str]:
    """What news call a version, in both languages: `name_zh` and `name_en`."""
    title = version.rulebook.title
    return {
        "name_zh": f"{title.zh} · {version.version}",
        "name_en": f"{title.en} · {version.version}",
    }


def _rulebooks(keys: list[int]) -> dict[int, Rulebook]:
    found = RulebookVersion.objects.filter(pk__in=keys).only("text").order_by("pk")
    return {each.pk: each.rulebook for each in found}
