"""Addresses of disputes of provisional results, for agencies and for the staff."""

from __future__ import annotations

from django.urls import path

from scoring.views import disputes, staff_disputes

urlpatterns = [
    path("disputes/", disputes.disputes, name="disputes"),
    path("disputes/new/", disputes.dispute_new, name="dispute-new"),
    path("disputes/<int:pk>/", disputes.dispute, name="dispute"),
    path("disputes/<int:pk>/withdraw/", disputes.dispute_withdraw, name="dispute-withdraw"),
    path("disputes/files/<int:pk>/", disputes.dispute_file, name="dispute-file"),
    path("staff/disputes/", staff_disputes.staff_disputes, name="staff-disputes"),
    path("staff/disputes/<int:pk>/", staff_disputes.staff_dispute, name="staff-dispute"),
    path(
        "staff/disputes/<int:pk>/decide/",
        staff_disputes.staff_dispute_decide,
        name="staff-dispute-decide",
    ),
    path(
        "staff/disputes/<int:pk>/corrected/",
        staff_disputes.staff_dispute_corrected,
        name="staff-dispute-corrected",
    ),
    path(
        "staff/disputes/files/<int:pk>/",
        staff_disputes.staff_dispute_file,
        name="staff-dispute-file",
    ),
]
