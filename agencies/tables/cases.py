"""The lists of cases: violations, removals, appeals, the credit ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agencies.enums import ViolationState
from agencies.ledger import AFTER_REVOCATION
from agencies.models import Agency, Appeal, CreditEntry, Penalty, Violation
from agencies.queries.desk import CLOSED, DRAFT, OPEN, PROPOSED

NUMBER: Any = {"th": {"class": "num"}, "td": {"class": "num"}}
WHOLE: Any = {"td": {"class": "nowrap"}}
WORDS: Any = {"td": {"class": "words"}}
MINUS = "\N{MINUS SIGN}"


def countdown(due_on: date, today: date) -> str:
    """How many days are left until a day, or by how many it is exceeded."""
    left = (due_on - today).days
    if left < 0:
        return ngettext("%(days)d day overdue", "%(days)d days overdue", -left) % {"days": -left}
    if left == 0:
        return _("due today")
    return ngettext("%(days)d day left", "%(days)d days left", left) % {"days": left}


def day_of(value: date | datetime | None) -> str:
    """A day as the reader's language writes it; a time by its platform day."""
    if isinstance(value, datetime):
        value = timezone.localdate(value)
    return date_format(value, "DATE_FORMAT") if value else "–"


def signed_points(value: int | None) -> str:
    """Credit points with their sign, as people read them."""
    if value is None:
        return "–"
    return f"{MINUS if value < 0 else '+' if value > 0 else ''}{abs(value)}"


def marked(text: str | Promise, kind: str) -> SafeString:
    """A state as a mark whose frame says how pressing it is; the words carry the meaning."""
    return format_html('<span class="mark mark-{}">{}</span>', kind, text)


def reason_of(entry: CreditEntry) -> str:
    """Why a line was written, in the reader's language where the house wrote it itself."""
    if entry.adjusts_id and entry.reason == AFTER_REVOCATION:
        return _("Follows from a revocation: without that deduction less was due.")
    return entry.reason


def _case_of_line(record: CreditEntry) -> str | None:
    if record.violation_id is None:
        return None
    return reverse("staff-violation", args=[record.violation_id])


