"""What the house has to tell: written with the change it tells of, or not at all."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import News
from agencies.models import Agency, CreatorLink, Invitation
from portal.models.carried import Carried


class OutboxEntry(Carried):
    """News for an agency, shown in the portal, or a link that must reach a creator or an invited.

    `about` holds the plain values of the sentence, which is put into words for each reader. A link
    is carried itself; news are SENT once there is a mail for each member who wants one. `once`
    names what an agency is told a single time, however often it is looked at.
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, related_name="news", verbose_name=_("agency")
    )
    news = models.CharField(_("news"), max_length=24, choices=News, blank=True)
    about = models.JSONField(default=dict)
    creator_link = models.OneToOneField(
        CreatorLink,
        models.CASCADE,
        null=True,
        related_name="delivery",
        verbose_name=_("creator's link"),
    )
    invitation = models.OneToOneField(
        Invitation,
        models.CASCADE,
        null=True,
        related_name="delivery",
        verbose_name=_("invitation"),
    )
    at = models.DateTimeField(_("at"))
    once = models.CharField(max_length=120, blank=True, db_default="")

    class Meta(Carried.Meta):
        abstract = False
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-id"]
        constraints = [
            *Carried.Meta.constraints,
            models.UniqueConstraint(
                fields=["agency", "once"], condition=~Q(once=""), name="outbox_entry_told_once"
            ),
            models.CheckConstraint(
                condition=(
                    Q(agency__isnull=False, creator_link=None, invitation=None) & ~Q(news="")
                )
                | Q(agency=None, creator_link__isnull=False, invitation=None, news="")
                | Q(agency=None, creator_link=None, invitation__isnull=False, news=""),
                name="outbox_entry_for_one_reader",
            ),
            models.CheckConstraint(
                condition=Q(news__in=["", *News.values]), name="outbox_entry_news_known"
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-at", "-id"], name="outbox_by_agency"),
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state="waiting"),
                name="outbox_to_send",
            ),
            models.Index(
                fields=["-id"],
                condition=Q(state__in=["sending", "undelivered"]),
                name="outbox_stuck",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.news or 'link'} {self.at:%Y-%m-%d}"
