"""The register of imported files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.enums import ImportOutcome
from agencies.models import ImportedFile
from agencies.tables.cases import NUMBER, WHOLE, WORDS, CaseTable, marked


def moment_of(value: datetime | None) -> str:
    """A time as the reader's language writes it, in the platform's time zone."""
    return date_format(timezone.localtime(value), "DATETIME_FORMAT") if value else "–"


class ImportTable(CaseTable):
    """Deliveries, the newest first; their rows say whether they were `taken_back`."""

    name = tables.Column(
        gettext_lazy("File"), linkify=("staff-import", {"pk": tables.A("pk")}), attrs=WORDS
    )
    kind = tables.Column(gettext_lazy("Kind"))
    started_at = tables.Column(gettext_lazy("Delivered"), attrs=WHOLE)
    outcome = tables.Column(gettext_lazy("What became of it"))
    accepted = tables.Column(gettext_lazy("Accepted rows"), attrs=NUMBER)
    rejected = tables.Column(gettext_lazy("Rejected rows"), attrs=NUMBER)
    actor = tables.Column(gettext_lazy("By"), default=gettext_lazy("a command"))

    def render_started_at(self, value: datetime) -> str:
        """The moment at which it was delivered."""
        return moment_of(value)

    def render_outcome(self, record: Any) -> SafeString:
        """Refused and taken-back deliveries stand out."""
        if record.taken_back:
            return marked(_("Taken back"), "warn")
        kind = "danger" if record.outcome == ImportOutcome.REFUSED else "plain"
        return marked(record.get_outcome_display(), kind)

    def render_accepted(self, value: int) -> str:
        """How many rows were taken."""
        return number_format(value, force_grouping=True)

    def render_rejected(self, record: ImportedFile) -> SafeString | str:
        """How many rows were not taken, with the file that says why."""
        count = number_format(record.rejected, force_grouping=True)
        if not record.rejects:
            return count
        return format_html(
            '<a href="{}" title="{}">{}</a>',
            reverse("staff-import-rejects", args=[record.pk]),
            _("Download the rejected rows"),
            count,
        )
