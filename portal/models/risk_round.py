"""How far the look at all agencies' risks has come."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RiskRound(models.Model):
    """A look at all agencies with a level, once a day at most, for what puts it at risk.

    It goes on in slices: agencies up to the id `through` were looked at. `month` and
    `data_through` are those of the newest projections when it began; without newer facts there is
    no other round.
    """

    day = models.DateField(_("day"), unique=True)
    month = models.DateField(_("data month"))
    data_through = models.DateField(_("data through"))
    through = models.BigIntegerField(db_default=0)
    is_done = models.BooleanField(_("done"), db_default=False)

    class Meta:
        verbose_name = _("look at risks")
        verbose_name_plural = _("looks at risks")
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(month__day=1, data_through__gte=models.F("month")),
                name="risk_round_within_its_month",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}"
