"""Creators and their bindings: millions of rows, so every search must meet an index."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agencies.admin.base import LookedAtAdmin, ReadOnlyAdmin
from agencies.models import Binding, Creator


@admin.register(Creator)
class CreatorAdmin(LookedAtAdmin, ReadOnlyAdmin):
    list_display = ["creator_id", "nickname", "followers", "followers_on", "introduced_on"]
    fields = ["creator_id", "nickname", "followers", "followers_on", "introduced_on", "contact"]
    readonly_fields = ["introduced_on"]
    search_fields = ["creator_id__startswith"]
    search_help_text = _("The creator's id, or how it begins")
    list_per_page = 50


@admin.register(Binding)
class BindingAdmin(LookedAtAdmin, ReadOnlyAdmin):
    list_display = ["creator", "agency", "bound_from", "bound_until", "created_at"]
    list_select_related = ["creator", "agency"]
    search_fields = ["creator__creator_id__exact", "agency__code__exact"]
    search_help_text = _("The whole id of a creator or code of an agency")
    ordering = ["-id"]
    list_per_page = 50
