"""The advice that a new platform begins with; operations edit it in the admin from then on."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from scoring.models import LeverText

DEFAULTS: Final = Path(__file__).parent / "default.toml"


def load_default_levers(model: type[LeverText]) -> int:
    """Write the shipped text of every lever that has none; how many were written.

    1. What is there is never changed: edits of operations stay.
    2. A migration runs it once, so that a text that was deleted stays deleted.

    `model` is `LeverText`, or what a migration knows of it. S, docs/rules.md §11; own words.
    """
    texts = tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))["levers"]
    there = set(model.objects.values_list("key", flat=True))
    new = [
        model(position=position, **{name: value.strip() for name, value in text.items()})
        for position, text in enumerate(texts, start=1)
        if text["key"] not in there
    ]
    return len(model.objects.bulk_create(new))
