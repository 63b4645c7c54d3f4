"""The rulebook at the staff's desk: all versions, and one of them as text beside another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery

from scoring.models import RulebookVersion
from scoring.models.rulebook_version import COUNTING
from scoring.months import previous_month
from scoring.queries.rules import Change, Section, changes, sections
from scoring.queries.rules.clause import in_language

MOST_CHOICES: Final = 100


@dataclass(frozen=True)
class DeskPage:
    """A version as text, and what differs between it and another one.

    `changes` says what `version` has otherwise than `against`, None where there is no other.
    """

    version: RulebookVersion
    title: str
    sections: tuple[Section, ...]
    against: RulebookVersion | None
    changes: tuple[Change, ...]
    others: tuple[tuple[int, str], ...]


def listed_versions() -> QuerySet[RulebookVersion]:
    """All versions without their texts, the latest first month first.

    `ends_before` is the first month of the version that takes over from one that counts; None
    where none does. Drafts and retired ones have it too, and it means nothing for them.
    """
    later = (
        RulebookVersion.objects.in_force()
        .filter(effective_from__gt=OuterRef("effective_from"))
        .order_by("effective_from")
        .values("effective_from")[:1]
    )
    return (
        RulebookVersion.objects.annotate(ends_before=Subquery(later))
        .select_related("actor", "proposed_by", "approved_by")
        .defer("text")
        .order_by("-effective_from", "-pk")
    )


@dataclass(frozen=True)
class Listed:
    """A line of the list: a version and the data months it counts for.

    `counts` says whether it counts or will; then `last` is its last month, None without an end, and
    `begun` whether it has begun to. Of all others `first` is the month they were meant for.
    """

    version: RulebookVersion
    counts: bool
    begun: bool
    first: date
    last: date | None


def versions_of(rows: Iterable[Any], *, today: date) -> list[Listed]:
    """The lines of some listed versions; no query."""
    return [
        Listed(
            version=row,
            counts=row.state in COUNTING,
            begun=row.effective_from <= today,
            first=row.effective_from,
            last=previous_month(row.ends_before) if row.ends_before else None,
        )
        for row in rows
    ]


def version_in_force_beside(version: RulebookVersion) -> RulebookVersion | None:
    """The other version that counts for the first month of this one.

    For one that counts itself, the version that it took over from.
    """
    others = RulebookVersion.objects.in_force().exclude(pk=version.pk)
    found = others.filter(effective_from__lte=version.effective_from)
    return found.order_by("-effective_from").first()


def desk_page(version: RulebookVersion, *, against: str) -> DeskPage:
    """One version in the reader's language, compared with another one.

    `against` is the pk of the other as an address holds it; the version in force beside it where
    that names none. Two queries.
    """
    others = tuple(
        RulebookVersion.objects.exclude(pk=version.pk)
        .order_by("-effective_from", "-pk")
        .values_list("pk", "version")[:MOST_CHOICES]
    )
    other = _named(version, against) or version_in_force_beside(version)
    return DeskPage(
        version=version,
        title=in_language(version.rulebook.title),
        sections=sections(version.rulebook),
        against=other,
        changes=changes(other.rulebook, version.rulebook) if other else (),
        others=others,
    )


def _named(version: RulebookVersion, against: str) -> RulebookVersion | None:
    if not (against.isascii() and against.isdecimal() and len(against) < 19):
        return None
    return RulebookVersion.objects.filter(pk=int(against)).exclude(pk=version.pk).first()
