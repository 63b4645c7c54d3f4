"""What was delivered to the platform, file by file."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import FileKind, ImportOutcome


class ImportedFile(models.Model):
    """One delivery of one file and what became of it; never edited afterwards.

    `rejects` names a file below DATA_DIR/rejects, empty when every record was accepted.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=FileKind)
    name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("content"), max_length=64, db_index=True)
    size = models.PositiveBigIntegerField(_("bytes"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=ImportOutcome)
    fault = models.TextField(_("why refused"), blank=True, db_default="")
    accepted = models.PositiveBigIntegerField(_("accepted"), db_default=0)
    rejected = models.PositiveBigIntegerField(_("rejected"), db_default=0)
    rejects = models.CharField(_("rejects file"), max_length=255, blank=True, db_default="")
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=FileKind.values), name="imported_file_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome=ImportOutcome.APPLIED, fault="")
                | (Q(outcome=ImportOutcome.REFUSED, accepted=0, rejected=0) & ~Q(fault="")),
                name="imported_file_refused_says_why",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__gte=F("started_at")), name="imported_file_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
