"""Addresses of the level."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include(f"scoring.urls.{name}"))
    for name in (
        *("score", "receipt", "guidance", "rules", "creators", "disputes", "consultations"),
        *("rulebooks", "backtests", "evaluations", "imports", "bindings"),
    )
]
