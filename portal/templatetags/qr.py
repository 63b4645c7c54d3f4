"""QR codes and keys of authenticator apps, as parts of a page."""

from __future__ import annotations

from base64 import b32encode
from binascii import unhexlify
from typing import Any

from django import template

from scoring.views.qr_codes import qr_path

register = template.Library()


@register.inclusion_tag("_components/qr_code.html")
def qr_code(text: str, label: str) -> dict[str, Any]:
    """A text as a QR code, dark on light in every colour scheme; `label` says what it is for."""
    drawn = qr_path(text)
    return {"path": drawn.path, "size": str(drawn.size), "label": label}


@register.filter
def as_base32(key: str) -> str:
    """A key of hexadecimal digits as authenticator apps take it, in groups of four."""
    text = b32encode(unhexlify(key)).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
