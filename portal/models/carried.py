"""What all tables have in common whose rows are carried to a reader outside the portal."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.enums import CarriedState

STATES_AND_TIMES = (
    Q(state=CarriedState.WAITING, next_attempt_at__isnull=False, claimed_at=None, sent_at=None)
    | Q(state=CarriedState.SENDING, next_attempt_at=None, claimed_at__isnull=False, sent_at=None)
    | Q(state=CarriedState.SENT, next_attempt_at=None, claimed_at=None, sent_at__isnull=False)
    | Q(
        state__in=[CarriedState.UNDELIVERED, CarriedState.DROPPED],
        next_attempt_at=None,
        claimed_at=None,
        sent_at=None,
    )
)


class Carried(models.Model):
    """Carried once, or visibly not at all.

    1. WAITING rows are claimed by a committed change to SENDING before anything leaves the house.
    2. What the other side refused is WAITING again after a pause, or UNDELIVERED for good.
    3. A row whose carrier died, or whose other side fell silent after it had the whole message,
       is UNDELIVERED: nobody knows whether it arrived, so a person decides whether it goes again.
    """

    state = models.CharField(
        _("delivery"), max_length=11, choices=CarriedState, db_default=CarriedState.WAITING
    )
    attempts = models.PositiveIntegerField(_("attempts"), db_default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, db_default=Now())
    claimed_at = models.DateTimeField(_("on its way since"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, db_default="")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CarriedState.values), name="%(class)s_delivery_known"
            ),
            models.CheckConstraint(condition=STATES_AND_TIMES, name="%(class)s_delivery_dated"),
        ]
