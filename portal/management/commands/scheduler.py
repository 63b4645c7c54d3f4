"""`manage.py scheduler`: ring for reconcile every minute."""

from __future__ import annotations

import signal
import time
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.heartbeats import process_name
from portal.scheduler import farewell, tick


class Command(BaseCommand):
    help = (
        "Rings for `reconcile` every minute and shows that it is alive. What is due is decided by "
        "the rows, so that two schedulers, or none for a day, change nothing in the end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--interval", type=float, default=60.0, help="seconds between two rings (default: 60)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        name = process_name()
        self.stdout.write(f"Scheduler {name} rings every {options['interval']:g} seconds.")
        while not stopped.is_set():
            began = time.monotonic()
            tick(name=name)
            stopped.wait(max(0.0, options["interval"] - (time.monotonic() - began)))
        farewell(name=name)
        self.stdout.write("Scheduler stopped.")
