"""What people wrote to one another, as pages show it."""

from __future__ import annotations

import re
from typing import Final

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

# Signs of Chinese stand beside an address without a blank, and are none of it.
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*[A-Za-z0-9/=#_-]")


@register.filter
def with_links(text: str) -> SafeString:
    """A plain text whose web addresses can be followed; everything else is escaped."""
    parts: list[str] = []
    end = 0
    for found in _ADDRESS.finditer(text):
        parts += [text[end : found.start()], _link(found[0])]
        end = found.end()
    return format_html_join("", "{}", ([part] for part in (*parts, text[end:])))


def _link(address: str) -> SafeString:
    return format_html('<a href="{0}" rel="noopener noreferrer">{0}</a>', address)
