"""Who of the staff looked at what of an agency."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.models import Agency
from portal.enums import StaffRole


class StaffLook(models.Model):
    """One look of one staff member at something of an agency; append-only.

    `agency` is empty where the object belongs to no agency (a creator). `role` is what the person
    worked as then, empty in looks older than the column; agencies read it instead of the name.
    What staff change is in the admin's own log; this one holds what they only read.
    """

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, related_name="+", verbose_name=_("agency")
    )
    role = models.CharField(
        pgettext_lazy("people of the platform", "role"),
        max_length=10,
        choices=StaffRole,
        blank=True,
        db_default="",
    )
    object_label = models.CharField(_("what"), max_length=300)
    path = models.CharField(_("address"), max_length=300)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("look of staff")
        verbose_name_plural = _("looks of staff")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["agency", "at"], name="staff_look_by_agency"),
            models.Index(fields=["-at", "-id"], name="staff_look_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["", *StaffRole.values]), name="staff_look_role_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.actor_id} {self.path}"
