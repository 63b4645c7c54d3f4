"""People, signs of life and looks; what only superusers see of the libraries."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AdminUserCreationForm,
    UserChangeForm,
)
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_rq.models import Dashboard

from agencies.actions.plain_text import check_one_line, plain_email
from agencies.admin.base import ReadOnlyAdmin
from agencies.refusals import Refused
from portal import account, second_factor
from portal.models import AccountMail, Heartbeat, NewsMail, OutboxEntry, StaffLook, User

# The keys of people's devices are for nobody's eyes.
for device in (TOTPDevice, StaticDevice):
    if admin.site.is_registered(device):
        admin.site.unregister(device)
# Any staff member could delete jobs there, and it needs inline styles; `rqstats` shows the same.
if admin.site.is_registered(Dashboard):
    admin.site.unregister(Dashboard)


class PersonCreationForm(AdminUserCreationForm):
    """A new person: address, name and a password to begin with."""

    class Meta:
        model = User
        fields = ["email", "name"]

    def clean_email(self) -> str:
        return plain_email(str(self.cleaned_data["email"]))

    def clean_name(self) -> str:
        return _one_line_name(self.cleaned_data)


class PersonChangeForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"
        field_classes: ClassVar[dict[str, type[forms.Field]]] = {}

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        return email if email == self.initial.get("email") else plain_email(email)

    def clean_name(self) -> str:
        return _one_line_name(self.cleaned_data)


def _one_line_name(given: dict[str, Any]) -> str:
    name = str(given["name"])
    check_one_line(name)
    return name


class PersonPasswordForm(AdminPasswordChangeForm):
    """A password set by somebody else: the person is signed out everywhere and told by mail."""

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        user = super().save(commit)
        account.password_was_set(user, keep=None, at=timezone.now())
        return user


@admin.register(User)
class UserAdmin(StockUserAdmin):
    """People. Who is staff, and with which groups, only a superuser decides.

    So is the address of whoever has signed in before: a link for a forgotten password goes there.
    The old address is told of every change, and the person's sessions end. Somebody who leaves is
    set inactive: what they did stays theirs. A superuser helps whoever lost device and recovery
    codes.
    """

    form = PersonChangeForm
    add_form = PersonCreationForm
    change_password_form = PersonPasswordForm
    change_form_template = "admin/portal/user/change_form.html"
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

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.remove_second_factor)
        name = "portal_user_remove_second_factor"
        return [path("<int:pk>/second-factor/remove/", view, name=name), *super().get_urls()]

    def remove_second_factor(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then remove somebody's second factor; superusers only, noted in the history."""
        if not request.user.is_superuser:
            raise PermissionDenied
        person = get_object_or_404(User, pk=pk)
        if request.method != "POST":
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": gettext("Remove the second factor"),
                "person": person,
                "has_factor": second_factor.has_device(person),
            }
            template = "admin/portal/user/remove_second_factor.html"
            return TemplateResponse(request, template, context)
        try:
            with transaction.atomic():
                second_factor.take_away(user=person, at=timezone.now(), by=request.user)
                self.log_change(request, person, gettext("Removed the second factor."))
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(
                request,
                gettext("%(person)s has no second factor now and is signed out everywhere.")
                % {"person": person},
            )
        return redirect("admin:portal_user_change", pk)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = list(super().get_readonly_fields(request, obj))
        if request.user.is_superuser:
            return fixed
        in_use = ["email"] if isinstance(obj, User) and obj.last_login else []
        return [*fixed, *in_use, "is_staff", "is_superuser", "groups"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        old = form.initial.get("email") if change else None
        if old and old != obj.email:
            keep = request.session.session_key if obj.pk == request.user.pk else None
            account.address_was_changed(obj, old=old, keep=keep, at=timezone.now())

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
    """What was told to whom, and which links and invitations have not gone out yet."""

    list_display = [
        *("at", "agency", "news", "creator_link", "invitation"),
        *("state", "attempts", "sent_at", "last_error"),
    ]
    list_select_related = ["agency", "creator_link__creator", "invitation__agency"]
    list_filter = ["state", "news"]
    search_fields = ["agency__code__exact"]
    search_help_text = _("The whole code of an agency")
    ordering = ["-id"]
    list_per_page = 50


@admin.register(AccountMail)
class AccountMailAdmin(ReadOnlyAdmin):
    """Mails about accounts that went out or failed, and wishes for a new password."""

    list_display = [
        *("at", "kind", "email", "address"),
        *("state", "attempts", "sent_at", "last_error"),
    ]
    list_filter = ["state", "kind"]
    search_fields = ["email__exact"]
    search_help_text = _("The whole e-mail address")
    ordering = ["-id"]
    list_per_page = 50


@admin.register(NewsMail)
class NewsMailAdmin(ReadOnlyAdmin):
    """News on their way to members by mail; what did not arrive is decided at the desk."""

    list_display = ["at", "user", "entry", "digest_on", "state", "attempts", "sent_at"]
    list_select_related = ["user", "entry"]
    list_filter = ["state"]
    search_fields = ["user__email__exact", "entry__agency__code__exact"]
    search_help_text = _("The whole e-mail of a person or code of an agency")
    ordering = ["-id"]
    list_per_page = 50
