"""What the month would give if it ended with its newest facts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from scoring.models.rulebook_version import RulebookVersion


class ProjectionRun(models.Model):
    """One computation of all projections; the newest one is what pages show.

    `inputs` says what it was computed from: projections are due again once that changed. `days`
    is how many days up to `data_through` had facts: fewer than there are where some are missing.
    A run is written whole or not at all, so there is no state.
    """

    month = models.DateField(_("data month"))
    data_through = models.DateField(_("data through"))
    days = models.PositiveSmallIntegerField(_("days with facts"))
    rulebook = models.ForeignKey(
        RulebookVersion, models.PROTECT, related_name="+", verbose_name=_("rulebook")
    )
    inputs = models.CharField(_("inputs"), max_length=64)
    computed_at = models.DateTimeField(_("computed"))

    class Meta:
        verbose_name = _("computation of projections")
        verbose_name_plural = _("computations of projections")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(month__day=1, data_through__gte=models.F("month")),
                name="projection_run_within_its_month",
            ),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=models.F("data_through__day")),
                name="projection_run_has_days_with_facts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} through {self.data_through}"


class Projection(models.Model):
    """The newest projection of one agency; written by COPY, replaced as a whole by the next run.

    Points, `totals` and `indicators` are shaped as in `Assessment` (percentiles compare with the
    agencies that would be assessed); all empty for a novice. Stage and level are not stored: they
    follow from the points and from the credit of the day (docs/rules.md §4 "Projection").
    """

    agency = models.OneToOneField(
        Agency,
        models.CASCADE,
        primary_key=True,
        related_name="projection",
        verbose_name=_("agency"),
    )
    run = models.ForeignKey(
        ProjectionRun, models.CASCADE, related_name="projections", verbose_name=_("computation")
    )
    operating = models.DecimalField(_("operating power"), max_digits=7, decimal_places=2, null=True)
    growth = models.DecimalField(_("growth power"), max_digits=7, decimal_places=2, null=True)
    service = models.DecimalField(_("service power"), max_digits=7, decimal_places=2, null=True)
    bonus = models.DecimalField(_("bonus"), max_digits=7, decimal_places=2, null=True)
    total = models.DecimalField(_("total"), max_digits=7, decimal_places=2, null=True)
    totals = models.JSONField(_("input totals"), default=dict)
    indicators = models.JSONField(_("indicators"), default=dict)

    class Meta:
        verbose_name = _("projection")
        verbose_name_plural = _("projections")
        ordering = ["agency_id"]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.total}"
