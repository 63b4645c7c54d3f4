"""City salons (S, docs/rules.md §11): programme, seats, who comes, what is left afterwards."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.models import Agency
from agencies.models.tracking import tracked
from portal.enums import EventState, SeatState
from portal.models.stored_file import StoredFile


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Event(models.Model):
    """A salon: where, when, for how many, and until when agencies register.

    `sequence` counts the changes that calendars must hear of. `most_per_agency` are seats and
    places in the waiting list together.
    """

    city_zh = models.CharField(_("city in Chinese"), max_length=60)
    city_en = models.CharField(_("city in English"), max_length=60)
    title_zh = models.CharField(_("title in Chinese"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120)
    text_zh = models.TextField(_("about it in Chinese"), max_length=5000, blank=True)
    text_en = models.TextField(_("about it in English"), max_length=5000, blank=True)
    venue_zh = models.CharField(_("venue in Chinese"), max_length=200)
    venue_en = models.CharField(_("venue in English"), max_length=200)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    register_until = models.DateTimeField(_("registration until"))
    seats = models.PositiveIntegerField(
        _("seats"), validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    most_per_agency = models.PositiveSmallIntegerField(
        _("people per agency"), default=2, validators=[MinValueValidator(1)]
    )
    state = models.CharField(
        _("state"), max_length=9, choices=EventState, db_default=EventState.DRAFT
    )
    sequence = models.PositiveIntegerField(db_default=0, editable=False)
    cancel_reason = models.CharField(_("reason"), max_length=500, blank=True, db_default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = pgettext_lazy("salon", "event")
        verbose_name_plural = pgettext_lazy("salons", "events")
        ordering = ["-starts_at", "-id"]
        permissions = [("manage_event", _("Can run events"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=EventState.values), name="event_state_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), register_until__lte=F("ends_at")),
                name="event_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(seats__gte=1, most_per_agency__gte=1), name="event_has_seats"
            ),
            models.CheckConstraint(
                condition=(Q(state="cancelled") & ~Q(cancel_reason=""))
                | (~Q(state="cancelled") & Q(cancel_reason="")),
                name="event_cancelled_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "starts_at"], name="event_by_day")]

    def __str__(self) -> str:
        return self.title_zh


class EventItem(models.Model):
    """A line of an event's programme, with who speaks, if anybody.

    `speaker_agency` is the agency that a speaker comes from, where it is one of the platform's.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="items")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    title_zh = models.CharField(_("title in Chinese"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200)
    speaker = models.CharField(_("speaker"), max_length=100, blank=True, db_default="")
    speaker_zh = models.CharField(_("who that is, in Chinese"), max_length=200, blank=True)
    speaker_en = models.CharField(_("who that is, in English"), max_length=200, blank=True)
    speaker_agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agency")
    )

    class Meta:
        verbose_name = _("line of the programme")
        verbose_name_plural = _("lines of the programme")
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="event_item_times_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.title_zh


class Registration(models.Model):
    """A person whom an agency sends; the order of the waiting list is that of `id`.

    `request_key` makes a form that is sent twice one registration.
    """

    event = models.ForeignKey(Event, models.PROTECT, related_name="registrations")
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="registrations", verbose_name=_("agency")
    )
    person = models.CharField(_("who comes"), max_length=60)
    phone = models.CharField(_("phone"), max_length=40)
    state = models.CharField(_("state"), max_length=9, choices=SeatState)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("registered by")
    )
    at = models.DateTimeField(_("registered at"))
    seated_at = models.DateTimeField(_("seat since"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    checked_in_at = models.DateTimeField(_("came at"), null=True)
    checked_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    request_key = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "agency", "phone"],
                condition=~Q(state="cancelled"),
                name="registration_once_per_person",
            ),
            models.CheckConstraint(
                condition=Q(state="seated", seated_at__isnull=False, cancelled_at=None)
                | Q(state="waiting", seated_at=None, cancelled_at=None)
                | Q(state="cancelled", cancelled_at__isnull=False),
                name="registration_state_dated",
            ),
            models.CheckConstraint(
                condition=Q(checked_in_at=None, checked_in_by=None)
                | Q(state="seated", checked_in_at__isnull=False, checked_in_by__isnull=False),
                name="registration_came_with_seat",
            ),
            models.CheckConstraint(
                condition=~Q(person="") & ~Q(phone=""), name="registration_names_person"
            ),
        ]
        indexes = [
            models.Index(fields=["event", "state", "id"], name="registration_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.person}"


class EventMaterial(StoredFile):
    """A file for the agencies afterwards: slides, notes."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="materials")
    title_zh = models.CharField(_("title in Chinese"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("added by")
    )
    at = models.DateTimeField(_("at"))

    class Meta(StoredFile.Meta):
        abstract = False
        verbose_name = _("material of an event")
        verbose_name_plural = _("materials of events")
        constraints = [
            models.UniqueConstraint(fields=["event", "sha256"], name="event_material_once"),
        ]
