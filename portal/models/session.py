"""Where a person is signed in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from portal.models.user import User


class PortalSession(AbstractBaseSession):
    """A session that knows whose it is, so that people see and end their own.

    `portal.sessions` fills person, time, program and address in from the session's content.
    """

    user = models.ForeignKey(
        User, models.CASCADE, null=True, related_name="sessions", verbose_name=_("user")
    )
    signed_in_at = models.DateTimeField(_("signed in at"), null=True)
    program = models.CharField(_("program"), max_length=300, blank=True, db_default="")
    address = models.GenericIPAddressField(_("network address"), null=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-signed_in_at"]

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_string(f"{settings.SESSION_ENGINE}.SessionStore")
