"""News of an agency on their way to its members by mail."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.enums import MailMode, Topic
from portal.models.carried import Carried
from portal.models.outbox import OutboxEntry


class NewsMail(Carried):
    """One piece of news for one person; those of a person's `digest_on` go in one mail.

    `digest_on` is the day (Asia/Shanghai) of the mail that gathers them, empty for news that go at
    once. The mail's Message-ID follows from its first row, so a mail that is sent again on request
    is the same mail.
    """

    entry = models.ForeignKey(
        OutboxEntry, models.CASCADE, related_name="mails", verbose_name=_("news")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="news_mails", verbose_name=_("to")
    )
    digest_on = models.DateField(_("in the mail of"), null=True)
    at = models.DateTimeField(_("at"))

    class Meta(Carried.Meta):
        abstract = False
        verbose_name = _("news by mail")
        verbose_name_plural = _("news by mail")
        ordering = ["-id"]
        constraints = [
            *Carried.Meta.constraints,
            models.UniqueConstraint(fields=["entry", "user"], name="news_mail_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state="waiting"),
                name="news_mail_waiting",
            ),
            models.Index(
                fields=["-id"],
                condition=Q(state__in=["sending", "undelivered"]),
                name="news_mail_stuck",
            ),
            models.Index(
                fields=["user", "digest_on"],
                condition=Q(digest_on__isnull=False),
                name="news_mail_by_digest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} → {self.user_id}"


class MailPreference(models.Model):
    """How a person wants the news of a topic by mail; without a row the topic's default holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="mail_preferences",
        verbose_name=_("person"),
    )
    topic = models.CharField(_("topic"), max_length=11, choices=Topic)
    mode = models.CharField(_("by mail"), max_length=7, choices=MailMode)

    class Meta:
        verbose_name = _("choice of mail")
        verbose_name_plural = _("choices of mail")
        ordering = ["user", "topic"]
        constraints = [
            models.UniqueConstraint(fields=["user", "topic"], name="mail_preference_once"),
            models.CheckConstraint(
                condition=Q(topic__in=Topic.values, mode__in=MailMode.values),
                name="mail_preference_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}: {self.mode}"
