"""`manage.py run_portal`: the whole portal on this machine, what `make run` runs."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone
from rich.console import Console

from portal.demo.conduct import play_conduct
from portal.demo.deliveries import keep_from_mail
from portal.demo.loader import DemoError, DemoPlan, load_demo
from portal.demo.months import project_running_month, publish_months, unpublished
from portal.demo.people import PASSWORD, demo_people
from portal.demo.questions import play_questions
from portal.demo.rules import play_rules
from portal.demo.salons import play_salons
from portal.demo.stars import play_stars
from portal.models import Question
from portal.run.children import Child, Household
from portal.run.web import (
    DEFAULT_PORT,
    HOST,
    PortRefusedError,
    serve_command,
    served_environment,
    usable_port,
    wait_until_served,
)

TEND_SECONDS = 0.5

# What happens on the demo platform besides its data, and what is said once it was played.
SCENES = (
    (play_conduct, "Cases, appeals, bindings and a public notice of this month are played."),
    (play_rules, "A draft of new rules is in consultation, and tried on past months."),
    (play_questions, "Agencies have asked; the desk has prepared answers and contacts."),
    (play_stars, "Four creators are in the Star Source plan, one in each phase."),
    (play_salons, "Three salons are announced; one of them was, one is full."),
)


class Command(BaseCommand):
    help = (
        "Migrates, loads the demo platform into an empty database (with DEBUG=1), and runs worker, "
        "scheduler and web server until Ctrl-C. PORT and DEMO=small|full are read from the "
        "environment."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        size = os.environ.get("DEMO") or "small"
        if size not in ("small", "full"):
            raise CommandError(f"DEMO is {size!r}; it is small or full.")
        try:
            port = usable_port(os.environ.get("PORT") or str(DEFAULT_PORT))
        except PortRefusedError as error:
            raise CommandError(str(error)) from None
        self.console = Console()
        self.household = Household(self._say)
        self.environment = served_environment(port, os.environ)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        try:
            self._run(port, size)
        except KeyboardInterrupt:
            self._say("Stopping.")
        finally:
            # a second Ctrl-C must not leave half of the processes behind
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            self.household.stop()

    def _run(self, port: int, size: str) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        self._start("worker", [sys.executable, _manage(), "rqworker", "default"])
        plan = self._demo(size) if settings.DEBUG else None
        # only now: the scheduler would ask for the newest month while earlier ones are missing
        self._start("scheduler", [sys.executable, _manage(), "scheduler"])
        self._start("web server", serve_command(port))
        connection.close()
        web = self.household.children[-1]
        if not wait_until_served(port, alive=lambda: web.ended_with() is None):
            raise CommandError(f"The web server does not answer. Its log is {web.log}.")
        self._introduce(port, plan)
        while True:
            time.sleep(TEND_SECONDS)
            self.household.tend()

    def _start(self, name: str, command: list[str]) -> None:
        log = Path(settings.DATA_DIR) / "logs" / f"{name.replace(' ', '-')}.log"
        self.household.start(Child(name, command, log=log, environment=self.environment))

    def _demo(self, size: Any) -> DemoPlan | None:
        directory = Path(settings.DATA_DIR) / "demo"
        try:
            plan = load_demo(directory, size=size, today=timezone.localdate(), say=self._say)
            if plan is not None and (months := unpublished(plan.months, now=timezone.now())):
                self._say(f"A worker computes {len(months)} months, one after the other.")
                publish_months(months, tend=self.household.tend, console=self.console)
            if plan is not None:
                if not Question.objects.exists():
                    keep_from_mail()
                for play, told in SCENES:
                    if play(plan.situations, now=timezone.now()):
                        self._say(told)
                project_running_month(tend=self.household.tend, say=self._say)
        except DemoError as error:
            raise CommandError(str(error)) from error
        return plan

    def _introduce(self, port: int, plan: DemoPlan | None) -> None:
        self._say(f"\nThe portal is at http://{HOST}:{port}/")
        if plan is not None:
            people = [person for person in demo_people(plan.situations) if person.introduced]
            self._say(f"Sign in with the password {PASSWORD} as")
            for person in people:
                self._say(f"  {person.email:<26} {person.what}")
            self._say("and as the owner of any other situation: NAME@demo.example with NAME one of")
            names = [name.replace("_", "-") for name in plan.situations if name != "v5"]
            self._say(f"  {', '.join(names)}; or both@demo.example, who has two agencies.")
        self._say(f"Logs are in {Path(settings.DATA_DIR) / 'logs'}. Ctrl-C stops everything.")

    def _say(self, text: str) -> None:
        self.console.print(text, highlight=False, soft_wrap=True, markup=False)


def _manage() -> str:
    return str(Path(settings.BASE_DIR) / "manage.py")
