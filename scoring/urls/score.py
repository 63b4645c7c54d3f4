"""Addresses of the score and of why it moved."""

from __future__ import annotations

from django.urls import path

from scoring.views.score import score

urlpatterns = [path("score/", score, name="score")]
