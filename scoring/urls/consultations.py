"""Addresses of consultations on new rules, and of what is decided after them."""

from __future__ import annotations

from django.urls import path

from scoring.views import consultations as read
from scoring.views import consultations_decisions as decisions
from scoring.views import consultations_staff as staff

urlpatterns = [
    path("public/consultations/", read.public_consultations_page, name="public-consultations"),
    path("public/consultations/<int:pk>/", read.public_consultation, name="public-consultation"),
    path("rules/consultations/", read.consultations_page, name="consultations"),
    path("rules/consultations/<int:pk>/", read.consultation, name="consultation"),
    path("rules/consultations/<int:pk>/comment/", read.write_comment_view, name="write-comment"),
    path("rules/comments/<int:pk>/withdraw/", read.withdraw_comment_view, name="withdraw-comment"),
    path("staff/consultations/", staff.staff_consultations, name="staff-consultations"),
    path("staff/consultations/<int:pk>/", staff.staff_consultation, name="staff-consultation"),
    path(
        "staff/consultations/<int:pk>/close/",
        staff.staff_consultation_close,
        name="staff-consultation-close",
    ),
    path(
        "staff/consultations/comments/<int:pk>/answer/",
        staff.staff_comment_answer,
        name="staff-comment-answer",
    ),
    path(
        "staff/rulebooks/<int:pk>/consult/",
        staff.staff_consultation_open,
        name="staff-consultation-open",
    ),
    path(
        "staff/rulebooks/<int:pk>/propose/",
        decisions.staff_rulebook_propose,
        name="staff-rulebook-propose",
    ),
    path(
        "staff/rulebooks/<int:pk>/approve/",
        decisions.staff_rulebook_approve,
        name="staff-rulebook-approve",
    ),
    path(
        "staff/rulebooks/<int:pk>/unpropose/",
        decisions.staff_rulebook_unpropose,
        name="staff-rulebook-unpropose",
    ),
    path(
        "staff/rulebooks/<int:pk>/withdraw/",
        decisions.staff_rulebook_withdraw,
        name="staff-rulebook-withdraw",
    ),
]
