"""The explanation of a level as a letter that can be sent as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from agencies.enums import Stage
from portal.support.why import said
from portal.support.why.facts import Why
from portal.support.why.points import point_paragraphs
from portal.support.why.result import result_paragraphs
from portal.support.why.way import way_paragraphs

LANGUAGES: Final = ("zh-hans", "en")


@dataclass(frozen=True)
class Source:
    """A page of the agency on which it finds the same figures."""

    label: str
    url: str


@dataclass(frozen=True)
class Letter:
    """An explanation in one language: plain text, without any markup.

    A paragraph may have lines that begin with a dot, for a list.
    """

    language: str
    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    reading: str
    sources: tuple[Source, ...]
    closing: str

    @property
    def body(self) -> str:
        """The explanation alone, to stand within an answer."""
        return "\n\n".join(self.paragraphs)

    @property
    def text(self) -> str:
        """The whole letter."""
        read = "\n".join([self.reading, *(f"{each.label} {each.url}" for each in self.sources)])
        return "\n\n".join([self.greeting, *self.paragraphs, read, self.closing])


def in_words(why: Why, language: str) -> Letter:
    """The explanation in a language of the portal ("zh-hans" or "en"), whoever reads along.

    Raises ValueError for another language.
    """
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is no language of the portal.")
    with override(language):
        return Letter(
            language=language,
            subject=_subject(why),
            greeting=pgettext("begins an answer", "Hello,"),
            paragraphs=(
                *result_paragraphs(why),
                *point_paragraphs(why),
                *way_paragraphs(why),
                *_basis(why),
            ),
            reading=_("Where you find all of it in the portal:"),
            sources=tuple(
                Source(label, f"{settings.PORTAL_URL}{path}") for label, path in _sources(why)
            ),
            closing=_("If anything is unclear, just write to us again under this question."),
        )


def _subject(why: Why) -> str:
    now = why.now
    names = {"agency": why.agency.name}
    if now is None or why.month is None:
        return _("%(agency)s: why there is no level yet") % names
    names |= {"month": said.month(why.month), "level": now.level}
    if now.level:
        return _("%(agency)s: why the level of %(month)s is %(level)s") % names
    return _("%(agency)s: why there is no level in %(month)s") % names


def _basis(why: Why) -> Iterator[str]:
    """Where the figures come from: publication, data, rules."""
    if why.now is None or why.now.evaluation.published_at is None:
        return
    evaluation = why.now.evaluation
    names = {
        "month": said.month(evaluation.month),
        "day": said.on(localtime(why.now.evaluation.published_at).date()),
        "number": evaluation.revision,
        "version": evaluation.rules.version,
    }
    if evaluation.data_through is None:
        sentence = _(
            "These are the figures of %(month)s as published on %(day)s (revision %(number)s), by"
            " rulebook %(version)s."
        )
        yield sentence % names
    else:
        yield _(
            "These are the figures of %(month)s as published on %(day)s (revision %(number)s), with"
            " data through %(through)s, by rulebook %(version)s."
        ) % {**names, "through": said.on(evaluation.data_through)}


def _sources(why: Why) -> Iterator[tuple[str, str]]:
    """The pages that this agency can open: label and path."""
    if why.removed_on:
        yield _("The decision, and how to appeal:"), reverse("conduct")
        yield _("The rules of the stages and levels:"), reverse("public-rules")
        return
    if why.month is None:
        yield _("Your home page:"), reverse("home")
    elif why.now is not None and why.now.stage != Stage.NOVICE:
        asked = f"?month={why.month:%Y-%m}"
        yield _("The score, indicator by indicator:"), f"{reverse('score')}{asked}"
        yield _("What moved it, and by whom:"), f"{reverse('movement')}{asked}"
    if why.cases or (why.results and why.results.hold):
        yield _("Violations and credit:"), reverse("conduct")
    if why.ahead is not None:
        yield _("The ways to the next level:"), reverse("guidance")
    yield _("The rules of the stages and levels:"), f"{reverse('rules')}#stages"
