"""`manage.py import_creators FILE`."""

from __future__ import annotations

from typing import Any

from agencies.imports import CreatorImport
from agencies.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Imports the creators file: introduces creators, updates known ones."

    def job(self, options: dict[str, Any]) -> CreatorImport:
        return CreatorImport()
