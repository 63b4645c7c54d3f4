"""Addresses of the level."""

from __future__ import annotations

from django.urls import path

from scoring.views import score

urlpatterns = [path("score/", score, name="score")]
