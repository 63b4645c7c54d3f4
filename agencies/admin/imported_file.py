"""What was delivered, and the records that were not taken."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agencies.admin.base import LookedAtAdmin, ReadOnlyAdmin
from agencies.files.rejects import rejects_path
from agencies.models import ImportedFile


@admin.register(ImportedFile)
class ImportedFileAdmin(LookedAtAdmin, ReadOnlyAdmin):
    list_display = [
        "started_at",
        "kind",
        "name",
        "outcome",
        "accepted",
        "rejected",
        "rejects_link",
    ]
    list_display_links = ["name"]
    list_filter = ["kind", "outcome"]
    list_per_page = 50
    fields = [
        "kind",
        "name",
        "sha256",
        "size",
        "outcome",
        "fault",
        "accepted",
        "rejected",
        "rejects_link",
        "started_at",
        "finished_at",
        "actor",
    ]
    readonly_fields = ["rejects_link"]

    @admin.display(description=_("rejects file"))
    def rejects_link(self, imported: ImportedFile) -> str:
        if not imported.rejects:
            return "–"
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:agencies_importedfile_rejects", args=[imported.pk]),
            gettext("Download"),
        )

    def get_urls(self) -> list[URLPattern]:
        rejects = self.admin_site.admin_view(require_safe(self.rejects_view))
        return [
            path("<int:pk>/rejects/", rejects, name="agencies_importedfile_rejects"),
            *super().get_urls(),
        ]

    def rejects_view(self, request: HttpRequest, pk: int) -> Any:
        """The rejected records of one delivery, as the file that the import wrote."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        imported = get_object_or_404(ImportedFile, pk=pk)
        found = rejects_path(imported.rejects, settings.REJECTS_DIR)
        if found is None:
            return self._gone(request, imported)
        self.record_look(request, imported)
        return FileResponse(
            found.open("rb"), as_attachment=True, filename=found.name, content_type="text/csv"
        )

    def _gone(self, request: HttpRequest, imported: ImportedFile) -> HttpResponse:
        messages.error(
            request,
            gettext("The rejects file of %(name)s is not on this machine any more.")
            % {"name": imported.name}
            if imported.rejects
            else gettext("Every record of %(name)s was accepted.") % {"name": imported.name},
        )
        return redirect("admin:agencies_importedfile_change", imported.pk)
