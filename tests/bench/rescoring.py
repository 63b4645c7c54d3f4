"""One back-test of the last twelve months in a process of its own: seconds and peak memory.

A draft in which every knot is moved is tried, so that nothing stays as it was.
"""

from __future__ import annotations

import json
import resource
import time

import django

django.setup()

from django.utils import timezone  # noqa: E402

from portal.models import User  # noqa: E402
from scoring.backtests.life import ask_back_test  # noqa: E402
from scoring.backtests.run import run_back_test  # noqa: E402
from scoring.models import BackTest, BackTestResult, Evaluation  # noqa: E402
from scoring.rulebook_versions import DEFAULT, store_rulebook  # noqa: E402

MONTHS = 12
MOVED = (
    *(('version = "2026.1', 'version = "bench.1'), ("novice_months = 2", "novice_months = 1")),
    *(("service_floor = 140", "service_floor = 150"), ("[100000, 40]", "[150000, 40]")),
)


def main() -> None:
    now = timezone.now()
    draft, _ = store_rulebook(_draft(), at=now)
    by, _ = User.objects.get_or_create(email="back-test@bench.example")
    months = Evaluation.objects.published().order_by("-month").values_list("month", flat=True)
    BackTest.objects.all().delete()
    test, _ = ask_back_test(version_id=draft.pk, months=list(months[:MONTHS]), at=now, by=by)
    started, worked = time.perf_counter(), time.process_time()
    run_back_test(test.pk, clock=timezone.now)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    rows = BackTestResult.objects.filter(back_test=test).count()
    test.delete()
    print(
        json.dumps(
            {
                "months": len(months[:MONTHS]),
                "rows": rows,
                "seconds": seconds,
                "cpu": cpu,
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def _draft() -> str:
    text = DEFAULT.read_text(encoding="utf-8")
    for old, new in MOVED:
        text = text.replace(old, new)
    return text


main()
