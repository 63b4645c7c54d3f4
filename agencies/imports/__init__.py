"""Importing the platform's files (the contract's section "Files")."""

from agencies.imports.agencies import AgencyImport
from agencies.imports.bindings import BindingImport
from agencies.imports.creators import CreatorImport
from agencies.imports.frame import FileImport, Occasion, Outcome, import_file
from agencies.imports.violations import ViolationImport

__all__ = [
    "AgencyImport",
    "BindingImport",
    "CreatorImport",
    "FileImport",
    "Occasion",
    "Outcome",
    "ViolationImport",
    "import_file",
]
