"""What an agency says is wrong with the data of a month that is not published yet."""

from __future__ import annotations

from datetime import date

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, ImportedFile
from agencies.models.tracking import tracked
from scoring.enums import DisputeKind, DisputeState

ANSWERED = [DisputeState.ACCEPTED, DisputeState.CORRECTED, DisputeState.REJECTED]


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def awaiting_correction(self, month: date) -> DisputeQuerySet:
        """Accepted ones of a month whose data are not corrected yet: they hold its publication."""
        return self.filter(month=month, state=DisputeState.ACCEPTED)


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Dispute(models.Model):
    """An agency's objection to attribution or data of one creator on some days (D, §2).

    `creator_code` is what the agency wrote: it may be a creator that it never had, so it is no
    foreign key. Days are inclusive and of the month. An accepted dispute is corrected in the data,
    never in the score: `corrected_by` is the file that did it, None where bindings were corrected
    at the desk. `request_key` makes a form that is sent twice one dispute.
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="disputes", verbose_name=_("agency")
    )
    month = models.DateField(_("data month"))
    kind = models.CharField(_("kind"), max_length=12, choices=DisputeKind)
    creator_code = models.CharField(_("creator"), max_length=32, db_collation="C")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    text = models.TextField(_("what is wrong"), max_length=2000)
    state = models.CharField(
        _("state"), max_length=10, choices=DisputeState, db_default=DisputeState.OPEN
    )
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("filed by")
    )
    filed_at = models.DateTimeField(_("filed at"))
    answer = models.TextField(_("answer"), max_length=2000, blank=True, db_default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered at"), null=True)
    corrected_by = models.ForeignKey(
        ImportedFile,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("corrected by the file"),
    )
    corrected_at = models.DateTimeField(_("corrected at"), null=True)
    request_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-id"]
        permissions = [("answer_dispute", _("Can answer disputes of provisional results"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DisputeKind.values), name="dispute_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DisputeState.values), name="dispute_state_known"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1, first_day__gte=F("month"), last_day__gte=F("first_day")),
                name="dispute_days_in_order",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="dispute_says_what"),
            models.CheckConstraint(
                condition=(
                    Q(state__in=ANSWERED, answered_by__isnull=False, answered_at__isnull=False)
                    & ~Q(answer="")
                )
                | (~Q(state__in=ANSWERED) & Q(answered_by=None, answered_at=None, answer="")),
                name="dispute_answered_with_words",
            ),
            models.CheckConstraint(
                condition=Q(state=DisputeState.CORRECTED, corrected_at__isnull=False)
                | (~Q(state=DisputeState.CORRECTED) & Q(corrected_at=None, corrected_by=None)),
                name="dispute_corrected_when",
            ),
        ]
        indexes = [models.Index(fields=["agency", "-id"], name="dispute_by_agency")]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.month:%Y-%m} {self.creator_code}"


class DisputeFile(models.Model):
    """A file of evidence of a dispute; written with it, never changed."""

    dispute = models.ForeignKey(
        Dispute, models.CASCADE, related_name="files", verbose_name=_("dispute")
    )
    name = models.CharField(_("file"), max_length=200)
    content_type = models.CharField(max_length=50)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        verbose_name = _("file of a dispute")
        verbose_name_plural = _("files of disputes")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dispute", "sha256"], name="dispute_file_once"),
        ]

    def __str__(self) -> str:
        return self.name
