"""A platform of 30,000 agencies, 1.5 million creators and 46.5 million creator-day rows.

It has grown twice: to a quarter of that by January 2024, to half by July 2024, to the whole by
January 2025, so that three months of 31 days measure three sizes. One creator in twenty moves to
another agency on the 16th of each of these months.
"""

from __future__ import annotations

import os
from datetime import date, datetime
from hashlib import file_digest
from pathlib import Path

import duckdb
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from agencies.enums import FileKind, ImportOutcome
from agencies.ledger import open_ledgers
from agencies.models import Agency, ImportedFile
from scoring.models import FactPart

AGENCIES, CREATORS = 30_000, 1_500_000
# month -> (day on which the newcomers joined, share of the whole in quarters)
SIZES = {
    date(2024, 1, 1): (date(2023, 1, 1), 1),
    date(2024, 7, 1): (date(2024, 2, 1), 2),
    date(2025, 1, 1): (date(2024, 8, 1), 4),
}
SCALE = float(os.environ.get("BENCH_SCALE", "1"))


def build() -> None:
    """Fill an empty bench platform; one that is filled is left alone."""
    done = settings.DATA_DIR / f"bench-{SCALE}.done"
    if done.exists():
        return
    if Agency.objects.exists():
        raise SystemExit(f"{settings.DATA_DIR} holds a half-built platform: delete it.")
    print("Building the platform, once …", flush=True)
    started = timezone.now()
    with transaction.atomic():
        _agencies(started)
        _creators_and_bindings()
    for month, (_, quarters) in SIZES.items():
        _facts(month, int(CREATORS * SCALE) * quarters // 4, started)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    done.touch()
    print(f"Built in {(timezone.now() - started).total_seconds():.0f} s.", flush=True)


def _agencies(at: datetime) -> None:
    count = int(AGENCIES * SCALE)
    agencies = Agency.objects.bulk_create(
        (
            Agency(code=f"AG{number:06d}", name=f"机构{number}", joined_on=_joined(number, count))
            for number in range(count)
        ),
        batch_size=5_000,
    )
    open_ledgers([(agency.pk, agency.joined_on) for agency in agencies], at=at)


def _joined(number: int, count: int) -> date:
    return next(
        joined for joined, quarters in SIZES.values() if number < max(1, count * quarters // 4)
    )


def _creators_and_bindings() -> None:
    """Creator i belongs to agency i div 50; every twentieth moves once in each measured month."""
    creators, agencies = int(CREATORS * SCALE), int(AGENCIES * SCALE)
    first = Agency.objects.order_by("pk").values_list("pk", flat=True)[0]
    moves = [month.replace(day=16) for month in SIZES]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO agencies_creator (id, creator_id, introduced_on)"
            " SELECT n, 'C' || lpad(n::text, 24, '0'), '2023-01-01' FROM generate_series(1, %s) n",
            [creators],
        )
        cursor.execute(
            "INSERT INTO agencies_binding (agency_id, creator_id, bound_from, bound_until,"
            " created_at)"
            " SELECT %(first)s + CASE WHEN step %% 2 = 0 THEN home ELSE (home + 7) %% least("
            "   %(agencies)s, greatest(1, %(agencies)s * quarter / 4)) END,"
            "   n, period[step + 1], period[step + 2], now()"
            " FROM (SELECT n, (n - 1) / 50 AS home,"
            "     CASE WHEN n <= %(creators)s / 4 THEN 1 WHEN n <= %(creators)s / 2 THEN 2 ELSE 4"
            "     END AS quarter,"
            "     CASE WHEN n %% 20 = 0 THEN ARRAY[joined] || move || ARRAY[NULL::date]"
            "     ELSE ARRAY[joined, NULL] END AS period"
            "   FROM generate_series(1, %(creators)s) n"
            "   CROSS JOIN LATERAL (SELECT agency.joined_on AS joined, ARRAY(SELECT m FROM"
            "     unnest(%(moves)s::date[]) m WHERE m > agency.joined_on) AS move"
            "     FROM agencies_agency agency WHERE agency.id = %(first)s + (n - 1) / 50) of_home"
            " ) creator, generate_series(0, array_length(period, 1) - 2) step",
            {"first": first, "agencies": agencies, "creators": creators, "moves": moves},
        )


def _facts(month: date, creators: int, at: datetime) -> None:
    delivery = ImportedFile.objects.create(
        kind=FileKind.FACTS,
        name=f"bench-{month:%Y-%m}",
        sha256=f"{month:%Y%m}".rjust(64, "0"),
        size=0,
        outcome=ImportOutcome.APPLIED,
        accepted=creators * 31,
        started_at=at,
        finished_at=at,
    )
    engine = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    parts = []
    for day in range(1, 32):
        path = settings.FACTS_DIR / f"{month:%Y-%m}-{day}.tmp"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_day(engine, month.replace(day=day), creators, path)
        with path.open("rb") as file:
            content = file_digest(file, "sha256").hexdigest()
        part = FactPart(
            day=month.replace(day=day),
            sha256=content,
            rows=creators,
            size=path.stat().st_size,
            imported_file=delivery,
            created_at=at,
        )
        (settings.FACTS_DIR / part.path).parent.mkdir(parents=True, exist_ok=True)
        path.replace(settings.FACTS_DIR / part.path)
        parts.append(part)
    FactPart.objects.bulk_create(parts)


def day_query(day: date, creators: int) -> str:
    """One day's facts of creators 1 to `creators`, with plausible spreads and gaps."""
    seed = day.toordinal() * 7919
    dice = f"hash(n::BIGINT * 100003 + {seed} + %d)"
    return f"""
        SELECT n::BIGINT AS creator, DATE '{day}' AS day,
            ({dice % 1} % 40000)::BIGINT AS settled_cents,
            ({dice % 2} % 6000)::BIGINT AS showcase_cents,
            ({dice % 3} % 9000)::BIGINT AS good_goods_cents,
            ({dice % 4} % 20)::BIGINT AS settled_orders,
            ({dice % 5} % 9)::BIGINT AS worry_free_orders,
            ({dice % 6} % 240)::INTEGER AS live_minutes,
            CASE WHEN {dice % 7} % 10 < 7 THEN (hash(n) % 8)::TINYINT END AS level,
            CASE WHEN {dice % 8} % 10 < 7 THEN (405 + hash(n) % 80)::SMALLINT END AS reputation,
            (1000 + hash(n) % 1000000)::BIGINT AS followers
        FROM range(1, {creators} + 1) t(n)"""


def write_day(engine: duckdb.DuckDBPyConnection, day: date, creators: int, path: Path) -> None:
    """One day's part as the import writes it: sorted by creator, zstd."""
    engine.execute(
        f"COPY ({day_query(day, creators)}) TO '{path}'"
        " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 131072)"
    )
