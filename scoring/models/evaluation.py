"""The evaluation of a month: a row that is asked for, claimed, computed and published."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scoring.enums import EvaluationState, Step
from scoring.models.fact_part import FactPart
from scoring.models.rulebook_version import RulebookVersion
from scoring.rulebook import Rulebook

OPEN = [EvaluationState.REQUESTED, EvaluationState.RUNNING, EvaluationState.COMPUTED]


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def published(self) -> EvaluationQuerySet:
        """What agencies see: one revision per month."""
        return self.filter(state=EvaluationState.PUBLISHED)

    def of_month(self, month: date) -> EvaluationQuerySet:
        """All revisions of the month, the newest first."""
        return self.filter(month=month).order_by("-revision")


class Evaluation(models.Model):
    """One revision of one data month (docs/rules.md §2; docs/adr/0002-evaluation-rows.md).

    `attempt` numbers the claims; every write of a run is fenced by it. `inputs` names the frozen
    snapshot files, `inputs_digest` what was frozen, `result_digest` what came out.
    """

    month = models.DateField(_("data month"))
    revision = models.PositiveIntegerField(_("revision"))
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=EvaluationState,
        db_default=EvaluationState.REQUESTED,
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True, db_default="")
    publish_when_computed = models.BooleanField(_("publish when computed"), db_default=False)
    requested_at = models.DateTimeField(_("requested"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("requested by"),
    )

    attempt = models.PositiveIntegerField(_("attempt"), db_default=0)
    failures = models.PositiveIntegerField(_("failures"), db_default=0)
    error = models.TextField(_("last error"), blank=True, db_default="")
    beat_at = models.DateTimeField(_("last sign of life"), null=True)
    step = models.CharField(_("step"), max_length=8, choices=Step, blank=True, db_default="")
    progress = models.PositiveSmallIntegerField(_("progress (%)"), db_default=0)

    rulebook = models.ForeignKey(
        RulebookVersion,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("rulebook"),
    )
    parts = models.ManyToManyField(FactPart, related_name="evaluations")
    inputs = models.JSONField(_("frozen inputs"), default=dict)
    inputs_digest = models.CharField(_("digest of the inputs"), max_length=64, db_default="")
    data_through = models.DateField(_("data through"), null=True)
    result_digest = models.CharField(_("digest of the result"), max_length=64, db_default="")
    started_at = models.DateTimeField(_("started"), null=True)
    computed_at = models.DateTimeField(_("computed"), null=True)

    gate = models.JSONField(_("gate report"), default=dict)
    published_at = models.DateTimeField(_("published"), null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    release_reason = models.CharField(
        _("reason of the release"), max_length=500, blank=True, db_default=""
    )
    stale_since = models.DateTimeField(_("inputs changed since"), null=True)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        ordering = ["-month", "-revision"]
        constraints = [
            models.UniqueConstraint(fields=["month", "revision"], name="evaluation_revision_once"),
            models.UniqueConstraint(
                fields=["month"],
                condition=Q(state=EvaluationState.PUBLISHED),
                name="evaluation_one_published_per_month",
            ),
            models.UniqueConstraint(
                fields=["month"],
                condition=Q(state__in=OPEN),
                name="evaluation_one_open_per_month",
            ),
            models.CheckConstraint(
                condition=Q(state__in=EvaluationState.values), name="evaluation_state_known"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="evaluation_month_first_day"),
            models.CheckConstraint(
                condition=~Q(state=EvaluationState.PUBLISHED)
                | (Q(published_at__isnull=False) & ~Q(result_digest="")),
                name="evaluation_published_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state=EvaluationState.RUNNING) | Q(attempt__gte=1),
                name="evaluation_running_has_attempt",
            ),
            models.CheckConstraint(
                condition=Q(failures__lte=F("attempt")), name="evaluation_failures_within_attempts"
            ),
        ]
        permissions = [
            ("publish_evaluation", _("Can publish evaluations")),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} r{self.revision}"

    @property
    def rules(self) -> Rulebook:
        """The rules that decided; RuntimeError before the inputs are frozen."""
        if self.rulebook is None:
            raise RuntimeError(f"The inputs of {self} are not frozen yet.")
        return self.rulebook.rulebook


class EvaluationEvent(models.Model):
    """A transition of an evaluation: what, when, who and why. Append-only."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="events")
    from_state = models.CharField(max_length=12, choices=EvaluationState, blank=True)
    to_state = models.CharField(max_length=12, choices=EvaluationState)
    attempt = models.PositiveIntegerField(db_default=0)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True, db_default="")

    class Meta:
        verbose_name = _("evaluation event")
        verbose_name_plural = _("evaluation events")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.evaluation_id}: {self.from_state} → {self.to_state}"
