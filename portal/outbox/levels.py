"""News of the results that a publication gave or changed, for all agencies at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from agencies.enums import News
from scoring.enums import Cause, EvaluationState
from scoring.models import Evaluation, RulebookVersion
from scoring.months import add_months, previous_month, publication_due

CHANGES: Final = """
    INSERT INTO portal_outboxentry (agency_id, news, at, about)
    SELECT result.agency_id, %(news)s, %(at)s, %(about)s::jsonb || jsonb_build_object(
            'level', result.level, 'stage', result.stage,
            'level_before', earlier.level, 'stage_before', earlier.stage)
        || CASE
            WHEN %(corrected)s THEN '{}'::jsonb
            WHEN result.stage = 'observation' THEN jsonb_build_object(
                'reason', CASE
                    WHEN result.service >= %(service_floor)s THEN 'credit'
                    WHEN result.credit >= %(credit_floor)s THEN 'service'
                    ELSE 'both' END,
                'service', result.service::text, 'service_floor', %(service_floor)s::text,
                'credit', result.credit, 'credit_floor', %(credit_floor)s)
            WHEN earlier.stage = 'novice' THEN '{"reason": "first_assessment"}'
            WHEN earlier.stage = 'observation' THEN '{"reason": "floors_reached"}'
            WHEN earlier.held AND NOT result.held
                AND array_position(%(levels)s::text[], result.level::text)
                    < array_position(%(levels)s::text[], earlier.level::text)
                THEN '{"reason": "hold_over"}'
            WHEN %(new_rules)s THEN '{"reason": "rules"}'
            WHEN moved.change * sign(result.total - earlier.total) > 0 THEN jsonb_build_object(
                'reason', 'indicator', 'indicator', moved.indicator,
                'points', moved.change::text)
            ELSE '{}' END
    FROM scoring_assessment result
    JOIN scoring_assessment earlier USING (agency_id)
    LEFT JOIN LATERAL (
        SELECT indicator, change
        FROM (
            SELECT now.key AS indicator,
                (now.value ->> 'points')::numeric
                - (earlier.indicators -> now.key ->> 'points')::numeric AS change
            FROM jsonb_each(result.indicators) now
        ) changes
        ORDER BY change * sign(result.total - earlier.total) DESC NULLS LAST,
            indicator COLLATE "C"
        LIMIT 1
    ) moved ON true
    WHERE result.evaluation_id = %(evaluation)s
        AND earlier.evaluation_id = %(earlier)s
        AND (result.level, result.stage) <> (earlier.level, earlier.stage)
    ORDER BY result.agency_id
"""
STAYED: Final = """
    INSERT INTO portal_outboxentry (agency_id, news, at, about)
    SELECT result.agency_id, %(news)s, %(at)s, %(about)s::jsonb || jsonb_strip_nulls(
        jsonb_build_object(
            'level', result.level, 'stage', result.stage,
            'total', result.total::text, 'total_before', earlier.total::text))
    FROM scoring_assessment result
    JOIN agencies_agency agency ON agency.id = result.agency_id
    LEFT JOIN scoring_assessment earlier
        ON earlier.agency_id = result.agency_id AND earlier.evaluation_id = %(earlier)s::bigint
    WHERE result.evaluation_id = %(evaluation)s
        AND (agency.removed_on IS NULL OR agency.removed_on > %(today)s)
        AND (earlier.id IS NULL
            OR (result.level, result.stage) = (earlier.level, earlier.stage))
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


@dataclass(frozen=True)
class Earlier:
    """The result that agencies saw before: of which evaluation, which month, by which rules."""

    pk: int
    month: date
    rulebook_id: int | None


def tell_levels(evaluation: Evaluation, *, at: datetime) -> None:
    """Tell each agency its result of a month (D, §2). At most four queries.

    1. A corrected month is compared with the revision that agencies saw last, another one with the
       published result of the calendar month before.
    2. Whose level or stage is another one is told so; at the first publication of a month with the
       reason, kept as it was then: the floor that was missed or reached again, the end of the
       novice months, a hold that is over, new rules, else the indicator whose points moved most in
       the direction of the total.
    3. At the first publication of a month all others are told their result.
    4. A month whose successor's result is overdue by a month is history: only its corrections are
       told.
    5. A correction says why, and is told to those as well of whom only the points changed. Who has
       the same result as before is told nothing of it.
    """
    month = evaluation.month
    earlier = _earlier(evaluation)
    corrected = earlier is not None and earlier.month == month
    if not corrected and at >= publication_due(add_months(month, 2)):
        return
    about: dict[str, Any] = {"month": month.isoformat()}
    compared = {"at": at, "evaluation": evaluation.pk, "earlier": earlier.pk if earlier else None}
    if earlier is not None:
        if corrected and evaluation.cause != Cause.ROUTINE:
            about["cause"] = evaluation.cause
        reasons = _reasons(evaluation, earlier, corrected=corrected)
        _tell(
            CHANGES, News.LEVEL_CHANGED, {**about, "corrected": corrected}, {**compared, **reasons}
        )
    if corrected:
        _tell(TOTALS, News.RESULT_CORRECTED, about, compared)
    else:
        _tell(STAYED, News.RESULT_PUBLISHED, about, {**compared, "today": timezone.localdate(at)})


def _earlier(evaluation: Evaluation) -> Earlier | None:
    """What agencies saw before: the month's last published revision, else the month before."""
    before = Q(month=previous_month(evaluation.month), state=EvaluationState.PUBLISHED)
    corrected = Q(month=evaluation.month, revision__lt=evaluation.revision)
    found = (
        Evaluation.objects.filter(before | corrected, published_at__isnull=False)
        .order_by("-month", "-revision")
        .values_list("pk", "month", "rulebook_id")
        .first()
    )
    return None if found is None else Earlier(*found)


def _reasons(evaluation: Evaluation, earlier: Earlier, *, corrected: bool) -> dict[str, Any]:
    """What the statement needs to tell why a level changed."""
    version = evaluation.rulebook or RulebookVersion.objects.for_month(evaluation.month)
    rulebook = version.rulebook
    return {
        "corrected": corrected,
        "new_rules": earlier.rulebook_id != evaluation.rulebook_id,
        "levels": [each.key for each in rulebook.levels],
        "service_floor": rulebook.stages.service_floor,
        "credit_floor": rulebook.stages.credit_floor,
    }


def _tell(statement: str, news: News, about: dict[str, Any], compared: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**compared, "news": news.value, "about": json.dumps(about)})
