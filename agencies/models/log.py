"""Who did what to which agency, and why."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import Subject
from agencies.models.agency import Agency
from agencies.models.creator import Creator


class ConductEvent(models.Model):
    """A step that somebody took, or that fell due (no actor); append-only.

    `verb` is the transition's name; `about` holds plain figures of it, such as the points taken.
    The creator of a binding is named; a creator who acts by a link is an actor without account.
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="conduct_events", verbose_name=_("agency")
    )
    creator = models.ForeignKey(
        Creator, models.PROTECT, null=True, related_name="+", verbose_name=_("creator")
    )
    subject = models.CharField(_("about"), max_length=16, choices=Subject)
    subject_id = models.BigIntegerField()
    verb = models.CharField(_("step"), max_length=24)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    reason = models.CharField(_("reason"), max_length=2000, blank=True)
    about = models.JSONField(default=dict)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("step of conduct")
        verbose_name_plural = _("steps of conduct")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__in=Subject.values), name="conduct_event_subject_known"
            )
        ]
        indexes = [
            models.Index(fields=["subject", "subject_id"], name="conduct_event_by_subject"),
            models.Index(fields=["agency", "-id"], name="conduct_event_by_agency"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="conduct_event_kept", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.subject_id} {self.verb}"
