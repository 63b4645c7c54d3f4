"""Addresses of the import centre."""

from __future__ import annotations

from django.urls import path

from scoring.views import staff_import, staff_imports
from scoring.views.staff_coverage import staff_coverage

urlpatterns = [
    path("staff/imports/", staff_imports.staff_imports, name="staff-imports"),
    path("staff/imports/upload/", staff_imports.staff_upload, name="staff-upload"),
    path("staff/imports/uploads/", staff_imports.staff_upload_state, name="staff-upload-state"),
    path(
        "staff/imports/uploads/<int:pk>/stop/",
        staff_imports.staff_upload_stop,
        name="staff-upload-stop",
    ),
    path(
        "staff/imports/templates/<str:kind>.csv",
        staff_imports.staff_import_template,
        name="staff-import-template",
    ),
    path("staff/imports/<int:pk>/", staff_import.staff_import, name="staff-import"),
    path(
        "staff/imports/<int:pk>/rejects/",
        staff_import.staff_import_rejects,
        name="staff-import-rejects",
    ),
    path(
        "staff/imports/<int:pk>/take-back/",
        staff_import.staff_import_retract,
        name="staff-import-retract",
    ),
    path("staff/coverage/", staff_coverage, name="staff-coverage"),
]
