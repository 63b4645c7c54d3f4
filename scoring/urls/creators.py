"""Addresses of an agency's creators."""

from __future__ import annotations

from django.urls import path

from scoring.views import bindings, creators

# Ids of creators may be any word, "leave" and "ask" included: they have a folder of their own.
urlpatterns = [
    path("creators/", creators.creators, name="creators"),
    path("creators/of/<str:creator_id>/", bindings.creator, name="creator"),
    path("creators/preview/", bindings.binding_preview, name="binding-preview"),
    path("creators/ask/", creators.ask, name="ask-binding"),
    path("creators/requests/<int:pk>/withdraw/", creators.withdraw, name="withdraw-request"),
    path("creators/<int:pk>/unbind/", bindings.unbind, name="unbind"),
    path(
        "creators/unbindings/<int:pk>/<str:answer>/",
        creators.answer_unbinding,
        name="answer-unbinding",
    ),
]
