"""Writing results set-based: contributions into a partition of their own, assessments by COPY."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import pyarrow as pa
from django.db import OperationalError, connection, transaction
from psycopg import sql

from agencies.bulk import copy_batches, copy_rows
from scoring.enums import EvaluationState, Step
from scoring.evaluation.assess import Result
from scoring.evaluation.attempt import AttemptLost, fenced
from scoring.evaluation.gate import gate_report
from scoring.evaluation.states import move
from scoring.models import Evaluation

CONTRIBUTIONS = "scoring_creatorcontribution"
CONTRIBUTION_COLUMNS = (
    "evaluation_id",
    "agency_id",
    "creator_id",
    "bound_days",
    "bound_on_last_day",
    "settled_cents",
    "showcase_cents",
    "good_goods_cents",
    "settled_orders",
    "worry_free_orders",
    "live_minutes",
    "level",
    "reputation",
)
ASSESSMENT_COLUMNS = (
    "evaluation_id",
    "agency_id",
    "stage",
    "level",
    "credit",
    "contested",
    "level_before",
    "held",
    "operating",
    "growth",
    "service",
    "bonus",
    "total",
    "totals",
    "indicators",
)


def load_contributions(evaluation: Evaluation, batches: Iterable[pa.RecordBatch]) -> int:
    """Load contributions into a table that nobody sees until `complete` attaches it; the rows.

    The table bears the attempt's number, so an orphaned attempt cannot touch a later one's; what
    dead attempts left behind is dropped by `drop_leftovers`.
    """
    table = _partition(evaluation)
    with fenced(evaluation):
        _execute(
            "CREATE TABLE {table} (LIKE {parent}, CONSTRAINT {check} CHECK (evaluation_id = {id}))",
            table=sql.Identifier(table),
            parent=sql.Identifier(CONTRIBUTIONS),
            check=sql.Identifier(f"{table}_one"),
            id=sql.Literal(evaluation.pk),
        )
    rows = copy_batches(table, CONTRIBUTION_COLUMNS, batches)
    _execute(
        "ALTER TABLE {table} ADD PRIMARY KEY (evaluation_id, agency_id, creator_id)",
        table=sql.Identifier(table),
    )
    return rows


def complete(
    evaluation: Evaluation,
    results: Sequence[Result],
    *,
    digest: str,
    at: datetime,
) -> None:
    """Make a run's results visible: all of them and the state in one fenced transaction."""
    with fenced(evaluation, step=Step.WRITE):
        _execute(
            "ALTER TABLE {parent} ATTACH PARTITION {table} FOR VALUES IN ({id})",
            parent=sql.Identifier(CONTRIBUTIONS),
            table=sql.Identifier(_partition(evaluation)),
            id=sql.Literal(evaluation.pk),
        )
        copy_rows("scoring_assessment", ASSESSMENT_COLUMNS, _assessment_rows(evaluation, results))
        done = move(
            evaluation,
            "complete",
            at=at,
            computed_at=at,
            result_digest=digest,
            step=Step.DONE,
            progress=100,
            error="",
            gate=gate_report(evaluation),
        )
        if not done:
            raise AttemptLost(f"attempt {evaluation.attempt} of {evaluation} was taken over")


def drop_contributions(evaluation: Evaluation) -> None:
    """Drop a superseded evaluation's contributions whole."""
    for table in _partitions_of(evaluation):
        _execute("DROP TABLE IF EXISTS {table}", table=sql.Identifier(table))


def drop_leftovers() -> int:
    """Drop the tables that dead attempts loaded and nobody attached; how many.

    One that a hung attempt still holds is left for the next time.
    """
    running = Evaluation.objects.filter(state=EvaluationState.RUNNING)
    loading = {_partition(evaluation) for evaluation in running}
    dropped = 0
    for table in _unattached():
        if table in loading:
            continue
        try:
            with transaction.atomic():
                _execute("SET LOCAL lock_timeout = '1s'")
                _execute("DROP TABLE IF EXISTS {table}", table=sql.Identifier(table))
        except OperationalError:
            continue
        dropped += 1
    return dropped


def _unattached() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition"
            " AND relname ~ %s AND pg_table_is_visible(oid)",
            [f"^{CONTRIBUTIONS}_[0-9]+_[0-9]+$"],
        )
        return [name for (name,) in cursor.fetchall()]


def _assessment_rows(
    evaluation: Evaluation, results: Sequence[Result]
) -> Iterator[tuple[object, ...]]:
    for result in results:
        yield (
            evaluation.pk,
            result.agency,
            result.stage,
            result.level,
            result.credit,
            result.contested,
            result.level_before,
            result.held,
            *result.sums,
            json.dumps(result.totals_json()),
            json.dumps(result.indicators_json()),
        )


def _partition(evaluation: Evaluation) -> str:
    return f"{CONTRIBUTIONS}_{evaluation.pk}_{evaluation.attempt}"


def _partitions_of(evaluation: Evaluation) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ %s"
            " AND pg_table_is_visible(oid)",
            [f"^{CONTRIBUTIONS}_{evaluation.pk}_[0-9]+$"],
        )
        return [name for (name,) in cursor.fetchall()]


def _execute(statement: str, **parts: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(**parts))
