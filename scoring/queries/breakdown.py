"""The score of one month by indicator, with everything needed to check it by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from agencies.enums import Stage
from agencies.models import Agency
from scoring.models import Assessment, Evaluation
from scoring.months import previous_month
from scoring.queries.appeals import Hold
from scoring.queries.corrections import Correction
from scoring.queries.results import decimal_or_none, results_of
from scoring.queries.trend import TrendMonth, trend
from scoring.queries.working import Quotient, Working, quotient, remark, working
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

    `percentile` is the share of assessed agencies with a lower value, in percent. `reached` is
    the earned share of the most points, 0 to 1 with 4 decimals; `reached_before` that of the
    month before under the rules of then, None where it had no points. `remark` says why the
    quotient does not give the value as it stands.
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
    reached: Decimal
    reached_before: Decimal | None
    source: str
    source_meaning: Promise
    working: Working
    quotient: Quotient | None
    remark: Promise | None

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
    """What the score page shows; `blocks` is empty for a novice, who gets no points.

    `before` is the month before where it has points to compare with; `hold` says by which appeals
    the level is held, None where it is not. `corrected` are the months that were corrected,
    `correction` what is to say of this one, None where it was not.
    """

    month: date
    months: tuple[date, ...]
    evaluation: Evaluation
    rulebook: Rulebook
    stage: str
    level: str
    credit: int
    total: Decimal | None
    change: Decimal | None
    blocks: tuple[DimensionBlock, ...]
    trend: tuple[TrendMonth, ...]
    before: date | None
    hold: Hold | None
    corrected: tuple[date, ...]
    correction: Correction | None

    @property
    def old(self) -> bool:
        """Whether this is a revision that was replaced: its creators' parts are not kept."""
        return self.correction is not None and self.correction.old

    @property
    def by_creator(self) -> bool:
        """Whether a change can be told by creator."""
        return not self.old

    @property
    def maximum(self) -> Decimal:
        """The most points there are."""
        return self.rulebook.total_max

    @property
    def lines(self) -> tuple[IndicatorLine, ...]:
        """The indicators of all dimensions."""
        return tuple(line for block in self.blocks for line in block.indicators)

    @property
    def highest(self) -> bool:
        """Whether the level is the highest one of its rulebook."""
        return self.level == self.rulebook.levels[-1].key

    @property
    def stage_label(self) -> str | Promise:
        return Stage(self.stage).label


def breakdown_of(agency: Agency, month_text: str, revision_text: str = "") -> Breakdown | None:
    """The breakdown of a published month, the newest by default; None without any result.

    Two queries. Raises NoSuchMonth as `results_of` does, which chooses the revision.
    """
    results = results_of(agency, month_text, revision_text)
    if results is None:
        return None
    assessment, previous = results.now, results.before
    rulebook = assessment.evaluation.rules
    comparable = previous is not None and previous.total is not None
    return Breakdown(
        month=results.month,
        months=results.months,
        evaluation=assessment.evaluation,
        rulebook=rulebook,
        stage=assessment.stage,
        level=assessment.level,
        credit=assessment.credit,
        total=assessment.total,
        change=_change(assessment, previous, "total"),
        blocks=blocks_of(rulebook, assessment, previous),
        trend=trend(results.all, results.month),
        before=previous_month(results.month) if comparable else None,
        hold=results.hold,
        corrected=results.corrected,
        correction=results.correction,
    )


def _change(now: Assessment, before: Assessment | None, field: str) -> Decimal | None:
    if before is None or getattr(now, field) is None or getattr(before, field) is None:
        return None
    return getattr(now, field) - getattr(before, field)


def blocks_of(
    rulebook: Rulebook, assessment: Assessment, previous: Assessment | None
) -> tuple[DimensionBlock, ...]:
    """The dimensions with their indicators, and what changed since `previous`; none for a novice.

    The assessment's evaluation is not asked for.
    """
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
    value, points = decimal_or_none(stored["value"]), Decimal(stored["points"])
    before = previous.indicators.get(indicator.key) if previous else None
    return IndicatorLine(
        key=indicator.key,
        name=INDICATOR_NAMES[indicator.key],
        meaning=INDICATOR_MEANINGS[indicator.key],
        unit=UNITS[indicator.key],
        value=value,
        points=points,
        maximum=indicator.max_points,
        percentile=decimal_or_none(stored["percentile"]),
        change=points - Decimal(before["points"]) if before else None,
        reached=_reached(points, indicator),
        reached_before=_reached_before(indicator.key, previous),
        source=indicator.source,
        source_meaning=SOURCE_MEANINGS[indicator.source],
        working=working(indicator, value, points),
        quotient=quotient(indicator.key, assessment.totals),
        remark=remark(indicator.key, assessment.totals),
    )


def _reached(points: Decimal, indicator: Indicator) -> Decimal:
    """For drawings: four decimals of a share are a hundredth of a per cent."""
    if indicator.max_points == 0:
        return Decimal(0)
    return round(points / indicator.max_points, 4)


def _reached_before(key: str, previous: Assessment | None) -> Decimal | None:
    stored = previous.indicators.get(key) if previous else None
    if previous is None or stored is None:
        return None
    return _reached(Decimal(stored["points"]), previous.evaluation.rules.indicator(key))
