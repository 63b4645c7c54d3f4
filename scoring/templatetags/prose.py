"""Plain text as people write it, set as paragraphs and lists."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

ITEM = "- "


@register.filter
def prose(text: str) -> SafeString:
    """The text as HTML, every character of it escaped.

    1. An empty line parts paragraphs; lines beginning with "- " are items of a list.
    2. Other lines of a paragraph are joined by line breaks.
    """
    lines = [line.strip() for line in text.splitlines()]
    return format_html_join("\n", "{}", ((block,) for block in _blocks(lines)))


def _blocks(lines: list[str]) -> Iterator[SafeString]:
    for kind, group in groupby(lines, key=_kind):
        found = list(group)
        if kind == "item":
            items = format_html_join("", "<li>{}</li>", ((_item(line),) for line in found))
            yield format_html("<ul>{}</ul>", items)
        elif kind == "line":
            broken = format_html_join(SafeString("<br>"), "{}", ((line,) for line in found))
            yield format_html("<p>{}</p>", broken)


def _kind(line: str) -> str:
    if not line:
        return "gap"
    return "item" if line.startswith(ITEM) else "line"


def _item(line: str) -> str:
    return line.removeprefix(ITEM).strip()
