"""Versions of the rulebook, stored as the text that was imported."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scoring.enums import RulebookState
from scoring.rulebook import Rulebook, parse


@lru_cache(maxsize=32)
def _parsed(text: str) -> Rulebook:
    return parse(text)


class RulebookVersionQuerySet(models.QuerySet["RulebookVersion"]):
    def in_force(self) -> RulebookVersionQuerySet:
        """The versions that are in force, each from its month on."""
        return self.filter(state=RulebookState.IN_FORCE)

    def for_month(self, month: date) -> RulebookVersion:
        """The one version in force for the month (its first day): the latest that has begun.

        Raises RulebookVersion.DoesNotExist where none has begun by then.
        """
        found = (
            self.in_force().filter(effective_from__lte=month).order_by("-effective_from").first()
        )
        if found is None:
            raise self.model.DoesNotExist(f"No rulebook is in force for {month:%Y-%m}.")
        return found


class RulebookVersion(models.Model):
    """One version of the rulebook; one in force never changes (docs/rules.md §12)."""

    version = models.CharField(_("version"), max_length=64, unique=True)
    effective_from = models.DateField(_("effective from"))
    state = models.CharField(
        _("state"), max_length=12, choices=RulebookState, db_default=RulebookState.DRAFT
    )
    text = models.TextField(_("text"))
    sha256 = models.CharField(_("content"), max_length=64)
    created_at = models.DateTimeField(_("stored at"))
    activated_at = models.DateTimeField(_("put in force at"), null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )

    objects = RulebookVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("rulebook version")
        verbose_name_plural = _("rulebook versions")
        ordering = ["-effective_from", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["effective_from"],
                condition=Q(state=RulebookState.IN_FORCE),
                name="rulebook_one_in_force_per_start",
            ),
            models.CheckConstraint(
                condition=Q(state__in=RulebookState.values), name="rulebook_state_known"
            ),
            models.CheckConstraint(
                condition=Q(effective_from__day=1), name="rulebook_starts_with_a_month"
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def rulebook(self) -> Rulebook:
        """The parsed rules; stored text was validated when it was imported."""
        return _parsed(self.text)
