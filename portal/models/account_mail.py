"""Mails about a person's account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class MailKind(models.TextChoices):
    PASSWORD_FORGOTTEN = "password_forgotten", _("Link to set a password")
    PASSWORD_CHANGED = "password_changed", _("Password was changed")
    FACTOR_ADDED = "factor_added", _("Second factor was set up")
    FACTOR_REMOVED = "factor_removed", _("Second factor was removed")
    CODES_REFUSED = "codes_refused", _("Several codes were wrong")
    ADDRESS_CHANGED = "address_changed", _("E-mail address was changed")


class AccountMail(models.Model):
    """A mail to send; a wish for a new password is kept whoever has the address, or nobody.

    So a visitor cannot tell by the answer or its time whether an address has an account, and the
    wishes of the last hour can be counted. `address` is the network address that a wish came
    from. Settled once `next_attempt_at` is empty; `sent_at` says whether a mail went.
    """

    kind = models.CharField(_("kind"), max_length=18, choices=MailKind)
    email = models.EmailField(_("e-mail"))
    address = models.GenericIPAddressField(_("network address"), null=True)
    at = models.DateTimeField(_("at"))
    attempts = models.PositiveIntegerField(_("attempts"), db_default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, db_default="")

    class Meta:
        verbose_name = _("mail about an account")
        verbose_name_plural = _("mails about accounts")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=MailKind.values), name="account_mail_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="account_mail_lower_case"
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(next_attempt_at=None), name="account_mail_sent_once"
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="account_mail_by_time"),
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(next_attempt_at__isnull=False),
                name="account_mail_to_send",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.email}"
