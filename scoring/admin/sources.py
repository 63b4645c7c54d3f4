"""What evaluations are computed from, and the files of rows that agencies asked for."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from agencies.admin.base import LookedAtAdmin, ReadOnlyAdmin
from scoring.models import FactPart, RowExport, RulebookVersion


@admin.register(RulebookVersion)
class RulebookVersionAdmin(ReadOnlyAdmin):
    list_display = ["version", "effective_from", "state", "created_at", "activated_at"]
    list_filter = ["state"]
    change_form_template = "admin/scoring/rulebookversion/change_form.html"
    fields = [
        "version",
        "effective_from",
        "state",
        "created_at",
        "activated_at",
        "actor",
        "sha256",
        "text_shown",
    ]
    readonly_fields = ["text_shown"]

    @admin.display(description=_("text"))
    def text_shown(self, version: RulebookVersion) -> SafeString:
        return format_html('<pre class="document">{}</pre>', version.text)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        version: RulebookVersion | None = kwargs.get("obj")
        if version is not None:
            context["rulebook"] = version.rulebook
        return super().render_change_form(request, context, *args, **kwargs)


class CurrencyFilter(admin.SimpleListFilter):
    """Which parts say what is known now."""

    title = _("validity")
    parameter_name = "validity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("current", _("Current")), ("superseded", _("Superseded"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FactPart]) -> QuerySet[FactPart]:
        if self.value() is None:
            return queryset
        return queryset.filter(superseded_at__isnull=self.value() == "current")


@admin.register(FactPart)
class FactPartAdmin(ReadOnlyAdmin):
    list_display = ["day", "rows", "size", "imported_file", "created_at", "superseded_at"]
    list_select_related = ["imported_file"]
    list_filter = [CurrencyFilter]
    date_hierarchy = "day"
    ordering = ["-day", "-id"]


@admin.register(RowExport)
class RowExportAdmin(LookedAtAdmin, ReadOnlyAdmin):
    """Where an operator sees why a file was not made."""

    list_display = ["agency", "evaluation", "state", "attempt", "asked_at", "ready_at", "error"]
    list_select_related = ["agency", "evaluation"]
    list_filter = ["state"]
    search_fields = ["agency__code", "agency__name"]
    ordering = ["-id"]
