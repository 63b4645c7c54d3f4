"""What pages are measured on: 24 published months of 30,000 agencies and 1.5 million creators.

Five agencies have 20,000 creators, two hundred have 1,000, the others share the rest alike. The
contributions are invented, everything after them is the product's own code: points, percentiles,
COPY into the results, publication, boards.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from agencies.enums import Role
from agencies.ledger import open_ledgers
from agencies.models import Agency, Membership
from portal.models import User
from scoring.enums import EvaluationState
from scoring.evaluation.actions import publish
from scoring.evaluation.assess import AgencyInput, assess, result_digest
from scoring.evaluation.results import complete, load_contributions
from scoring.models import Evaluation, ProjectionRun, RulebookVersion
from scoring.months import add_months, current_month, last_day
from scoring.points import Totals

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
AGENCIES, CREATORS, MONTHS = int(30_000 * SCALE), int(1_500_000 * SCALE), 24
GIANTS, LARGE = 5, max(1, int(200 * SCALE))
OF_GIANT, OF_LARGE = int(20_000 * SCALE) or 1, int(1_000 * SCALE) or 1
PASSWORD_FREE = "pages@bench.example"


def build() -> None:
    """Fill an empty platform; one that is filled is left alone."""
    done = settings.DATA_DIR / f"history-{SCALE}.done"
    if done.exists():
        return
    if Agency.objects.exists():
        raise SystemExit(f"{settings.DATA_DIR} holds a half-built platform: delete it.")
    print("Building 24 published months, once …", flush=True)
    started = timezone.now()
    newest = add_months(current_month(started), -1)
    first = add_months(newest, 1 - MONTHS)
    with transaction.atomic():
        agencies = _agencies(first, started)
        _creators(agencies, first)
    for number in range(MONTHS):
        _month(add_months(first, number), agencies, started)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    done.touch()
    print(f"Built in {(timezone.now() - started).total_seconds():.0f} s.", flush=True)


def project_running_month() -> None:
    """Give every agency a projection through yesterday: its newest result once more."""
    now = timezone.now()
    month, through = current_month(now), timezone.localdate(now) - timedelta(days=1)
    if ProjectionRun.objects.exists() or through < month:
        return
    run = ProjectionRun.objects.create(
        month=month,
        data_through=through,
        days=through.day,
        rulebook=RulebookVersion.objects.for_month(month),
        inputs="bench",
        computed_at=now,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scoring_projection (agency_id, run_id, operating, growth, service, bonus,"
            " total, totals, indicators) SELECT agency_id, %s, operating, growth, service, bonus,"
            " total, totals, indicators FROM scoring_assessment WHERE evaluation_id ="
            " (SELECT id FROM scoring_evaluation WHERE state = 'published'"
            " ORDER BY month DESC LIMIT 1)",
            [run.pk],
        )
        cursor.execute("ANALYZE scoring_projection")


def members() -> dict[str, User]:
    """One owner of a giant, a large and an ordinary agency; made when they are missing."""
    codes = {"20,000": 0, "1,000": GIANTS, "40": GIANTS + LARGE}
    return {name: _owner(f"BA{number:06d}") for name, number in codes.items()}


def _owner(code: str) -> User:
    user, made = User.objects.get_or_create(email=f"{code.lower()}-{PASSWORD_FREE}")
    if made:
        agency = Agency.objects.get(code=code)
        Membership.objects.create(agency=agency, user=user, role=Role.OWNER)
    return user


def _agencies(first: date, at: datetime) -> list[Agency]:
    agencies = Agency.objects.bulk_create(
        (
            Agency(code=f"BA{number:06d}", name=f"第{number}机构", joined_on=add_months(first, -6))
            for number in range(AGENCIES)
        ),
        batch_size=5_000,
    )
    open_ledgers([(agency.pk, agency.joined_on) for agency in agencies], at=at)
    return agencies


def _homes() -> str:
    """The agency's number of creator n (from 0), as SQL: giants first, then large, then others."""
    giants, large = GIANTS * OF_GIANT, LARGE * OF_LARGE
    others = max(1, AGENCIES - GIANTS - LARGE)
    return (
        f"CASE WHEN n < {giants} THEN n / {OF_GIANT}"
        f" WHEN n < {giants + large} THEN {GIANTS} + (n - {giants}) / {OF_LARGE}"
        f" ELSE {GIANTS + LARGE} + (n - {giants + large}) % {others} END"
    )


