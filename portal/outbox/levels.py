"""News of levels, stages and totals that a publication changed, for all agencies at once."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q

from agencies.enums import News
from scoring.enums import Cause, EvaluationState
from scoring.models import Evaluation
from scoring.months import add_months, previous_month, publication_due

CHANGES: Final = """
    INSERT INTO portal_outboxentry (agency_id, news, at, about)
    SELECT result.agency_id, %(news)s, %(at)s, %(about)s::jsonb || jsonb_build_object(
        'level', result.level, 'stage', result.stage,
        'level_before', earlier.level, 'stage_before', earlier.stage)
    FROM scoring_assessment result
    JOIN scoring_assessment earlier USING (agency_id)
    WHERE result.evaluation_id = %(evaluation)s
        AND earlier.evaluation_id = %(earlier)s
        AND (result.level, result.stage) <> (earlier.level, earlier.stage)
    ORDER BY result.agency_id
"""
TOTALS: Final = """
    INSERT INTO portal_outboxentry (agency_id, news, at, about)
    SELECT result.agency_id, %(news)s, %(at)s, %(about)s::jsonb || jsonb_build_object(
        'total', result.total::text, 'total_before', earlier.total::text)
    FROM scoring_assessment result
    JOIN scoring_assessment earlier USING (agency_id)
    WHERE result.evaluation_id = %(evaluation)s
        AND earlier.evaluation_id = %(earlier)s
        AND (result.level, result.stage) = (earlier.level, earlier.stage)
        AND result.total <> earlier.total
    ORDER BY result.agency_id
"""


def tell_levels(evaluation: Evaluation, *, at: datetime) -> None:
    """Tell each agency whose level or stage is another one (D, §2). Two queries.

    1. A corrected month is compared with the revision that agencies saw last, another one with the
       published result of the calendar month before. Who was not in that is told nothing.
    2. A month whose successor's result is overdue by a month is history: only its corrections are
       told.
    3. A correction says why, and is told to those as well of whom only the points changed, in one
       query more. Who has the same result as before is told nothing.
    """
    month = evaluation.month
    earlier = _earlier(evaluation)
    if earlier is None:
        return
    earlier_id, earlier_month = earlier
    corrected = earlier_month == month
    if not corrected and at >= publication_due(add_months(month, 2)):
        return
    about: dict[str, Any] = {"month": month.isoformat()}
    if corrected and evaluation.cause != Cause.ROUTINE:
        about["cause"] = evaluation.cause
    compared = {"at": at, "evaluation": evaluation.pk, "earlier": earlier_id}
    _tell(CHANGES, News.LEVEL_CHANGED, {**about, "corrected": corrected}, compared)
    if corrected:
        _tell(TOTALS, News.RESULT_CORRECTED, about, compared)


def _earlier(evaluation: Evaluation) -> tuple[int, date] | None:
    """What agencies saw before: the month's last published revision, else the month before."""
    before = Q(month=previous_month(evaluation.month), state=EvaluationState.PUBLISHED)
    corrected = Q(month=evaluation.month, revision__lt=evaluation.revision)
    return (
        Evaluation.objects.filter(before | corrected, published_at__isnull=False)
        .order_by("-month", "-revision")
        .values_list("pk", "month")
        .first()
    )


def _tell(statement: str, news: News, about: dict[str, Any], compared: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**compared, "news": news.value, "about": json.dumps(about)})
