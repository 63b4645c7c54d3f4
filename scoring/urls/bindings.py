"""The address where the staff correct a binding: it tells the months that this makes stale."""

from __future__ import annotations

from django.urls import path

from scoring.views import staff_binding_corrections

urlpatterns = [
    path(
        "staff/bindings/<int:pk>/correct/",
        staff_binding_corrections.staff_correct_binding,
        name="staff-correct-binding",
    ),
]
