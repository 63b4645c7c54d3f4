"""Violations and the credit ledger."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agencies.admin.base import LookedAtAdmin, ReadOnlyAdmin
from agencies.models import CreditEntry, Violation


@admin.register(Violation)
class ViolationAdmin(LookedAtAdmin, ReadOnlyAdmin):
    list_display = ["reference", "agency", "kind", "state", "occurred_on", "decided_on", "points"]
    list_select_related = ["agency"]
    list_filter = ["kind", "state"]
    search_fields = ["reference__startswith", "agency__code__exact"]
    search_help_text = _("The case number, or how it begins, or the whole code of an agency")
    ordering = ["-id"]
    list_per_page = 50


@admin.register(CreditEntry)
class CreditEntryAdmin(LookedAtAdmin, ReadOnlyAdmin):
    list_display = ["agency", "number", "kind", "asked", "points", "effective_on", "created_at"]
    list_select_related = ["agency"]
    list_filter = ["kind"]
    search_fields = ["agency__code__exact"]
    search_help_text = _("The whole code of an agency")
    ordering = ["-id"]
    list_per_page = 50
    fields = [
        "agency",
        "number",
        "kind",
        "asked",
        "points",
        "effective_on",
        "violation",
        "reverses",
        "reason",
        "actor",
        "created_at",
        "seal",
    ]
