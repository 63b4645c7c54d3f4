"""An agency's published results: all months in short, one month and the one before in full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from agencies.models import Agency
from scoring.enums import EvaluationState
from scoring.models import Assessment
from scoring.months import previous_month
from scoring.queries.months import pick_month


@dataclass(frozen=True)
class MonthResult:
    """A published month in short; `total` is None for a novice, `level` empty without one."""

    month: date
    stage: str
    level: str
    total: Decimal | None


@dataclass(frozen=True)
class Results:
    """The chosen month, the calendar month before (None without a result), and every month.

    `all` has the newest month first. Both assessments bring their evaluation and rulebook along.
    """

    month: date
    all: tuple[MonthResult, ...]
    now: Assessment
    before: Assessment | None

    @property
    def months(self) -> tuple[date, ...]:
        """The published months of the agency, the newest first."""
        return tuple(each.month for each in self.all)


def results_of(agency: Agency, month_text: str) -> Results | None:
    """The results around a published month, the newest by default; None without any result.

    Two queries. Raises NoSuchMonth where the agency has no published result for that month.
    """
    own = Assessment.objects.filter(agency=agency, evaluation__state=EvaluationState.PUBLISHED)
    rows = own.order_by("-evaluation__month").values_list(
        "evaluation__month", "stage", "level", "total"
    )
    results = tuple(MonthResult(*row) for row in rows)
    if not results:
        return None
    month = pick_month(month_text, [each.month for each in results])
    found = {
        each.evaluation.month: each
        for each in own.filter(evaluation__month__in=[month, previous_month(month)]).select_related(
            "evaluation__rulebook"
        )
    }
    return Results(
        month=month, all=results, now=found[month], before=found.get(previous_month(month))
    )


def values_of(assessment: Assessment) -> dict[str, Decimal | None]:
    """The indicator values that decided, by key; empty for a novice."""
    stored: dict[str, dict[str, Any]] = assessment.indicators
    return {key: decimal_or_none(entry["value"]) for key, entry in stored.items()}


def decimal_or_none(text: str | None) -> Decimal | None:
    """A stored decimal string; None stays None."""
    return None if text is None else Decimal(text)
