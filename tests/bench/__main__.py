"""`make bench`: builds the big platform once, then measures against yardsticks.

BENCH_SCALE=0.01 tries the bench itself on a hundredth of the size.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ.setdefault("DATA_DIR", str(BASE / ".data" / "bench"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402

from scoring.models import FactPart  # noqa: E402
from scoring.months import last_day  # noqa: E402
from tests.bench import platform  # noqa: E402


def child(module: str, *args: str, send: Any = None, **env: str) -> Any:
    """Run a measurement in a fresh process; the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *args],
        input=json.dumps(send),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=BASE,
        env={**os.environ, **env},
    )
    return json.loads(done.stdout.splitlines()[-1])


def measure_month(month: date, **env: str) -> float:
    """Print one size's figures; the evaluation's seconds without the contributions' write."""
    parts = FactPart.objects.current().of_days(month, last_day(month))
    paths = [str(settings.FACTS_DIR / part.path) for part in parts]
    rows = sum(part.rows for part in parts)
    before = child("yardstick", send=paths, **env)
    found = child("evaluation", f"{month:%Y-%m}", **env)
    after = child("yardstick", send=paths, **env)
    yardstick = (before + after) / 2
    written = found["steps"]["write contributions"]
    net = found["total"] - written
    print(f"\n{month:%Y-%m}: {rows:,} rows {env or ''}")
    print(f"  bare GROUP BY per creator     {before:8.2f} s before, {after:.2f} s after")
    for step, seconds in found["steps"].items():
        print(f"  {step:<29} {seconds:8.2f} s")
    print(f"  whole evaluation              {found['total']:8.2f} s")
    print(f"  without contributions' write  {net:8.2f} s = {net / yardstick:.2f} × the yardstick")
    print(f"  peak memory                   {found['peak_mib']:8.0f} MiB")
    print(f"  result digest                 {found['digest'][:16]}", flush=True)
    return float(net)


def measure_import(*, followers: bool) -> None:
    """Print the figures of one day's CSV file, imported by the command."""
    import duckdb

    creators = int(platform.CREATORS * platform.SCALE)
    path = settings.DATA_DIR / "day.csv"
    day = date(2025, 2, 1)
    taken = FactPart.objects.filter(day__gte=day).order_by("-day").first()
    if taken is not None:
        day = taken.day.fromordinal(taken.day.toordinal() + 1)
    amounts = ", ".join(
        f"printf('%d.%02d', {name}_cents // 100, {name}_cents % 100) AS {name}_amount"
        for name in ("settled", "showcase", "good_goods")
    )
    duckdb.execute(
        f"COPY (SELECT 'C' || lpad(creator::VARCHAR, 24, '0') AS creator_id, day, {amounts},"
        " settled_orders, worry_free_orders, live_minutes, level AS creator_level,"
        f" printf('%.2f', reputation / 100.0) AS reputation{', followers' * followers}"
        f" FROM ({platform.day_query(day, creators)})) TO '{path}' (FORMAT csv, HEADER)"
    )
    found = child("facts_import", str(path))
    size = path.stat().st_size / 2**20
    path.unlink()
    told = "every creator's followers" if followers else "no followers"
    print(f"\nImport of one day with {told}: {creators:,} rows, {size:.0f} MiB of CSV")
    print(f"  {found['seconds']:.2f} s = {creators / found['seconds']:,.0f} rows a second")
    print(f"  peak memory {found['peak_mib']:.0f} MiB", flush=True)


def measure_back_test() -> None:
    """Print the figures of a back-test over the published months of `tests.bench.history`."""
    found = child("rescoring", DATA_DIR=str(settings.DATA_DIR / "pages"))
    print(f"\nBack-test of {found['months']} months: {found['rows']:,} results, kept")
    print(f"  {found['seconds']:.1f} s, of which {found['cpu']:.1f} s in Python; at most 60 s")
    print(f"  peak memory {found['peak_mib']:.0f} MiB", flush=True)


def main() -> None:
    call_command("migrate", verbosity=0)
    platform.build()
    times = [measure_month(month) for month in platform.SIZES]
    print(f"\nDoubling costs {times[1] / times[0]:.2f} and {times[2] / times[1]:.2f} times.")
    measure_month(list(platform.SIZES)[-1], DUCKDB_MEMORY_LIMIT="512MB", YARDSTICK_MEMORY="512MB")
    measure_import(followers=False)
    measure_import(followers=True)
    subprocess.run(
        [sys.executable, "-m", "tests.bench.pages"],
        check=True,
        cwd=BASE,
        env={**os.environ, "DATA_DIR": str(settings.DATA_DIR / "pages")},
    )
    measure_back_test()


main()
