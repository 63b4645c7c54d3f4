"""What a spreadsheet would run instead of showing it."""

from __future__ import annotations

import re

# Patterns that DuckDB and Python read alike.
FORMULA = "^[=+\\-@\\t\\r\\n＝＋－＠]"
NUMBER = "-?[0-9]+(\\.[0-9]+)?"


def harmless(text: str) -> str:
    """A text that opens as text: formulas get a leading apostrophe, numbers stay numbers."""
    if re.match(FORMULA, text) and not re.fullmatch(NUMBER, text):
        return f"'{text}"
    return text
