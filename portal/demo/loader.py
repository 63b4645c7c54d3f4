"""Fills an empty database with the demo platform, through the commands that a platform uses."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Literal

from django.core.management import call_command
from django.utils import timezone

from agencies.management.importing import INTERRUPTED
from agencies.models import Agency
from portal.demo.deliveries import date_back
from portal.demo.people import create_people, demo_people
from portal.demo.platform import DemoPlatform, write_platform

_COUNTS = re.compile(r"accepted (\d+), rejected (\d+)")

Size = Literal["small", "full"]


class DemoError(RuntimeError):
    """Why the demo platform could not be loaded, as a sentence."""


@dataclass(frozen=True)
class DemoPlan:
    """What was begun, kept beside the files so that an interrupted start goes on.

    `imports` are (command, files) in their order, `months` the full months ("YYYY-MM"),
    `situations` the code of the agency in each situation.
    """

    imports: list[tuple[str, list[str]]]
    months: list[str]
    situations: dict[str, str]
    loaded: bool = False


def load_demo(
    directory: Path, *, size: Size, today: date, say: Callable[[str], None]
) -> DemoPlan | None:
    """Write and import the demo platform unless that is done; its plan, None for other data.

    1. A database with agencies that are not the demo's is left alone.
    2. What was interrupted goes on: imports of files that were taken before change nothing.

    Raises DemoError where a command refuses a demo file or a record of it.
    """
    plan = _known_plan(directory)
    if not Agency.objects.exists():
        say(f"Writing the demo platform ({size}) to {directory}")
        shutil.rmtree(directory, ignore_errors=True)
        plan = _plan_of(write_platform(directory, size=size, today=today))
        _keep(directory, plan)
    if plan is None or not _is_in_database(plan, begun=not plan.loaded):
        return None
    if not plan.loaded:
        for command, files in plan.imports:
            for file in files:
                _import(command, Path(file), say)
        date_back(now=timezone.now())
        create_people(demo_people(plan.situations))
        plan = replace(plan, loaded=True)
        _keep(directory, plan)
    return plan


def _known_plan(directory: Path) -> DemoPlan | None:
    try:
        stored = json.loads((directory / "plan.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return DemoPlan(**stored)


def _keep(directory: Path, plan: DemoPlan) -> None:
    fresh = directory / "plan.json.new"
    fresh.write_text(json.dumps(asdict(plan), ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(directory / "plan.json")


def _plan_of(written: DemoPlatform) -> DemoPlan:
    return DemoPlan(
        imports=[
            ("import_agencies", [str(written.agencies)]),
            ("import_creators", [str(written.creators)]),
            ("import_bindings", [str(path) for path in written.bindings]),
            ("import_violations", [str(written.violations)]),
            ("import_facts", [str(path) for path in written.facts]),
        ],
        months=written.months,
        situations=written.situations,
    )


def _is_in_database(plan: DemoPlan, *, begun: bool) -> bool:
    """Whether the agencies are the demo's: all that are shown, or nobody else's meanwhile."""
    codes = set(plan.situations.values())
    known = Agency.objects.filter(code__in=codes).count()
    return known == len(codes) or (begun and not Agency.objects.exists())


def _import(command: str, file: Path, say: Callable[[str], None]) -> None:
    said, refused = StringIO(), StringIO()
    try:
        call_command(command, str(file), stdout=said, stderr=refused)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            raise KeyboardInterrupt from None
        raise DemoError(f"{command} refused {refused.getvalue().strip()}") from None
    counts = _COUNTS.search(said.getvalue())
    if counts is not None and int(counts[2]):
        raise DemoError(f"{command} rejected records of {file.name}: {said.getvalue().strip()}")
    say(f"{command} {file.name}: {said.getvalue().strip()}")
