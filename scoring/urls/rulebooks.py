"""Addresses where the staff write rules."""

from __future__ import annotations

from django.urls import path

from scoring.views import rulebooks, rulebooks_writing

DESK = "staff/rulebooks/"

urlpatterns = [
    path(DESK, rulebooks.staff_rulebooks, name="staff-rulebooks"),
    path(f"{DESK}import/", rulebooks_writing.staff_rulebook_import, name="staff-rulebook-import"),
    path(f"{DESK}<int:pk>/", rulebooks.staff_rulebook, name="staff-rulebook"),
    path(
        f"{DESK}<int:pk>/history/", rulebooks.staff_rulebook_history, name="staff-rulebook-history"
    ),
    path(
        f"{DESK}<int:pk>/rulebook.toml", rulebooks.staff_rulebook_file, name="staff-rulebook-file"
    ),
    path(
        f"{DESK}<int:pk>/discard/", rulebooks.staff_rulebook_discard, name="staff-rulebook-discard"
    ),
    path(
        f"{DESK}<int:pk>/copy/", rulebooks_writing.staff_rulebook_copy, name="staff-rulebook-copy"
    ),
    path(
        f"{DESK}<int:pk>/parts/<slug:part>/",
        rulebooks_writing.staff_rulebook_part,
        name="staff-rulebook-part",
    ),
    path(
        f"{DESK}<int:pk>/parts/<slug:part>/<slug:key>/",
        rulebooks_writing.staff_rulebook_part,
        name="staff-rulebook-part",
    ),
]
