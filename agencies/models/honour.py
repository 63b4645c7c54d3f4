"""Titles that the platform grants, and notices by which the public learns of penalties."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies.enums import NoticeState
from agencies.models.agency import Agency
from agencies.models.tracking import tracked
from agencies.models.violation import Violation


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Title(models.Model):
    """A title like "agency of the year" (S, docs/rules.md §5); a measure may cancel it."""

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="titles", verbose_name=_("agency")
    )
    name_zh = models.CharField(_("name in Chinese"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100)
    granted_on = models.DateField(_("granted on"))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("granted by")
    )
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    class Meta:
        verbose_name = _("honorary title")
        verbose_name_plural = _("honorary titles")
        ordering = ["-granted_on", "name_zh"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "name_zh", "granted_on"], name="title_granted_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("granted_on")),
                name="title_withdrawn_after_granting",
            ),
        ]

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name_zh


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class PublicNotice(models.Model):
    """A public notice of the penalties of a period 违规处罚公示 (S, docs/rules.md §8)."""

    title = models.CharField(_("title"), max_length=200)
    introduction = models.TextField(_("introduction"), max_length=2000, blank=True)
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    state = models.CharField(
        _("state"), max_length=12, choices=NoticeState, db_default=NoticeState.DRAFT
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("created"))
    published_at = models.DateTimeField(_("published at"), null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    request_key = models.UUIDField(unique=True, editable=False)

    class Meta:
        verbose_name = _("public notice")
        verbose_name_plural = _("public notices")
        ordering = ["-published_at", "-id"]
        permissions = [("publish_notice", _("Can write and publish public notices"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="public_notice_period"
            ),
            models.CheckConstraint(
                condition=Q(state=NoticeState.DRAFT, published_at=None)
                | Q(state=NoticeState.PUBLISHED, published_at__isnull=False),
                name="public_notice_published_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class NoticeEntry(models.Model):
    """A violation in a public notice, in the wording that the admin gave it.

    Name, kind and measures are frozen with the publication. `corrected_on` is set when the
    violation is revoked afterwards: the entry stays, visibly struck.
    """

    notice = models.ForeignKey(
        PublicNotice, models.CASCADE, related_name="entries", verbose_name=_("notice")
    )
    violation = models.ForeignKey(
        Violation, models.PROTECT, related_name="notice_entries", verbose_name=_("violation")
    )
    agency_name = models.CharField(_("agency"), max_length=200)
    wording = models.TextField(_("wording"), max_length=2000)
    measures = models.JSONField(_("measures"), default=list)
    applied = models.PositiveIntegerField(_("points taken"), db_default=0)
    corrected_on = models.DateField(_("corrected on"), null=True)

    class Meta:
        verbose_name = _("notice entry")
        verbose_name_plural = _("notice entries")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "violation"], name="notice_entry_once")
        ]

    def __str__(self) -> str:
        return f"{self.notice} · {self.agency_name}"
