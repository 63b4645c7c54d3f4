"""Writing what the newest published month says onto the agencies."""

from __future__ import annotations

from django.db import connection

from scoring.models import Evaluation

# An agency has its level since the first month of the unbroken run of published months with it;
# a month without a result of the agency breaks it.
# Windows rather than joins: the planner knows nothing yet of rows written a moment ago.
STANDINGS = """
    WITH history AS (
        SELECT assessment.agency_id, assessment.evaluation_id, evaluation.month,
            assessment.stage, assessment.level,
            first_value(assessment.level) OVER newest_first AS newest_level,
            (first_value(evaluation.month) OVER newest_first
                - make_interval(months => (row_number() OVER newest_first)::int - 1)
            )::date AS unbroken
        FROM scoring_assessment assessment
        JOIN scoring_evaluation evaluation ON evaluation.id = assessment.evaluation_id
        WHERE evaluation.state = 'published'
        WINDOW newest_first AS (PARTITION BY assessment.agency_id ORDER BY evaluation.month DESC)
    ), run AS (
        SELECT *, count(*) FILTER (WHERE level <> newest_level OR month <> unbroken)
            OVER (PARTITION BY agency_id ORDER BY month DESC) AS breaks
        FROM history
    ), result AS (
        SELECT agency_id, newest_level AS level,
            max(stage) FILTER (WHERE evaluation_id = %(newest)s) AS stage,
            CASE WHEN newest_level <> '' THEN min(month) END AS since
        FROM run
        WHERE breaks = 0
        GROUP BY agency_id, newest_level
        HAVING bool_or(evaluation_id = %(newest)s)
    ), rule(level, binding_cap, followers_below) AS (
        SELECT * FROM unnest(%(keys)s::text[], %(caps)s::int[], %(followers)s::bigint[])
    )
    UPDATE agencies_agency agency
    SET stage = result.stage,
        level = result.level,
        level_since = result.since,
        binding_cap = rule.binding_cap,
        followers_below = rule.followers_below
    FROM result JOIN rule USING (level)
    WHERE agency.id = result.agency_id
        AND (agency.stage, agency.level, agency.level_since, agency.binding_cap,
             agency.followers_below)
        IS DISTINCT FROM (result.stage, result.level, result.since, rule.binding_cap,
             rule.followers_below)
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
                "keys": list(keys),
                "caps": list(caps),
                "followers": list(followers),
            },
        )
