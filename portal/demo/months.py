"""Has the demo's months computed by a real worker and published, and the running one projected."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone
from redis.exceptions import RedisError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from portal.demo.loader import DemoError
from scoring.enums import EvaluationState
from scoring.evaluation.actions import GateHeld, publish, request_evaluation
from scoring.jobs import ring
from scoring.models import Evaluation
from scoring.months import first_day, publication_due
from scoring.projection import project, projection_due

POLL_SECONDS = 0.2
RING_SECONDS = 15.0


def unpublished(months: Sequence[str], *, now: datetime) -> list[date]:
    """Those of the months ("YYYY-MM") whose result is due and not published, in their order.

    The last one is not due before the 3rd: the scheduler asks for it then, as on any platform.
    """
    days = [day for day in map(first_day, months) if publication_due(day) <= now]
    published = set(
        Evaluation.objects.published().filter(month__in=days).values_list("month", flat=True)
    )
    return [day for day in days if day not in published]


def publish_months(months: Sequence[date], *, tend: Callable[[], None], console: Console) -> None:
    """Ask for each month and wait until a worker has computed it, showing the rows' progress.

    Each is published as of the moment when it was due. `tend` is called all the while, to look
    after the worker. Raises DemoError where a month fails or the gate holds it: the demo platform
    is sound, so either is a fault of ours.
    """
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("months", total=len(months))
        for place, month in enumerate(months):

            def show(evaluation: Evaluation, place: int = place) -> None:
                doing = evaluation.get_step_display() or evaluation.get_state_display()
                bar.update(
                    task,
                    completed=place + evaluation.progress / 100,
                    description=f"{evaluation.month:%Y-%m} {doing}",
                )

            _publish_month(month, tend=tend, show=show)
            bar.update(task, completed=place + 1)
            if not console.is_terminal:
                console.print(f"{month:%Y-%m} is published")


def project_running_month(*, tend: Callable[[], None], say: Callable[[str], None]) -> None:
    """Compute the projections of the half delivered month, unless the worker has done it.

    Where the worker is at it, waits for it; `tend` is called meanwhile.
    """
    while projection_due(timezone.now()):
        run = project(at=timezone.now())
        if run is not None:
            say(f"{run.month:%Y-%m} is projected, data through {run.data_through}")
            return
        tend()
        time.sleep(POLL_SECONDS)


def _publish_month(
    month: date, *, tend: Callable[[], None], show: Callable[[Evaluation], None]
) -> None:
    # not with `publish`: the worker would publish it as of today
    evaluation = request_evaluation(month=month, at=publication_due(month))
    rung_at: float | None = None
    while evaluation.state != EvaluationState.PUBLISHED:
        now = time.monotonic()
        waiting = evaluation.state in (EvaluationState.REQUESTED, EvaluationState.RUNNING)
        if waiting and (rung_at is None or now - rung_at > RING_SECONDS):
            # the queue may have lost the call, or the worker its life: ringing again is harmless
            with suppress(RedisError):
                ring(evaluation)
                rung_at = now
        if evaluation.state == EvaluationState.FAILED:
            raise DemoError(f"The evaluation of {month:%Y-%m} failed: {evaluation.error}")
        if evaluation.state == EvaluationState.COMPUTED:
            _publish_computed(evaluation)
        tend()
        time.sleep(POLL_SECONDS)
        connection.close_if_unusable_or_obsolete()
        evaluation.refresh_from_db()
        show(evaluation)


@transaction.atomic
def _publish_computed(evaluation: Evaluation) -> None:
    """Publish a month as of its due time; the worker computed it today, for this was made today."""
    due = publication_due(evaluation.month)
    Evaluation.objects.filter(pk=evaluation.pk).update(started_at=due, computed_at=due)
    evaluation.events.update(at=due)
    try:
        publish(evaluation_id=evaluation.pk, at=due)
    except GateHeld as held:
        raise DemoError(
            f"The sanity gate holds {evaluation} of the demo platform: {held}"
        ) from held
