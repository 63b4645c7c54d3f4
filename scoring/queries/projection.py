"""What the running month would give if it ended with its newest facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise

from agencies.enums import Stage
from agencies.models import Agency
from scoring.models import Evaluation, Projection
from scoring.months import last_day, previous_month
from scoring.points import Totals, is_novice, level_for, stage_of
from scoring.rulebook import DIMENSIONS, Rulebook


@dataclass(frozen=True)
class Projected:
    """An agency's projection: points over the days up to `data_through`, credit of today.

    `level` is "" unless assessed. The sums of points are None and the mappings are empty for a
    novice; `values` and `points` are by indicator key, a percentile compares with the agencies
    that would be assessed (None where this one would not be).
    """

    month: date
    data_through: date
    computed_at: datetime
    rulebook: Rulebook
    stage: str
    level: str
    credit: int
    operating: Decimal | None
    growth: Decimal | None
    service: Decimal | None
    bonus: Decimal | None
    total: Decimal | None
    maximum: Decimal
    values: Mapping[str, Decimal | None]
    points: Mapping[str, Decimal]
    percentiles: Mapping[str, Decimal | None]
    totals: Totals | None

    @property
    def stage_label(self) -> str | Promise:
        return Stage(self.stage).label

    @property
    def complete(self) -> bool:
        """Whether the facts reach the month's last day: then this is its provisional result."""
        return self.data_through == last_day(self.month)

    @property
    def days_passed(self) -> int:
        """Days of the month up to the data-through date, which is counted."""
        return self.data_through.day

    @property
    def days_left(self) -> int:
        """Days of the month after the data-through date."""
        return last_day(self.month).day - self.data_through.day


def projection_of(agency: Agency, *, credit: int, today: date) -> Projected | None:
    """The projection that is worth showing on a platform day, None where there is none. One query.

    1. Points are those of the newest computation; stage and level follow from them and from
       `credit`, the balance of `today`: a deduction shows at once (D, docs/rules.md §4).
    2. A novice has neither points nor level.
    3. A month that is published has a result: its projection is not shown any more.
    4. Nor is one of a month before the newest full one: facts stopped arriving, and it says nothing
       about what is decided next.
    5. A removed agency has none.
    """
    if agency.removed_on is not None and agency.removed_on <= today:
        return None
    published = Evaluation.objects.published().filter(month=OuterRef("run__month"))
    found = (
        Projection.objects.filter(agency=agency, run__month__gte=previous_month(today))
        .exclude(Exists(published))
        .select_related("run__rulebook")
        .order_by("agency_id")
        .first()
    )
    return None if found is None else _projected(found, agency, credit)


def _projected(found: Projection, agency: Agency, credit: int) -> Projected:
    run, rulebook = found.run, found.run.rulebook.rulebook
    stage, level = _standing(found, agency, credit)
    scored: dict[str, dict[str, Any]] = found.indicators if stage != Stage.NOVICE else {}
    points = {key: getattr(found, key) for key in (*DIMENSIONS, "total")}
    if stage == Stage.NOVICE:
        points = dict.fromkeys(points)
    return Projected(
        month=run.month,
        data_through=run.data_through,
        computed_at=run.computed_at,
        rulebook=rulebook,
        stage=stage,
        level=level,
        credit=credit,
        **points,
        maximum=sum((rulebook.dimension_max(each) for each in DIMENSIONS), start=Decimal(0)),
        values={key: _decimal(each["value"]) for key, each in scored.items()},
        points={key: Decimal(each["points"]) for key, each in scored.items()},
        percentiles={key: _decimal(each["percentile"]) for key, each in scored.items()},
        totals=Totals(**found.totals) if scored else None,
    )


def _standing(found: Projection, agency: Agency, credit: int) -> tuple[str, str]:
    """Stage and level as of today's credit."""
    run, rulebook = found.run, found.run.rulebook.rulebook
    if found.service is None or found.total is None:
        return Stage.NOVICE, ""
    if is_novice(rulebook, joined_on=agency.joined_on, month=run.month):
        return Stage.NOVICE, ""
    stage = stage_of(
        rulebook,
        joined_on=agency.joined_on,
        month=run.month,
        service=found.service,
        credit=credit,
    )
    return stage, level_for(rulebook, found.total).key if stage == Stage.ASSESSED else ""


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
