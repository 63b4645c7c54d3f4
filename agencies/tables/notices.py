"""The lists of titles and of public notices."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.enums import NoticeState
from agencies.models import NoticeEntry, PublicNotice, Title
from agencies.tables.cases import NUMBER, WHOLE, CaseTable, day_of, marked

ACT = {"td": {"class": "act"}}


class TitleTable(CaseTable):
    """Titles, newest first; those of agencies whose honours are `cancelled` say so."""

    name = tables.Column(gettext_lazy("Title"), accessor="pk")
    agency = tables.Column(gettext_lazy("Agency"))
    granted_on = tables.Column(gettext_lazy("Granted on"))
    granted_by = tables.Column(gettext_lazy("Granted by"))
    state = tables.Column(gettext_lazy("State"), accessor="withdrawn_on", empty_values=())
    act = tables.Column(gettext_lazy("Step"), accessor="pk", attrs=ACT)

    def __init__(self, *args: Any, cancelled: set[int], may_act: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cancelled = cancelled
        if not may_act:
            self.columns.hide("act")

    def render_name(self, record: Title) -> str:
        """The name in the reader's language."""
        return str(record)

    def render_granted_on(self, value: date) -> str:
        """The day that the title bears."""
        return day_of(value)

    def render_state(self, record: Title) -> SafeString:
        """Standing, withdrawn, or hidden while honours are cancelled."""
        if record.withdrawn_on:
            text = _("withdrawn on %(day)s") % {"day": day_of(record.withdrawn_on)}
            return marked(text, "plain")
        if record.agency_id in self.cancelled:
            return marked(_("hidden: honours are cancelled"), "warn")
        return marked(_("standing"), "good")

    def render_act(self, record: Title) -> SafeString | str:
        """The way to withdraw it, named for screen readers."""
        if record.withdrawn_on:
            return ""
        return format_html(
            '<a href="{}">{}<span class="visually-hidden"> {} · {}</span></a>',
            reverse("staff-title-withdraw", args=[record.pk]),
            _("Withdraw"),
            record,
            record.agency,
        )


class NoticeTable(CaseTable):
    """The notices at the staff's desk: drafts first, then the published ones."""

    title = tables.Column(gettext_lazy("Title"), linkify=("staff-notice", {"pk": tables.A("pk")}))
    period = tables.Column(gettext_lazy("Decision dates"), accessor="first_day")
    cases = tables.Column(gettext_lazy("Entries"), attrs=NUMBER)
    state = tables.Column(gettext_lazy("State"))
    created_by = tables.Column(gettext_lazy("Written by"))
    published_at = tables.Column(gettext_lazy("Publication date"), empty_values=(), attrs=WHOLE)

    def render_period(self, record: PublicNotice) -> SafeString:
        """First and last day, both inclusive."""
        return period_of(record)

    def render_state(self, record: PublicNotice) -> SafeString:
        """Drafts stand out."""
        kind = "warn" if record.state == NoticeState.DRAFT else "plain"
        return marked(record.get_state_display(), kind)

    def render_published_at(self, value: datetime | None) -> str:
        """The day of the publication."""
        return day_of(value)


class PublicNoticeTable(CaseTable):
    """The published notices, for everybody."""

    title = tables.Column(gettext_lazy("Notice"), linkify=("public-notice", {"pk": tables.A("pk")}))
    period = tables.Column(gettext_lazy("Decision dates"), accessor="first_day")
    cases = tables.Column(gettext_lazy("Number of violations"), attrs=NUMBER)
    published_at = tables.Column(gettext_lazy("Publication date"), attrs=WHOLE)

    def render_period(self, record: PublicNotice) -> SafeString:
        """First and last day, both inclusive."""
        return period_of(record)

    def render_published_at(self, value: datetime) -> str:
        """The day of the publication."""
        return day_of(value)


class PublicEntryTable(CaseTable):
    """What the published notices say of the agencies that somebody looks for."""

    agency = tables.Column(gettext_lazy("Agency"), accessor="agency_name")
    kind = tables.Column(gettext_lazy("Violation"), accessor="violation__kind")
    notice = tables.Column(gettext_lazy("Notice"))
    published_at = tables.Column(
        gettext_lazy("Publication date"), accessor="notice__published_at", attrs=WHOLE
    )

    def render_agency(self, value: str, record: NoticeEntry) -> SafeString:  # type: ignore[override]
        """The name as it was published, above the code."""
        code = record.violation.agency.code
        return format_html('{} <span class="faint small code">{}</span>', value, code)

    def render_kind(self, record: NoticeEntry) -> SafeString | str:
        """The kind; a corrected entry says so at once."""
        kind = record.violation.get_kind_display()
        if record.corrected_on is None:
            return kind
        return format_html("{} {}", format_html("<s>{}</s>", kind), marked(_("revoked"), "good"))

    def render_notice(self, record: NoticeEntry) -> SafeString:
        """The notice, opened at the entry."""
        url = reverse("public-notice", args=[record.notice_id])
        return format_html('<a href="{}#entry-{}">{}</a>', url, record.pk, record.notice)

    def render_published_at(self, value: datetime) -> str:
        """The day of the publication."""
        return day_of(value)


def period_of(notice: PublicNotice) -> SafeString:
    """The days that a notice covers, both inclusive; a line may end between them only."""
    return format_html(
        '<span class="nowrap">{} –</span> <span class="nowrap">{}</span>',
        day_of(notice.first_day),
        day_of(notice.last_day),
    )
