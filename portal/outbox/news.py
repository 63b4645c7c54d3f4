"""News in words, for whoever reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext

from agencies.enums import Measure, News, Stage, StarPhase, ViolationKind, ViolationState
from portal.enums import ContactKind
from portal.formats.figures import exact, signed
from portal.models import OutboxEntry
from portal.wording import NEWS_PHRASES
from scoring.enums import Cause, DisputeState
from scoring.wording import INDICATOR_NAMES

# Values that stand for a word of a closed vocabulary.
LABELS: Final = {
    "measure": Measure,
    "kind": ViolationKind,
    "verdict": ViolationState,
    "stage": Stage,
    "stage_before": Stage,
    "cause": Cause,
    "phase": StarPhase,
    "contact_kind": ContactKind,
}


def _moved(points: Any) -> str:
    """Points that an indicator gained or lost are text; those of credit are whole, and plain."""
    return signed(Decimal(points)) if isinstance(points, str) else str(points)


# Values that are written in another way than they are kept.
FIGURES: Final[Mapping[str, Callable[[Any], str]]] = {
    "points": _moved,
    "amount": exact,
    "indicator": lambda key: str(INDICATOR_NAMES.get(key, "")),
}
DAYS: Final = {
    *("appeal_until", "due_on", "starts_on", "until"),
    *("on", "day", "last_day", "silent_on", "closes_on", "first_live_on", "was_on"),
}
MONTHS: Final = {"month", "effective_from"}
OF_CREATORS: Final = {
    *(News.CREATOR_BOUND, News.CREATOR_UNBOUND, News.REQUEST_DECLINED, News.REQUEST_EXPIRED),
    *(News.UNBINDING_ASKED, News.UNBINDING_OBJECTED, News.UNBINDING_DECIDED),
    *(News.UNBINDING_WITHDRAWN, News.UNBINDING_CALLED_IN),
}
# News of a month lead to its page.
OF_MONTHS: Final = {
    News.LEVEL_CHANGED: "movement",
    News.RESULT_CORRECTED: "score",
    News.RESULT_PUBLISHED: "score",
}
# News of one thing lead to its page, or to the list where they do not say which: address and key.
OF_ROWS: Final[Mapping[News, tuple[str, str]]] = {
    **dict.fromkeys((News.DISPUTE_ANSWERED, News.DISPUTE_CORRECTED), ("dispute", "dispute")),
    **dict.fromkeys(
        (News.CONSULTATION_OPENED, News.CONSULTATION_CLOSED, News.COMMENT_ANSWERED),
        ("consultation", "consultation"),
    ),
    **dict.fromkeys((News.QUESTION_ANSWERED, News.QUESTION_CLOSED), ("question", "question")),
    **dict.fromkeys(
        (
            *(News.EVENT_ANNOUNCED, News.EVENT_CHANGED, News.EVENT_CANCELLED),
            *(News.EVENT_SEATED, News.EVENT_MATERIALS),
        ),
        ("event", "event"),
    ),
    **dict.fromkeys(
        (
            *(News.STAR_SELECTED, News.STAR_ANCHORED, News.STAR_PHASE),
            *(News.STAR_INCENTIVE, News.STAR_LEFT),
        ),
        ("star-source-creator", "creator_id"),
    ),
}
# The lists of what is not named by its own name and an "s".
LISTS: Final = {"question": "help", "star-source-creator": "star-source"}
OF_CREDIT: Final = {"credit_low", "level_held"}


@dataclass(frozen=True)
class Words:
    """News as its reader sees it: what happened, the particulars (may be empty), where to go."""

    title: str
    sentence: str
    url: str


@dataclass(frozen=True)
class Told:
    """News with when they happened."""

    at: datetime
    words: Words


def told(entries: Iterable[OutboxEntry]) -> list[Told]:
    """Each of some news in words, in their order."""
    return [Told(entry.at, words(entry)) for entry in entries]


def words(entry: OutboxEntry) -> Words:
    """Put the news of an agency into the language of whoever reads them now.

    Values that an entry lacks leave out what would name them, and fail nothing; days are written
    as the language writes them.
    """
    news = News(entry.news)
    values = _values(entry.about)
    phrase = next(
        (each for each in NEWS_PHRASES[news] if all(values.get(key) for key in each.needs)), None
    )
    sentence = str(phrase.text) % values if phrase else ""
    return Words(str(news.label), sentence, _address(news, entry.about))


def _values(about: Mapping[str, Any]) -> dict[str, str]:
    """The plain values of an entry, and those made of several, as text for the reader."""
    values = {key: _said(key, value) for key, value in about.items()}
    if about.get("creator_id"):
        nickname = about.get("nickname")
        code = str(about["creator_id"])
        values["creator"] = f"{nickname} ({code})" if nickname else code
    name = about.get("name_en" if get_language() == "en" else "name_zh")
    if name:
        values["title"] = str(name)
    name = about.get("event_en" if get_language() == "en" else "event_zh")
    if name:
        values["salon"] = str(name)
    for key in ("reason", "risk"):
        # one word of ours each, which says what sentence the other values are for
        values[f"of_{about.get(key)}"] = "1"
    values["now"] = values.get("level") or values.get("stage", "")
    values["before"] = values.get("level_before") or values.get("stage_before", "")
    if "kept" in about:
        values["ended"] = "" if about["kept"] else "1"
    return values


def _said(key: str, value: Any) -> str:
    """One value: a day, a measure, a kind, a list, or as it is; nothing for nothing."""
    if value is None or value is False:
        return ""
    if isinstance(value, Mapping):
        return _enumerated(
            f"{each}: {_said('verdict', verdict)}" for each, verdict in value.items()
        )
    if isinstance(value, list):
        return _enumerated(str(each) for each in value)
    if key in FIGURES:
        return FIGURES[key](value)
    labels = LABELS.get(key)
    if key == "verdict" and value in DisputeState.values:
        labels = DisputeState
    if labels is not None and value in labels.values:
        return str(labels(value).label)
    if key not in DAYS and key not in MONTHS:
        return str(value)
    try:
        form = "YEAR_MONTH_FORMAT" if key in MONTHS else None
        return date_format(date.fromisoformat(value), form)
    except (TypeError, ValueError):
        return str(value)


def _enumerated(values: Iterable[str]) -> str:
    return pgettext("between the parts of an enumeration", ", ").join(values)


def _address(news: News, about: Mapping[str, Any]) -> str:
    """Where the reader sees what the news tell of."""
    if news == News.NOTICE_PUBLISHED:
        if about.get("notice_id"):
            return reverse("public-notice", args=[about["notice_id"]])
        return reverse("public-notices")
    if news in OF_MONTHS:
        return f"{reverse(OF_MONTHS[news])}?month={str(about.get('month') or '')[:7]}"
    if news == News.AT_RISK:
        return reverse("conduct" if about.get("risk") in OF_CREDIT else "guidance")
    if news in OF_ROWS:
        name, key = OF_ROWS[news]
        return _one_or_all(name, about.get(key))
    if news in {News.CONTACT_ASSIGNED, News.CONTACT_ENDED}:
        return reverse("help")
    if news in {News.RULES_SCHEDULED, News.RULES_WITHDRAWN}:
        return f"{reverse('rules')}?{urlencode({'version': about.get('version') or ''})}"
    if news in {News.TITLE_GRANTED, News.TITLE_WITHDRAWN}:
        return reverse("home")
    if news in OF_CREATORS:
        return reverse("creators")
    references = about.get("references") or about.get("verdicts") or []
    references = [about["reference"]] if about.get("reference") else list(references)
    if len(references) == 1:
        return reverse("violation", args=[references[0]])
    return reverse("conduct")


def _one_or_all(name: str, key: int | str | None) -> str:
    """The page of one row, or the list where news do not say which."""
    return reverse(name, args=[key]) if key else reverse(LISTS.get(name, f"{name}s"))
