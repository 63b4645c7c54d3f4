"""Addresses where the staff evaluate and publish months."""

from __future__ import annotations

from django.urls import URLPattern, path

from scoring.views import staff_compare, staff_evaluations, staff_releases

_DESK = "staff/evaluations/"

urlpatterns: list[URLPattern] = [
    path(_DESK, staff_evaluations.staff_evaluations, name="staff-evaluations"),
    path(f"{_DESK}ask/", staff_evaluations.staff_evaluation_ask, name="staff-evaluation-ask"),
    path(f"{_DESK}<int:pk>/", staff_evaluations.staff_evaluation, name="staff-evaluation"),
    path(
        f"{_DESK}<int:pk>/publish/",
        staff_evaluations.staff_evaluation_publish,
        name="staff-evaluation-publish",
    ),
    path(
        f"{_DESK}<int:pk>/compare/",
        staff_compare.staff_evaluation_compare,
        name="staff-evaluation-compare",
    ),
    path(
        f"{_DESK}<int:pk>/propose/",
        staff_releases.staff_evaluation_propose,
        name="staff-evaluation-propose",
    ),
    path(
        f"{_DESK}releases/<int:pk>/confirm/",
        staff_releases.staff_release_confirm,
        name="staff-release-confirm",
    ),
    path(
        f"{_DESK}releases/<int:pk>/decline/",
        staff_releases.staff_release_decline,
        name="staff-release-decline",
    ),
    path(
        f"{_DESK}releases/<int:pk>/withdraw/",
        staff_releases.staff_release_withdraw,
        name="staff-release-withdraw",
    ),
]
