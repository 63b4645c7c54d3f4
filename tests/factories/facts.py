"""Facts of a platform, written as the import writes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.utils import timezone

from agencies.enums import FileKind, ImportOutcome
from agencies.models import Creator, ImportedFile
from scoring.models import FactPart
from scoring.months import last_day

SCHEMA = pa.schema(
    [
        ("creator", pa.int64()),
        ("day", pa.date32()),
        ("settled_cents", pa.int64()),
        ("showcase_cents", pa.int64()),
        ("good_goods_cents", pa.int64()),
        ("settled_orders", pa.int64()),
        ("worry_free_orders", pa.int64()),
        ("live_minutes", pa.int32()),
        ("level", pa.int8()),
        ("reputation", pa.int16()),
        ("followers", pa.int64()),
    ]
)
ORDINARY = {
    "settled_cents": 100_000,
    "showcase_cents": 10_000,
    "good_goods_cents": 20_000,
    "settled_orders": 100,
    "worry_free_orders": 10,
    "live_minutes": 60,
    "level": 5,
    "reputation": 460,
    "followers": None,
}


def deliver_facts(facts: Mapping[tuple[Creator, date], Mapping[str, Any]]) -> list[FactPart]:
    """Add rows to the days named, or correct them; a row has `ORDINARY` values unless told."""
    now = timezone.now()
    delivery = ImportedFile.objects.create(
        kind=FileKind.FACTS,
        name="facts.csv",
        sha256="0" * 64,
        size=0,
        outcome=ImportOutcome.APPLIED,
        accepted=len(facts),
        started_at=now,
        finished_at=now,
    )
    days: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for (creator, day), row in facts.items():
        days[day].append({"creator": creator.pk, "day": day, **ORDINARY, **row})
    current = FactPart.objects.current().filter(day__in=days)
    before = {part.day: part for part in current}
    current.update(superseded_at=now)
    return FactPart.objects.bulk_create(
        _write(day, rows, before.get(day), delivery) for day, rows in sorted(days.items())
    )


def deliver_month(month: date, *creators: Creator, **row: Any) -> list[FactPart]:
    """Facts of every day of the month for each creator."""
    return deliver_facts({(creator, day): row for creator in creators for day in days_of(month)})


def days_of(month: date) -> list[date]:
    """Every day of the month."""
    return [month + timedelta(days=n) for n in range(last_day(month).day)]


def _write(
    day: date, rows: list[dict[str, Any]], before: FactPart | None, delivery: ImportedFile
) -> FactPart:
    if before is not None:
        stored = pq.read_table(settings.FACTS_DIR / before.path).to_pylist()
        delivered = {row["creator"] for row in rows}
        rows = [row for row in stored if row["creator"] not in delivered] + rows
    rows.sort(key=lambda row: row["creator"])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), sink)
    content = sink.getvalue().to_pybytes()
    part = FactPart(
        day=day,
        sha256=sha256(content).hexdigest(),
        rows=len(rows),
        size=len(content),
        imported_file=delivery,
        created_at=timezone.now(),
    )
    path = settings.FACTS_DIR / part.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return part
