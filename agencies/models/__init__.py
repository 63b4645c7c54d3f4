"""The tables of conduct: who is on the platform and how they behave."""

from agencies.models.agency import Agency, Membership
from agencies.models.creator import Binding, Creator
from agencies.models.credit import CreditEntry
from agencies.models.imported_file import ImportedFile
from agencies.models.violation import Violation

__all__ = [
    "Agency",
    "Binding",
    "Creator",
    "CreditEntry",
    "ImportedFile",
    "Membership",
    "Violation",
]
