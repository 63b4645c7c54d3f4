"""What the five import commands share: arguments, progress, what they print, exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from agencies.files.faults import FileFault
from agencies.imports import FileImport, Occasion, Outcome, import_file
from agencies.imports.frame import Progress as Report

INTERRUPTED = 130


class ImportCommand(BaseCommand):
    """Imports files one after the other, each in its own transaction.

    1. Prints `accepted N, rejected M` per file, and the rejects file's path where M > 0.
    2. A refused file is named on standard error with the reason; the others are still imported;
       the exit code is 1.
    3. Ctrl-C leaves the current file out as a whole; the exit code is 130.
    """

    several = False

    def job(self, options: dict[str, Any]) -> FileImport:
        """What to do with each file."""
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        count = "+" if self.several else 1
        parser.add_argument(
            "files", nargs=count, type=Path, metavar="FILE", help=".csv or .parquet"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        refused = 0
        for path in options["files"]:
            try:
                with self.watched(path) as progress:
                    outcome = import_file(path, self.job(options), self.occasion(progress))
            except FileFault as fault:
                self.stderr.write(f"{path}: {fault}")
                refused += 1
            except KeyboardInterrupt:
                self.stderr.write(f"{path}: interrupted, nothing of this file was imported.")
                sys.exit(INTERRUPTED)
            else:
                self.tell(path, outcome, several=len(options["files"]) > 1)
        if refused:
            sys.exit(1)

    def occasion(self, progress: Report | None) -> Occasion:
        """Now, on this platform day, by nobody who is signed in."""
        now = timezone.now()
        return Occasion(today=timezone.localdate(now), now=now, progress=progress)

    def tell(self, path: Path, outcome: Outcome, *, several: bool) -> None:
        """Print what became of a file, with its name where there are several."""
        prefix = f"{path}: " if several else ""
        imported = outcome.imported
        counts = f"accepted {imported.accepted}, rejected {imported.rejected}"
        if outcome.repeated:
            at = timezone.localtime(imported.finished_at)
            self.stdout.write(
                f"{prefix}already imported on {at:%Y-%m-%d %H:%M} ({counts}): nothing changed;"
                " --again applies it once more"
            )
            return
        self.stdout.write(f"{prefix}{counts}")
        if outcome.rejects:
            self.stdout.write(f"{prefix}rejects: {outcome.rejects}")

    @contextmanager
    def watched(self, path: Path) -> Iterator[Report | None]:
        """A progress bar on standard error, where that is a terminal."""
        if not sys.stderr.isatty():
            yield None
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(path.name, total=1.0)
            yield lambda step, share: bar.update(
                task, description=f"{path.name}: {step.lower()}", completed=share
            )
