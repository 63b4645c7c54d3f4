"""Addresses of the receipt and its rows."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
