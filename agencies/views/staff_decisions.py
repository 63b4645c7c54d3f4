"""The steps by which the staff decide a case, each a form that is sent."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.actions.case_files import add_evidence, remove_evidence
from agencies.actions.violations import (
    confirm_removal,
    decline_removal,
    discard_draft,
    group_incident,
    issue,
    revoke,
)
from agencies.enums import Measure, PenaltyState
from agencies.forms.staff_cases import EvidenceForm, IncidentForm, IssueForm, ReasonForm
from agencies.models import CaseFile, Penalty, Violation
from agencies.queries.desk import case_files, removals_proposed, stakes
from agencies.refusals import Refused
from agencies.tables.cases import RemovalTable
from agencies.views.downloads import download
from agencies.views.lists import paged
from agencies.views.staff_violations import show_case, uploaded


def taken(form: forms.Form, step: Callable[[], object]) -> bool:
    """Whether the form was right and the step was taken; a refusal becomes the form's own error."""
    if not form.is_valid():
        return False
    try:
        step()
    except Refused as refused:
        form.add_error(None, str(refused))
        return False
    return True


@require_POST
@staff_required("agencies.decide_violation")
def staff_violation_issue(request: StaffRequest, pk: int) -> HttpResponse:
    """Issue a draft: from now on it counts."""
    get_object_or_404(Violation, pk=pk)
    form = IssueForm(request.POST)
    if taken(
        form,
        lambda: issue(
            violation_id=pk,
            at=timezone.now(),
            by=request.user,
            seen=form.cleaned_data["seen"],
        ),
    ):
        messages.success(request, _("The violation is issued and the agency is told."))
        return redirect("staff-violation", pk)
    form.data = {}  # what was ticked was about what was shown before
    return show_case(request, pk, issue_form=form)


@require_POST
@staff_required("agencies.decide_violation")
def staff_violation_discard(request: StaffRequest, pk: int) -> HttpResponse:
    """Throw a draft away; nobody but the staff ever saw it."""
    get_object_or_404(Violation, pk=pk)
    try:
        discard_draft(violation_id=pk, at=timezone.now(), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("staff-violation", pk)
    messages.success(request, _("The draft was discarded."))
    return redirect("staff-violations")


@require_POST
@staff_required("agencies.review_appeal")
def staff_violation_revoke(request: StaffRequest, pk: int) -> HttpResponse:
    """Revoke a decision as if it had never been issued."""
    get_object_or_404(Violation, pk=pk)
    form = ReasonForm(request.POST, auto_id="revoke_%s")
    if taken(
        form,
        lambda: revoke(
            violation_id=pk,
            reason=form.cleaned_data["reason"],
            at=timezone.now(),
            by=request.user,
        ),
    ):
        messages.success(request, _("The violation is revoked; points and measures are undone."))
        return redirect("staff-violation", pk)
    return show_case(request, pk, reason_form=form)


@require_POST
@staff_required("agencies.decide_violation")
def staff_violation_evidence(request: StaffRequest, pk: int) -> HttpResponse:
    """Add files to a draft."""
    get_object_or_404(Violation, pk=pk)
    form = EvidenceForm(request.POST, request.FILES)
    if taken(
        form,
        lambda: add_evidence(
            violation_id=pk,
            files=uploaded(form.cleaned_data["evidence"]),
            at=timezone.now(),
            by=request.user,
        ),
    ):
        messages.success(request, _("The evidence was added."))
        return redirect("staff-violation", pk)
    return show_case(request, pk, evidence_form=form)


@require_POST
@staff_required("agencies.decide_violation")
def staff_evidence_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a file out of a draft."""
    file = get_object_or_404(case_files().filter(violation__isnull=False), pk=pk)
    try:
        remove_evidence(file_id=pk, at=timezone.now(), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The evidence was removed."))
    return redirect("staff-violation", file.violation_id)


@require_POST
@staff_required("agencies.decide_violation")
def staff_violation_incident(request: StaffRequest, pk: int) -> HttpResponse:
    """Say which violations of the agency are one event."""
    violation = get_object_or_404(Violation.objects.select_related("agency"), pk=pk)
    form = IncidentForm(request.POST, violation=violation)
    if taken(
        form,
        lambda: group_incident(
            violation_ids=[pk, *(each.pk for each in form.cleaned_data["violations"])],
            title=form.cleaned_data["title"],
            at=timezone.now(),
            by=request.user,
        ),
    ):
        messages.success(request, _("The violations are one incident now."))
        return redirect("staff-violation", pk)
    return show_case(request, pk, incident_form=form)


@require_safe
@staff_required("agencies.view_violation")
def staff_removals(request: StaffRequest) -> HttpResponse:
    """Removals that await a second person, the oldest first."""
    looked(request, None, _("Removals"))
    table = paged(RemovalTable(removals_proposed(), today=timezone.localdate()), request)
    return render(request, "agencies/staff_removals.html", {"table": table})


@require_safe
@staff_required("agencies.view_violation")
def staff_removal(request: StaffRequest, pk: int) -> HttpResponse:
    """One proposed removal: what it follows from and whom it will hit."""
    return _show_removal(request, pk, ReasonForm())


def _show_removal(request: StaffRequest, pk: int, form: ReasonForm) -> HttpResponse:
    penalty = get_object_or_404(
        Penalty.objects.filter(kind=Measure.REMOVAL).select_related(
            "agency", "violation__drafted_by", "violation__issued_by", "proposed_by", "confirmed_by"
        ),
        pk=pk,
    )
    looked(request, penalty)
    today = timezone.localdate()
    context = {
        "removal": penalty,
        "violation": penalty.violation,
        "bindings": penalty.agency.bindings.not_over_on(today).count(),
        "members": penalty.agency.memberships.count(),
        "is_open": penalty.state == PenaltyState.PROPOSED,
        **stakes(request.user, [penalty.violation_id]),
        "form": form,
    }
    return render(request, "agencies/staff_removal.html", context)


@require_POST
@staff_required("agencies.decide_violation")
def staff_removal_confirm(request: StaffRequest, pk: int) -> HttpResponse:
    """Confirm somebody else's removal: it takes effect at once."""
    return _answer_removal(request, pk, confirm_removal, _("The removal is in force."))


@require_POST
@staff_required("agencies.decide_violation")
def staff_removal_decline(request: StaffRequest, pk: int) -> HttpResponse:
    """Decline somebody else's removal; the rest of the decision stands."""
    return _answer_removal(request, pk, decline_removal, _("The removal was not confirmed."))


def _answer_removal(
    request: StaffRequest, pk: int, answer: Callable[..., object], success: str
) -> HttpResponse:
    penalty = get_object_or_404(Penalty, pk=pk, kind=Measure.REMOVAL)
    form = ReasonForm(request.POST)
    if taken(
        form,
        lambda: answer(
            penalty_id=pk,
            reason=form.cleaned_data["reason"],
            at=timezone.now(),
            by=request.user,
        ),
    ):
        messages.success(request, success)
        return redirect("staff-violation", penalty.violation_id)
    return _show_removal(request, pk, form)


@require_safe
@staff_required("agencies.view_violation")
def staff_case_file(request: StaffRequest, pk: int) -> HttpResponse:
    """A file of evidence or of an appeal, to be saved: it is never shown inside the portal."""
    file = get_object_or_404(CaseFile.objects.select_related("violation", "appeal__agency"), pk=pk)
    case = file.violation or file.appeal
    looked(request, case, f"{case}: {file.name}")
    return download(file)
