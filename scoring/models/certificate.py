"""Certificates that anybody can check."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from scoring.models.evaluation import Evaluation


class Certificate(models.Model):
    """An agency's level in one published month, checkable by its code (D).

    Level and name are those of the publication; whether it is still valid is not stored but
    follows from the newest publication and from the agency (`scoring.queries.certificates`).
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="certificates", verbose_name=_("agency")
    )
    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, related_name="certificates", verbose_name=_("evaluation")
    )
    code = models.CharField(_("code"), max_length=16, unique=True, db_collation="C")
    name = models.CharField(_("name of the agency"), max_length=200)
    level = models.CharField(_("level"), max_length=8)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("issued by")
    )

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "evaluation"], name="certificate_once"),
            models.CheckConstraint(
                condition=Q(code__regex="^[0-9A-HJKMNP-TV-Z]{16}$"), name="certificate_code_form"
            ),
            models.CheckConstraint(condition=~Q(level=""), name="certificate_has_a_level"),
        ]

    def __str__(self) -> str:
        return self.code
