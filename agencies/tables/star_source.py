"""The list of plans at the staff's desk."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.enums import StarPhase
from agencies.models import Creator
from agencies.star_source.support import SUPPORT
from agencies.tables.bindings import named
from agencies.tables.cases import NUMBER, CaseTable, day_of, marked


class PlanTable(CaseTable):
    """Plans by what is next; `done` holds the points that are done, by plan."""

    creator = tables.Column(gettext_lazy("Creator"))
    bound = tables.Column(gettext_lazy("Agency"), accessor="agency_code", empty_values=())
    phase = tables.Column(gettext_lazy("Phase"))
    until = tables.Column(gettext_lazy("Next phase from"), empty_values=())
    live_on = tables.Column(gettext_lazy("First live day"))
    points = tables.Column(
        gettext_lazy("Points of the phase"), accessor="pk", empty_values=(), attrs=NUMBER
    )

    def __init__(self, *args: Any, done: dict[int, set[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.done = done

    def render_creator(self, value: Creator, record: Any) -> SafeString:
        """The creator, leading to the plan."""
        url = reverse("staff-star-plan", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, named(value))

    def render_bound(self, value: str | None, record: Any) -> SafeString:
        """The agency to which the creator is bound today."""
        if value is None:
            return format_html("{}", _("bound to nobody"))
        return format_html('{} <span class="faint small code">{}</span>', record.agency_name, value)

    def render_phase(self, value: str, record: Any) -> SafeString:
        """The phase of today, or the day of leaving."""
        if record.left_on:
            return marked(_("left the plan on %(day)s") % {"day": day_of(record.left_on)}, "plain")
        return marked(StarPhase(value).label, "plain" if value == StarPhase.BEFORE else "good")

    def render_until(self, value: date | None, record: Any) -> str:
        """When the next phase begins; nothing follows the last."""
        return "–" if record.left_on else day_of(value)

    def render_live_on(self, value: date) -> str:
        """The first live day as it stands."""
        return day_of(value)

    def render_points(self, record: Any) -> SafeString | str:
        """How many points of the phase are done."""
        asked = {item.key for item in SUPPORT.get(StarPhase(record.phase), ())}
        if record.left_on or not asked:
            return "–"
        done = len(asked & self.done.get(record.pk, set()))
        return _("%(done)d of %(all)d") % {"done": done, "all": len(asked)}
