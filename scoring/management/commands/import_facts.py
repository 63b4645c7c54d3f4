"""`manage.py import_facts FILE…`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from agencies.management.importing import ImportCommand
from scoring.facts import FactImport


class Command(ImportCommand):
    help = (
        "Imports files of promotion facts, any number of days each, in any order: the latest"
        " import wins per creator and day."
    )
    several = True

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--again",
            action="store_true",
            help="apply a file once more whose content was imported before",
        )

    def job(self, options: dict[str, Any]) -> FactImport:
        return FactImport(again=options["again"])
