"""The Star Source plan: selected creators, their first live day, and what supports them."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import StarPhase
from agencies.models.creator import Creator


class StarPlan(models.Model):
    """A creator in the plan, from selection until they leave it (S, docs/rules.md §10).

    Phases follow from the newest anchor and are never stored; `told_phase` is the one that was
    told last, so that the begin of each is told once.
    """

    creator = models.ForeignKey(
        Creator, models.PROTECT, related_name="star_plans", verbose_name=_("creator")
    )
    selected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("selected by")
    )
    selected_at = models.DateTimeField(_("selected at"))
    reason = models.CharField(_("why selected"), max_length=500, blank=True, db_default="")
    told_phase = models.CharField(max_length=11, blank=True, db_default="", editable=False)
    left_on = models.DateField(_("left on"), null=True)
    left_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    leave_reason = models.CharField(_("why left"), max_length=500, blank=True, db_default="")

    class Meta:
        verbose_name = _("creator in the Star Source plan")
        verbose_name_plural = _("creators in the Star Source plan")
        ordering = ["-id"]
        permissions = [("manage_star_source", _("Can run the Star Source plan"))]
        constraints = [
            models.UniqueConstraint(
                fields=["creator"], condition=Q(left_on=None), name="star_plan_one_per_creator"
            ),
            models.CheckConstraint(
                condition=Q(left_on=None, left_by=None, leave_reason="")
                | (Q(left_on__isnull=False, left_by__isnull=False) & ~Q(leave_reason="")),
                name="star_plan_left_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creator_id}"


class StarAnchor(models.Model):
    """The first live day F of a plan and the days of its phases; the newest counts, all are kept.

    The days are those of the rulebook on the day it was set, so a new rulebook moves no plan.
    Half-open phases: preparation [F − preparation − trial, F − trial), trial up to F, development
    [F, F + development), mature after.
    """

    plan = models.ForeignKey(
        StarPlan, models.PROTECT, related_name="anchors", verbose_name=_("plan")
    )
    first_live_on = models.DateField(_("first live day"))
    preparation_days = models.PositiveSmallIntegerField(_("days of preparation"))
    trial_days = models.PositiveSmallIntegerField(_("days of trial"))
    development_days = models.PositiveSmallIntegerField(_("days of development"))
    reason = models.CharField(_("reason"), max_length=500, blank=True, db_default="")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("first live day")
        verbose_name_plural = _("first live days")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(preparation_days__gte=1, trial_days__gte=1, development_days__gte=1),
                name="star_anchor_phases_last",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="star_anchor_kept", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.first_live_on}"


class StarSupport(models.Model):
    """A point of a phase's checklist that was done; undone ones are kept with who took it back.

    `item` is a key of the checklists in `agencies.star_source`.
    """

    plan = models.ForeignKey(
        StarPlan, models.PROTECT, related_name="support", verbose_name=_("plan")
    )
    item = models.CharField(_("support"), max_length=40)
    note = models.CharField(_("note"), max_length=500, blank=True, db_default="")
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("done by")
    )
    done_at = models.DateTimeField(_("done at"))
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(_("taken back at"), null=True)

    class Meta:
        verbose_name = _("support given")
        verbose_name_plural = _("support given")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "item"], condition=Q(undone_at=None), name="star_support_done_once"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="star_support_taken_back_by",
            ),
        ]

    def __str__(self) -> str:
        return self.item


class StarIncentive(models.Model):
    """Traffic that the platform gave a creator in a phase (S, docs/rules.md §10).

    `amount` is in impressions; a wrong one is cancelled with a reason, never changed.
    """

    plan = models.ForeignKey(
        StarPlan, models.PROTECT, related_name="incentives", verbose_name=_("plan")
    )
    phase = models.CharField(_("phase"), max_length=11, choices=StarPhase)
    given_on = models.DateField(_("given on"))
    what = models.CharField(_("what"), max_length=200)
    amount = models.PositiveBigIntegerField(_("impressions"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    cancel_reason = models.CharField(_("why cancelled"), max_length=500, blank=True, db_default="")
    request_key = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("traffic incentive")
        verbose_name_plural = _("traffic incentives")
        ordering = ["-given_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(phase__in=StarPhase.values, amount__gte=1) & ~Q(what=""),
                name="star_incentive_says_what",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by=None, cancel_reason="")
                | (
                    Q(cancelled_at__isnull=False, cancelled_by__isnull=False) & ~Q(cancel_reason="")
                ),
                name="star_incentive_cancelled_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.what
