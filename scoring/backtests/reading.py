"""The stored results of a month, row by row as the database streams them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db import connection
from psycopg import sql

from agencies.enums import Stage
from scoring.models import Assessment, Evaluation
from scoring.months import previous_month
from scoring.rulebook import INDICATOR_KEYS

# The database takes the documents apart: that is the second core's work.
_CELLS: Final = sql.SQL(", ").join(
    sql.SQL("result.indicators -> {} ->> {}").format(sql.Literal(key), sql.Literal(part))
    for part in ("value", "points")
    for key in INDICATOR_KEYS
)
_RESULTS: Final = """
    COPY (
        SELECT result.agency_id, agency.code, agency.joined_on, result.stage, result.level,
            result.total, result.credit, result.contested, result.level_before,
            result.totals ->> 'showcase_cents', {cells}
        FROM scoring_assessment result
        JOIN agencies_agency agency ON agency.id = result.agency_id
        WHERE result.evaluation_id = {evaluation}
    ) TO STDOUT
"""
# A superseded revision has no contributions any more: then nothing is said about its creators.
_CREATORS: Final = """
    SELECT agency_id, count(*)
    FROM scoring_creatorcontribution
    WHERE evaluation_id = %s AND bound_on_last_day
    GROUP BY agency_id
"""
_KEPT: Final = """
    SELECT EXISTS (
        SELECT FROM pg_class
        WHERE relispartition AND pg_table_is_visible(oid) AND relname ~ %s
    )
"""


class StoredResult(NamedTuple):
    """One agency's stored result: `values` and `points` as stored, None for a novice."""

    agency: int
    code: str
    joined_on: date
    stage: str
    level: str
    total: Decimal | None
    credit: int
    contested: int
    level_before: str
    showcase_cents: int
    values: dict[str, Decimal | None] | None
    points: tuple[str, ...] | None


def stored_results(evaluation: Evaluation) -> Iterator[StoredResult]:
    """The results of an evaluation, in no order, while the database reads on. One query."""
    statement = sql.SQL(_RESULTS).format(cells=_CELLS, evaluation=sql.Literal(evaluation.pk))
    days: dict[str, date] = {}
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in copy.rows():
            yield _stored(row, days)


def _stored(row: tuple[Any, ...], days: dict[str, date]) -> StoredResult:
    agency, code, joined, stage, level, total, credit, contested, before, showcase, *cells = row
    if joined not in days:
        days[joined] = date.fromisoformat(joined)
    count = len(INDICATOR_KEYS)
    values = points = None
    if total is not None:
        values = {
            key: None if cell is None else Decimal(cell)
            for key, cell in zip(INDICATOR_KEYS, cells[:count], strict=True)
        }
        points = tuple(cells[count:])
    return StoredResult(
        int(agency),
        code,
        days[joined],
        stage,
        level,
        None if total is None else Decimal(total),
        int(credit),
        int(contested),
        before,
        int(showcase or 0),
        values,
        points,
    )


def bound_creators(evaluation: Evaluation) -> dict[int, int] | None:
    """How many creators each agency had bound on the month's last day; None where it is gone.

    An agency without one is not in it. Two queries.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [f"^scoring_creatorcontribution_{evaluation.pk}_[0-9]+$"])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(_CREATORS, [evaluation.pk])
        return dict(cursor.fetchall())


def published_growth(month: date) -> dict[int, Decimal]:
    """The growth points of the assessed agencies in the published result before a month."""
    assessed = Assessment.objects.filter(
        evaluation__in=Evaluation.objects.published().filter(month=previous_month(month)),
        stage=Stage.ASSESSED,
    )
    found = assessed.order_by().values_list("agency_id", "growth")
    return {agency: growth for agency, growth in found if growth is not None}
