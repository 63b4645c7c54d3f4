"""Mails about a person's account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from portal.models.carried import Carried


class MailKind(models.TextChoices):
    PASSWORD_FORGOTTEN = "password_forgotten", _("Link to set a password")
    PASSWORD_CHANGED = "password_changed", _("Password was changed")
    FACTOR_ADDED = "factor_added", _("Second factor was set up")
    FACTOR_REMOVED = "factor_removed", _("Second factor was removed")
    CODES_REFUSED = "codes_refused", _("Several codes were wrong")
    ADDRESS_CHANGED = "address_changed", _("E-mail address was changed")


class AccountMail(Carried):
    """A mail to send; a wish for a new password is kept whoever has the address, or nobody.

    So a visitor cannot tell by the answer or its time whether an address has an account, and the
    wishes of the last hour can be counted. `address` is the network address that a wish came
    from. One for which no account is found is DROPPED.
    """

    kind = models.CharField(_("kind"), max_length=18, choices=MailKind)
    email = models.EmailField(_("e-mail"))
    address = models.GenericIPAddressField(_("network address"), null=True)
    at = models.DateTimeField(_("at"))

    class Meta(Carried.Meta):
        abstract = False
        verbose_name = _("mail about an account")
        verbose_name_plural = _("mails about accounts")
        ordering = ["-id"]
        constraints = [
            *Carried.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=MailKind.values), name="account_mail_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(email=Lower("email")), name="account_mail_lower_case"
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="account_mail_by_time"),
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state="waiting"),
                name="account_mail_to_send",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.email}"
