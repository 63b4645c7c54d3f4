"""Prepared answers: the figures of the agency that asks, put where an answer leaves room."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext

from agencies.enums import Stage
from agencies.models import Agency
from portal.formats.figures import exact, signed
from portal.support.contacts import contacts_of
from portal.support.why import Why, in_words, said, why
from scoring.models import Assessment, RulebookVersion
from scoring.months import current_month, next_month, publication_due
from scoring.queries.months import Progress
from scoring.queries.rules import clauses
from scoring.rulebook import DIMENSIONS

# What a prepared answer may name in braces, and what stands there then.
PLACEHOLDERS: Final[Mapping[str, str | Promise]] = MappingProxyType(
    {
        "agency": gettext_lazy("Name of the agency"),
        "code": gettext_lazy("Code of the agency"),
        "month": gettext_lazy("Month of the newest result"),
        "level": gettext_lazy("Level of that month, or the stage where there is none"),
        "level_before": gettext_lazy("Level of the month before, or its stage"),
        "stage": gettext_lazy("Stage of that month"),
        "total": gettext_lazy("Total of that month, in points"),
        "total_before": gettext_lazy("Total of the month before, in points"),
        "change": gettext_lazy("Change of the total, in points with its sign"),
        "operating": gettext_lazy("Operating power, in points"),
        "growth": gettext_lazy("Growth power, in points"),
        "service": gettext_lazy("Service power, in points"),
        "bonus": gettext_lazy("Bonus, in points"),
        "credit": gettext_lazy("Credit on the last day of that month"),
        "credit_today": gettext_lazy("Credit today"),
        "next_level": gettext_lazy("Next level above that month's"),
        "missing": gettext_lazy("Points that the next level takes besides"),
        "why": gettext_lazy("Why the agency is at this level, in several paragraphs"),
        "clause_title": gettext_lazy("Name of the clause"),
        "clause_text": gettext_lazy("The clause, word by word"),
        "contact": gettext_lazy("The agency's people at the platform, and how to reach them"),
        "data_through": gettext_lazy("Last day of the data that the result counts"),
        "due": gettext_lazy("Day on which the next result is published"),
    }
)

NOTHING: Final = "–"
_OF_THE_CLAUSE: Final = {"clause_title", "clause_text"}
_OF_THE_RESULT: Final = set(PLACEHOLDERS) - _OF_THE_CLAUSE - {"agency", "code", "contact"}
_IN_BRACES: Final = re.compile(r"\{([a-z_]+)\}")
# Also what was mistyped: capitals, blanks, the braces of a Chinese keyboard.
_MEANT: Final = re.compile(r"[{｛][^{}｛｝\n]{1,60}[}｝]")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with each {name} of `values` replaced, all in one go; other braces stay.

    What stands in a value is never looked at again, so a name that reads like a placeholder is
    harmless.
    """
    return _IN_BRACES.sub(lambda found: values.get(found[1], found[0]), text)


def unknown_placeholders(text: str) -> tuple[str, ...]:
    """What stands in braces and would not be replaced, as it is written, each once."""
    known = {f"{{{name}}}" for name in PLACEHOLDERS}
    return tuple(dict.fromkeys(each for each in _MEANT.findall(text) if each not in known))


def fills(
    agency: Agency,
    *,
    clause: str = "",
    month: date | None = None,
    language: str,
    now: datetime,
    text: str | None = None,
) -> dict[str, str]:
    """What stands for every placeholder in an answer to an agency, in a language of the portal.

    1. `month` is the newest published one unless told otherwise; figures are those of the agency's
       own pages. What there is not stands as a dash, so that whoever answers sees it.
    2. `clause` is the anchor of a clause of the rules in force; of another one nothing is known.
    3. With `text`, only what it names is looked up; the rest is left out.

    At most fourteen queries. Raises NoSuchMonth where the agency has no published result for the
    month, ValueError for another language.
    """
    wanted = set(PLACEHOLDERS) if text is None else set(_IN_BRACES.findall(text))
    with override(language):
        values = {"agency": agency.name, "code": agency.code}
        if wanted & _OF_THE_RESULT:
            values |= _of_the_result(why(agency, month=month, now=now), language)
        if wanted & _OF_THE_CLAUSE:
            values |= _of_the_clause(clause, now)
        if "contact" in wanted:
            values["contact"] = _contacts(agency)
    return {name: value for name, value in values.items() if name in wanted}


def _of_the_result(found: Why, language: str) -> dict[str, str]:
    """The figures of a result and of the month before, and the explanation of both."""
    now, before = found.now, found.results.before if found.results else None
    evaluation = now.evaluation if now else None
    return {
        "month": said.month(found.month) if found.month else NOTHING,
        "level": _level(now),
        "level_before": _level(before),
        "stage": str(Stage(now.stage).label) if now else NOTHING,
        "total": exact(now.total if now else None, "points"),
        "total_before": exact(before.total if before else None, "points"),
        "change": signed(found.movement.change if found.movement else None),
        **{key: exact(getattr(now, key) if now else None, "points") for key in DIMENSIONS},
        "credit": exact(now.credit if now else None),
        "credit_today": exact(found.credit),
        "next_level": found.next_level.key if found.next_level else NOTHING,
        "missing": exact(found.next_missing, "points"),
        "why": in_words(found, language).body,
        "data_through": said.on(evaluation.data_through)
        if evaluation and evaluation.data_through
        else NOTHING,
        "due": _due(found),
    }


def _due(found: Why) -> str:
    """The day of the next result; a dash where none comes, or a late one has no day."""
    coming = found.publication
    if found.removed_on or coming.progress is Progress.HELD_BACK:
        return NOTHING
    published = coming.progress is Progress.PUBLISHED
    month = next_month(coming.expected) if published else coming.expected
    return said.on(localtime(publication_due(month)).date())


def _level(result: Assessment | None) -> str:
    """The level, or the stage where there is none."""
    return NOTHING if result is None else result.level or str(Stage(result.stage).label)


def _of_the_clause(key: str, now: datetime) -> dict[str, str]:
    """A clause of the rules in force, with its sentences and the knots of its curve."""
    try:
        version = RulebookVersion.objects.for_month(current_month(now))
    except RulebookVersion.DoesNotExist:
        return {"clause_title": NOTHING, "clause_text": NOTHING}
    clause = next((each for each in clauses(version.rulebook) if each.key == key), None)
    if clause is None:
        return {"clause_title": NOTHING, "clause_text": NOTHING}
    return {
        "clause_title": clause.title,
        "clause_text": "\n".join(line.text for line in clause.lines),
    }


def _contacts(agency: Agency) -> str:
    """Each person with the ways to reach them, one a line; a dash where the level has none."""
    people = (
        _("%(kind)s: %(name)s (%(ways)s)")
        % {
            "kind": each.kind.label,
            "name": each.name,
            "ways": pgettext("between the parts of an enumeration", ", ").join(
                way for way in (each.phone, each.email, each.wechat) if way
            ),
        }
        for each in contacts_of(agency)
    )
    return "\n".join(people) or NOTHING
