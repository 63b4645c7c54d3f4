"""News of levels and stages that a publication changed, for all agencies at once."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Q

from agencies.enums import News
from scoring.enums import EvaluationState
from scoring.models import Evaluation
from scoring.months import add_months, previous_month, publication_due

CHANGES = """
    INSERT INTO portal_outboxentry (agency_id, news, at, about)
    SELECT result.agency_id, %(news)s, %(at)s, jsonb_build_object(
        'month', %(month)s::text, 'corrected', %(corrected)s::boolean,
        'level', result.level, 'stage', result.stage,
        'level_before', earlier.level, 'stage_before', earlier.stage)
    FROM scoring_assessment result
    JOIN scoring_assessment earlier USING (agency_id)
    WHERE result.evaluation_id = %(evaluation)s
        AND earlier.evaluation_id = %(earlier)s
        AND (result.level, result.stage) <> (earlier.level, earlier.stage)
    ORDER BY result.agency_id
"""


def tell_levels(evaluation: Evaluation, *, at: datetime) -> None:
    """Tell each agency whose level or stage is another one (D). Two queries.

    1. A corrected month is compared with the revision that agencies saw last, another one with the
       published result of the calendar month before. Who was not in that is told nothing.
    2. A month whose successor's result is overdue by a month is history: only its corrections are
       told.
    """
    month = evaluation.month
    before = Q(month=previous_month(month), state=EvaluationState.PUBLISHED)
    corrected = Q(month=month, revision__lt=evaluation.revision)
    earlier = (
        Evaluation.objects.filter(before | corrected, published_at__isnull=False)
        .order_by("-month", "-revision")
        .values("pk", "month")
        .first()
    )
    if earlier is None or (
        earlier["month"] != month and at >= publication_due(add_months(month, 2))
    ):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            CHANGES,
            {
                "news": News.LEVEL_CHANGED.value,
                "at": at,
                "month": month.isoformat(),
                "corrected": earlier["month"] == month,
                "evaluation": evaluation.pk,
                "earlier": earlier["pk"],
            },
        )
