"""Files of the creator-day rows behind a score, made by a job."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from scoring.enums import ExportState
from scoring.models.evaluation import Evaluation


class RowExport(models.Model):
    """An agency's request for the rows behind one published month; the row is the truth.

    `attempt` numbers the claims and fences the writes of a job; the file lies under
    `settings.EXPORTS_DIR` by its `sha256` and is removed after `expires_at`.
    """

    agency = models.ForeignKey(
        Agency, models.CASCADE, related_name="row_exports", verbose_name=_("agency")
    )
    evaluation = models.ForeignKey(
        Evaluation, models.CASCADE, related_name="row_exports", verbose_name=_("evaluation")
    )
    state = models.CharField(
        _("state"), max_length=8, choices=ExportState, db_default=ExportState.ASKED
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"))
    attempt = models.PositiveIntegerField(_("attempt"), db_default=0)
    claimed_at = models.DateTimeField(_("claimed at"), null=True)
    error = models.CharField(_("last error"), max_length=300, blank=True, db_default="")
    ready_at = models.DateTimeField(_("ready at"), null=True)
    expires_at = models.DateTimeField(_("expires at"), null=True)
    rows = models.PositiveIntegerField(_("rows"), null=True)
    size = models.PositiveBigIntegerField(_("bytes"), null=True)
    sha256 = models.CharField(_("content"), max_length=64, blank=True, db_default="")

    class Meta:
        verbose_name = _("export of rows")
        verbose_name_plural = _("exports of rows")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "evaluation"],
                condition=~Q(state__in=[ExportState.FAILED, ExportState.EXPIRED]),
                name="row_export_current_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ExportState.values), name="row_export_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.READY)
                | (
                    Q(ready_at__isnull=False, expires_at__isnull=False, rows__isnull=False)
                    & ~Q(sha256="")
                ),
                name="row_export_ready_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.RUNNING)
                | Q(attempt__gte=1, claimed_at__isnull=False),
                name="row_export_running_is_claimed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.evaluation_id} {self.state}"
