"""What the running month would give if it ended with its newest facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise

from agencies.credit_rules import Line
from agencies.enums import Stage
from agencies.models import Agency
from scoring.models import Evaluation, Projection
from scoring.months import last_day, previous_month
from scoring.points import Outcome, Totals, level_for, outcome_of
from scoring.queries.appeals import (
    Hold,
    contested_cases,
    contested_numbers,
    level_of_month_before,
)
from scoring.queries.credit_outlook import balance_on
from scoring.queries.results import decimal_or_none
from scoring.rulebook import DIMENSIONS, Rulebook

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Appeals(TypedDict):
    """What a projection says besides its points: the deductions under undecided appeals, and last
    month's level.
    """

    numbers: list[int]
    cases: list[str]
    level_before: str | None


@dataclass(frozen=True)
class Projected:
    """An agency's projection as of `today`: points over the days up to `data_through`.

    `days` of them have facts. `credit` is that of `credit_on`: today, or the last day of a month
    that is over. `level` is "" unless assessed. The sums of points are None and the mappings are
    empty for a novice; `values` and `points` are by indicator key, a percentile compares with the
    agencies that would be assessed (None where this one would not be). `contested` are the points
    of that credit under an undecided appeal, `level_before` the level of the month before. `hold`
    says by which appeals the level would be held, None where it would not.
    """

    today: date
    month: date
    data_through: date
    days: int
    rulebook: Rulebook
    stage: str
    level: str
    credit: int
    credit_on: date
    contested: int
    level_before: str
    hold: Hold | None
    operating: Decimal | None
    growth: Decimal | None
    service: Decimal | None
    bonus: Decimal | None
    total: Decimal | None
    values: Mapping[str, Decimal | None]
    points: Mapping[str, Decimal]
    percentiles: Mapping[str, Decimal | None]
    totals: Totals | None

    @property
    def maximum(self) -> Decimal:
        """The most points there are."""
        return self.rulebook.total_max

    @property
    def stage_label(self) -> str | Promise:
        return Stage(self.stage).label

    @property
    def month_days(self) -> int:
        """Days of the whole month."""
        return last_day(self.month).day

    @property
    def complete(self) -> bool:
        """Whether every day of the month has facts: once it is over, its provisional result."""
        return self.days == self.month_days

    @property
    def over(self) -> bool:
        """Whether the month's last day is gone."""
        return self.today > last_day(self.month)

    @property
    def days_passed(self) -> int:
        """Days of the month that nobody can shape any more: those before today, those with facts.

        Facts of today's day, where they came already, are all that it will bring.
        """
        gone = min(self.today - timedelta(days=1), last_day(self.month))
        return max(gone, self.data_through).day

    @property
    def days_left(self) -> int:
        """Days of the month that are still to come, today's among them; 0 when it is over."""
        return self.month_days - self.days_passed

    @property
    def days_missing(self) -> int:
        """Days that are gone but have no facts, wherever they lie in the month."""
        return self.days_passed - self.days


def projection_of(agency: Agency, *, lines: Sequence[Line], today: date) -> Projected | None:
    """The projection that is worth showing on a platform day, None where there is none. One query.

    1. Points are those of the newest computation; stage and level follow from them and from the
       ledger `lines`: the balance of `today`, so that a deduction shows at once, or of the last day
       of a month that is over, which is what its result counts (D, docs/rules.md §3, §4). Appeals
       that are undecided now hold a fall where the rulebook says so (D, §8).
    2. A novice has neither points nor level.
    3. A month that is published has a result: its projection is not shown any more.
    4. Nor is one of a month before the newest full one: facts stopped arriving, and it says nothing
       about what is decided next.
    5. A removed agency has none.
    """
    return projections_of([agency], lines={agency.pk: lines}, today=today).get(agency.pk)


def projections_of(
    agencies: Collection[Agency], *, lines: Mapping[int, Sequence[Line]], today: date
) -> dict[int, Projected]:
    """The projections of agencies, by agency id, as `projection_of` gives each. One query.

    `lines` are the ledgers by agency id; those without a line may be missing. No query where no
    agency is left.
    """
    staying = {agency.pk: agency for agency in agencies if not agency.is_removed(today)}
    if not staying:
        return {}
    published = Evaluation.objects.published().filter(month=OuterRef("run__month"))
    found = (
        Projection.objects.filter(agency__in=staying, run__month__gte=previous_month(today))
        .exclude(Exists(published))
        .annotate(
            numbers=contested_numbers(),
            cases=contested_cases(),
            level_before=level_of_month_before(),
        )
        .select_related("run__rulebook")
        .order_by("agency_id")
    )
    return {
        each.agency_id: _projected(
            each, staying[each.agency_id], lines.get(each.agency_id, ()), today
        )
        for each in found
    }


def _projected(
    found: WithAnnotations[Projection, Appeals], agency: Agency, lines: Sequence[Line], today: date
) -> Projected:
    run, rulebook = found.run, found.run.rulebook.rulebook
    credit_on = min(today, last_day(run.month))
    credit = balance_on(lines, credit_on)
    counted = {line.number: -line.points for line in lines if line.day <= credit_on}
    contested = {
        case: counted[number]
        for number, case in zip(found.numbers, found.cases, strict=True)
        if number in counted
    }
    standing = _outcome(found, agency, credit, sum(contested.values()))
    scored: dict[str, dict[str, Any]] = found.indicators if standing.stage != Stage.NOVICE else {}
    points = {key: getattr(found, key) for key in (*DIMENSIONS, "total")}
    if standing.stage == Stage.NOVICE:
        points = dict.fromkeys(points)
    return Projected(
        today=today,
        month=run.month,
        data_through=run.data_through,
        days=run.days,
        rulebook=rulebook,
        stage=standing.stage,
        level=standing.level,
        credit=credit,
        credit_on=credit_on,
        contested=sum(contested.values()),
        level_before=found.level_before or "",
        hold=_hold(found, standing, contested, credit, credit_on) if standing.held else None,
        **points,
        values={key: decimal_or_none(each["value"]) for key, each in scored.items()},
        points={key: Decimal(each["points"]) for key, each in scored.items()},
        percentiles={key: decimal_or_none(each["percentile"]) for key, each in scored.items()},
        totals=Totals(**found.totals) if scored else None,
    )


def _outcome(
    found: WithAnnotations[Projection, Appeals], agency: Agency, credit: int, contested: int
) -> Outcome:
    """Stage and level with a credit, and with so many points of it under appeal."""
    if found.service is None or found.total is None:
        return Outcome(Stage.NOVICE, "")
    return outcome_of(
        found.run.rulebook.rulebook,
        joined_on=agency.joined_on,
        month=found.run.month,
        service=found.service,
        total=found.total,
        credit=credit,
        contested=contested,
        level_before=found.level_before or "",
    )


def _hold(
    found: WithAnnotations[Projection, Appeals],
    standing: Outcome,
    contested: Mapping[str, int],
    credit: int,
    credit_on: date,
) -> Hold:
    rulebook = found.run.rulebook.rulebook
    return Hold(
        month=found.run.month,
        level=standing.level,
        level_before=found.level_before or "",
        by_points=level_for(rulebook, found.total or Decimal(0)).key,
        cases=tuple(sorted(contested)),
        credit=credit,
        contested=sum(contested.values()),
        floor=rulebook.stages.credit_floor,
        day=credit_on,
    )
