"""Addresses where the staff evaluate and publish months."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
