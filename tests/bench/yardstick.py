"""The yardstick: a bare DuckDB GROUP BY per creator over the same files and columns.

It may take the memory it likes, unless YARDSTICK_MEMORY holds it to a limit.
"""

from __future__ import annotations

import json
import os
import sys
import time

import duckdb

paths = json.load(sys.stdin)
config: dict[str, str | int] = {"threads": 2}
if limit := os.environ.get("YARDSTICK_MEMORY"):
    config["memory_limit"] = limit
engine = duckdb.connect(config=config)
started = time.perf_counter()
engine.execute(
    "CREATE TEMP TABLE grouped AS SELECT creator, sum(settled_cents), sum(showcase_cents),"
    " sum(good_goods_cents), sum(settled_orders), sum(worry_free_orders), sum(live_minutes),"
    " max(level), max(reputation), max(day) FROM read_parquet($paths) GROUP BY creator",
    {"paths": paths},
)
print(json.dumps(time.perf_counter() - started))
