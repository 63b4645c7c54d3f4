"""What the scheduler does each minute: show that it lives, ring for reconcile."""

from __future__ import annotations

import structlog
from django.db import DatabaseError, connection
from django.utils import timezone
from redis.exceptions import RedisError

from portal.heartbeats import beat, leave
from portal.jobs import ring_reconcile
from portal.models.heartbeat import Role

log = structlog.get_logger(__name__)


def tick(*, name: str) -> None:
    """Beat and ring; a database or a queue that is away is logged, and tried again next time."""
    try:
        beat(role=Role.SCHEDULER, name=name, now=timezone.now())
    except (DatabaseError, OSError) as fault:
        log.warning("heartbeat_not_written", scheduler=name, fault=str(fault))
        connection.close_if_unusable_or_obsolete()
    try:
        ring_reconcile()
    except (RedisError, OSError) as fault:
        log.warning("queue_unreachable", scheduler=name, fault=str(fault))


def farewell(*, name: str) -> None:
    """Take the sign of life back, so that nobody waits for a scheduler that was stopped."""
    try:
        leave(role=Role.SCHEDULER, name=name)
    except (DatabaseError, OSError) as fault:
        log.warning("heartbeat_not_removed", scheduler=name, fault=str(fault))
