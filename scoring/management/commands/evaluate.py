"""`evaluate YYYY-MM`: ask for a month's evaluation and watch it."""

from __future__ import annotations

import time
from typing import Any

import django_rq
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone, translation
from redis.exceptions import RedisError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rq import Worker

from scoring.enums import Cause, EvaluationState
from scoring.evaluation.actions import EvaluationRefused, GateHeld, publish, request_evaluation
from scoring.evaluation.gate import describe
from scoring.evaluation.run import run_evaluation
from scoring.jobs import ring
from scoring.models import Evaluation
from scoring.months import first_day

EXIT_HELD = 3
POLL_SECONDS = 0.3
WHY = {
    Cause.ROUTINE: "no earlier revision has a result",
    Cause.FACTS: "facts arrived late or were corrected",
    Cause.BINDINGS: "bindings were corrected",
    Cause.CREDIT: "decisions on violations or credit changed",
    Cause.APPEAL: "an appeal was decided",
    Cause.RULES: "another version of the rulebook counts for the month",
    Cause.CHECK: "somebody asked for it again",
}
WAITING = (EvaluationState.REQUESTED, EvaluationState.RUNNING)


class Command(BaseCommand):
    help = "Asks for a month's evaluation; a worker computes it while this command shows progress."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", help="the data month, YYYY-MM")
        parser.add_argument("--publish", action="store_true", help="publish if the gate passes")
        parser.add_argument("--now", action="store_true", help="compute in this process")
        parser.add_argument(
            "--release", metavar="REASON", default="", help="publish what the gate holds"
        )
        parser.add_argument(
            "--again", metavar="REASON", default="", help="make a new revision of the month"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            self._evaluate(options)

    def _evaluate(self, options: dict[str, Any]) -> None:
        wants_publication = options["publish"] or bool(options["release"])
        try:
            evaluation = request_evaluation(
                month=first_day(options["month"]),
                at=timezone.now(),
                reason=options["again"],
                publish=options["publish"],
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        if evaluation.state == EvaluationState.PUBLISHED:
            self.stdout.write(
                f"{evaluation} is published and its inputs are unchanged: left alone."
                " --again REASON makes a new revision."
            )
            return
        if evaluation.state in WAITING:
            self._say_why(evaluation)
            evaluation = self._computed(evaluation, now=options["now"])
        if evaluation.state == EvaluationState.SUPERSEDED:
            self.stdout.write(
                f"{evaluation} gave the published result once more and was set aside: nothing to"
                " publish."
            )
            return
        self._report(evaluation)
        if wants_publication:
            self._publish(evaluation, options["release"])

    def _say_why(self, evaluation: Evaluation) -> None:
        """For a month's later revisions: what they answer, and what a person wrote."""
        if evaluation.revision > 1:
            written = f" ({evaluation.reason})" if evaluation.reason else ""
            cause = WHY[Cause(evaluation.cause)]
            self.stdout.write(f"{evaluation} is computed because {cause}{written}.")

    def _computed(self, evaluation: Evaluation, *, now: bool) -> Evaluation:
        if now:
            try:
                run_evaluation(evaluation.pk)
            except Exception as error:
                raise CommandError(f"{evaluation} failed: {error}") from error
        else:
            self._ring(evaluation)
            self._watch(evaluation)
        evaluation.refresh_from_db()
        if evaluation.state in WAITING:
            raise CommandError(
                f"{evaluation} is {evaluation.state}"
                + (f" after an error: {evaluation.error}." if evaluation.error else ".")
                + " A worker will go on with it; evaluate again to watch."
            )
        if evaluation.state == EvaluationState.FAILED:
            raise CommandError(f"{evaluation} failed: {evaluation.error}")
        return evaluation

    def _ring(self, evaluation: Evaluation) -> None:
        hint = (
            "Start one with: python manage.py rqworker default, or compute in this process with"
            f" --now. {evaluation} stays asked for."
        )
        try:
            ring(evaluation)
            if not Worker.count(queue=django_rq.get_queue("default")):
                raise CommandError(f"No worker is running. {hint}")
        except RedisError as error:
            raise CommandError(f"The queue cannot be reached ({error}). {hint}") from None

    def _watch(self, evaluation: Evaluation) -> None:
        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        failures = evaluation.failures
        with bar:
            task = bar.add_task(str(evaluation), total=100)
            while evaluation.state in WAITING and evaluation.failures == failures:
                time.sleep(POLL_SECONDS)
                evaluation.refresh_from_db()
                text = evaluation.get_step_display() or evaluation.get_state_display()
                bar.update(task, completed=evaluation.progress, description=f"{evaluation} {text}")
        connection.close_if_unusable_or_obsolete()

    def _report(self, evaluation: Evaluation) -> None:
        stages = evaluation.gate.get("stages", {})
        counts = ", ".join(f"{count} {stage}" for stage, count in stages.items())
        self.stdout.write(f"{evaluation} is computed: {counts}.")

    def _publish(self, evaluation: Evaluation, release: str) -> None:
        try:
            published = publish(
                evaluation_id=evaluation.pk, at=timezone.now(), release_reason=release
            )
        except GateHeld as held:
            for finding in held.findings:
                self.stderr.write(f"Held: {describe(finding)}")
            raise CommandError(
                f"{evaluation} is computed but not published."
                " --release REASON publishes it all the same.",
                returncode=EXIT_HELD,
            ) from None
        except EvaluationRefused as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{published} is published.")
