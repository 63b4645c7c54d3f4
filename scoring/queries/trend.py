"""The total over twelve months."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.enums import Stage
from scoring.months import add_months
from scoring.queries.results import MonthResult

TREND_MONTHS: Final = 12


@dataclass(frozen=True)
class TrendMonth:
    """A month of the trend; without a total it was a novice month or has no published result."""

    month: date
    total: Decimal | None
    level: str
    stage: str

    @property
    def told(self) -> str | Promise:
        """The level, the stage where there is none, or that there is no result."""
        if self.level:
            return self.level
        return Stage(self.stage).label if self.stage else _("no published result")


def trend(results: Iterable[MonthResult], last: date) -> tuple[TrendMonth, ...]:
    """The calendar months up to `last`, the oldest first, from the first that has a total.

    1. At most TREND_MONTHS months.
    2. Months without a total between others stay in: the line has a gap there.
    3. Empty when no month of the span has a total.
    """
    known = {each.month: each for each in results}
    span = [add_months(last, -back) for back in reversed(range(TREND_MONTHS))]
    months = [_trend_month(month, known.get(month)) for month in span]
    first = next((at for at, each in enumerate(months) if each.total is not None), len(months))
    return tuple(months[first:])


def _trend_month(month: date, result: MonthResult | None) -> TrendMonth:
    if result is None:
        return TrendMonth(month=month, total=None, level="", stage="")
    return TrendMonth(month=month, total=result.total, level=result.level, stage=result.stage)
