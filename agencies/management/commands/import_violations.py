"""`manage.py import_violations FILE`."""

from __future__ import annotations

from typing import Any

from agencies.imports import ViolationImport
from agencies.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Imports the violations file: records decided cases and takes their credit points."

    def job(self, options: dict[str, Any]) -> ViolationImport:
        return ViolationImport()
