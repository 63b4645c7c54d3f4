"""Addresses of guidance and simulator."""

from __future__ import annotations

from django.urls import path

from scoring.views.guidance import advice, guidance, simulator

urlpatterns = [
    path("guidance/", guidance, name="guidance"),
    path("guidance/simulator/", simulator, name="simulator"),
    path("guidance/levers/", advice, name="levers"),
]
