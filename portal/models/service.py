"""When the platform's support works, how soon it answers, and who looks after an agency."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, JSONObject, TruncDate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.models import Agency
from agencies.models.tracking import tracked
from portal.enums import ContactKind

WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ServiceHours(models.Model):
    """The business hours of a weekday, 0 for Monday (D); a weekday without a row is closed."""

    weekday = models.PositiveSmallIntegerField(
        _("weekday"), unique=True, choices=list(enumerate(WEEKDAYS))
    )
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        verbose_name = _("business hours")
        verbose_name_plural = _("business hours")
        ordering = ["weekday"]
        permissions = [("manage_service", _("Can set service hours, targets and contacts"))]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="service_hours_of_a_weekday"),
            models.CheckConstraint(
                condition=Q(closes__gt=F("opens")), name="service_hours_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}-{self.closes:%H:%M}"


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ServiceDay(models.Model):
    """A day with other hours than its weekday: closed, or a working day in lieu."""

    day = models.DateField(pgettext_lazy("date", "day"), unique=True)
    name = models.CharField(_("why"), max_length=100)
    opens = models.TimeField(_("opens"), null=True, blank=True)
    closes = models.TimeField(_("closes"), null=True, blank=True)

    class Meta:
        verbose_name = _("day with other hours")
        verbose_name_plural = _("days with other hours")
        ordering = ["-day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens=None, closes=None)
                | Q(opens__isnull=False, closes__isnull=False, closes__gt=F("opens")),
                name="service_day_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ServiceTarget(models.Model):
    """How many business minutes a first answer may take (D), for a level or a stage without one.

    `key` is a level's key, or `novice`, `observation`; a level without a row has the longest time.
    """

    key = models.CharField(_("level or stage"), max_length=20, unique=True)
    minutes = models.PositiveIntegerField(
        _("business minutes"), validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )

    class Meta:
        verbose_name = _("service target")
        verbose_name_plural = _("service targets")
        ordering = ["minutes", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=10_000), name="service_target_positive"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.minutes}"


@tracked(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class ContactPerson(models.Model):
    """Somebody of the platform whom agencies of high levels know by name."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="contact", verbose_name=_("account")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ContactKind)
    name = models.CharField(_("shown name"), max_length=100)
    phone = models.CharField(_("phone"), max_length=40, blank=True, db_default="")
    email = models.EmailField(_("e-mail"), blank=True, db_default="")
    wechat = models.CharField(_("WeChat"), max_length=60, blank=True, db_default="")
    most = models.PositiveIntegerField(
        _("most agencies"), default=60, validators=[MinValueValidator(1)]
    )
    is_active = models.BooleanField(_("takes agencies"), default=True)

    class Meta:
        verbose_name = _("contact person")
        verbose_name_plural = _("contact people")
        ordering = ["kind", "name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ContactKind.values), name="contact_person_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(phone="", email="", wechat=""), name="contact_person_can_be_reached"
            ),
        ]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Contact:
    """A contact as the agency knows them; a way to reach them that is not there is empty."""

    kind: ContactKind
    name: str
    phone: str
    email: str
    wechat: str

    @classmethod
    def of_row(cls, kind: str, text: str) -> Self:
        """The one that a row of `as_rows` speaks of."""
        return cls(ContactKind(kind), **json.loads(text))


class ContactAssignmentQuerySet(models.QuerySet["ContactAssignment"]):
    def as_rows(self) -> models.QuerySet[Any, tuple[str, str, str, date]]:
        """Those who look after agencies now, as kind, words, nothing and day.

        The shape is that of other marks with a day, so that home asks for all of them at once.
        """
        ways = {name: f"person__{name}" for name in ("name", "phone", "email", "wechat")}
        return self.filter(until=None).values_list(
            Cast("kind", models.TextField()),
            Cast(JSONObject(**ways), models.TextField()),
            Value("", models.TextField()),
            TruncDate("since"),
        )


class ContactAssignment(models.Model):
    """Who looked after an agency, from when until when; `until` empty: still does.

    The months of a level decide (docs/rules.md §5): `because` says what began it.
    """

    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="contacts", verbose_name=_("agency")
    )
    person = models.ForeignKey(
        ContactPerson, models.PROTECT, related_name="assignments", verbose_name=_("contact")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ContactKind)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)
    because = models.CharField(_("because"), max_length=500, blank=True, db_default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )

    objects = ContactAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact of an agency")
        verbose_name_plural = _("contacts of agencies")
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "kind"],
                condition=Q(until=None),
                name="contact_assignment_one_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ContactKind.values)
                & (Q(until=None) | Q(until__gte=F("since"))),
                name="contact_assignment_in_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["person"], condition=Q(until=None), name="contact_assignment_current"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.kind}"
