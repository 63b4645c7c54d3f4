"""`manage.py load_demo`: the demo platform, where the database is empty."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.demo.loader import DemoError, load_demo


class Command(BaseCommand):
    help = (
        "Fills an empty database with the demo platform, through the import commands. Its months "
        "are then asked for with `evaluate YYYY-MM --publish`, in their order; `run_portal` does "
        "both."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", choices=["small", "full"], default="small")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "The demo platform has people with a known password: it is loaded with DEBUG=1 "
                "only, never into a platform that others use."
            )
        try:
            plan = load_demo(
                settings.DATA_DIR / "demo",
                size=options["size"],
                today=timezone.localdate(),
                say=self.stdout.write,
            )
        except DemoError as error:
            raise CommandError(str(error)) from error
        if plan is None:
            raise CommandError(
                "The database has agencies of its own: the demo platform is loaded into an empty "
                "one only (another DATA_DIR is another platform)."
            )
        self.stdout.write(f"The demo platform is loaded: months {', '.join(plan.months)}.")
