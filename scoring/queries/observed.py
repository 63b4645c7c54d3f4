"""What keeps an agency in observation, and which result can bring a level again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from agencies.credit_rules import Line, balance_on
from agencies.ledger.lines import lines_of
from agencies.models import Agency
from scoring.models import RulebookVersion
from scoring.months import next_month
from scoring.queries.months import Progress, Publication, publication
from scoring.queries.projection import Projected, projection_of
from scoring.queries.standing import Standing
from scoring.queries.way_back import WayBack, way_back
from scoring.rulebook import Rulebook


@dataclass(frozen=True)
class Observed:
    """The credit of today, in credit points, and the way back; `held` says that its month is late.

    The floors that were missed are those of the standing.
    """

    today: date
    credit: int
    way: WayBack
    held: bool


def observed_of(agency: Agency, standing: Standing, *, now: datetime) -> Observed:
    """The way out of the observation stage as of `now`, the same as home tells. Three queries."""
    today = timezone.localtime(now).date()
    lines = lines_of(agency.pk)
    return observed(
        lines,
        RulebookVersion.objects.for_month(today.replace(day=1)).rulebook,
        publication(standing.latest, now),
        projection_of(agency, lines=lines, today=today),
        today=today,
    )


def observed(
    lines: Sequence[Line],
    rulebook: Rulebook,
    out: Publication,
    projected: Projected | None,
    *,
    today: date,
) -> Observed:
    """The way out by a ledger, the newest full month and the projection, if there is one."""
    way = way_back(lines, rulebook, month=first_open_month(out, projected), today=today)
    return Observed(
        today=today,
        credit=balance_on(lines, today),
        way=way,
        held=way.month == out.expected and out.progress is Progress.HELD_BACK,
    )


def first_open_month(out: Publication, projected: Projected | None) -> date:
    """The first month whose result can still bring a level to an agency in observation.

    Of a month whose provisional result has none, no level is to be expected.
    """
    refused = (
        projected is not None
        and projected.total is not None
        and projected.over
        and projected.complete
        and not projected.level
    )
    published = out.progress is Progress.PUBLISHED
    return next_month(out.expected) if published or refused else out.expected
