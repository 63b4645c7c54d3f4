"""The yardstick: a bare DuckDB GROUP BY per creator over the same files and columns."""

from __future__ import annotations

import json
import sys
import time

import duckdb

paths = json.load(sys.stdin)
engine = duckdb.connect(config={"threads": 2})
started = time.perf_counter()
engine.execute(
    "CREATE TEMP TABLE grouped AS SELECT creator, sum(settled_cents), sum(showcase_cents),"
    " sum(good_goods_cents), sum(settled_orders), sum(worry_free_orders), sum(live_minutes),"
    " max(level), max(reputation), max(day) FROM read_parquet($paths) GROUP BY creator",
    {"paths": paths},
)
print(json.dumps(time.perf_counter() - started))
