"""`manage.py import_bindings FILE`."""

from __future__ import annotations

from typing import Any

from agencies.imports import BindingImport
from agencies.management.importing import ImportCommand


class Command(ImportCommand):
    help = "Imports the bindings file: records who was bound to whom, ends open bindings."

    def job(self, options: dict[str, Any]) -> BindingImport:
        return BindingImport()
