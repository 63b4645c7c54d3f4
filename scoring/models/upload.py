"""Files that came over the web, and imports that were taken back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import FileKind
from agencies.models import ImportedFile
from scoring.enums import UploadState


class Upload(models.Model):
    """A file that somebody uploaded to be imported; the row is the truth of the job.

    The file lies under `settings.UPLOADS_DIR` by its `sha256` until its import has ended.
    `attempt` numbers the claims and fences the writes; `step` and `progress` are what a running
    import said last. What became of it is `imported`, the entry of the register; of a file that
    was imported before (`REPEATED`), that is the earlier entry.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=FileKind)
    name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("content"), max_length=64)
    size = models.PositiveBigIntegerField(_("bytes"))
    again = models.BooleanField(_("apply once more"), db_default=False)
    state = models.CharField(
        _("state"), max_length=8, choices=UploadState, db_default=UploadState.WAITING
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    attempt = models.PositiveIntegerField(_("attempt"), db_default=0)
    claimed_at = models.DateTimeField(_("claimed at"), null=True)
    beat_at = models.DateTimeField(_("last sign of life"), null=True)
    step = models.CharField(_("step"), max_length=40, blank=True, db_default="")
    progress = models.PositiveSmallIntegerField(_("progress (%)"), db_default=0)
    error = models.CharField(_("last error"), max_length=2000, blank=True, db_default="")
    imported = models.ForeignKey(
        ImportedFile,
        models.PROTECT,
        null=True,
        related_name="uploads",
        verbose_name=_("entry of the register"),
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-id"]
        permissions = [("import_files", _("Can import files and take imports back"))]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=FileKind.values), name="upload_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=UploadState.values), name="upload_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[UploadState.DONE, UploadState.REPEATED])
                | Q(imported__isnull=False),
                name="upload_done_is_registered",
            ),
            models.CheckConstraint(
                condition=~Q(state=UploadState.RUNNING)
                | Q(attempt__gte=1, claimed_at__isnull=False),
                name="upload_running_is_claimed",
            ),
            # the same content twice at once is a form that was sent twice
            models.UniqueConstraint(
                fields=["kind", "sha256"],
                condition=Q(state__in=[UploadState.WAITING, UploadState.RUNNING]),
                name="upload_waiting_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Retraction(models.Model):
    """An import of facts that was taken back: its days are again as they were before it."""

    imported = models.OneToOneField(
        ImportedFile, models.PROTECT, related_name="retraction", verbose_name=_("import")
    )
    reason = models.CharField(_("reason"), max_length=500)
    days = models.PositiveIntegerField(_("days"))
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("import taken back")
        verbose_name_plural = _("imports taken back")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="retraction_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.imported_id}"
