"""Frozen results: what an agency got, and what each creator brought."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import Stage
from agencies.models import Agency, Creator
from scoring.models.evaluation import Evaluation


class Assessment(models.Model):
    """One agency's result in one evaluation; written by COPY, never updated.

    `totals` holds the integer sums that decided (cents, counts, minutes), `indicators` maps each
    key to {"value", "points", "percentile"} as decimal strings or null. Novices have neither
    points nor indicators.

    `contested` are the deductions in `credit` that were under an undecided appeal when the month
    was frozen, `level_before` last month's level where there were any; `held` says that the level
    is held because of them (D, docs/rules.md §8; `scoring.points.held_level`).
    """

    evaluation = models.ForeignKey(
        Evaluation, models.CASCADE, related_name="assessments", verbose_name=_("evaluation")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="assessments", verbose_name=_("agency")
    )
    stage = models.CharField(_("stage"), max_length=16, choices=Stage)
    level = models.CharField(_("level"), max_length=8, blank=True, db_default="")
    credit = models.IntegerField(_("credit"))
    contested = models.PositiveIntegerField(_("points under appeal"), db_default=0)
    level_before = models.CharField(_("level before"), max_length=8, blank=True, db_default="")
    held = models.BooleanField(_("fall held"), db_default=False)
    operating = models.DecimalField(_("operating power"), max_digits=7, decimal_places=2, null=True)
    growth = models.DecimalField(_("growth power"), max_digits=7, decimal_places=2, null=True)
    service = models.DecimalField(_("service power"), max_digits=7, decimal_places=2, null=True)
    bonus = models.DecimalField(_("bonus"), max_digits=7, decimal_places=2, null=True)
    total = models.DecimalField(_("total"), max_digits=7, decimal_places=2, null=True)
    totals = models.JSONField(_("input totals"), default=dict)
    indicators = models.JSONField(_("indicators"), default=dict)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ["evaluation_id", "agency_id"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "agency"], name="assessment_once"),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="assessment_stage_known"
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.ASSESSED, total__isnull=False) & ~Q(level="")
                | Q(stage=Stage.OBSERVATION, total__isnull=False, level="")
                | Q(stage=Stage.NOVICE, total__isnull=True, level=""),
                name="assessment_level_and_points_by_stage",
            ),
            models.CheckConstraint(
                condition=Q(held=False)
                | (Q(stage=Stage.ASSESSED, contested__gt=0) & ~Q(level_before="")),
                name="assessment_held_by_an_appeal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation} {self.agency_id} {self.level or self.stage}"


class CreatorContribution(models.Model):
    """What one creator brought to one agency in one evaluation.

    The table is partitioned by evaluation, so that a superseded one is dropped whole; rows are
    loaded into a partition that is attached when the evaluation is computed. Amounts are cents,
    reputation is in hundredths; level and reputation are the latest on attributed days.
    """

    pk = models.CompositePrimaryKey("evaluation_id", "agency_id", "creator_id")
    evaluation = models.ForeignKey(Evaluation, models.DO_NOTHING, related_name="contributions")
    agency = models.ForeignKey(Agency, models.DO_NOTHING, related_name="+")
    creator = models.ForeignKey(Creator, models.DO_NOTHING, related_name="+")
    bound_days = models.PositiveSmallIntegerField()
    bound_on_last_day = models.BooleanField()
    settled_cents = models.BigIntegerField()
    showcase_cents = models.BigIntegerField()
    good_goods_cents = models.BigIntegerField()
    settled_orders = models.BigIntegerField()
    worry_free_orders = models.BigIntegerField()
    live_minutes = models.IntegerField()
    level = models.SmallIntegerField(null=True)
    reputation = models.SmallIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "scoring_creatorcontribution"

    def __str__(self) -> str:
        return f"{self.evaluation_id}/{self.agency_id}/{self.creator_id}"
