"""What sentences of news are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

from agencies.enums import News


@dataclass(frozen=True)
class Phrase:
    """A sentence, for news that carry all of `needs`: the values that the sentence names."""

    text: str | Promise
    needs: tuple[str, ...] = ()


# Of each news the first sentence whose values are all there.
Phrases = Mapping[News, tuple[Phrase, ...]]
