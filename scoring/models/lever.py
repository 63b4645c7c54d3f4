"""What the platform advises for each lever, in both languages."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.models.tracking import tracked
from scoring.enums import LeverKey


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class LeverText(models.Model):
    """The advice for one lever of the guidance (S, docs/rules.md §11); edited in the admin.

    Bodies are plain text: paragraphs are parted by an empty line, list items begin with "- ".
    """

    key = models.CharField(_("lever"), max_length=20, choices=LeverKey, unique=True)
    position = models.PositiveSmallIntegerField(_("position"))
    title_zh = models.CharField(_("title (Chinese)"), max_length=100)
    title_en = models.CharField(_("title (English)"), max_length=100)
    body_zh = models.TextField(_("text (Chinese)"), max_length=5000)
    body_en = models.TextField(_("text (English)"), max_length=5000)

    class Meta:
        verbose_name = _("guidance text")
        verbose_name_plural = _("guidance texts")
        ordering = ["position", "key"]
        constraints = [
            models.CheckConstraint(condition=Q(key__in=LeverKey.values), name="lever_key_known"),
        ]

    def __str__(self) -> str:
        return self.title_en
