"""What an appeal means for the level, for pages that know nothing of levels."""

from __future__ import annotations

from datetime import date

from django import template

from agencies.models import Violation
from scoring.queries.appeals import months_held_by

register = template.Library()


@register.simple_tag
def held_months(violation: Violation) -> list[tuple[date, str]]:
    """The published months, each with the level, that an undecided appeal holds: see the query."""
    return months_held_by(violation)
