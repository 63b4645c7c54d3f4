"""Writing what the newest published month says onto the agencies."""

from __future__ import annotations

from django.db import connection

from scoring.models import Evaluation

# An agency has its level since the month after the last one in which it had another or none.
STANDINGS = """
    WITH result AS (
        SELECT agency_id, stage, level FROM scoring_assessment WHERE evaluation_id = %(newest)s
    ), history AS (
        SELECT assessment.agency_id, evaluation.month, assessment.level
        FROM scoring_assessment assessment
        JOIN scoring_evaluation evaluation ON evaluation.id = assessment.evaluation_id
        WHERE evaluation.state = 'published' AND evaluation.month <= %(month)s
    ), changed AS (
        SELECT result.agency_id, max(history.month) AS month
        FROM result JOIN history USING (agency_id)
        WHERE history.level <> result.level
        GROUP BY result.agency_id
    ), since AS (
        SELECT result.agency_id, min(history.month) AS month
        FROM result JOIN history USING (agency_id) LEFT JOIN changed USING (agency_id)
        WHERE history.level = result.level
            AND (changed.month IS NULL OR history.month > changed.month)
        GROUP BY result.agency_id
    ), rule(level, binding_cap, followers_below) AS (
        SELECT * FROM unnest(%(keys)s::text[], %(caps)s::int[], %(followers)s::bigint[])
    )
    UPDATE agencies_agency agency
    SET stage = result.stage,
        level = result.level,
        level_since = CASE WHEN result.level <> '' THEN since.month END,
        binding_cap = rule.binding_cap,
        followers_below = rule.followers_below
    FROM result JOIN rule USING (level) LEFT JOIN since USING (agency_id)
    WHERE agency.id = result.agency_id
        AND (agency.stage, agency.level, agency.level_since, agency.binding_cap,
             agency.followers_below)
        IS DISTINCT FROM (result.stage, result.level,
             CASE WHEN result.level <> '' THEN since.month END,
             rule.binding_cap, rule.followers_below)
"""


def write_standings() -> None:
    """Set stage, level, level_since and binding rules of all agencies in one statement.

    Policy handed down (docs/adr/0003-policy-down-news-up.md): agencies without a level have the
    rules of their stage, others those of their level, both of the newest published month's
    rulebook (docs/rules.md §5). Locks the agencies that change.
    """
    newest = Evaluation.objects.published().order_by("-month").first()
    if newest is None:
        return
    rules = newest.rules
    rows = [("", rules.stages.binding_cap, rules.stages.followers_below)]
    rows += [(level.key, level.binding_cap, level.followers_below) for level in rules.levels]
    keys, caps, followers = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            STANDINGS,
            {
                "newest": newest.pk,
                "month": newest.month,
                "keys": list(keys),
                "caps": list(caps),
                "followers": list(followers),
            },
        )
