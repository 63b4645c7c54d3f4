"""What undelivered mails are narrowed down by, and what is done about them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agencies.filters.cases import CHOICE, TEXT
from agencies.forms.codes import ReasonField
from portal.outbox.dead_letters import KINDS


class MailsFilter(forms.Form):
    """Where mails stand, of which kind, and for whom; empty narrows nothing down."""

    where = forms.ChoiceField(
        label=_("Which"),
        widget=CHOICE,
        choices=[
            ("undelivered", _("Undelivered")),
            ("sending", _("On its way")),
            ("waiting", _("Waiting for long")),
        ],
        required=False,
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        widget=CHOICE,
        choices=[("", pgettext_lazy("kinds of mail", "All")), *KINDS.items()],
        required=False,
    )
    words = forms.CharField(
        label=_("Address or agency code"), widget=TEXT, max_length=100, required=False
    )

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        return {**cleaned, "where": cleaned.get("where") or "undelivered"}


class SettleForm(forms.Form):
    """Why mails need not be delivered any more."""

    reason = ReasonField()
