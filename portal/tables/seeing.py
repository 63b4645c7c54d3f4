"""The lists of agencies and of looks at them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from agencies.models import Agency
from agencies.tables.agency import UNNAMED, OwnTable, stacked
from agencies.tables.cases import WHOLE, CaseTable, day_of, marked
from portal.models import StaffLook
from portal.support.looks import OwnLook
from portal.templatetags.seeing import page_name

DAY = pgettext_lazy("date", "Day")
BY = pgettext_lazy("of a look", "By")
TIMES = pgettext_lazy("how often", "Times")


class AgencyTable(CaseTable):
    """Agencies as the desk finds them, each with the way to its page."""

    name = tables.Column(gettext_lazy("Agency"))
    level = tables.Column(gettext_lazy("Level"), empty_values=())
    since = tables.Column(gettext_lazy("Since"), accessor="level_since", empty_values=())
    city = tables.Column(gettext_lazy("City"), default="–")
    joined_on = tables.Column(gettext_lazy("Joined"), attrs=WHOLE)
    state = tables.Column(gettext_lazy("State"), accessor="pk")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._marks: dict[str, SafeString] = {}
        super().__init__(*args, **kwargs)

    def render_name(self, record: Agency) -> SafeString:
        """The name, leading to the agency's page, above the code."""
        return format_html(
            '<a href="{}">{}</a> <span class="faint small code">{}</span>',
            reverse("staff-agency", args=[record.code]),
            record.name,
            record.code,
        )

    def render_level(self, record: Agency) -> SafeString | str:
        """The mark of the level, or the stage without one."""
        if not record.level:
            if not record.stage:
                return "–"
            return format_html('<span class="stage">{}</span>', record.get_stage_display())
        return self._mark(record.level)

    def _mark(self, level: str) -> SafeString:
        """The component of the house, made once for all lines of a level."""
        if level not in self._marks:
            self._marks[level] = render_to_string("_components/level_mark.html", {"value": level})
        return self._marks[level]

    def render_since(self, record: Agency) -> str:
        """The month since which it has its level."""
        return date_format(record.level_since, "YEAR_MONTH_FORMAT") if record.level_since else "–"

    def render_joined_on(self, value: date) -> str:
        """The day it joined."""
        return day_of(value)

    def render_state(self, record: Agency) -> SafeString:
        """On the platform, or since when not any more."""
        left = record.left_by(self.today)
        if left is None:
            return marked(pgettext("agency", "On the platform"), "plain")
        return marked(_("removed on %(day)s") % {"day": day_of(left)}, "danger")


class LookTable(CaseTable):
    """Every look of the platform's people, with the address as it was asked for."""

    at = tables.Column(gettext_lazy("When"), attrs=WHOLE)
    actor = tables.Column(pgettext_lazy("of a look", "Who"))
    agency = tables.Column(gettext_lazy("Agency"), default="–")
    page = tables.Column(gettext_lazy("Page"), accessor="path")
    path = tables.Column(gettext_lazy("Address"), attrs={"td": {"class": "code small words"}})

    def render_at(self, value: datetime) -> str:
        """The moment, in the platform's time."""
        return moment_of(value)

    def render_actor(self, record: StaffLook) -> SafeString:
        """The name above the address, and what they worked as."""
        return format_html(
            '{} <span class="faint small">{}</span>',
            record.actor,
            record.get_role_display() or record.actor.email,
        )

    def render_agency(self, value: Agency) -> SafeString:
        """The name, leading to the agency's page, above the code."""
        return format_html(
            '<a href="{}">{}</a> <span class="faint small code">{}</span>',
            reverse("staff-agency", args=[value.code]),
            value.name,
            value.code,
        )

    def render_page(self, record: StaffLook) -> SafeString | str:
        """The page by its name, and what of it was looked at where another column has it not."""
        name = page_name(record.path)
        if record.object_label in (name, str(record.agency)):
            return name
        return format_html('{} <span class="faint small">{}</span>', name, record.object_label)


class OwnLookTable(OwnTable):
    """When the platform looked at an agency's pages, for its members; nobody is named."""

    page = tables.Column(gettext_lazy("Page"), accessor="path", empty_values=(), attrs=UNNAMED)
    day = tables.Column(DAY, attrs=stacked(DAY))
    role = tables.Column(BY, empty_values=(), attrs=stacked(BY))
    times = tables.Column(TIMES, attrs=stacked(TIMES, "num"))

    class Meta(OwnTable.Meta):
        attrs: Any = {"class": "table table-data row-lines", "role": "table"}
        row_attrs: Any = {"role": "row"}

    def render_page(self, record: OwnLook) -> SafeString | str:
        """The page by its name; whether it was seen in the agency's place."""
        if not record.path:
            return _("A work page of the platform")
        how = _("as you see it") if record.in_place else _("at the platform's desk")
        return format_html('{} <span class="faint small">{}</span>', page_name(record.path), how)

    def render_day(self, record: OwnLook) -> str:
        """The day with the time of the last look."""
        return _("%(day)s, last at %(time)s") % {
            "day": day_of(record.day),
            "time": date_format(timezone.localtime(record.last), "TIME_FORMAT"),
        }

    def render_role(self, record: OwnLook) -> str:
        """What whoever looked worked as."""
        return record.role_label or pgettext("people of the platform", "The platform")


def moment_of(value: datetime) -> str:
    """A moment in the platform's time, as the reader's language writes it."""
    return date_format(timezone.localtime(value), "DATETIME_FORMAT")
