"""The provisional score of a month that is over and not published: what is known of it now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.functional import Promise

from agencies.ledger.lines import lines_of
from agencies.models import Agency
from scoring.models import Assessment, Evaluation, FactPart, Projection
from scoring.months import current_month, last_day, previous_month, publication_due
from scoring.queries.breakdown import DimensionBlock, blocks_of
from scoring.queries.projection import Projected, projection_of
from scoring.queries.results import results_of
from scoring.rulebook import Rulebook


@dataclass(frozen=True)
class DayOfFacts:
    """One day of the month: whether its facts are there, and whether later ones replaced some."""

    day: date
    there: bool
    replaced: bool


@dataclass(frozen=True)
class Provisional:
    """What the score page shows of a month before its result is published.

    Shaped as `Breakdown` where the page shows the same: `blocks` is empty for a novice, `change`
    is against the result of the month before, `before` is None without one. `months` are the
    published ones, `due_at` when this one is published and `held` whether that time is over.
    `corrected` are the published months that were corrected. `changed_at` is when facts of the
    month arrived last.
    """

    projected: Projected
    months: tuple[date, ...]
    corrected: tuple[date, ...]
    blocks: tuple[DimensionBlock, ...]
    change: Decimal | None
    before: date | None
    days: tuple[DayOfFacts, ...]
    changed_at: datetime | None
    due_at: datetime
    held: bool

    @property
    def by_creator(self) -> bool:
        """Whether a change can be told by creator: never, as no contributions are stored yet."""
        return False

    @property
    def missing(self) -> int:
        """How many days have no facts."""
        return sum(not each.there for each in self.days)

    @property
    def month(self) -> date:
        return self.projected.month

    @property
    def rulebook(self) -> Rulebook:
        return self.projected.rulebook

    @property
    def stage_label(self) -> str | Promise:
        return self.projected.stage_label

    @property
    def level(self) -> str:
        return self.projected.level

    @property
    def credit(self) -> int:
        return self.projected.credit

    @property
    def total(self) -> Decimal | None:
        return self.projected.total

    @property
    def maximum(self) -> Decimal:
        """The most points there are."""
        return self.projected.maximum


def provisional_month(agency: Agency, *, now: datetime) -> date | None:
    """The month of which the agency has a provisional result; None where there is none. One query.

    A month that is over, not published, and the newest full one (D, docs/rules.md §2).
    """
    published = Evaluation.objects.published().filter(month=OuterRef("run__month"))
    return (
        Projection.objects.filter(agency=agency, run__month=previous_month(current_month(now)))
        .exclude(Exists(published))
        .values_list("run__month", flat=True)
        .first()
    )


def provisional_of(agency: Agency, *, now: datetime) -> Provisional | None:
    """The provisional score of an agency; None where there is none. Five queries at most.

    Values, points and percentiles are those of the newest computation, stage and level follow from
    them and from the credit of the month's last day (`projection_of`).
    """
    projected = projection_of(agency, lines=lines_of(agency.pk), today=timezone.localdate(now))
    if projected is None or not projected.over:
        return None
    results = results_of(agency, "")
    earlier = results.now if results else None
    if earlier is None or earlier.evaluation.month != previous_month(projected.month):
        earlier = None
    parts = list(
        FactPart.objects.current()
        .of_days(projected.month, last_day(projected.month))
        .only("day", "created_at", "replaces_id")
    )
    compared = earlier is not None and earlier.total is not None
    due_at = publication_due(projected.month)
    return Provisional(
        projected=projected,
        months=results.months if results else (),
        corrected=results.corrected if results else (),
        blocks=blocks_of(projected.rulebook, _as_assessment(agency, projected), earlier),
        change=_difference(projected.total, earlier.total if earlier else None),
        before=earlier.evaluation.month if earlier and compared else None,
        days=tuple(_days(projected.month, parts)),
        changed_at=max((part.created_at for part in parts), default=None),
        due_at=due_at,
        held=now >= due_at,
    )


def _difference(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if now is None or before is None else now - before


def _as_assessment(agency: Agency, projected: Projected) -> Assessment:
    """What would be stored if it were published as it is; it never is."""
    return Assessment(
        agency=agency,
        stage=projected.stage,
        level=projected.level,
        credit=projected.credit,
        operating=projected.operating,
        growth=projected.growth,
        service=projected.service,
        bonus=projected.bonus,
        total=projected.total,
        totals=asdict(projected.totals) if projected.totals else {},
        indicators={
            key: {
                "value": _text(projected.values[key]),
                "points": str(points),
                "percentile": _text(projected.percentiles[key]),
            }
            for key, points in projected.points.items()
        },
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _days(month: date, parts: Iterable[FactPart]) -> Iterable[DayOfFacts]:
    by_day = {part.day: part for part in parts}
    for number in range(1, last_day(month).day + 1):
        day = month.replace(day=number)
        part = by_day.get(day)
        replaced = part is not None and part.replaces_id is not None
        yield DayOfFacts(day, there=part is not None, replaced=replaced)
