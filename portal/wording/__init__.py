"""The sentences of the house's news: what happened to an agency, in the reader's language."""

from __future__ import annotations

from typing import Final

from portal.wording.conduct import CONDUCT
from portal.wording.people import PEOPLE
from portal.wording.phrases import Phrase, Phrases
from portal.wording.results import RESULTS

__all__ = ["NEWS_PHRASES", "Phrase"]

NEWS_PHRASES: Final[Phrases] = {**CONDUCT, **RESULTS, **PEOPLE}
