"""The addresses where people choose what reaches them by mail."""

from __future__ import annotations

from django.urls import URLPattern, path

from portal.views.preferences import mail_preferences, mail_stop

urlpatterns: list[URLPattern] = [
    path("account/mail/", mail_preferences, name="mail-preferences"),
    path("mail/stop/<str:token>/", mail_stop, name="mail-stop"),
]