def _creators(agencies: list[Agency], first: date) -> None:
    since = add_months(first, -6)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO agencies_creator (id, creator_id, nickname, introduced_on, followers,"
            " followers_on) SELECT n + 1, 'C' || lpad(n::text, 12, '0'), '达人' || n, %s,"
            " (n::bigint * 7919) %% 4000000, %s FROM generate_series(0, %s) n",
            [since, since, CREATORS - 1],
        )
        cursor.execute(
            "INSERT INTO agencies_binding (agency_id, creator_id, bound_from, created_at)"
            f" SELECT %s + {_homes().replace('%', '%%')}, n + 1, %s, now()"
            " FROM generate_series(0, %s) n",
            [agencies[0].pk, since, CREATORS - 1],
        )


def _month(month: date, agencies: list[Agency], at: datetime) -> None:
    """One month as a run would leave it, published."""
    evaluation = Evaluation.objects.create(
        month=month,
        revision=1,
        state=EvaluationState.RUNNING,
        attempt=1,
        requested_at=at,
        rulebook=RulebookVersion.objects.for_month(month),
        data_through=last_day(month),
        inputs_digest="bench",
    )
    evaluation.refresh_from_db()
    engine = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    engine.execute(f"CREATE TABLE brought AS {_brought(month, agencies[0].pk)}")
    load_contributions(evaluation, _batches(engine, evaluation))
    inputs = [AgencyInput(agency.pk, agency.code, agency.joined_on, 120) for agency in agencies]
    results = assess(evaluation.rules, month, inputs, dict(_totals(engine)))
    complete(evaluation, results, digest=result_digest(month, results), at=at)
    publish(evaluation_id=evaluation.pk, at=at, release_reason="bench")


def _brought(month: date, first_agency: int) -> str:
    """What each creator brought, with spreads that differ from month to month."""
    dice = f"hash(n * 100003 + {month.toordinal()} + %d)"
    days = last_day(month).day
    return f"""
        SELECT {first_agency} + ({_homes().replace("/", "//")}) AS agency_id, n + 1 AS creator_id,
            {days} AS bound_days, true AS bound_on_last_day,
            ({dice % 1} % 4000000)::BIGINT AS settled_cents,
            ({dice % 2} % 600000)::BIGINT AS showcase_cents,
            ({dice % 3} % 900000)::BIGINT AS good_goods_cents,
            ({dice % 4} % 600)::BIGINT AS settled_orders,
            ({dice % 5} % 60)::BIGINT AS worry_free_orders,
            ({dice % 6} % 3000)::INTEGER AS live_minutes,
            (hash(n) % 8)::SMALLINT AS level,
            (405 + hash(n) % 80)::SMALLINT AS reputation
        FROM range({CREATORS}) t(n)"""


def _batches(engine: Any, evaluation: Evaluation) -> Iterator[Any]:
    rows = engine.sql(
        f"SELECT {evaluation.pk}::BIGINT AS evaluation_id, * FROM brought"
        " ORDER BY agency_id, creator_id"
    )
    yield from rows.to_arrow_reader(50_000)


def _totals(engine: Any) -> Iterator[tuple[int, Totals]]:
    sums = engine.sql(
        "SELECT agency_id, sum(settled_cents), sum(showcase_cents), sum(good_goods_cents),"
        " sum(settled_orders), sum(worry_free_orders), sum(live_minutes), sum(bound_days),"
        " count(*) FILTER (level >= 5), count(*) FILTER (showcase_cents > 0),"
        " sum(reputation * settled_orders), sum(settled_orders) FROM brought GROUP BY agency_id"
    )
    for agency_id, *values in sums.fetchall():
        yield agency_id, Totals(*map(int, values))
