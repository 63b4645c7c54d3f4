"""The addresses where staff look up an agency, and agencies see who looked."""

from __future__ import annotations

from django.urls import URLPattern, path

from portal.views import seeing

AGENCY = "staff/agencies/<slug:code>/"

urlpatterns: list[URLPattern] = [
    path("staff/agencies/", seeing.staff_agencies, name="staff-agencies"),
    path("staff/stop-seeing/", seeing.staff_stop_seeing, name="staff-stop-seeing"),
    path(AGENCY, seeing.staff_agency, name="staff-agency"),
    path(f"{AGENCY}see/", seeing.staff_see, name="staff-see"),
    path("staff/looks/", seeing.staff_looks, name="staff-looks"),
    path("looks/", seeing.looks, name="looks"),
]
