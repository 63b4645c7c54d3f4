"""The tables of conduct: who is on the platform and how they behave."""

from agencies.models.agency import Agency, Membership
from agencies.models.creator import Binding, Creator
from agencies.models.credit import CreditEntry
from agencies.models.honour import NoticeEntry, PublicNotice, Title
from agencies.models.imported_file import ImportedFile
from agencies.models.invitation import Invitation
from agencies.models.log import ConductEvent
from agencies.models.request import BindingRequest, CreatorLink, Unbinding
from agencies.models.star_source import StarAnchor, StarIncentive, StarPlan, StarSupport
from agencies.models.violation import Appeal, CaseFile, Incident, Penalty, Violation

__all__ = [
    "Agency",
    "Appeal",
    "Binding",
    "BindingRequest",
    "CaseFile",
    "ConductEvent",
    "Creator",
    "CreatorLink",
    "CreditEntry",
    "ImportedFile",
    "Incident",
    "Invitation",
    "Membership",
    "NoticeEntry",
    "Penalty",
    "PublicNotice",
    "StarAnchor",
    "StarIncentive",
    "StarPlan",
    "StarSupport",
    "Title",
    "Unbinding",
    "Violation",
]
