"""Violations and what follows from them, the credit ledger, and the log of every step."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agencies.admin.base import LookedAtAdmin, ReadOnlyAdmin
from agencies.models import (
    BindingRequest,
    ConductEvent,
    CreditEntry,
    Penalty,
    Unbinding,
    Violation,
)


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


@admin.register(Penalty)
class PenaltyAdmin(LookedAtAdmin, ReadOnlyAdmin):
    list_display = ["violation", "agency", "kind", "state", "starts_on", "until"]
    list_select_related = ["violation", "agency"]
    list_filter = ["kind", "state"]
    search_fields = ["violation__reference__exact", "agency__code__exact"]
    search_help_text = _("The whole case number or code of an agency")
    ordering = ["-id"]
    list_per_page = 50


@admin.register(BindingRequest)
class BindingRequestAdmin(LookedAtAdmin, ReadOnlyAdmin):
    list_display = ["creator", "agency", "state", "asked_at", "expires_at"]
    list_select_related = ["creator", "agency"]
    list_filter = ["state"]
    search_fields = ["creator__creator_id__exact", "agency__code__exact"]
    search_help_text = _("The whole id of a creator or code of an agency")
    ordering = ["-id"]
    list_per_page = 50


@admin.register(Unbinding)
class UnbindingAdmin(LookedAtAdmin, ReadOnlyAdmin):
    list_display = ["binding", "side", "state", "asked_at", "silent_on"]
    list_select_related = ["binding__creator", "binding__agency"]
    list_filter = ["state", "side"]
    search_fields = ["binding__creator__creator_id__exact", "binding__agency__code__exact"]
    search_help_text = _("The whole id of a creator or code of an agency")
    ordering = ["-id"]
    list_per_page = 50


@admin.register(ConductEvent)
class ConductEventAdmin(LookedAtAdmin, ReadOnlyAdmin):
    list_display = ["at", "agency", "subject", "verb", "to_state", "actor", "reason"]
    list_select_related = ["agency", "actor"]
    list_display_links = ["verb"]
    list_filter = ["subject"]
    search_fields = ["agency__code__exact", "actor__email__exact"]
    search_help_text = _("The whole code of an agency or address of a person")
    ordering = ["-id"]
    list_per_page = 50
