"""Addresses for everybody: public notices, and the pages behind a creator's link."""

from __future__ import annotations

from django.urls import path

from agencies.views import creator_links, public_notices

urlpatterns = [
    path("public/notices/", public_notices.public_notices, name="public-notices"),
    path("public/notices/<int:pk>/", public_notices.public_notice, name="public-notice"),
    path("c/<str:token>/", creator_links.creator_link, name="creator-link"),
    path("creators/leave/", creator_links.creator_leave, name="creator-leave"),
]
