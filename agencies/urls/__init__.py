"""The addresses of conduct: for agencies, for the staff, for everybody."""

from __future__ import annotations

from agencies.urls import agency, members, public, staff_bindings, staff_cases, star_source

urlpatterns = [
    *agency.urlpatterns,
    *members.urlpatterns,
    *staff_cases.urlpatterns,
    *staff_bindings.urlpatterns,
    *star_source.urlpatterns,
    *public.urlpatterns,
]
