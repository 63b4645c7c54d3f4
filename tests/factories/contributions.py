"""What creators brought to an agency in a published month, and the result that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import connection

from agencies.models import Agency, Creator
from scoring.models import Assessment, CreatorContribution, Evaluation
from scoring.points import Totals
from tests.factories.level import AssessmentFactory, EvaluationFactory

ORDINARY = {
    "bound_days": 30,
    "bound_on_last_day": True,
    "settled_cents": 1_000_000,
    "showcase_cents": 100_000,
    "good_goods_cents": 200_000,
    "settled_orders": 1_000,
    "worry_free_orders": 100,
    "live_minutes": 1_800,
    "level": 5,
    "reputation": 460,
}
SUMS = (
    "settled_cents",
    "showcase_cents",
    "good_goods_cents",
    "settled_orders",
    "worry_free_orders",
    "live_minutes",
)


def contribute(
    evaluation: Evaluation, agency: Agency, brought: Mapping[Creator, Mapping[str, Any]]
) -> Totals:
    """Write each creator's contribution, ORDINARY unless told otherwise; the agency's sums."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS scoring_creatorcontribution_{evaluation.pk}_1"
            " PARTITION OF scoring_creatorcontribution FOR VALUES IN (%s)",
            [evaluation.pk],
        )
    rows = [
        CreatorContribution(evaluation=evaluation, agency=agency, creator=creator, **ORDINARY | row)
        for creator, row in brought.items()
    ]
    CreatorContribution.objects.bulk_create(rows)
    return totals_of(rows)


def totals_of(rows: list[CreatorContribution]) -> Totals:
    """The sums of an agency, spelled out once more."""
    rated = [row for row in rows if row.reputation is not None]
    return Totals(
        **{name: sum(getattr(row, name) for row in rows) for name in SUMS},
        creator_days=sum(row.bound_days for row in rows),
        l5_creators=sum(row.bound_on_last_day and (row.level or 0) >= 5 for row in rows),
        showcase_creators=sum(row.showcase_cents > 0 for row in rows),
        reputation_points=sum((row.reputation or 0) * row.settled_orders for row in rated),
        reputation_orders=sum(row.settled_orders for row in rated),
    )


def contributed_month(
    agency: Agency, month: date, brought: Mapping[Creator, Mapping[str, Any]], **fields: Any
) -> Assessment:
    """A published month of an agency with these contributions and the result they give."""
    evaluation = Evaluation.objects.filter(month=month).first() or EvaluationFactory.create(
        month=month
    )
    totals = contribute(evaluation, agency, brought)
    return AssessmentFactory.create(
        evaluation=evaluation, agency=agency, from_totals=totals, **fields
    )
