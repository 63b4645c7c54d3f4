"""The lists of bindings and of wishes to part."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from agencies.enums import Side, UnbindingState
from agencies.filters.bindings import PHASES
from agencies.models import Binding, Creator, Unbinding
from agencies.queries.wishes import Phase, phase_of
from agencies.tables.cases import CaseTable, day_of, marked

ONE_DAY = timedelta(days=1)
ACT = {"td": {"class": "act"}}
KINDS = {Phase.CURRENT: "good", Phase.FUTURE: "warn", Phase.OVER: "plain"}


def last_day_of(binding: Binding) -> date | None:
    """The last day that counts for the agency; None while no end is known."""
    return binding.bound_until - ONE_DAY if binding.bound_until else None


class BindingTable(CaseTable):
    """Bindings with where they stand today; whoever may act finds the ways on."""

    creator = tables.Column(gettext_lazy("Creator"))
    agency = tables.Column(gettext_lazy("Agency"))
    bound_from = tables.Column(gettext_lazy("First day"))
    last_day = tables.Column(gettext_lazy("Last day"), accessor="bound_until", empty_values=())
    state = tables.Column(gettext_lazy("State"), accessor="pk")
    act = tables.Column(gettext_lazy("Step"), accessor="pk", attrs=ACT)

    def __init__(self, *args: Any, may_act: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_act:
            self.columns.hide("act")

    def render_creator(self, value: Creator) -> SafeString:
        """The nickname above the id."""
        return named(value)

    def render_bound_from(self, value: date) -> str:
        """The first day that counts."""
        return day_of(value)

    def render_last_day(self, record: Binding) -> str:
        """The last day that counts; a dash while no end is known."""
        return day_of(last_day_of(record))

    def render_state(self, record: Binding) -> SafeString:
        """Bound today, later, or not any more."""
        phase = phase_of(record, today=self.today)
        return marked(dict(PHASES)[phase.value], KINDS[phase])

    def render_act(self, record: Binding) -> SafeString:
        """The ways to end the binding while it stands and to correct it, for screen readers too."""
        steps = [
            (reverse("staff-correct-binding", args=[record.pk]), pgettext("put right", "Correct"))
        ]
        if phase_of(record, today=self.today) is not Phase.OVER:
            steps.insert(0, (reverse("staff-end-binding", args=[record.pk]), _("End")))
        return format_html_join(
            " · ",
            '<a href="{}">{}<span class="visually-hidden"> {}</span></a>',
            ((url, step, record.creator) for url, step in steps),
        )


class UnbindingTable(CaseTable):
    """Open wishes to part by what is due first."""

    creator = tables.Column(gettext_lazy("Creator"), accessor="binding__creator")
    agency = tables.Column(gettext_lazy("Agency"), accessor="binding__agency")
    side = tables.Column(gettext_lazy("Asked by"))
    state = tables.Column(gettext_lazy("State"))
    next = tables.Column(gettext_lazy("What is next"), accessor="silent_on")

    def render_creator(self, value: Creator, record: Unbinding) -> SafeString:
        """The creator, leading to the wish."""
        url = reverse("staff-unbinding", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, named(value))

    def render_side(self, value: str, record: Unbinding) -> str:
        """The side that wants to part."""
        return str(Side(record.side).label)

    def render_state(self, record: Unbinding) -> SafeString:
        """What waits for the platform stands out."""
        waits = record.state == UnbindingState.CALLED_IN
        return marked(record.get_state_display(), "warn" if waits else "plain")

    def render_next(self, record: Unbinding) -> SafeString | str:
        """Who is next, and since or until when."""
        if record.state == UnbindingState.ASKED:
            return format_html("{} {}", _("unbound by silence on"), self.due(record.silent_on))
        if record.called_in_at is None:
            return _("waits for the side that asked")
        since = timezone.localdate(record.called_in_at)
        return _("waits for the platform since %(day)s") % {"day": day_of(since)}


def named(creator: Creator) -> SafeString:
    """The nickname, if it has one, above the id."""
    if not creator.nickname:
        return format_html('<span class="code">{}</span>', creator.creator_id)
    return format_html(
        '{} <span class="faint small code">{}</span>', creator.nickname, creator.creator_id
    )
