"""Every address of the house."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.i18n import set_language

from portal.views.front import SignInView, front
from portal.views.gallery import gallery
from portal.views.health import live, ready
from portal.views.home import home, switch_agency
from portal.views.messages import message, messages

handler404 = "portal.views.errors.not_found"

urlpatterns = [
    path("", front, name="front"),
    path("sign-in/", SignInView.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("language/", login_not_required(set_language), name="set-language"),
    path("home/", home, name="home"),
    path("agencies/switch/", switch_agency, name="switch-agency"),
    path("messages/", messages, name="messages"),
    path("messages/<int:pk>/", message, name="message"),
    path("staff/gallery/", gallery, name="gallery"),
    path("", include("portal.urls.account")),
    path("", include("portal.urls.help")),
    path("", include("portal.urls.desk")),
    path("", include("portal.urls.service")),
    path("", include("portal.urls.seeing")),
    path("", include("portal.urls.why")),
    path("", include("portal.urls.preferences")),
    path("", include("portal.urls.mails")),
    path("", include("portal.urls.events")),
    path("", include("agencies.urls")),
    path("", include("scoring.urls")),
    path("", include("rankings.urls")),
    path("health/live", live, name="health-live"),
    path("health/ready", ready, name="health-ready"),
    path("admin/", admin.site.urls),
]