class CaseTable(tables.Table):
    """A list in the house's table, in the order it is given; days as seen from `today`."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        # a Meta would not reach the tables made of this one
        looks = {"attrs": {"class": "table table-data"}, "template_name": "_components/table.html"}
        super().__init__(*args, **{"orderable": False, **looks, **kwargs})

    def render_agency(self, value: Agency) -> SafeString:
        """The name above the code."""
        return format_html('{} <span class="faint small code">{}</span>', value.name, value.code)

    def due(self, due_on: date | None) -> SafeString | str:
        """The day with its countdown; a mark once it is over."""
        if due_on is None:
            return "–"
        left = countdown(due_on, self.today)
        pressing = "danger" if due_on < self.today else "plain"
        return format_html("{} {}", day_of(due_on), marked(left, pressing))


class ViolationTable(CaseTable):
    """Violations by what is due first."""

    reference = tables.Column(
        gettext_lazy("Case"),
        linkify=("staff-violation", {"pk": tables.A("pk")}),
        attrs=WHOLE,
    )
    agency = tables.Column(gettext_lazy("Agency"))
    kind = tables.Column(gettext_lazy("Kind"))
    state = tables.Column(gettext_lazy("State"))
    decided_on = tables.Column(gettext_lazy("Decided"), empty_values=(), attrs=WHOLE)
    points = tables.Column(gettext_lazy("Points asked"), attrs=NUMBER)
    next = tables.Column(gettext_lazy("What is next"), accessor="urgency", empty_values=())

    def render_state(self, record: Violation) -> SafeString:
        """A draft and a case under appeal stand out."""
        kinds = {ViolationState.DRAFT: "warn", ViolationState.APPEALED: "warn"}
        name = record.get_state_display()
        return marked(name, kinds.get(ViolationState(record.state), "plain"))

    def render_decided_on(self, value: date | None) -> str:
        """The day of the decision; a draft has none."""
        return day_of(value)

    def render_next(self, value: int, record: Any) -> SafeString | str:
        """What is due, and until when."""
        if value == CLOSED:
            return "–"
        if value == DRAFT:
            return _("issue or discard it")
        if value == PROPOSED:
            return marked(_("removal awaits a second person"), "warn")
        words = _("may be appealed until") if value == OPEN else _("answer the appeal by")
        return format_html("{} {}", words, self.due(record.due_on))


class RemovalTable(CaseTable):
    """Removals that await a second person."""

    violation = tables.Column(
        gettext_lazy("Case"),
        accessor="violation__reference",
        linkify=("staff-removal", {"pk": tables.A("pk")}),
        attrs=WHOLE,
    )
    agency = tables.Column(gettext_lazy("Agency"))
    decided = tables.Column(gettext_lazy("Decided"), accessor="violation__decided_on")
    why = tables.Column(gettext_lazy("Proposed"), accessor="at_zero", empty_values=())

    def render_decided(self, value: date) -> str:
        """The day of the decision that it follows from."""
        return day_of(value)

    def render_why(self, record: Penalty) -> str:
        """By whom, or because credit reached 0."""
        if record.at_zero:
            return _("because credit reached 0")
        return _("by %(person)s") % {"person": record.proposed_by or "–"}


class AppealTable(CaseTable):
    """Appeals, undecided ones by the day the answer is due."""

    filed_at = tables.Column(
        gettext_lazy("Filed"), linkify=("staff-appeal", {"pk": tables.A("pk")}), attrs=WHOLE
    )
    agency = tables.Column(gettext_lazy("Agency"))
    filed_by = tables.Column(gettext_lazy("By"))
    cases = tables.Column(gettext_lazy("Violations"), attrs=NUMBER)
    due_on = tables.Column(gettext_lazy("Answer"), empty_values=())

    def render_filed_at(self, value: datetime) -> str:
        """The platform day on which it was filed."""
        return day_of(value)

    def render_due_on(self, record: Appeal) -> SafeString | str:
        """When the answer is due, or when it was given."""
        if record.decided_at:
            return _("decided on %(day)s") % {"day": day_of(record.decided_at)}
        return self.due(record.due_on)


class LedgerTable(CaseTable):
    """Lines of the ledger; `running` holds the balance after each line, by its number."""

    agency = tables.Column(gettext_lazy("Agency"))
    number = tables.Column(gettext_lazy("Line"), attrs=NUMBER)
    effective_on = tables.Column(gettext_lazy("Effective"), attrs=WHOLE)
    kind = tables.Column(gettext_lazy("Kind"))
    points = tables.Column(gettext_lazy("Credit points"), attrs=NUMBER)
    balance = tables.Column(gettext_lazy("Balance"), accessor="number", attrs=NUMBER, visible=False)
    about = tables.Column(gettext_lazy("About"), accessor="pk", linkify=_case_of_line, attrs=WORDS)
    actor = tables.Column(gettext_lazy("By"), default="–")

    def __init__(self, *args: Any, running: dict[int, int] | None = None, **kwargs: Any) -> None:
        self.running = running or {}
        super().__init__(*args, **kwargs)
        if running is not None:
            self.columns.show("balance")
            self.columns.hide("agency")

    def render_effective_on(self, value: date) -> str:
        """The day on which the line counts."""
        return day_of(value)

    def render_points(self, record: CreditEntry) -> str:
        """What moved; with what was asked where less was there."""
        moved = signed_points(record.points)
        if record.asked is None or record.asked == -record.points:
            return moved
        return _("%(moved)s of %(asked)s asked") % {
            "moved": moved,
            "asked": signed_points(-record.asked),
        }

    def render_balance(self, value: int) -> str:
        """The balance after this line, in the order of the days."""
        return str(self.running.get(value, "–"))

    def render_about(self, record: CreditEntry) -> SafeString | str:
        """The case that it follows from, and the reason where one was given."""
        case = record.violation.reference if record.violation else ""
        return format_html(
            '<span class="nowrap">{}</span> <span class="small">{}</span>', case, reason_of(record)
        )
