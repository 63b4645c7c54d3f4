"""Addresses of the score and of why it moved."""

from __future__ import annotations

from django.urls import path

from scoring.views.movement import movement, movement_creators
from scoring.views.score import score

urlpatterns = [
    path("score/", score, name="score"),
    path("score/movement/", movement, name="movement"),
    path("score/movement/<str:key>/", movement_creators, name="movement-creators"),
]
