"""A little demo platform in the test's database, its months really evaluated and published."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from portal.demo import DemoSize, write_platform
from scoring.evaluation.actions import publish, request_evaluation
from scoring.evaluation.run import run_evaluation
from scoring.models import Evaluation
from scoring.months import first_day, publication_due

TODAY = date(2026, 11, 2)


def load_platform(directory: Path, size: DemoSize | str) -> list[date]:
    """Write and import a demo platform through the commands; its full months, ascending."""
    written = write_platform(directory, size=size, today=TODAY)  # type: ignore[arg-type]
    files = [
        ("import_agencies", [written.agencies]),
        ("import_creators", [written.creators]),
        ("import_bindings", written.bindings),
        ("import_violations", [written.violations]),
        ("import_facts", [path for path in written.facts if path.stem[-7:] in written.months]),
    ]
    for command, paths in files:
        for path in paths:
            call_command(command, str(path), stdout=StringIO())
    return [first_day(month) for month in written.months]


def publish_month(month: date, *, reason: str = "") -> Evaluation:
    """Evaluate a month as on its publication day, whatever the gate finds, and publish it."""
    due = publication_due(month)
    evaluation = request_evaluation(month=month, at=due, reason=reason)
    run_evaluation(evaluation.pk, at=due)
    return publish(evaluation_id=evaluation.pk, at=due + timedelta(minutes=5), release_reason="ok")
