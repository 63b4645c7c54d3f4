"""Signs of life of the processes that nobody looks at."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    WORKER = "worker", _("Worker")
    SCHEDULER = "scheduler", _("Scheduler")


# A worker beats at least every 15 seconds, the scheduler every minute.
MISSING_AFTER = {Role.WORKER: timedelta(seconds=90), Role.SCHEDULER: timedelta(minutes=3)}


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    def missing(self, now: datetime) -> list[Role]:
        """The roles of which no process has given a sign of life lately."""
        alive = dict(self.values_list("role").annotate(last=models.Max("seen_at")))
        return [
            role
            for role in Role
            if role.value not in alive or alive[role.value] < now - MISSING_AFTER[role]
        ]


class Heartbeat(models.Model):
    """The last sign of life of one worker or scheduler process."""

    role = models.CharField(_("role"), max_length=9, choices=Role)
    name = models.CharField(_("process"), max_length=200)
    seen_at = models.DateTimeField(_("last seen"))

    objects = HeartbeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        ordering = ["role", "name"]
        constraints = [
            models.UniqueConstraint(fields=["role", "name"], name="heartbeat_once_per_process"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="heartbeat_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.name}"
