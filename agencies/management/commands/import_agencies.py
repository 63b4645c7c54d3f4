"""`manage.py import_agencies FILE`."""

from __future__ import annotations

from typing import Any

from agencies.imports import AgencyImport
from agencies.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Imports the agencies file: new agencies join, known ones are updated."

    def job(self, options: dict[str, Any]) -> AgencyImport:
        return AgencyImport()
