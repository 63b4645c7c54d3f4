"""Addresses of the back-test lab."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
