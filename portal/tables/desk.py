"""The inbox of questions, each with its clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from agencies.enums import Stage
from agencies.tables.cases import marked
from portal.enums import Channel, QuestionState
from portal.models import Question
from portal.support.clock import Hours, minutes_between

HOUR = 60


def in_hours(minutes: int) -> str:
    """Business minutes as people say them: 45 min, 2 h 5 min."""
    hours, rest = divmod(minutes, HOUR)
    if not hours:
        return _("%(minutes)s min") % {"minutes": rest}
    if not rest:
        return _("%(hours)s h") % {"hours": hours}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}


def clock_of(question: Question, hours: Hours, now: datetime) -> SafeString:
    """How much of the time to answer is left, in business hours; a mark where it is over."""
    due_at = question.due_at or now
    when = date_format(timezone.localtime(due_at), "SHORT_DATETIME_FORMAT")
    if due_at < now:
        over = minutes_between(hours, due_at, now)
        words = (
            _("overdue by %(time)s") % {"time": in_hours(over)}
            if over
            else pgettext("answer", "overdue")
        )
        said = marked(words, "danger")
    else:
        left = minutes_between(hours, now, due_at)
        said = marked(
            _("%(time)s left") % {"time": in_hours(left)}, "warn" if left < HOUR else "plain"
        )
    return format_html('{} <span class="faint small clock-due">{}</span>', said, when)


def _told(label: str | Promise, kind: str = "") -> dict[str, Any]:
    """A cell that says its column's name on a phone."""
    return {"td": {"data-label": label, "class": kind}, "th": {"class": kind}}


class QuestionTable(tables.Table):
    """Questions in the order in which they are to be answered."""

    pick = tables.Column(
        gettext_lazy("Choose"), accessor="pk", attrs={"td": {"class": "pick"}}, orderable=False
    )
    subject = tables.Column(
        pgettext_lazy("of an agency", "Question"), attrs={"td": {"class": "words wide"}}
    )
    agency = tables.Column(gettext_lazy("Agency"), attrs=_told(gettext_lazy("Agency")))
    level = tables.Column(
        gettext_lazy("Level"), empty_values=(), attrs=_told(gettext_lazy("Level"))
    )
    due_at = tables.Column(
        pgettext_lazy("of a question", "Clock"),
        empty_values=(),
        attrs=_told(pgettext_lazy("of a question", "Clock")),
    )
    assignee = tables.Column(
        gettext_lazy("Looked after by"),
        default="–",
        attrs=_told(gettext_lazy("Looked after by")),
    )

    class Meta:
        attrs = {"class": "table table-data row-cards question-table"}
        template_name = "_components/table.html"
        orderable = False

    def __init__(
        self,
        *args: Any,
        clauses: Mapping[str, str],
        hours: Hours,
        now: datetime,
        may_close: bool,
        **kwargs: Any,
    ) -> None:
        self.clauses, self.hours, self.now = clauses, hours, now
        super().__init__(*args, **kwargs)
        if not may_close:
            self.columns.hide("pick")

    def render_pick(self, record: Question) -> SafeString:
        """A box by which the question is chosen for closing many at once."""
        label = _("Choose Q%(number)s") % {"number": record.pk}
        return format_html(
            '<input type="checkbox" class="form-check-input" name="pick" value="{}"'
            ' aria-label="{}">',
            str(record.pk),
            label,
        )

    def render_subject(self, record: Question) -> SafeString:
        """The question above what it is about; a call says that it is one."""
        about = [f"Q{record.pk}"]
        if record.clause:
            about.append(self.clauses.get(record.clause, record.clause))
        if record.channel == Channel.PHONE:
            about.append(str(Channel.PHONE.label))
        return format_html(
            '<a href="{}">{}</a> <span class="faint small question-of">{}</span>',
            reverse("staff-question", args=[record.pk]),
            record.subject,
            " · ".join(about),
        )

    def render_agency(self, record: Question) -> SafeString:
        """The name above the code."""
        agency = record.agency
        return format_html('{} <span class="faint small code">{}</span>', agency.name, agency.code)

    def render_level(self, record: Question) -> SafeString | str:
        """The level when the clock started, or the stage without one."""
        if record.level:
            return format_html('<span class="level level-{0}">{0}</span>', record.level)
        return format_html('<span class="stage">{}</span>', Stage(record.stage).label)

    def render_due_at(self, record: Question) -> SafeString:
        """The clock while the platform owes an answer, else where the question stands."""
        if record.state == QuestionState.OPEN:
            return clock_of(record, self.hours, self.now)
        return marked(QuestionState(record.state).label, "plain")
