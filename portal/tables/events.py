"""The list of events at the staff's desk."""

from __future__ import annotations

from datetime import datetime

import django_tables2 as tables
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.tables.cases import NUMBER, WHOLE, WORDS, marked
from portal.enums import EventState
from portal.events.listing import in_words
from portal.models import Event

MARKS = {EventState.DRAFT: "warn", EventState.CANCELLED: "danger", EventState.PUBLISHED: "plain"}


class EventTable(tables.Table):
    """Events, the newest day first."""

    starts_at = tables.Column(_("Begins"), attrs=WHOLE)
    title = tables.Column(
        pgettext_lazy("salon", "Event"),
        accessor="title_zh",
        linkify=("staff-event", {"pk": tables.A("pk")}),
        attrs=WORDS,
    )
    state = tables.Column(_("State"))
    seats = tables.Column(_("Seats"), attrs=NUMBER)
    taken = tables.Column(_("Taken"), attrs=NUMBER)
    wait = tables.Column(_("Waiting list"), attrs=NUMBER)
    came = tables.Column(_("Came"), attrs=NUMBER)

    class Meta:
        attrs = {"class": "table table-data"}
        template_name = "_components/table.html"
        orderable = False

    def render_starts_at(self, value: datetime) -> str:
        """Day and time in the platform's zone."""
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")

    def render_title(self, record: Event) -> SafeString:
        """The title above the city, in the reader's language."""
        said = in_words(record)
        return format_html('{} <span class="faint small">{}</span>', said["title"], said["city"])

    def render_state(self, record: Event) -> SafeString:
        """Drafts and cancelled ones stand out."""
        return marked(record.get_state_display(), MARKS[EventState(record.state)])
