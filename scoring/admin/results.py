"""Frozen results of the agencies."""

from __future__ import annotations

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from agencies.admin.base import LookedAtAdmin, ReadOnlyAdmin
from scoring.models import Assessment


@admin.register(Assessment)
class AssessmentAdmin(LookedAtAdmin, ReadOnlyAdmin):
    list_display = [
        "agency",
        "evaluation",
        "stage",
        "level",
        "total",
        "operating",
        "growth",
        "service",
        "bonus",
        "credit",
        "held",
    ]
    list_select_related = ["agency", "evaluation"]
    list_filter = ["evaluation", "stage", "held"]
    search_fields = ["agency__code__exact"]
    search_help_text = _("The whole code of an agency")
    ordering = ["-id"]
    list_per_page = 50
    change_form_template = "admin/scoring/assessment/change_form.html"
    fields = [
        "evaluation",
        "agency",
        "stage",
        "level",
        "credit",
        "contested",
        "level_before",
        "held",
        "total",
        "operating",
        "growth",
        "service",
        "bonus",
        "totals_shown",
    ]
    readonly_fields = ["totals_shown"]

    @admin.display(description=_("input totals"))
    def totals_shown(self, assessment: Assessment) -> SafeString:
        return format_html(
            '<pre class="document">{}</pre>', json.dumps(assessment.totals, indent=2)
        )
