"""The evaluation of a month: a row that is asked for, claimed, computed and published."""

from __future__ import annotations

from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from scoring.enums import Cause, EvaluationState, ReleaseState, Step
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

    `cause` says in a closed vocabulary why it was asked for, `reason` what a person wrote.

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
    cause = models.CharField(_("cause"), max_length=10, choices=Cause, db_default=Cause.ROUTINE)
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
            models.CheckConstraint(
                condition=Q(cause__in=Cause.values), name="evaluation_cause_known"
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


class StaleMark(models.Model):
    """Something that an evaluation uses changed after it was frozen. Append-only.

    `about` holds plain values that name it: the import, the case numbers, the rulebook version.
    Days are inclusive; without `last` the change has no end.
    """

    evaluation = models.ForeignKey(
        Evaluation, models.CASCADE, related_name="marks", verbose_name=_("evaluation")
    )
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    at = models.DateTimeField(_("at"))
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"), null=True)
    about = models.JSONField(_("about"), default=dict)

    class Meta:
        verbose_name = _("change of inputs")
        verbose_name_plural = _("changes of inputs")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cause__in=Cause.values), name="stale_mark_cause_known"
            ),
            models.CheckConstraint(
                condition=Q(last=None) | Q(last__gte=F("first")), name="stale_mark_days_in_order"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="stale_mark_kept", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation_id}: {self.cause}"


class GateRelease(models.Model):
    """A proposal to publish what the gate holds; another person confirms it (docs/rules.md §2).

    `result_digest` is the result that was proposed: another one needs another proposal.
    """

    evaluation = models.ForeignKey(
        Evaluation, models.CASCADE, related_name="releases", verbose_name=_("evaluation")
    )
    result_digest = models.CharField(_("digest of the result"), max_length=64)
    state = models.CharField(
        _("state"), max_length=10, choices=ReleaseState, db_default=ReleaseState.PROPOSED
    )
    reason = models.CharField(_("reason"), max_length=500)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    note = models.CharField(_("note"), max_length=500, blank=True, db_default="")

    class Meta:
        verbose_name = _("release of a held publication")
        verbose_name_plural = _("releases of held publications")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ReleaseState.values), name="gate_release_state_known"
            ),
            models.UniqueConstraint(
                fields=["evaluation"],
                condition=Q(state=ReleaseState.PROPOSED),
                name="gate_release_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state=ReleaseState.PROPOSED, decided_by=None, decided_at=None)
                | (
                    ~Q(state=ReleaseState.PROPOSED)
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="gate_release_decided_unless_proposed",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReleaseState.CONFIRMED) | ~Q(decided_by=F("proposed_by")),
                name="gate_release_by_two",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="gate_release_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.evaluation}: {self.state}"
