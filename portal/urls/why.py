"""The address of the page that explains a level."""

from __future__ import annotations

from django.urls import path

from portal.views.why import staff_why

urlpatterns = [path("staff/agencies/<slug:code>/why/", staff_why, name="staff-why")]
