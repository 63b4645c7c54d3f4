"""One whole evaluation in a process of its own: seconds per step and the peak memory."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402

from scoring.evaluation import actions, run  # noqa: E402
from scoring.evaluation.measure import Measured  # noqa: E402
from scoring.models import Evaluation  # noqa: E402
from scoring.months import first_day  # noqa: E402

seconds: dict[str, float] = {}


def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, its time added to the step's."""

    def call(*args: Any, **kwargs: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - started

    return call


def main(month: str) -> None:
    run.freeze = timed("freeze inputs", run.freeze)
    run.assess = timed("points and percentiles", run.assess)
    run.load_contributions = timed("write contributions", run.load_contributions)
    run.complete = timed("write assessments, gate", run.complete)
    Measured.totals = timed("sums per agency", Measured.totals)  # type: ignore[method-assign]
    entered = run.measured

    @contextmanager
    def measured(*args: Any, **kwargs: Any) -> Iterator[Any]:
        started = time.perf_counter()
        with entered(*args, **kwargs) as found:
            seconds["read facts"] = time.perf_counter() - started
            yield found

    run.measured = measured
    evaluation = actions.request_evaluation(
        month=first_day(month), at=timezone.now(), reason="bench"
    )
    started = time.perf_counter()
    run.run_evaluation(evaluation.pk)
    timed("publish, boards", actions.publish)(
        evaluation_id=evaluation.pk, at=timezone.now(), release_reason="bench"
    )
    found = Evaluation.objects.get(pk=evaluation.pk)
    print(
        json.dumps(
            {
                "steps": seconds,
                "total": time.perf_counter() - started,
                "digest": found.result_digest,
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


main(sys.argv[1])
