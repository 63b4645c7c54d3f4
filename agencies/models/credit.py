"""The credit ledger: append-only, sealed line by line."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import EntryKind
from agencies.models.agency import Agency
from agencies.models.violation import Violation


class CreditEntry(models.Model):
    """One line of an agency's credit ledger (docs/rules.md §7).

    The balance of a day is the sum of `points` effective by that day. Lines are numbered without a
    gap per agency and chained by a keyed seal over the line and the seal before it; the database
    refuses UPDATE, DELETE and TRUNCATE. Written by `agencies.ledger` only.
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="credit_entries", verbose_name=_("agency")
    )
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=12, choices=EntryKind)
    asked = models.PositiveIntegerField(_("points asked"), null=True)
    points = models.IntegerField(_("points"))
    effective_on = models.DateField(_("effective on"))
    violation = models.ForeignKey(
        Violation,
        models.PROTECT,
        null=True,
        related_name="credit_entries",
        verbose_name=_("violation"),
    )
    reverses = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        related_name="reversed_by",
        verbose_name=_("reverses"),
    )
    adjusts = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="adjusted_by",
        verbose_name=_("adjusts"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(_("written at"))
    seal = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("credit entry")
        verbose_name_plural = _("credit entries")
        ordering = ["agency_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "number"], name="credit_entry_numbered"),
            models.CheckConstraint(condition=Q(number__gte=1), name="credit_entry_number_from_one"),
            models.CheckConstraint(
                condition=Q(kind__in=EntryKind.values), name="credit_entry_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(kind=EntryKind.DEDUCTION)
                | Q(asked__isnull=False, points__lte=0, points__gte=-models.F("asked")),
                name="credit_entry_deduction_within_asked",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[EntryKind.OPENING, EntryKind.RESTORE, EntryKind.AWARD])
                | Q(points__gte=0),
                name="credit_entry_gift_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(kind=EntryKind.REVERSAL, reverses__isnull=False)
                | (~Q(kind=EntryKind.REVERSAL) & Q(reverses__isnull=True)),
                name="credit_entry_reversal_names_its_line",
            ),
            models.CheckConstraint(
                condition=Q(kind=EntryKind.ADJUSTMENT, adjusts__isnull=False, points__lt=0)
                | (~Q(kind=EntryKind.ADJUSTMENT) & Q(adjusts__isnull=True)),
                name="credit_entry_adjustment_names_its_line",
            ),
            models.UniqueConstraint(
                fields=["agency", "effective_on", "reason"],
                condition=Q(kind=EntryKind.AWARD),
                name="credit_entry_award_once",
            ),
            models.UniqueConstraint(
                fields=["agency", "effective_on"],
                condition=Q(kind=EntryKind.RESTORE),
                name="credit_entry_restore_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["agency"],
                condition=Q(kind=EntryKind.OPENING),
                name="credit_entry_one_opening",
            ),
            models.UniqueConstraint(
                fields=["violation"],
                condition=Q(kind=EntryKind.DEDUCTION),
                name="credit_entry_one_deduction_per_violation",
            ),
        ]
        indexes = [models.Index(fields=["agency", "effective_on"], name="credit_entry_by_day")]

    def __str__(self) -> str:
        return f"{self.agency_id}#{self.number} {self.kind} {self.points:+d}"
