"""The guidance's texts: written by operations in both languages, previewed as agencies see them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from scoring.models import LeverText
from scoring.templatetags.prose import prose

_HOW = _(
    'Plain text. An empty line parts paragraphs; lines that begin with "- " become a list.'
    " The preview shows what is saved."
)


@admin.register(LeverText)
class LeverTextAdmin(admin.ModelAdmin):
    """One text per lever: which levers there are is fixed."""

    list_display = ["key", "position", "title_zh", "title_en"]
    list_display_links = ["key"]
    actions = None
    fieldsets = [
        (None, {"fields": ["key", "position"], "description": _HOW}),
        (_("Chinese"), {"fields": ["title_zh", "body_zh", "preview_zh"]}),
        (_("English"), {"fields": ["title_en", "body_en", "preview_en"]}),
    ]
    readonly_fields = ["preview_zh", "preview_en"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["preview_zh", "preview_en", *(["key"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: LeverText, form: Any, change: bool) -> None:
        # only what was typed: somebody else may be writing the other language
        if change:
            obj.save(update_fields=form.changed_data)
        else:
            obj.save()

    @admin.display(description=_("preview (Chinese)"))
    def preview_zh(self, text: LeverText) -> SafeString:
        return _preview(text.title_zh, text.body_zh)

    @admin.display(description=_("preview (English)"))
    def preview_en(self, text: LeverText) -> SafeString:
        return _preview(text.title_en, text.body_en)


def _preview(title: str, body: str) -> SafeString:
    return format_html('<div class="document"><h3>{}</h3>{}</div>', title, prose(body))
