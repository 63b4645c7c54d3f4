"""The addresses where the desk itself is kept: figures, texts, hours, contacts."""

from __future__ import annotations

from django.urls import path

from portal.views import service, service_figures
from portal.views import service_contacts as contacts
from portal.views import service_texts as texts

_HOURS = "staff/service/"
_PEOPLE = "staff/contacts/"
_CANNED = "staff/prepared-answers/"
_PUBLIC = "staff/public-answers/"

urlpatterns = [
    path(_HOURS, service.staff_service, name="staff-service"),
    path(f"{_HOURS}hours/", service.staff_service_hours, name="staff-service-hours"),
    path(f"{_HOURS}days/", service.staff_service_day, name="staff-service-day"),
    path(
        f"{_HOURS}days/<int:pk>/remove/",
        service.staff_service_day_remove,
        name="staff-service-day-remove",
    ),
    path(f"{_HOURS}targets/", service.staff_service_targets, name="staff-service-targets"),
    path(_PEOPLE, contacts.staff_contacts, name="staff-contacts"),
    path(f"{_PEOPLE}new/", contacts.staff_contact_new, name="staff-contact-new"),
    path(f"{_PEOPLE}assign/", contacts.staff_contacts_assign, name="staff-contacts-assign"),
    path(f"{_PEOPLE}<int:pk>/", contacts.staff_contact, name="staff-contact"),
    path(f"{_PEOPLE}<int:pk>/edit/", contacts.staff_contact_edit, name="staff-contact-edit"),
    path(
        f"{_PEOPLE}<int:pk>/hand-over/",
        contacts.staff_contact_hand_over,
        name="staff-contact-hand-over",
    ),
    path(
        "staff/agencies/<slug:code>/contact/<slug:kind>/",
        contacts.staff_contact_change,
        name="staff-contact-change",
    ),
    path(
        "staff/question-figures/",
        service_figures.staff_question_figures,
        name="staff-question-figures",
    ),
    path("staff/unclear-rules/", service_figures.staff_unclear_rules, name="staff-unclear-rules"),
    path(_CANNED, texts.staff_canned_answers, name="staff-canned-answers"),
    path(f"{_CANNED}new/", texts.staff_canned_new, name="staff-canned-new"),
    path(f"{_CANNED}<int:pk>/", texts.staff_canned_answer, name="staff-canned-answer"),
    path(_PUBLIC, texts.staff_help_articles, name="staff-help-articles"),
    path(f"{_PUBLIC}new/", texts.staff_help_article_new, name="staff-help-article-new"),
    path(f"{_PUBLIC}<int:pk>/", texts.staff_help_article, name="staff-help-article"),
    path(
        f"{_PUBLIC}<int:pk>/publish/",
        texts.staff_help_article_publish,
        name="staff-help-article-publish",
    ),
]
