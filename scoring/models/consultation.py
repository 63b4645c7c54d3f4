"""What agencies say about rules before they count."""

from __future__ import annotations

from datetime import datetime, timedelta

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from agencies.models.tracking import tracked
from scoring.models.rulebook_version import RulebookVersion

SHORTEST = timedelta(days=7)  # P, docs/rules.md §12


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def open_at(self, at: datetime) -> ConsultationQuerySet:
        """Those that take comments at a moment."""
        return self.filter(opens_at__lte=at, closes_at__gt=at, closed_at=None)


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Consultation(models.Model):
    """The comment period of one rulebook version (S, P, docs/rules.md §12).

    It takes comments on [opens_at, closes_at); `closed_at` is when its summary was published.
    `compared_with` is the version whose difference is shown, for good.
    """

    version = models.OneToOneField(
        RulebookVersion, models.PROTECT, related_name="consultation", verbose_name=_("rulebook")
    )
    compared_with = models.ForeignKey(
        RulebookVersion, models.PROTECT, related_name="+", verbose_name=_("compared with")
    )
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    reasons_zh = models.TextField(_("reasons (Chinese)"), max_length=5000)
    reasons_en = models.TextField(_("reasons (English)"), max_length=5000)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    summary_zh = models.TextField(_("summary (Chinese)"), max_length=5000, blank=True)
    summary_en = models.TextField(_("summary (English)"), max_length=5000, blank=True)
    closed_at = models.DateTimeField(_("summary published at"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("summary by"),
    )

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__gte=F("opens_at") + SHORTEST),
                name="consultation_at_least_seven_days",
            ),
            models.CheckConstraint(
                condition=~Q(reasons_zh="") & ~Q(reasons_en=""),
                name="consultation_gives_reasons",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, summary_zh="", summary_en="")
                | (
                    Q(closed_at__isnull=False, closed_at__gte=F("closes_at"))
                    & Q(closed_by__isnull=False)
                    & ~Q(summary_zh="")
                    & ~Q(summary_en="")
                ),
                name="consultation_closed_with_summary",
            ),
            models.CheckConstraint(
                condition=~Q(version=F("compared_with")), name="consultation_compares_two"
            ),
        ]

    def __str__(self) -> str:
        return str(self.version)


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ConsultationComment(models.Model):
    """What an agency says about one clause of a draft, and what the platform answers.

    `clause` is the stable anchor of the rules pages, empty for the draft as a whole. The public
    sees a comment with its answer once that is published, never who wrote it.
    """

    consultation = models.ForeignKey(
        Consultation, models.PROTECT, related_name="comments", verbose_name=_("consultation")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="comments", verbose_name=_("agency")
    )
    clause = models.CharField(_("clause"), max_length=100, blank=True, db_default="")
    text = models.TextField(_("comment"), max_length=2000)
    at = models.DateTimeField(_("written at"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    answer_zh = models.TextField(_("answer (Chinese)"), max_length=2000, blank=True)
    answer_en = models.TextField(_("answer (English)"), max_length=2000, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("answered by"),
    )

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer_zh="", answer_en="")
                | (
                    Q(answered_at__isnull=False, answered_by__isnull=False)
                    & ~Q(answer_zh="")
                    & ~Q(answer_en="")
                ),
                name="comment_answered_in_both_languages",
            ),
            # the same text twice is a form that was sent twice
            models.UniqueConstraint(
                fields=["consultation", "agency", "clause", "text"], name="comment_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.clause}"
