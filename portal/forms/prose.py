"""A field for texts of several lines."""

from __future__ import annotations

from typing import Any

from django import forms


class ProseField(forms.CharField):
    """A text of several lines; the end of a line counts as one character, as in the browser."""

    def to_python(self, value: Any) -> str:
        return super().to_python(str(value or "").replace("\r\n", "\n")) or ""
