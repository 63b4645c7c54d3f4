"""Addresses where the staff decide cases."""

from __future__ import annotations

from django.urls import URLPattern, path

from agencies.views import staff_appeals, staff_credit, staff_decisions, staff_violations

CASE = "staff/violations/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path("staff/violations/", staff_violations.staff_violations, name="staff-violations"),
    path("staff/violations/new/", staff_violations.staff_violation_new, name="staff-violation-new"),
    path(CASE, staff_violations.staff_violation, name="staff-violation"),
    path(f"{CASE}edit/", staff_violations.staff_violation_edit, name="staff-violation-edit"),
    path(f"{CASE}issue/", staff_decisions.staff_violation_issue, name="staff-violation-issue"),
    path(
        f"{CASE}discard/", staff_decisions.staff_violation_discard, name="staff-violation-discard"
    ),
    path(f"{CASE}revoke/", staff_decisions.staff_violation_revoke, name="staff-violation-revoke"),
    path(
        f"{CASE}evidence/",
        staff_decisions.staff_violation_evidence,
        name="staff-violation-evidence",
    ),
    path(
        "staff/evidence/<int:pk>/remove/",
        staff_decisions.staff_evidence_remove,
        name="staff-evidence-remove",
    ),
    path(
        f"{CASE}incident/",
        staff_decisions.staff_violation_incident,
        name="staff-violation-incident",
    ),
    path("staff/removals/", staff_decisions.staff_removals, name="staff-removals"),
    path("staff/removals/<int:pk>/", staff_decisions.staff_removal, name="staff-removal"),
    path(
        "staff/removals/<int:pk>/confirm/",
        staff_decisions.staff_removal_confirm,
        name="staff-removal-confirm",
    ),
    path(
        "staff/removals/<int:pk>/decline/",
        staff_decisions.staff_removal_decline,
        name="staff-removal-decline",
    ),
    path("staff/appeals/", staff_appeals.staff_appeals, name="staff-appeals"),
    path("staff/appeals/<int:pk>/", staff_appeals.staff_appeal, name="staff-appeal"),
    path(
        "staff/appeals/<int:pk>/decide/",
        staff_appeals.staff_appeal_decide,
        name="staff-appeal-decide",
    ),
    path("staff/credit/", staff_credit.staff_ledger, name="staff-ledger"),
    path("staff/credit/award/", staff_credit.staff_award, name="staff-award"),
    path("staff/files/<int:pk>/", staff_decisions.staff_case_file, name="staff-case-file"),
]
