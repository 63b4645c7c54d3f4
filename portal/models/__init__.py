"""The house's own tables: people, looks, signs of life, news and mail, questions, events."""

from portal.models.account_mail import AccountMail
from portal.models.event import Event, EventItem, EventMaterial, Registration
from portal.models.heartbeat import Heartbeat
from portal.models.news_mail import MailPreference, NewsMail
from portal.models.outbox import OutboxEntry
from portal.models.question import (
    CannedAnswer,
    HelpArticle,
    Question,
    QuestionFile,
    QuestionMessage,
    QuestionStep,
)
from portal.models.risk_round import RiskRound
from portal.models.service import (
    ContactAssignment,
    ContactPerson,
    ServiceDay,
    ServiceHours,
    ServiceTarget,
)
from portal.models.session import PortalSession
from portal.models.staff_look import StaffLook
from portal.models.user import User

__all__ = [
    "AccountMail",
    "CannedAnswer",
    "ContactAssignment",
    "ContactPerson",
    "Event",
    "EventItem",
    "EventMaterial",
    "Heartbeat",
    "HelpArticle",
    "MailPreference",
    "NewsMail",
    "OutboxEntry",
    "PortalSession",
    "Question",
    "QuestionFile",
    "QuestionMessage",
    "QuestionStep",
    "Registration",
    "RiskRound",
    "ServiceDay",
    "ServiceHours",
    "ServiceTarget",
    "StaffLook",
    "User",
]
