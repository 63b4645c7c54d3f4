"""Writes the signs of life that the admin and the health address read."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from portal.models import Heartbeat
from portal.models.heartbeat import Role

FORGOTTEN_AFTER = timedelta(days=1)


def process_name() -> str:
    """This process as its operators know it: the machine and the process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def beat(*, role: Role, name: str, now: datetime) -> None:
    """Record that the process was alive at `now`. Raises DatabaseError where nothing answers."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(role=role, name=name, seen_at=now)],
        update_conflicts=True,
        unique_fields=["role", "name"],
        update_fields=["seen_at"],
    )


def leave(*, role: Role, name: str) -> None:
    """Forget a process that ended in order. Raises DatabaseError where nothing answers."""
    Heartbeat.objects.filter(role=role, name=name).delete()


def forget_dead(*, now: datetime) -> int:
    """Forget the processes that gave no sign of life for a day; how many there were."""
    forgotten, _ = Heartbeat.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
    return forgotten
