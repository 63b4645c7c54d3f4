"""The record of evaluations; the work on them is done at the desk (`scoring.views`)."""

from __future__ import annotations

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.admin.base import ReadOnlyAdmin
from scoring.enums import EvaluationState
from scoring.models import Evaluation
from scoring.queries.gate_report import verdict_word


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    list_display = [
        "month_shown",
        "revision",
        "state",
        "progress_shown",
        "verdict",
        "stale_shown",
        "requested_at",
        "requested_by",
        "published_at",
    ]
    list_display_links = ["month_shown"]
    list_select_related = ["requested_by"]
    list_filter = ["state"]
    change_form_template = "admin/scoring/evaluation/change_form.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "month_shown",
                    "revision",
                    "state",
                    "progress_shown",
                    "cause",
                    "reason",
                    "publish_when_computed",
                    "stale_since",
                ]
            },
        ),
        (
            _("Who and when"),
            {
                "fields": [
                    "requested_at",
                    "requested_by",
                    "started_at",
                    "computed_at",
                    "published_at",
                    "published_by",
                    "release_reason",
                ]
            },
        ),
        (
            _("What it was computed from, and what came out"),
            {"fields": ["rulebook", "data_through", "inputs_digest", "result_digest"]},
        ),
        (_("The run"), {"fields": ["attempt", "failures", "beat_at", "error"]}),
    ]
    readonly_fields = ["month_shown", "progress_shown"]

    @admin.display(description=_("data month"), ordering="month")
    def month_shown(self, evaluation: Evaluation) -> str:
        return date_format(evaluation.month, "Y-m")

    @admin.display(description=_("progress"))
    def progress_shown(self, evaluation: Evaluation) -> str:
        if evaluation.state != EvaluationState.RUNNING:
            return "–"
        return f"{evaluation.progress} % · {evaluation.get_step_display()}"

    @admin.display(description=_("gate"))
    def verdict(self, evaluation: Evaluation) -> str:
        return verdict_word(evaluation)

    @admin.display(description=_("inputs"))
    def stale_shown(self, evaluation: Evaluation) -> str:
        return gettext("changed since") if evaluation.stale_since else "–"
