"""Addresses where the staff keep bindings, titles and public notices."""

from __future__ import annotations

from django.urls import path

from agencies.views import staff_bindings, staff_notices, staff_titles, staff_unbindings

urlpatterns = [
    path("staff/bindings/", staff_bindings.staff_bindings, name="staff-bindings"),
    path("staff/bindings/new/", staff_bindings.staff_bind, name="staff-bind"),
    path(
        "staff/bindings/<int:pk>/end/",
        staff_bindings.staff_end_binding,
        name="staff-end-binding",
    ),
    path("staff/bindings/transfer/", staff_bindings.staff_transfer, name="staff-transfer"),
    path("staff/unbindings/", staff_unbindings.staff_unbindings, name="staff-unbindings"),
    path("staff/unbindings/<int:pk>/", staff_unbindings.staff_unbinding, name="staff-unbinding"),
    path(
        "staff/unbindings/<int:pk>/decide/",
        staff_unbindings.staff_unbinding_decide,
        name="staff-unbinding-decide",
    ),
    path("staff/titles/", staff_titles.staff_titles, name="staff-titles"),
    path("staff/titles/grant/", staff_titles.staff_title_grant, name="staff-title-grant"),
    path(
        "staff/titles/<int:pk>/withdraw/",
        staff_titles.staff_title_withdraw,
        name="staff-title-withdraw",
    ),
    path("staff/notices/", staff_notices.staff_notices, name="staff-notices"),
    path("staff/notices/new/", staff_notices.staff_notice_new, name="staff-notice-new"),
    path("staff/notices/<int:pk>/", staff_notices.staff_notice, name="staff-notice"),
    path(
        "staff/notices/<int:pk>/amend/",
        staff_notices.staff_notice_amend,
        name="staff-notice-amend",
    ),
    path(
        "staff/notices/<int:pk>/add/",
        staff_notices.staff_notice_add,
        name="staff-notice-add",
    ),
    path(
        "staff/notices/<int:pk>/preview/",
        staff_notices.staff_notice_preview,
        name="staff-notice-preview",
    ),
    path(
        "staff/notices/<int:pk>/publish/",
        staff_notices.staff_notice_publish,
        name="staff-notice-publish",
    ),
    path(
        "staff/notices/<int:pk>/discard/",
        staff_notices.staff_notice_discard,
        name="staff-notice-discard",
    ),
    path(
        "staff/notices/entries/<int:pk>/",
        staff_notices.staff_notice_entry,
        name="staff-notice-entry",
    ),
    path(
        "staff/notices/entries/<int:pk>/remove/",
        staff_notices.staff_notice_entry_remove,
        name="staff-notice-entry-remove",
    ),
]
