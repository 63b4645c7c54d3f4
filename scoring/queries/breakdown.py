"""The score of one month by indicator, with everything needed to check it by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from agencies.enums import Stage
from agencies.models import Agency
from scoring.enums import EvaluationState
from scoring.models import Assessment, Evaluation
from scoring.months import previous_month
from scoring.queries.months import pick_month
from scoring.queries.working import Quotient, Working, quotient, working
from scoring.rulebook import DIMENSIONS, Indicator, Rulebook
from scoring.wording import (
    DIMENSION_NAMES,
    INDICATOR_MEANINGS,
    INDICATOR_NAMES,
    SOURCE_MEANINGS,
    UNITS,
)


@dataclass(frozen=True)
class IndicatorLine:
    """One indicator of the month: value, points of maximum, percentile, change, working.

    `percentile` is the share of assessed agencies with a lower value, in percent.
    """

    key: str
    name: Promise
    meaning: Promise
    unit: str
    value: Decimal | None
    points: Decimal
    maximum: Decimal
    percentile: Decimal | None
    change: Decimal | None
    source: str
    source_meaning: Promise
    working: Working
    quotient: Quotient | None

    @property
    def formula_unit(self) -> str:
        """Amounts lose their currency sign inside a formula; shares keep their per cent."""
        return "share" if self.unit == "share" else "plain"


@dataclass(frozen=True)
class DimensionBlock:
    """A dimension with its indicators; `capped` when the bonus earned more than may count."""

    key: str
    name: Promise
    points: Decimal
    maximum: Decimal
    change: Decimal | None
    indicators: tuple[IndicatorLine, ...]

    @property
    def capped(self) -> bool:
        return sum((each.points for each in self.indicators), start=Decimal(0)) > self.points


@dataclass(frozen=True)
class Breakdown:
    """What the score page shows; `blocks` is empty for a novice, who gets no points."""

    month: date
    months: tuple[date, ...]
    evaluation: Evaluation
    rulebook: Rulebook
    stage: str
    level: str
    credit: int
    total: Decimal | None
    maximum: Decimal
    change: Decimal | None
    blocks: tuple[DimensionBlock, ...]

    @property
    def stage_label(self) -> str | Promise:
        return Stage(self.stage).label


def breakdown_of(agency: Agency, month_text: str) -> Breakdown | None:
    """The breakdown of a published month, the newest by default; None without any result.

    Three queries. Raises NoSuchMonth where the agency has no published result for that month.
    """
    own = Assessment.objects.filter(agency=agency, evaluation__state=EvaluationState.PUBLISHED)
    months = list(own.order_by("-evaluation__month").values_list("evaluation__month", flat=True))
    if not months:
        return None
    month = pick_month(month_text, months)
    found = {
        each.evaluation.month: each
        for each in own.filter(evaluation__month__in=[month, previous_month(month)]).select_related(
            "evaluation__rulebook"
        )
    }
    assessment, previous = found[month], found.get(previous_month(month))
    rulebook: Rulebook = assessment.evaluation.rulebook.rulebook  # type: ignore[union-attr]
    return Breakdown(
        month=month,
        months=tuple(months),
        evaluation=assessment.evaluation,
        rulebook=rulebook,
        stage=assessment.stage,
        level=assessment.level,
        credit=assessment.credit,
        total=assessment.total,
        maximum=sum((rulebook.dimension_max(each) for each in DIMENSIONS), start=Decimal(0)),
        change=_change(assessment, previous, "total"),
        blocks=_blocks(rulebook, assessment, previous),
    )


def _change(now: Assessment, before: Assessment | None, field: str) -> Decimal | None:
    if before is None or getattr(now, field) is None or getattr(before, field) is None:
        return None
    return getattr(now, field) - getattr(before, field)


def _blocks(
    rulebook: Rulebook, assessment: Assessment, previous: Assessment | None
) -> tuple[DimensionBlock, ...]:
    if assessment.total is None:
        return ()
    return tuple(
        DimensionBlock(
            key=key,
            name=DIMENSION_NAMES[key],
            points=getattr(assessment, key),
            maximum=rulebook.dimension_max(key),
            change=_change(assessment, previous, key),
            indicators=tuple(
                _line(indicator, assessment, previous)
                for indicator in rulebook.indicators
                if indicator.dimension == key
            ),
        )
        for key in DIMENSIONS
    )


def _line(
    indicator: Indicator, assessment: Assessment, previous: Assessment | None
) -> IndicatorLine:
    stored: dict[str, Any] = assessment.indicators[indicator.key]
    value, points = _decimal(stored["value"]), Decimal(stored["points"])
    before = previous.indicators.get(indicator.key) if previous else None
    return IndicatorLine(
        key=indicator.key,
        name=INDICATOR_NAMES[indicator.key],
        meaning=INDICATOR_MEANINGS[indicator.key],
        unit=UNITS[indicator.key],
        value=value,
        points=points,
        maximum=indicator.max_points,
        percentile=_decimal(stored["percentile"]),
        change=points - Decimal(before["points"]) if before else None,
        source=indicator.source,
        source_meaning=SOURCE_MEANINGS[indicator.source],
        working=working(indicator, value, points),
        quotient=quotient(indicator.key, assessment.totals),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
