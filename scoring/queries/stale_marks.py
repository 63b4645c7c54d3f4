"""Why a revision is out of date, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Min
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from scoring.enums import Cause
from scoring.models import Evaluation, StaleMark

# A month that waits long may be changed by every import: the newest tell enough.
MOST_MARKS: Final = 20
MOST_REFERENCES: Final = 5


@dataclass(frozen=True)
class Change:
    """Something that an evaluation uses changed: when, why, in one sentence."""

    at: datetime
    cause: str
    sentence: str


@dataclass(frozen=True)
class Changes:
    """The newest changes first, and how many there are in all."""

    newest: tuple[Change, ...]
    count: int

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.newest)


def changes_since_frozen(evaluation: Evaluation) -> Changes:
    """What changed since the inputs were frozen; nothing while the revision is up to date.

    At most three queries, none for a revision that is up to date. Counted from the mark that made
    it stale: later marks may bear an earlier time, as long imports have that of their beginning.
    """
    if evaluation.stale_since is None:
        return Changes((), 0)
    first = evaluation.marks.filter(at=evaluation.stale_since).aggregate(first=Min("id"))["first"]
    marks = evaluation.marks.filter(id__gte=first or 0).order_by("-id")
    newest = tuple(
        Change(at=mark.at, cause=mark.get_cause_display(), sentence=told(mark))
        for mark in marks[: MOST_MARKS + 1]
    )
    if len(newest) <= MOST_MARKS:
        return Changes(newest, len(newest))
    return Changes(newest[:MOST_MARKS], marks.count())


def told(mark: StaleMark) -> str:
    """One change as a sentence that names what it was, where the mark holds that."""
    about: dict[str, Any] = mark.about
    if "month_before" in about:
        return gettext(
            "The result of %(month)s was corrected: levels that appeals hold depend on it."
        ) % {"month": date_format(date.fromisoformat(about["month_before"]), "YEAR_MONTH_FORMAT")}
    if mark.cause == Cause.FACTS and "file" in about:
        return _facts(mark, about)
    if mark.cause == Cause.RULES and "version" in about:
        return gettext("Version %(version)s of the rules counts from %(day)s on.") % {
            "version": about["version"],
            "day": _day(mark.first),
        }
    if mark.cause == Cause.BINDINGS:
        return _bindings(mark, about)
    if references := about.get("references"):
        return _cases(mark, references)
    if "agencies" in about:
        return ngettext(
            "%(count)d agency joined on a day of the past.",
            "%(count)d agencies joined on days of the past.",
            about["agencies"],
        ) % {"count": about["agencies"]}
    return gettext("%(cause)s; it concerns %(days)s.") % {
        "cause": mark.get_cause_display(),
        "days": _days(mark),
    }


def _facts(mark: StaleMark, about: dict[str, Any]) -> str:
    days = about.get("days") or (mark.last or mark.first).toordinal() - mark.first.toordinal() + 1
    if "retracted" in about:
        return ngettext(
            "The import of %(file)s was taken back: %(count)d day (%(days)s) holds what it held"
            " before.",
            "The import of %(file)s was taken back: %(count)d days (%(days)s) hold what they held"
            " before.",
            days,
        ) % {"count": days, "days": _days(mark), "file": about["file"]}
    return ngettext(
        "Promotion data of %(count)d day (%(days)s) changed by the file %(file)s.",
        "Promotion data of %(count)d days (%(days)s) changed by the file %(file)s.",
        days,
    ) % {"count": days, "days": _days(mark), "file": about["file"]}


def _bindings(mark: StaleMark, about: dict[str, Any]) -> str:
    count = about.get("bindings") or about.get("creators")
    if count is None:
        return gettext("Bindings changed; it concerns %(days)s.") % {"days": _days(mark)}
    return ngettext(
        "%(count)d binding changed; it concerns %(days)s.",
        "%(count)d bindings changed; it concerns %(days)s.",
        count,
    ) % {"count": count, "days": _days(mark)}


def _cases(mark: StaleMark, references: list[str]) -> str:
    named = ", ".join(references[:MOST_REFERENCES])
    if len(references) > MOST_REFERENCES:
        named += ", …"
    if mark.cause == Cause.APPEAL:
        sentence = ngettext(
            "The appeal in case %(cases)s was decided.",
            "The appeal in the cases %(cases)s was decided.",
            len(references),
        )
    else:
        sentence = ngettext(
            "The decision in case %(cases)s changed credit.",
            "The decisions in the cases %(cases)s changed credit.",
            len(references),
        )
    return sentence % {"cases": named}


def _days(mark: StaleMark) -> str:
    if mark.last is None:
        return gettext("all days from %(day)s on") % {"day": _day(mark.first)}
    if mark.last == mark.first:
        return _day(mark.first)
    return f"{_day(mark.first)} – {_day(mark.last)}"


def _day(day: Any) -> str:
    return date_format(day, "DATE_FORMAT")
