"""Versions of the rulebook, stored as the text that was imported."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models.tracking import tracked
from scoring.enums import RulebookState
from scoring.rulebook import Rulebook, parse

# Counts for its months: a scheduled one does so by itself once its first month has come.
COUNTING = [RulebookState.SCHEDULED, RulebookState.IN_FORCE]
NOT_DRAFT = [state for state in RulebookState.values if state != RulebookState.DRAFT]


@lru_cache(maxsize=32)
def _parsed(text: str) -> Rulebook:
    return parse(text)


class RulebookVersionQuerySet(models.QuerySet["RulebookVersion"]):
    def in_force(self) -> RulebookVersionQuerySet:
        """The versions that are or will be in force, each from its month on.

        A scheduled one counts from its first month by itself, whether the clock wrote down that it
        is in force or not.
        """
        return self.filter(state__in=COUNTING)

    def public(self, at: datetime) -> RulebookVersionQuerySet:
        """Those whose text everybody may read at a moment, for good (P, docs/rules.md §12).

        All that count or counted, and all that agencies were asked about; a draft is nobody's.
        """
        return self.filter(
            Q(state__in=COUNTING)
            | Q(state=RulebookState.RETIRED)
            | Q(consultation__opens_at__lte=at)
        )

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


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class RulebookVersion(models.Model):
    """One version of the rulebook; only a draft ever changes (docs/rules.md §12).

    On the web one person proposes to put it in force and another approves; the command is an
    operator's audited act and leaves both empty. `activated_at` is when that was decided;
    `retired_at` is set on one that was withdrawn, or replaced by another of the same first month.
    """

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
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    proposed_at = models.DateTimeField(_("proposed at"), null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)
    retired_at = models.DateTimeField(_("retired at"), null=True)

    objects = RulebookVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("rulebook version")
        verbose_name_plural = _("rulebook versions")
        ordering = ["-effective_from", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["effective_from"],
                condition=Q(state__in=COUNTING),
                name="rulebook_one_in_force_per_start",
            ),
            models.CheckConstraint(
                condition=Q(state__in=RulebookState.values), name="rulebook_state_known"
            ),
            models.CheckConstraint(
                condition=Q(effective_from__day=1), name="rulebook_starts_with_a_month"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | (
                    Q(approved_by__isnull=False, approved_at__isnull=False)
                    & Q(proposed_by__isnull=False)
                    & ~Q(approved_by=F("proposed_by"))
                ),
                name="rulebook_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by=None, proposed_at=None)
                | Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="rulebook_proposed_with_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=COUNTING) | Q(activated_at__isnull=False),
                name="rulebook_counting_was_activated",
            ),
        ]
        triggers = [
            # the text, its name and its first month are what people were shown and asked about
            pgtrigger.Protect(
                name="rulebook_text_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=NOT_DRAFT)
                & (
                    pgtrigger.Q(old__text__df=pgtrigger.F("new__text"))
                    | pgtrigger.Q(old__version__df=pgtrigger.F("new__version"))
                    | pgtrigger.Q(old__sha256__df=pgtrigger.F("new__sha256"))
                    | pgtrigger.Q(old__effective_from__df=pgtrigger.F("new__effective_from"))
                ),
            ),
            pgtrigger.Protect(
                name="rulebook_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=NOT_DRAFT),
            ),
        ]
        permissions = [
            ("manage_rulebook", _("Can draft rules, consult on them and put them in force")),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def rulebook(self) -> Rulebook:
        """The parsed rules; stored text was validated when it was imported."""
        return _parsed(self.text)


class RulebookWithdrawal(models.Model):
    """Why a version was given up before it counted, for everybody to read (D). Append-only.

    An operator may still put such a version in force by the command; then it can be withdrawn
    again, and the newest counts.
    """

    version = models.ForeignKey(
        RulebookVersion, models.PROTECT, related_name="withdrawals", verbose_name=_("rulebook")
    )
    reason_zh = models.CharField(_("reason (Chinese)"), max_length=500)
    reason_en = models.CharField(_("reason (English)"), max_length=500)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("withdrawal of a rulebook")
        verbose_name_plural = _("withdrawals of rulebooks")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason_zh="") & ~Q(reason_en=""),
                name="rulebook_withdrawal_gives_reasons",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="rulebook_withdrawal_kept", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return str(self.version)
