"""The receipt of a score: every number that decided, for whoever checks it with a calculator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agencies.enums import Stage
from agencies.models import Agency
from scoring.models import Assessment, Evaluation
from scoring.queries.appeals import Hold, hold_of, holding_cases
from scoring.queries.corrections import Correction, choose, seen_by
from scoring.queries.results import decimal_or_none
from scoring.queries.row_exports import RowsState, rows_state
from scoring.queries.working import (
    Quotient,
    TotalLine,
    Working,
    quotient,
    remark,
    total_lines,
    working,
)
from scoring.rulebook import DIMENSIONS, Indicator, Rulebook
from scoring.wording import DIMENSION_NAMES, INDICATOR_MEANINGS, INDICATOR_NAMES, UNITS


@dataclass(frozen=True)
class ReceiptLine:
    """One indicator: where its value comes from, and how the value became points.

    `remark` says why a quotient does not give the value as it stands.
    """

    name: Promise
    meaning: Promise
    unit: str
    value: Decimal | None
    points: Decimal
    maximum: Decimal
    source: str
    working: Working
    quotient: Quotient | None
    remark: Promise | None

    @property
    def formula_unit(self) -> str:
        """Amounts lose their currency sign inside a formula; shares keep their per cent."""
        return "share" if self.unit == "share" else "plain"


@dataclass(frozen=True)
class ReceiptSum:
    """A dimension: its indicators, what they earned together, and what of it counts."""

    key: str
    name: Promise
    lines: tuple[ReceiptLine, ...]
    earned: Decimal
    points: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class CutOff:
    """A level and whether the total reaches it; `own` marks the level that was given."""

    key: str
    min_total: Decimal
    reached: bool
    own: bool


@dataclass(frozen=True)
class Threshold:
    """A floor that a level needs, and what was there; exactly on it is reached (P, section 3)."""

    name: Promise
    value: Decimal
    floor: Decimal
    unit: str

    @property
    def reached(self) -> bool:
        return self.value >= self.floor


@dataclass(frozen=True)
class Receipt:
    """What the receipt says about a published month; a novice has no sums and no points.

    `hold` says by which appeals the level is held, None where it is not. `corrected` are the
    months that were corrected, `correction` what is to say of this one, None where it was not.
    `rows` is None for a revision that was replaced: they are kept of the one that counts.
    """

    month: date
    months: tuple[date, ...]
    corrected: tuple[date, ...]
    correction: Correction | None
    evaluation: Evaluation
    rulebook: Rulebook
    stage: str
    level: str
    total: Decimal | None
    totals: tuple[TotalLine, ...]
    sums: tuple[ReceiptSum, ...]
    cut_offs: tuple[CutOff, ...]
    floors: tuple[Threshold, ...]
    hold: Hold | None
    rows: RowsState | None

    @property
    def maximum(self) -> Decimal:
        """The most points there are."""
        return self.rulebook.total_max

    @property
    def stage_label(self) -> str | Promise:
        return Stage(self.stage).label


def receipt_of(
    agency: Agency, month_text: str, revision_text: str = "", *, now: datetime
) -> Receipt | None:
    """The receipt of a published month, the newest by default; None without any result.

    1. Without `revision_text` the revision that counts; a number asks for one that was published
       once. The rows are there for the one that counts.

    Three queries. Raises NoSuchMonth where the agency saw no such month or revision.
    """
    chosen = choose(seen_by(agency), month_text, revision_text)
    if chosen is None:
        return None
    month = chosen.shown.month
    told = Assessment.objects.annotate(cases=holding_cases()).select_related("evaluation__rulebook")
    assessment = told.get(
        agency=agency, evaluation__month=month, evaluation__revision=chosen.shown.revision
    )
    evaluation = assessment.evaluation
    rulebook = evaluation.rules
    scored = assessment.total is not None
    return Receipt(
        month=month,
        months=chosen.months,
        corrected=chosen.corrected,
        correction=chosen.correction,
        evaluation=evaluation,
        rulebook=rulebook,
        stage=assessment.stage,
        level=assessment.level,
        total=assessment.total,
        totals=total_lines(assessment.totals) if scored else (),
        sums=_sums(rulebook, assessment) if scored else (),
        cut_offs=_cut_offs(rulebook, assessment),
        floors=_floors(rulebook, assessment),
        hold=hold_of(assessment, rulebook, assessment.cases),
        rows=rows_state(agency, evaluation, now=now) if scored and chosen.shown.current else None,
    )


def _sums(rulebook: Rulebook, assessment: Assessment) -> tuple[ReceiptSum, ...]:
    found = []
    for key in DIMENSIONS:
        lines = tuple(
            _line(indicator, assessment)
            for indicator in rulebook.indicators
            if indicator.dimension == key
        )
        found.append(
            ReceiptSum(
                key=key,
                name=DIMENSION_NAMES[key],
                lines=lines,
                earned=sum((line.points for line in lines), start=Decimal(0)),
                points=getattr(assessment, key),
                maximum=rulebook.dimension_max(key),
            )
        )
    return tuple(found)


def _line(indicator: Indicator, assessment: Assessment) -> ReceiptLine:
    stored: dict[str, Any] = assessment.indicators[indicator.key]
    value = decimal_or_none(stored["value"])
    points = Decimal(stored["points"])
    return ReceiptLine(
        name=INDICATOR_NAMES[indicator.key],
        meaning=INDICATOR_MEANINGS[indicator.key],
        unit=UNITS[indicator.key],
        value=value,
        points=points,
        maximum=indicator.max_points,
        source=indicator.source,
        working=working(indicator, value, points),
        quotient=quotient(indicator.key, assessment.totals),
        remark=remark(indicator.key, assessment.totals),
    )


def _cut_offs(rulebook: Rulebook, assessment: Assessment) -> tuple[CutOff, ...]:
    total = assessment.total
    if total is None:
        return ()
    return tuple(
        CutOff(each.key, each.min_total, total >= each.min_total, each.key == assessment.level)
        for each in rulebook.levels
    )


def _floors(rulebook: Rulebook, assessment: Assessment) -> tuple[Threshold, ...]:
    if assessment.service is None:
        return ()
    stages = rulebook.stages
    return (
        Threshold(_("Service power"), assessment.service, stages.service_floor, "points"),
        Threshold(
            _("Credit at the end of the month"),
            Decimal(assessment.credit),
            Decimal(stages.credit_floor),
            "count",
        ),
    )
