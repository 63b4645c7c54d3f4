"""Evaluations: what they are at, what the gate found, and the two things people do to them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agencies.admin.base import ReadOnlyAdmin
from scoring.admin.evaluation_steps import ask_view, may_ask, may_publish, publish_view
from scoring.admin.gate import gate_report, is_held
from scoring.enums import EvaluationState
from scoring.models import Evaluation

_UNDER_WAY = [EvaluationState.REQUESTED, EvaluationState.RUNNING]
REFRESH_SECONDS = 5


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
    change_list_template = "admin/scoring/evaluation/change_list.html"
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
        return gate_report(evaluation).verdict

    @admin.display(description=_("inputs"))
    def stale_shown(self, evaluation: Evaluation) -> str:
        return gettext("changed since") if evaluation.stale_since else "–"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("ask/", wrap(ask_view), {"model_admin": self}, "scoring_evaluation_ask"),
            path(
                "<int:pk>/publish/",
                wrap(publish_view),
                {"model_admin": self},
                "scoring_evaluation_publish",
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {**(extra_context or {}), "may_ask": may_ask(request)}
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        evaluation: Evaluation | None = kwargs.get("obj")
        if evaluation is None:
            return super().render_change_form(request, context, *args, **kwargs)
        context |= {
            "gate": gate_report(evaluation),
            "held": is_held(evaluation),
            "under_way": evaluation.state in _UNDER_WAY,
            "may_publish": may_publish(request) and evaluation.state == EvaluationState.COMPUTED,
            "events": evaluation.events.select_related("actor"),
            "parts": evaluation.parts.count(),
        }
        response = super().render_change_form(request, context, *args, **kwargs)
        if context["under_way"]:
            response["Refresh"] = str(REFRESH_SECONDS)
        return response
