"""The list of an agency's members."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.models import Membership
from agencies.tables.agency import UNNAMED, OwnTable, stacked


class MemberTable(OwnTable):
    """Members with their roles; when somebody last signed in, and the ways to act, for owners."""

    person = tables.TemplateColumn(
        template_name="agencies/_members_person.html",
        verbose_name=_("Member"),
        empty_values=(),
        attrs=UNNAMED,
    )
    role = tables.TemplateColumn(
        '<span class="stage">{{ record.get_role_display }}</span>',
        verbose_name=_("Role"),
        attrs=stacked(_("Role")),
    )
    created_at = tables.TemplateColumn(
        "{{ value|date:'DATE_FORMAT' }}",
        verbose_name=_("Member since"),
        attrs=stacked(_("Member since")),
    )
    last_login = tables.TemplateColumn(
        template_name="agencies/_members_last_login.html",
        verbose_name=_("Last sign-in"),
        accessor="user__last_login",
        empty_values=(),
        attrs=stacked(_("Last sign-in")),
    )
    actions = tables.TemplateColumn(
        template_name="agencies/_members_actions.html",
        verbose_name=pgettext_lazy("members", "Change"),
        empty_values=(),
        attrs=UNNAMED,
    )

    class Meta(OwnTable.Meta):
        model = Membership
        fields = ("person", "role", "created_at", "last_login", "actions")
        attrs = {"class": "table table-data row-lines members-table", "role": "table"}
        row_attrs = {"role": "row"}

    def __init__(self, *args: Any, acting: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not acting:
            self.columns.hide("last_login")
            self.columns.hide("actions")
