"""Addresses for the members of an agency."""

from __future__ import annotations

from django.urls import path

from agencies.views import conduct, creators

# A case number may hold any sign but a line end, a slash too.
urlpatterns = [
    path("conduct/", conduct.conduct, name="conduct"),
    path("conduct/files/<int:pk>/", conduct.case_file, name="case-file"),
    path("conduct/violations/<path:reference>/appeal/", conduct.appeal, name="appeal"),
    path("conduct/violations/<path:reference>/", conduct.violation, name="violation"),
    path("creators/", creators.creators, name="creators"),
    path("creators/ask/", creators.ask, name="ask-binding"),
    path("creators/requests/<int:pk>/withdraw/", creators.withdraw, name="withdraw-request"),
    path("creators/<int:pk>/unbind/", creators.unbind, name="unbind"),
    path(
        "creators/unbindings/<int:pk>/<str:answer>/",
        creators.answer_unbinding,
        name="answer-unbinding",
    ),
]
