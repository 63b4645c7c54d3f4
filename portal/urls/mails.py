"""The addresses of mails that did not arrive."""

from __future__ import annotations

from django.urls import URLPattern, path

from portal.views.mails import staff_mail, staff_mails, staff_mails_again, staff_mails_settle

urlpatterns: list[URLPattern] = [
    path("staff/mails/", staff_mails, name="staff-mails"),
    path("staff/mails/again/", staff_mails_again, name="staff-mails-again"),
    path("staff/mails/settle/", staff_mails_settle, name="staff-mails-settle"),
    path("staff/mails/<str:kind>/<int:pk>/", staff_mail, name="staff-mail"),
]
