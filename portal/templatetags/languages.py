"""Texts that are kept in both languages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import get_language

register = template.Library()


@register.filter
def in_language(row: Any, field: str) -> str:
    """The column of a row in the reader's language: `title` reads `title_zh` or `title_en`."""
    text: str = getattr(row, f"{field}_{'en' if get_language() == 'en' else 'zh'}")
    return text
