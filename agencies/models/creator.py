"""Creators and their bindings to agencies."""

from __future__ import annotations

from datetime import date

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from agencies.models.agency import CODE_PATTERN, Agency
from agencies.models.tracking import tracked


class Creator(models.Model):
    """A creator (达人), or only its id while no creators file has introduced it.

    The primary key is the integer that the fact files carry instead of the id, so a row exists for
    every creator id that any file ever named: facts may arrive before the creator does.
    """

    id = models.BigAutoField(primary_key=True)
    creator_id = models.CharField(_("creator id"), max_length=32, unique=True, db_collation="C")
    nickname = models.CharField(_("nickname"), max_length=200, blank=True, db_default="")
    introduced_on = models.DateField(_("introduced on"), null=True, editable=False)
    followers = models.PositiveBigIntegerField(_("followers"), null=True, blank=True)
    followers_on = models.DateField(_("followers as of"), null=True, blank=True)
    contact = models.EmailField(_("contact"), blank=True, db_default="")

    class Meta:
        verbose_name = _("creator")
        verbose_name_plural = _("creators")
        ordering = ["creator_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(creator_id__regex=CODE_PATTERN), name="creator_id_form"
            ),
            models.CheckConstraint(
                condition=Q(followers__isnull=True, followers_on__isnull=True)
                | Q(followers__isnull=False, followers_on__isnull=False),
                name="creator_followers_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nickname} ({self.creator_id})" if self.nickname else self.creator_id


class BindingQuerySet(models.QuerySet["Binding"]):
    def not_over_on(self, day: date) -> BindingQuerySet:
        """Bindings that hold on the day or begin later: the ones that a cap counts."""
        return self.filter(Q(bound_until=None) | Q(bound_until__gt=day))


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Binding(models.Model):
    """A creator bound to an agency on the days [bound_from, bound_until) (docs/rules.md §9)."""

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="bindings", verbose_name=_("agency")
    )
    creator = models.ForeignKey(
        Creator, models.PROTECT, related_name="bindings", verbose_name=_("creator")
    )
    bound_from = models.DateField(_("bound from"))
    bound_until = models.DateField(_("bound until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = BindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("binding")
        permissions = [("manage_binding", _("Can bind, unbind and transfer creators"))]
        verbose_name_plural = _("bindings")
        ordering = ["creator_id", "bound_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(bound_until__isnull=True) | Q(bound_until__gt=F("bound_from")),
                name="binding_not_empty",
            ),
            ExclusionConstraint(
                name="binding_one_agency_per_creator_day",
                expressions=[
                    ("creator", RangeOperators.EQUAL),
                    (
                        Func(
                            "bound_from",
                            "bound_until",
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creator} · {self.agency} · {self.bound_from}"
