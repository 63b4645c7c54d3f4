"""Where a rule is from, in words."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise

from scoring.queries.rules.clause import MARK_WORDS

register = template.Library()


@register.filter
def mark_word(mark: str) -> str | Promise:
    """What the letter of a source stands for; empty for no letter."""
    return MARK_WORDS.get(mark, "")
