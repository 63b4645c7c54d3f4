"""Wishes to bind and to part, and the links by which creators answer."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.enums import BindingRequestState, LinkPurpose, Side, UnbindingState
from agencies.models.agency import Agency
from agencies.models.creator import Binding, Creator
from agencies.models.tracking import tracked

OPEN_UNBINDING = [UnbindingState.ASKED, UnbindingState.OBJECTED, UnbindingState.CALLED_IN]


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class BindingRequest(models.Model):
    """An agency asks for a creator; the creator confirms by a link (D, docs/rules.md §9)."""

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="binding_requests", verbose_name=_("agency")
    )
    creator = models.ForeignKey(
        Creator, models.PROTECT, related_name="binding_requests", verbose_name=_("creator")
    )
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=BindingRequestState,
        db_default=BindingRequestState.ASKED,
    )
    message = models.CharField(_("message to the creator"), max_length=500, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"))
    expires_at = models.DateTimeField(_("expires at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    binding = models.OneToOneField(
        Binding,
        models.SET_NULL,
        null=True,
        related_name="request",
        verbose_name=_("binding"),
    )

    class Meta:
        verbose_name = _("binding request")
        verbose_name_plural = _("binding requests")
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=BindingRequestState.values),
                name="binding_request_state_known",
            ),
            models.UniqueConstraint(
                fields=["agency", "creator"],
                condition=Q(state=BindingRequestState.ASKED),
                name="binding_request_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state=BindingRequestState.ASKED, closed_at=None)
                | (~Q(state=BindingRequestState.ASKED) & Q(closed_at__isnull=False)),
                name="binding_request_closed_unless_asked",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")), name="binding_request_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} · {self.creator}"


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Unbinding(models.Model):
    """One side's wish to part; without an answer it happens on `silent_on` (P, §9)."""

    binding = models.ForeignKey(
        Binding, models.CASCADE, related_name="unbindings", verbose_name=_("binding")
    )
    side = models.CharField(_("asked by"), max_length=8, choices=Side)
    state = models.CharField(
        _("state"), max_length=12, choices=UnbindingState, db_default=UnbindingState.ASKED
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    objection = models.CharField(_("reason of the refusal"), max_length=500, blank=True)
    decision = models.CharField(_("reason of the decision"), max_length=500, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("member"),
    )
    asked_at = models.DateTimeField(_("asked at"))
    silent_on = models.DateField(_("silence counts on"))
    called_in_at = models.DateTimeField(_("platform called in at"), null=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)

    class Meta:
        verbose_name = _("unbinding")
        verbose_name_plural = _("unbindings")
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=UnbindingState.values), name="unbinding_state_known"
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="unbinding_side_known"),
            models.UniqueConstraint(
                fields=["binding"],
                condition=Q(state__in=OPEN_UNBINDING),
                name="unbinding_open_once",
            ),
            models.CheckConstraint(
                condition=(Q(state__in=OPEN_UNBINDING, closed_at=None))
                | (~Q(state__in=OPEN_UNBINDING) & Q(closed_at__isnull=False)),
                name="unbinding_closed_unless_open",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[UnbindingState.OBJECTED, UnbindingState.CALLED_IN])
                | ~Q(objection=""),
                name="unbinding_refused_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.binding} · {self.get_side_display()}"


class CreatorLink(models.Model):
    """A link that only the creator gets: signed, expiring, used once.

    The address carries a signature over `nonce`; the row decides whether it still opens a door.
    """

    creator = models.ForeignKey(
        Creator, models.PROTECT, related_name="links", verbose_name=_("creator")
    )
    purpose = models.CharField(_("purpose"), max_length=8, choices=LinkPurpose)
    request = models.ForeignKey(
        BindingRequest, models.PROTECT, null=True, related_name="links", verbose_name=_("request")
    )
    unbinding = models.ForeignKey(
        Unbinding, models.CASCADE, null=True, related_name="links", verbose_name=_("unbinding")
    )
    nonce = models.UUIDField(unique=True, editable=False)
    created_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("creator's link")
        verbose_name_plural = _("creators' links")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose=LinkPurpose.CONFIRM, request__isnull=False, unbinding=None)
                | Q(purpose=LinkPurpose.ANSWER, request=None, unbinding__isnull=False)
                | Q(purpose=LinkPurpose.LEAVE, request=None, unbinding=None),
                name="creator_link_for_its_purpose",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="creator_link_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.creator} · {self.get_purpose_display()}"
