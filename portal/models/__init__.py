"""The house's own tables: people and where they are signed in, signs of life, looks."""

from portal.models.account_mail import AccountMail
from portal.models.heartbeat import Heartbeat
from portal.models.outbox import OutboxEntry
from portal.models.session import PortalSession
from portal.models.staff_look import StaffLook
from portal.models.user import User

__all__ = ["AccountMail", "Heartbeat", "OutboxEntry", "PortalSession", "StaffLook", "User"]
