"""The page that a question was asked from: what of it is kept, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from agencies.models import Agency
from rankings.models import BoardKind
from scoring.months import current_month, first_day
from scoring.wording import INDICATOR_NAMES


@dataclass(frozen=True)
class AskPage:
    """A page that can be asked about: its name, and its address unless it needs more than that."""

    label: str | Promise
    address: str = ""
    argument: str = ""
    monthly: bool = False


PAGES: Final[Mapping[str, AskPage]] = {
    "home": AskPage(gettext_lazy("Home"), "home"),
    "score": AskPage(gettext_lazy("Score"), "score", monthly=True),
    "movement": AskPage(gettext_lazy("Why the score moved"), "movement", monthly=True),
    "receipt": AskPage(gettext_lazy("Score receipt"), "receipt", monthly=True),
    "provisional": AskPage(gettext_lazy("Provisional result"), "score", monthly=True),
    "guidance": AskPage(gettext_lazy("Guidance"), "guidance"),
    "benefits": AskPage(gettext_lazy("Benefits"), "benefits"),
    "board-strength": AskPage(BoardKind.STRENGTH.label, "board", "strength", monthly=True),
    "board-growth": AskPage(BoardKind.GROWTH.label, "board", "growth", monthly=True),
    "creators": AskPage(gettext_lazy("Creators"), "creators"),
    "creator": AskPage(gettext_lazy("Creator")),
    "conduct": AskPage(gettext_lazy("Violations and credit"), "conduct"),
    "violation": AskPage(gettext_lazy("Violation")),
    "rules": AskPage(gettext_lazy("Rules"), "rules"),
    "disputes": AskPage(gettext_lazy("Disputes"), "disputes"),
    "star-source": AskPage(gettext_lazy("Star Source plan"), "star-source"),
    "events": AskPage(gettext_lazy("Events"), "events"),
}
KEYS: Final = ("page", "month", "indicator", "violation", "creator")
LONGEST: Final = 64


@dataclass(frozen=True)
class Particular:
    """One thing that a question is about: what it is called, which one, and where it is read."""

    label: str | Promise
    text: str | Promise
    url: str


def asked_about(given: Mapping[str, Any]) -> dict[str, str]:
    """What an address or a form says of the page that it was asked from, unchecked."""
    texts = {key: str(given.get(key) or "").strip() for key in KEYS}
    return {key: text for key, text in texts.items() if 0 < len(text) <= LONGEST}


def checked_about(agency: Agency, given: Mapping[str, Any], *, at: datetime) -> dict[str, str]:
    """What of a question's context is kept: only what this agency has; the rest is dropped.

    1. `page` is one of `PAGES`; `month` is YYYY-MM, from the agency's first month to this one;
       `indicator` is one of the rulebook's.
    2. `violation` is the reference of a decision about the agency, `creator` the id of one that
       is or was bound to it: what others have is dropped as what does not exist.

    At most two queries.
    """
    about = asked_about(given)
    keep = {
        "page": lambda text: text in PAGES,
        "month": lambda text: _is_month_of(agency, text, at),
        "indicator": lambda text: text in INDICATOR_NAMES,
        "violation": lambda text: (
            "\x00" not in text and agency.violations.decided().filter(reference=text).exists()
        ),
        "creator": lambda text: (
            "\x00" not in text and agency.bindings.filter(creator__creator_id=text).exists()
        ),
    }
    return {key: text for key, text in about.items() if keep[key](text)}


def clause_of(about: Mapping[str, Any]) -> str:
    """The clause that a question with this context is most likely about, or none."""
    indicator, page = about.get("indicator"), str(about.get("page") or "")
    if indicator:
        return f"indicator-{str(indicator).replace('_', '-')}"
    return page if page.startswith("board-") else ""


def particulars(about: Mapping[str, Any]) -> list[Particular]:
    """The context of a question in the reader's language, with the agency's own pages. No query."""
    month = str(about.get("month") or "")
    found = []
    if (page := PAGES.get(str(about.get("page") or ""))) is not None:
        found.append(Particular(_("Page"), page.label, _address(page, month)))
    if month:
        found.append(Particular(_("Month"), _month_in_words(month), ""))
    indicator = str(about.get("indicator") or "")
    if indicator in INDICATOR_NAMES:
        asked = urlencode({"month": month} if month else {})
        url = f"{reverse('score')}?{asked}#{indicator}" if asked else ""
        found.append(Particular(_("Indicator"), INDICATOR_NAMES[indicator], url))
    if about.get("violation"):
        reference = str(about["violation"])
        url = reverse("violation", args=[reference])
        found.append(Particular(pgettext("of a violation", "Case"), reference, url))
    if about.get("creator"):
        creator = str(about["creator"])
        found.append(Particular(_("Creator"), creator, reverse("creator", args=[creator])))
    return found


def _is_month_of(agency: Agency, text: str, at: datetime) -> bool:
    try:
        month = first_day(text)
    except ValueError:
        return False
    return agency.joined_on.replace(day=1) <= month <= current_month(at)


def _address(page: AskPage, month: str) -> str:
    if not page.address:
        return ""
    url = reverse(page.address, args=[page.argument] if page.argument else None)
    return f"{url}?month={month}" if page.monthly and month else url


def _month_in_words(month: str) -> str:
    try:
        day: date = first_day(month)
    except ValueError:
        return month
    return date_format(day, "YEAR_MONTH_FORMAT")
