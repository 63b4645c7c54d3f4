"""An agency's published results: all months in short, one month and the one before in full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from agencies.models import Agency
from scoring.enums import EvaluationState
from scoring.models import Assessment
from scoring.months import previous_month
from scoring.queries.appeals import Hold, hold_of, holding_cases
from scoring.queries.corrections import Correction, choose, seen_by


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

    `all` has the newest month first, the chosen one as the chosen revision has it. Both
    assessments bring their evaluation and rulebook along. `corrected` are the months that were
    corrected, `correction` what is to say of the chosen one, None where it was not. `hold` and
    `hold_before` say by which appeals the two levels are held, None where they are not.
    """

    month: date
    all: tuple[MonthResult, ...]
    now: Assessment
    before: Assessment | None
    corrected: tuple[date, ...]
    correction: Correction | None
    hold: Hold | None
    hold_before: Hold | None

    @property
    def months(self) -> tuple[date, ...]:
        """The published months of the agency, the newest first."""
        return tuple(each.month for each in self.all)


def results_of(agency: Agency, month_text: str, revision_text: str = "") -> Results | None:
    """The results around a published month, the newest by default; None without any result.

    1. Without `revision_text` the revision that counts; a number asks for one that was published
       once, to be read only. The month before is always as it counts now.

    Two queries. Raises NoSuchMonth where the agency saw no such month or revision.
    """
    seen = seen_by(agency)
    chosen = choose(seen, month_text, revision_text)
    if chosen is None:
        return None
    month, shown = chosen.shown.month, chosen.shown
    wanted = Q(evaluation__month=month, evaluation__revision=shown.revision)
    counts = Q(evaluation__month=previous_month(month), evaluation__state=EvaluationState.PUBLISHED)
    own = Assessment.objects.filter(wanted | counts, agency=agency)
    told = own.annotate(cases=holding_cases()).select_related("evaluation__rulebook")
    found = {each.evaluation.month: each for each in told}
    holds = {
        each.evaluation.month: hold_of(each, each.evaluation.rules, each.cases)
        for each in found.values()
    }
    return Results(
        month=month,
        all=tuple(
            MonthResult(each.month, each.stage, each.level, each.total)
            for each in (shown if each.month == month else each for each in seen if each.current)
        ),
        now=found[month],
        before=found.get(previous_month(month)),
        corrected=chosen.corrected,
        correction=chosen.correction,
        hold=holds[month],
        hold_before=holds.get(previous_month(month)),
    )


def values_of(assessment: Assessment) -> dict[str, Decimal | None]:
    """The indicator values that decided, by key; empty for a novice."""
    stored: dict[str, dict[str, Any]] = assessment.indicators
    return {key: decimal_or_none(entry["value"]) for key, entry in stored.items()}


def decimal_or_none(text: str | None) -> Decimal | None:
    """A stored decimal string; None stays None."""
    return None if text is None else Decimal(text)
