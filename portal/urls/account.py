"""Addresses of a person's account."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
