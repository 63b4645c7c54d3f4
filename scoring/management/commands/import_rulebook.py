"""`import_rulebook FILE [--activate]`: store a rulebook, put it in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from scoring.enums import RulebookState
from scoring.rulebook import RulebookError
from scoring.rulebook_versions import VersionTaken, store_rulebook

MOST_BYTES = 1 << 20


class Command(BaseCommand):
    help = "Validates a rulebook file and stores it as a draft; --activate puts it in force."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--activate", action="store_true")

    def handle(self, *args: Any, file: Path, activate: bool, **options: Any) -> None:
        with translation.override("en"):
            self._import(file, activate=activate)

    def _import(self, file: Path, *, activate: bool) -> None:
        try:
            version, changed = store_rulebook(_read(file), at=timezone.now(), activate=activate)
        except RulebookError as error:
            faults = "\n".join(f"  {fault.place}: {fault.message}" for fault in error.faults)
            raise CommandError(f"{file} is refused, nothing was stored:\n{faults}") from None
        except VersionTaken as error:
            raise CommandError(f"{file} is refused, nothing was stored: {error}") from None
        if not changed:
            self.stdout.write(f"{version} was stored before: nothing changed.")
        elif version.state == RulebookState.IN_FORCE:
            self.stdout.write(f"{version} is in force from {version.effective_from:%Y-%m} on.")
        else:
            self.stdout.write(f"{version} is stored as a draft; --activate puts it in force.")


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise CommandError(f"{file} is larger than 1 MB: that is not a rulebook.")
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8 text: save it as UTF-8.") from None
