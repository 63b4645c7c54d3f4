"""The clauses of the rules in force, by which questions and answers are sorted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from scoring.models import RulebookVersion
from scoring.queries.rules import sections

Choices = list[tuple[str, list[tuple[str, str]]]]


def clause_choices(now: datetime) -> Choices:
    """The clauses of the rulebook in force, by section, in the reader's language. One query.

    None while no rulebook is in force.
    """
    month = timezone.localdate(now).replace(day=1)
    version = (
        RulebookVersion.objects.in_force()
        .filter(effective_from__lte=month)
        .order_by("-effective_from")
        .first()
    )
    return [
        (section.title, [(clause.key, clause.title) for clause in section.clauses])
        for section in (sections(version.rulebook) if version else ())
    ]


def clause_titles(now: datetime) -> dict[str, str]:
    """What each clause of the rulebook in force is called in the reader's language. One query."""
    return {key: title for _section, group in clause_choices(now) for key, title in group}


def titled(texts: Iterable[Any], clauses: Choices) -> list[tuple[Any, str]]:
    """Each text with the title of its clause; the anchor where the rules in force lack it."""
    titles = {key: title for _section, group in clauses for key, title in group}
    return [(text, titles.get(text.clause, text.clause)) for text in texts]
