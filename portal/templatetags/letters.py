"""What mails need of names that people chose."""

from __future__ import annotations

from django import template

from agencies.actions import plain_text

register = template.Library()


@register.filter
def one_line(text: object) -> str:
    """A name in one line: it cannot look like another line of the mail."""
    return plain_text.one_line(str(text))
