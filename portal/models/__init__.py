"""The house's own tables: people, signs of life, and who looked at what."""

from portal.models.heartbeat import Heartbeat
from portal.models.outbox import OutboxEntry
from portal.models.staff_look import StaffLook
from portal.models.user import User

__all__ = ["Heartbeat", "OutboxEntry", "StaffLook", "User"]
