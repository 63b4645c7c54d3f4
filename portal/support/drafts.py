"""What the text box of an answer begins with: a prepared answer, or why the level is what it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from agencies.models import Agency
from portal.models import CannedAnswer, Question
from portal.support.fills import filled, fills, unknown_placeholders
from portal.support.why import in_words, why

QUOTED = ("{clause_title}", "{clause_text}")


@dataclass(frozen=True)
class Draft:
    """A text to be read before it is sent; `unknown` are placeholders that nothing stands for."""

    text: str
    unknown: tuple[str, ...] = ()


def of_canned(canned: CannedAnswer, question: Question, *, language: str, now: datetime) -> Draft:
    """A prepared answer with the figures of the agency that asks, and the clause quoted.

    1. About the answer's own clause, else about the question's.
    2. Where the text itself does not name the clause, its wording follows below the text.
    """
    clause = canned.clause or question.clause
    text = canned.text_en if language == "en" else canned.text_zh
    if clause and not any(each in text for each in QUOTED):
        with override(language):
            text = f"{text}\n\n{_('Rules, “{clause_title}”: {clause_text}')}"
    values = fills(question.agency, clause=clause, language=language, now=now, text=text)
    return Draft(filled(text, values), unknown_placeholders(text))


def of_why(agency: Agency, *, month: date | None, language: str, now: datetime) -> Draft:
    """Why the agency is at its level, as a letter in the language that is asked for."""
    return Draft(in_words(why(agency, month=month, now=now), language).text)
