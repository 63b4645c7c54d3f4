"""Agencies and the people who sign in for them."""

from __future__ import annotations

from datetime import date

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import Role, Stage
from agencies.models.tracking import tracked

# The columns bound the length; a bounded repetition here would cost ten times the check.
CODE_PATTERN = r"^[A-Za-z0-9_-]+$"


# What people change; level and ledger head have histories of their own.
KEPT = [
    *("code", "name", "joined_on", "removed_on", "city", "category"),
    *("contact_email", "contact_phone", "uscc"),
]


class AgencyQuerySet(models.QuerySet["Agency"]):
    def in_scope(self, first: date, last: date) -> AgencyQuerySet:
        """Agencies evaluated for the month [first, last] (both inclusive).

        1. Joined on or before the month's last day.
        2. Not removed before its first day.
        """
        return self.filter(joined_on__lte=last).filter(
            Q(removed_on__isnull=True) | Q(removed_on__gte=first)
        )


@tracked(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(condition=pghistory.AnyChange(*KEPT)),
    pghistory.DeleteEvent(),
    fields=KEPT,
    model_name="AgencyEvent",
)
class Agency(models.Model):
    """An MCN agency (机构) with what the last publication says about it.

    `stage`, `level`, `level_since` and the two binding rules are written by publication only
    (policy handed down from scoring); `ledger_length` and `ledger_seal` by the credit ledger only.
    """

    code = models.CharField(_("agency code"), max_length=32, unique=True, db_collation="C")
    name = models.CharField(_("name"), max_length=200)
    joined_on = models.DateField(_("joined on"))
    removed_on = models.DateField(_("removed on"), null=True, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True, db_default="")
    category = models.CharField(_("category"), max_length=100, blank=True, db_default="")
    contact_email = models.EmailField(_("contact e-mail"), blank=True, db_default="")
    contact_phone = models.CharField(_("contact phone"), max_length=50, blank=True, db_default="")
    uscc = models.CharField(
        _("unified social credit code"), max_length=18, blank=True, db_default=""
    )

    stage = models.CharField(
        _("stage"), max_length=16, choices=Stage, blank=True, db_default="", editable=False
    )
    level = models.CharField(_("level"), max_length=8, blank=True, db_default="", editable=False)
    level_since = models.DateField(_("level since"), null=True, editable=False)
    binding_cap = models.PositiveIntegerField(_("binding cap"), null=True, editable=False)
    followers_below = models.PositiveBigIntegerField(
        _("creators must have fewer followers than"), null=True, editable=False
    )

    ledger_length = models.PositiveIntegerField(db_default=0, editable=False)
    ledger_seal = models.CharField(max_length=64, db_default="", blank=True, editable=False)

    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Membership", related_name="agencies"
    )

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=CODE_PATTERN), name="agency_code_form"),
            models.CheckConstraint(
                condition=Q(removed_on__isnull=True) | Q(removed_on__gte=models.F("joined_on")),
                name="agency_removed_after_joining",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["", *Stage.values]), name="agency_stage_known"
            ),
            models.CheckConstraint(
                condition=Q(level="") | Q(stage=Stage.ASSESSED), name="agency_level_only_assessed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def is_removed(self, day: date) -> bool:
        """Whether the agency has left the platform by the day."""
        return self.left_by(day) is not None

    def left_by(self, day: date) -> date | None:
        """On which day the agency left the platform, if it has by the day."""
        return self.removed_on if self.removed_on and self.removed_on <= day else None


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Membership(models.Model):
    """A person's seat in an agency: everything an agency's page shows is reached through it."""

    agency = models.ForeignKey(
        Agency, models.CASCADE, related_name="memberships", verbose_name=_("agency")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("user"),
    )
    role = models.CharField(_("role"), max_length=8, choices=Role, db_default=Role.VIEWER)
    created_at = models.DateTimeField(_("member since"), auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["agency__code", "user__email"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "user"], name="membership_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.agency}"
