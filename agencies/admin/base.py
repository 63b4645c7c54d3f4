"""What the pages of every table have in common: history is read-only, and looks are recorded."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from agencies.models import Agency
from agencies.queries.changes import changes_of
from agencies.queries.history import steps_about
from agencies.signals import staff_looked


class ReadOnlyAdmin(admin.ModelAdmin):
    """A table that people read here and that only actions write."""

    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LookedAtAdmin(admin.ModelAdmin):
    """Tells the house who looked at what of an agency, before the page is shown.

    1. Every page of one object, its history and every page of a list is a look.
    2. Nothing is shown when the look cannot be recorded.
    """

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        looked_at = kwargs.get("obj")
        if looked_at is not None:
            self.record_look(request, looked_at)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            looked_at = response.context_data["object"]
            self.record_look(request, looked_at)
            response.context_data["steps"] = steps_about(looked_at)
            response.context_data["changes"] = changes_of(looked_at)
        return response

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if response.status_code == 200:
            self.record_look(request, None)
        return response

    def record_look(self, request: HttpRequest, looked_at: Model | None) -> None:
        """Send the news of one look; None stands for the list."""
        staff_looked.send(
            type(self),
            actor=request.user,
            path=request.get_full_path(),
            label=f"{self.opts.verbose_name}: {looked_at}"
            if looked_at is not None
            else str(self.opts.verbose_name_plural),
            agency_id=agency_of(looked_at),
            at=timezone.now(),
        )


def agency_of(looked_at: Model | None) -> int | None:
    """The agency that an object is or belongs to, by its id."""
    return looked_at.pk if isinstance(looked_at, Agency) else getattr(looked_at, "agency_id", None)
