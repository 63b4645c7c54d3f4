"""The lists on the pages of an agency."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_tables2 as tables
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from agencies.enums import ViolationState
from agencies.models import CreditEntry, Violation
from agencies.queries.own_conduct import days_left

# a cell that says by itself what it is, among stacked ones
UNNAMED = {"th": {"role": "columnheader"}, "td": {"role": "cell"}}


def stacked(label: Any, kind: str = "") -> dict[str, dict[str, Any]]:
    """A cell that carries its heading along: on a phone each row is a block of lines.

    Roles are named, because the lines of a block are no table to a browser.
    """
    return {
        "th": {"role": "columnheader", "class": kind},
        "td": {"role": "cell", "class": kind, "data-label": label},
    }


class OwnTable(tables.Table):
    """In the order in which the query gives it, a page at a time."""

    class Meta:
        orderable = False
        template_name = "_components/table.html"
        attrs = {"class": "table table-data"}


class ViolationTable(OwnTable):
    """An agency's violations, each with the way to its decision and the days left to appeal."""

    reference = tables.TemplateColumn(
        template_name="agencies/_violation_case.html",
        verbose_name=_("Case"),
        attrs=UNNAMED,
    )
    decided_on = tables.TemplateColumn(
        "{{ value|date:'DATE_FORMAT' }}",
        verbose_name=_("Decided"),
        attrs=stacked(_("Decided"), "nowrap"),
    )
    points = tables.Column(verbose_name=_("Points asked"), attrs=stacked(_("Points asked"), "num"))
    state = tables.TemplateColumn(
        '<span class="stage">{{ record.get_state_display }}</span>',
        verbose_name=_("State"),
        attrs=stacked(_("State")),
    )
    appeal_until = tables.Column(
        verbose_name=_("Appeal"), empty_values=(), attrs=stacked(_("Appeal"))
    )

    class Meta(OwnTable.Meta):
        model = Violation
        attrs = {"class": "table table-data row-lines", "role": "table"}
        row_attrs = {"role": "row"}
        fields = ("reference", "decided_on", "points", "state", "appeal_until")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def render_appeal_until(self, record: Violation) -> str:
        """The last day to appeal, or that of the platform's answer, with the days left.

        A dash once it is too late or was answered; a late answer says so.
        """
        if record.state == ViolationState.APPEALED and record.appeal is not None:
            return self._awaited(record.appeal.due_on)
        left = days_left(record, today=self.today)
        if left is None or record.appeal_until is None:
            return "–"
        return ngettext(
            "until %(day)s, %(left)s day left", "until %(day)s, %(left)s days left", left
        ) % {"day": date_format(record.appeal_until), "left": left}

    def _awaited(self, due_on: date) -> str:
        left, day = (due_on - self.today).days, date_format(due_on)
        if left < 0:
            return gettext("was to be decided by %(day)s, late") % {"day": day}
        return ngettext(
            "to be decided by %(day)s, %(left)s day left",
            "to be decided by %(day)s, %(left)s days left",
            left,
        ) % {"day": day, "left": left}


class LedgerTable(OwnTable):
    """The credit ledger with its running balance."""

    effective_on = tables.TemplateColumn(
        "{{ value|date:'DATE_FORMAT' }}",
        verbose_name=_("Day"),
        attrs={"th": {"role": "columnheader"}, "td": {"role": "cell", "class": "nowrap"}},
    )
    kind = tables.TemplateColumn(
        template_name="agencies/_conduct_line.html",
        verbose_name=_("What it was"),
        attrs=UNNAMED,
    )
    asked = tables.Column(verbose_name=_("Asked"), attrs=stacked(_("Asked"), "num"), default="")
    points = tables.TemplateColumn(
        "{% load figures %}{{ value|signed:'count' }}",
        verbose_name=_("Credit points"),
        attrs=stacked(_("Credit points"), "num"),
    )
    balance = tables.Column(verbose_name=_("Balance"), attrs=stacked(_("Balance"), "num"))

    class Meta(OwnTable.Meta):
        model = CreditEntry
        attrs = {"class": "table table-data ledger-table", "role": "table"}
        row_attrs = {"role": "row"}
        fields = ("effective_on", "kind", "asked", "points", "balance")
