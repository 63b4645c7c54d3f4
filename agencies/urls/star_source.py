"""The addresses of the Star Source plan."""

from __future__ import annotations

from django.urls import path

from agencies.views import staff_star_source as staff
from agencies.views.star_source import star_source, star_source_creator

urlpatterns = [
    path("star-source/", star_source, name="star-source"),
    path("star-source/<str:creator_id>/", star_source_creator, name="star-source-creator"),
    path("staff/star-source/", staff.staff_star_source, name="staff-star-source"),
    path("staff/star-source/select/", staff.staff_star_select, name="staff-star-select"),
    path("staff/star-source/<int:pk>/", staff.staff_star_plan, name="staff-star-plan"),
    path("staff/star-source/<int:pk>/done/", staff.staff_star_done, name="staff-star-done"),
    path("staff/star-source/<int:pk>/undone/", staff.staff_star_undone, name="staff-star-undone"),
    path(
        "staff/star-source/<int:pk>/traffic/",
        staff.staff_star_incentive,
        name="staff-star-incentive",
    ),
    path(
        "staff/star-source/<int:pk>/traffic/<int:incentive>/cancel/",
        staff.staff_star_cancel,
        name="staff-star-cancel",
    ),
    path("staff/star-source/<int:pk>/move/", staff.staff_star_move, name="staff-star-move"),
    path("staff/star-source/<int:pk>/leave/", staff.staff_star_leave, name="staff-star-leave"),
]
