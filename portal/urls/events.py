"""The addresses of events."""

from __future__ import annotations

from django.urls import path

from portal.views import events as own
from portal.views import staff_events as staff

urlpatterns = [
    path("events/", own.events, name="events"),
    path("events/<int:pk>/", own.event, name="event"),
    path("events/<int:pk>/register/", own.event_register, name="event-register"),
    path("events/<int:pk>/calendar.ics", own.event_calendar, name="event-calendar"),
    path(
        "events/registrations/<int:pk>/cancel/",
        own.event_cancel_registration,
        name="event-cancel-registration",
    ),
    path("events/materials/<int:pk>/", own.event_material, name="event-material"),
    path("staff/events/", staff.staff_events, name="staff-events"),
    path("staff/events/new/", staff.staff_event_new, name="staff-event-new"),
    path("staff/events/<int:pk>/", staff.staff_event, name="staff-event"),
    path("staff/events/<int:pk>/change/", staff.staff_event_change, name="staff-event-change"),
    path("staff/events/<int:pk>/publish/", staff.staff_event_publish, name="staff-event-publish"),
    path("staff/events/<int:pk>/discard/", staff.staff_event_discard, name="staff-event-discard"),
    path("staff/events/<int:pk>/cancel/", staff.staff_event_cancel, name="staff-event-cancel"),
    path("staff/events/<int:pk>/door/", staff.staff_event_door, name="staff-event-door"),
    path(
        "staff/events/<int:pk>/door/<int:registration>/",
        staff.staff_event_check_in,
        name="staff-event-check-in",
    ),
    path("staff/events/<int:pk>/people.csv", staff.staff_event_people, name="staff-event-people"),
    path(
        "staff/events/<int:pk>/materials/",
        staff.staff_event_material_add,
        name="staff-event-material-add",
    ),
    path(
        "staff/events/<int:pk>/materials/<int:material>/remove/",
        staff.staff_event_material_remove,
        name="staff-event-material-remove",
    ),
    path(
        "staff/events/materials/<int:pk>/", staff.staff_event_material, name="staff-event-material"
    ),
]
