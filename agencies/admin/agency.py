"""Agencies and their members."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from agencies.admin.base import LookedAtAdmin
from agencies.admin.invitation import invite_view, may_invite
from agencies.models import Agency, Membership


class MembershipInline(admin.TabularInline):
    model = Membership
    autocomplete_fields = ["user"]
    readonly_fields = ["created_at"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        # every line shows its person and its agency
        return super().get_queryset(request).select_related("user", "agency")


@admin.register(Agency)
class AgencyAdmin(LookedAtAdmin):
    """Contact data are kept here; level, credit and history are written by actions only."""

    list_display = ["code", "name", "stage", "level", "city", "category", "joined_on", "removed_on"]
    list_filter = ["stage", "level", "city"]
    search_fields = ["code", "name", "uscc"]
    search_help_text = _("Agency code, name or unified social credit code")
    show_full_result_count = False
    list_per_page = 50
    actions = None
    inlines = [MembershipInline]
    change_form_template = "admin/agencies/agency/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/invite/",
                wrap(invite_view),
                {"model_admin": self},
                "agencies_agency_invite",
            ),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["may_invite"] = may_invite(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Agency, form: Any, change: bool) -> None:
        # only what was typed: level and ledger head may have moved since the page was read
        obj.save(update_fields=form.changed_data)

    fieldsets = [
        (None, {"fields": ["code", "name", "joined_on", "removed_on"]}),
        (
            _("Contact"),
            {"fields": ["city", "category", "contact_email", "contact_phone", "uscc"]},
        ),
        (
            _("As last published"),
            {"fields": ["stage", "level", "level_since", "binding_cap", "followers_below"]},
        ),
        (_("Credit ledger"), {"fields": ["ledger_length", "ledger_seal"]}),
    ]
    readonly_fields = [
        "code",
        "joined_on",
        "removed_on",
        "stage",
        "level",
        "level_since",
        "binding_cap",
        "followers_below",
        "ledger_length",
        "ledger_seal",
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        # an agency begins with an opening entry in its ledger: it comes by import
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return list(self.inlines) if obj is not None else []
