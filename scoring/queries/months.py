"""Which months are published, and when the next one is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from django.http import Http404
from django.utils.translation import gettext as _

from scoring.models import Evaluation
from scoring.months import current_month, previous_month, publication_due


class NoSuchMonth(Http404):
    """Asked for a month that has no published result; the message is for the reader."""


class Progress(Enum):
    """Where the newest full month stands."""

    PUBLISHED = "published"
    UPCOMING = "upcoming"
    HELD_BACK = "held_back"


@dataclass(frozen=True)
class Publication:
    """The newest full month, when it is due, and whether it is out."""

    latest: date | None
    expected: date
    due_at: datetime
    progress: Progress


def latest_month() -> date | None:
    """The newest published data month (its first day)."""
    return Evaluation.objects.published().order_by("-month").values_list("month", flat=True).first()


def publication(latest: date | None, now: datetime) -> Publication:
    """What to say about the newest full month.

    1. A month is due on the 3rd of the next at 03:00 local time (S; draft days D, section 2).
    2. Before that it is upcoming; after it, without a publication, it is held back.
    """
    expected = previous_month(current_month(now))
    due_at = publication_due(expected)
    if latest is not None and latest >= expected:
        progress = Progress.PUBLISHED
    else:
        progress = Progress.UPCOMING if now < due_at else Progress.HELD_BACK
    return Publication(latest=latest, expected=expected, due_at=due_at, progress=progress)


def pick_month(text: str, months: list[date]) -> date:
    """The month that `?month=YYYY-MM` asks for, or the newest of `months` when it asks for none.

    Raises NoSuchMonth when the text is no month, or one that is not among `months`.
    """
    if not text:
        return months[0]
    for month in months:
        if f"{month:%Y-%m}" == text:
            return month
    raise NoSuchMonth(
        _("There is no published result for “%(month)s”. Choose one of the published months.")
        % {"month": text[:20]}
    )
