"""Violations: what an agency did, and what was decided."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import ViolationKind, ViolationState
from agencies.models.agency import Agency


class Violation(models.Model):
    """A violation decided against an agency (docs/rules.md §8).

    `points` is what the decision asked for; what the ledger could take is on its entry.
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="violations", verbose_name=_("agency")
    )
    kind = models.CharField(_("kind"), max_length=32, choices=ViolationKind)
    state = models.CharField(
        _("state"), max_length=12, choices=ViolationState, db_default=ViolationState.ISSUED
    )
    occurred_on = models.DateField(_("occurred on"))
    decided_on = models.DateField(_("decided on"))
    points = models.PositiveIntegerField(_("points asked"))
    summary = models.CharField(_("summary"), max_length=2000)
    reference = models.CharField(_("case number"), max_length=64, unique=True, db_collation="C")
    created_at = models.DateTimeField(_("recorded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("violation")
        verbose_name_plural = _("violations")
        ordering = ["-decided_on", "reference"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ViolationKind.values), name="violation_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ViolationState.values), name="violation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_on__gte=F("occurred_on")),
                name="violation_decided_after_it_occurred",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.kind}"
