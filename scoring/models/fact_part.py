"""The manifest of fact files."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import ImportedFile


class FactPartQuerySet(models.QuerySet["FactPart"]):
    def current(self) -> FactPartQuerySet:
        """The parts that say what is known now: at most one per day."""
        return self.filter(superseded_at__isnull=True)

    def of_days(self, first: date, last: date) -> FactPartQuerySet:
        """Parts of the days [first, last], both inclusive."""
        return self.filter(day__gte=first, day__lte=last)


class FactPart(models.Model):
    """One day's facts as an immutable Parquet file named by its content.

    The row of a superseded part stays for the trace; its file goes once no evaluation that
    counts names it (`file_removed_at`). Where an import was taken back, the part before it is
    current again as a new row that `copies` it.
    """

    day = models.DateField(_("day"))
    sha256 = models.CharField(_("content"), max_length=64)
    rows = models.PositiveBigIntegerField(_("rows"))
    size = models.PositiveBigIntegerField(_("bytes"))
    imported_file = models.ForeignKey(
        ImportedFile, models.PROTECT, related_name="fact_parts", verbose_name=_("imported from")
    )
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name=_("replaces")
    )
    copies = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="copied_by", verbose_name=_("brings back")
    )
    created_at = models.DateTimeField(_("created"))
    superseded_at = models.DateTimeField(_("superseded"), null=True)
    file_removed_at = models.DateTimeField(_("file removed"), null=True)

    objects = FactPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact part")
        verbose_name_plural = _("fact parts")
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["day"],
                condition=Q(superseded_at__isnull=True),
                name="fact_part_one_current_per_day",
            ),
            models.CheckConstraint(
                condition=Q(file_removed_at__isnull=True) | Q(superseded_at__isnull=False),
                name="fact_part_current_keeps_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.sha256[:12]}"

    @property
    def path(self) -> str:
        """Where the file lies below FACTS_URL."""
        return f"{self.day:%Y/%m}/{self.day:%d}-{self.sha256}.parquet"
