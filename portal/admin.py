"""People, signs of life and looks; what only superusers see of the libraries."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_rq.models import Dashboard

from agencies.admin.base import ReadOnlyAdmin
from portal.models import Heartbeat, OutboxEntry, StaffLook, User

# Any staff member could delete jobs there, and it needs inline styles; `rqstats` shows the same.
if admin.site.is_registered(Dashboard):
    admin.site.unregister(Dashboard)


class PersonCreationForm(AdminUserCreationForm):
    """A new person: address, name and a password to begin with."""

    class Meta:
        model = User
        fields = ["email", "name"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class PersonChangeForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"
        field_classes: ClassVar[dict[str, type[forms.Field]]] = {}

    def clean_email(self) -> str:
        return str(self.cleaned_data.get("email", self.instance.email)).lower()


@admin.register(User)
class UserAdmin(StockUserAdmin):
    """People. Who is staff, and with which groups, only a superuser decides.

    Somebody who leaves is set inactive: what they did stays theirs.
    """

    form = PersonChangeForm
    add_form = PersonCreationForm
    list_display = ["email", "name", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "name"]
    search_help_text = _("E-mail or name")
    ordering = ["email"]
    actions = None
    show_full_result_count = False
    filter_horizontal = ["groups"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (_("Times"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["email", "name", "usable_password", "password1", "password2"],
            },
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = list(super().get_readonly_fields(request, obj))
        return (
            fixed if request.user.is_superuser else [*fixed, "is_staff", "is_superuser", "groups"]
        )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # otherwise a password set for a superuser would be a way to their rights
        if isinstance(obj, User) and obj.is_staff and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ["role", "name", "seen_at"]


@admin.register(StaffLook)
class StaffLookAdmin(ReadOnlyAdmin):
    """Who looked at what; for superusers."""

    list_display = ["at", "actor", "object_label", "agency", "path"]
    list_select_related = ["actor", "agency"]
    search_fields = ["actor__email__exact", "agency__code__exact"]
    search_help_text = _("The whole e-mail of a person or code of an agency")
    list_per_page = 100

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(OutboxEntry)
class OutboxEntryAdmin(ReadOnlyAdmin):
    """What was told to whom, and which links have not reached their creator yet."""

    list_display = ["at", "agency", "news", "creator_link", "attempts", "sent_at", "last_error"]
    list_select_related = ["agency", "creator_link__creator"]
    list_filter = ["news", ("sent_at", admin.EmptyFieldListFilter)]
    search_fields = ["agency__code__exact"]
    search_help_text = _("The whole code of an agency")
    ordering = ["-id"]
    list_per_page = 50
