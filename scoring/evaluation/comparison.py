"""Two evaluations side by side, set-based: how many agencies move where, and what moved."""

from __future__ import annotations

from typing import Any

from django.db import connection

from scoring.models import Evaluation

MOST_MOVERS = 10
# What an agency's creators brought, summed over the platform; keys of `Assessment.totals`.
SUMS = (
    *("settled_cents", "showcase_cents", "good_goods_cents"),
    *("settled_orders", "worry_free_orders", "live_minutes", "creator_days"),
)

# A standing is the level, else the stage, else nothing where the agency has no result.
# Joined whole rather than looked up: the planner knows nothing yet of rows written a moment ago.
MIGRATION = """
    SELECT coalesce(nullif(before.level, ''), before.stage, ''),
        coalesce(nullif(now.level, ''), now.stage, ''),
        count(*),
        count(*) FILTER (WHERE now.stage IS DISTINCT FROM before.stage),
        count(*) FILTER (WHERE now.level IS DISTINCT FROM before.level),
        count(*) FILTER (WHERE (now.operating, now.growth, now.service, now.bonus)
            IS DISTINCT FROM (before.operating, before.growth, before.service, before.bonus)),
        count(*) FILTER (WHERE
            (now.stage, now.level, now.operating, now.growth, now.service, now.bonus)
            IS DISTINCT FROM (before.stage, before.level, before.operating, before.growth,
                before.service, before.bonus))
    FROM (SELECT * FROM scoring_assessment WHERE evaluation_id = %s) now
    FULL JOIN (SELECT * FROM scoring_assessment WHERE evaluation_id = %s) before
        USING (agency_id)
    GROUP BY 1, 2
    ORDER BY 1, 2
"""

MOVERS = """
    WITH moved AS MATERIALIZED (
        SELECT now.agency_id, now.total - before.total AS change
        FROM (SELECT * FROM scoring_assessment WHERE evaluation_id = %(now)s) now
        JOIN (SELECT * FROM scoring_assessment WHERE evaluation_id = %(before)s) before
            USING (agency_id)
        WHERE now.total <> before.total
    )
    (SELECT * FROM moved WHERE change > 0 ORDER BY change DESC, agency_id LIMIT %(most)s)
    UNION ALL
    (SELECT * FROM moved WHERE change < 0 ORDER BY change, agency_id LIMIT %(most)s)
"""

PLATFORM = f"""
    SELECT evaluation_id, {", ".join(f"sum((totals->>'{key}')::bigint)" for key in SUMS)}
    FROM scoring_assessment
    WHERE evaluation_id IN (%s, %s)
    GROUP BY evaluation_id
"""  # noqa: S608 # the keys are ours


def compared(now: Evaluation, before: Evaluation) -> dict[str, Any]:
    """How many agencies stand elsewhere in `now` than in `before`.

    1. `agencies` have a result in either; `changed` differ in stage, level or points, and
       `stages`, `levels` and `points` in each of them.
    2. `migration` counts agencies from standing to standing: a level, "observation", "novice", or
       "" without a result.
    """
    with connection.cursor() as cursor:
        cursor.execute(MIGRATION, [now.pk, before.pk])
        rows = cursor.fetchall()
    counts = [sum(column) for column in list(zip(*rows, strict=True))[2:]] or [0] * 5
    agencies, stages, levels, points, changed = counts
    return {
        "evaluation": before.pk,
        "month": f"{before.month:%Y-%m}",
        "revision": before.revision,
        "agencies": agencies,
        "changed": changed,
        "stages": stages,
        "levels": levels,
        "points": points,
        "migration": [{"from": old, "to": new, "agencies": count} for old, new, count, *_ in rows],
    }


def movers(now: Evaluation, before: Evaluation) -> list[dict[str, Any]]:
    """The agencies whose total rose most, then those whose total fell most, at most ten of each."""
    with connection.cursor() as cursor:
        cursor.execute(MOVERS, {"now": now.pk, "before": before.pk, "most": MOST_MOVERS})
        return [{"agency": agency, "change": str(change)} for agency, change in cursor.fetchall()]


def platform_sums(now: Evaluation, before: Evaluation) -> dict[str, list[int]]:
    """What all agencies brought together: each of `SUMS` before and now, in its own unit."""
    with connection.cursor() as cursor:
        cursor.execute(PLATFORM, [now.pk, before.pk])
        found = {pk: [int(each or 0) for each in sums] for pk, *sums in cursor.fetchall()}
    nothing = [0] * len(SUMS)
    pairs = zip(SUMS, found.get(before.pk, nothing), found.get(now.pk, nothing), strict=True)
    return {key: [earlier, later] for key, earlier, later in pairs}
