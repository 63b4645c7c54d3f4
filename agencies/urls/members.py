"""Addresses of an agency's members and their invitations."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
