"""Trying a version of the rules on months that are over, without touching them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import Stage
from agencies.models import Agency
from scoring.enums import BackTestState
from scoring.models.rulebook_version import RulebookVersion

# Another level, or another stage: who a change of the rules moves.
MOVED = ~Q(level=F("level_before"), stage=F("stage_before"))


class BackTest(models.Model):
    """A version of the rules over some published months; the row is the truth of the job.

    `text` is the version's text as it was asked for: a draft may change afterwards. `revisions`
    maps each month (YYYY-MM) to the evaluation that was re-scored. `attempt` numbers the claims
    and fences the writes; `summary` holds the figures of the page (`scoring.backtests.summary`).
    """

    version = models.ForeignKey(
        RulebookVersion, models.CASCADE, related_name="back_tests", verbose_name=_("rulebook")
    )
    text = models.TextField(_("text"))
    sha256 = models.CharField(_("content"), max_length=64)
    months = ArrayField(models.DateField(), verbose_name=_("months"))
    revisions = models.JSONField(_("revisions"), default=dict)
    state = models.CharField(
        _("state"), max_length=8, choices=BackTestState, db_default=BackTestState.ASKED
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"))
    attempt = models.PositiveIntegerField(_("attempt"), db_default=0)
    claimed_at = models.DateTimeField(_("claimed at"), null=True)
    progress = models.PositiveSmallIntegerField(_("progress (%)"), db_default=0)
    error = models.CharField(_("last error"), max_length=300, blank=True, db_default="")
    ready_at = models.DateTimeField(_("ready at"), null=True)
    summary = models.JSONField(_("summary"), default=dict)

    class Meta:
        verbose_name = _("back-test")
        verbose_name_plural = _("back-tests")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=BackTestState.values), name="back_test_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=BackTestState.READY) | Q(ready_at__isnull=False),
                name="back_test_ready_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state=BackTestState.RUNNING)
                | Q(attempt__gte=1, claimed_at__isnull=False),
                name="back_test_running_is_claimed",
            ),
            models.CheckConstraint(condition=Q(months__len__gte=1), name="back_test_has_months"),
        ]

    def __str__(self) -> str:
        return f"{self.version} #{self.pk}"


class BackTestResult(models.Model):
    """What one agency would have got in one month; written by COPY with its back-test.

    The real result is the assessment of the evaluation that was re-scored. Ranks are those of
    both boards as they would have been, None without a place. `moved_by` is the indicator whose
    points changed most, empty where none did.
    """

    # without indexes of their own: results come by the hundred thousand and are read by back-test
    back_test = models.ForeignKey(
        BackTest,
        models.CASCADE,
        related_name="results",
        db_index=False,
        verbose_name=_("back-test"),
    )
    month = models.DateField(_("data month"))
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="+", db_index=False, verbose_name=_("agency")
    )
    stage_before = models.CharField(max_length=16, choices=Stage)
    level_before = models.CharField(max_length=8, blank=True)
    total_before = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    stage = models.CharField(_("stage"), max_length=16, choices=Stage)
    level = models.CharField(_("level"), max_length=8, blank=True)
    total = models.DecimalField(_("total"), max_digits=7, decimal_places=2, null=True)
    points = models.JSONField(_("points by indicator"), default=dict)
    moved_by = models.CharField(_("moved by"), max_length=32, blank=True)
    strength_before = models.PositiveIntegerField(null=True)
    strength = models.PositiveIntegerField(null=True)
    growth_before = models.PositiveIntegerField(null=True)
    growth = models.PositiveIntegerField(null=True)
    creators = models.PositiveIntegerField(_("bound creators"), null=True)

    class Meta:
        verbose_name = _("result of a back-test")
        verbose_name_plural = _("results of back-tests")
        ordering = ["back_test_id", "month", "agency_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["back_test", "month", "agency"], name="back_test_result_once"
            ),
        ]
        indexes = [
            models.Index(
                F("back_test"),
                F("month").desc(),
                F("total") - F("total_before"),
                name="back_test_movers",
                condition=MOVED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.back_test_id} {self.month:%Y-%m} {self.agency_id}"
