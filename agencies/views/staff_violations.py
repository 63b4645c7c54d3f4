"""Violations at the staff's desk: the list, one case, drafting and changing a draft."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.actions.case_files import OPEN_TO_EVIDENCE, NewFile
from agencies.actions.drafting import amend_case, draft_case
from agencies.enums import ViolationKind, ViolationState
from agencies.exports import csv_response
from agencies.filters.cases import ViolationFilter
from agencies.forms.staff_cases import (
    GROUPABLE,
    BeginForm,
    EvidenceForm,
    IncidentForm,
    IssueForm,
    ReasonForm,
    ViolationForm,
    first_values,
    stored_values,
)
from agencies.ledger import balances_on, preview
from agencies.models import Agency, Violation
from agencies.policy import conduct_policy
from agencies.queries.cases import violation_page
from agencies.queries.changes import changes_of
from agencies.queries.desk import case as desk_case
from agencies.queries.desk import (
    digest_of_draft,
    removals_proposed,
    stakes,
    violations_due_first,
    with_points_taken,
)
from agencies.queries.linked import linked_to
from agencies.refusals import Refused
from agencies.tables.cases import ViolationTable
from agencies.views.lists import paged, wants_file
from agencies.wording import told_steps

COLUMNS = (
    *("case_number", "agency_code", "agency_name", "kind", "state", "occurred_on", "decided_on"),
    *("appeal_until", "points_asked", "points_taken", "summary"),
)
MOST_FOUND = 20


@require_safe
@staff_required("agencies.view_violation")
def staff_violations(request: StaffRequest) -> HttpResponse:
    """All violations by what is due first, with filters in the address; also as CSV."""
    today = timezone.localdate()
    chosen = ViolationFilter(
        request.GET, queryset=violations_due_first(today=today), user=request.user
    )
    looked(request, None, _("Violations"))
    if wants_file(request, chosen):
        return csv_response("violations.csv", COLUMNS, _rows(chosen.found))
    table = paged(ViolationTable(chosen.found, today=today), request)
    context = {"filter": chosen, "table": table}
    return render(request, "agencies/staff_violations.html", context)


def _rows(violations: QuerySet[Any]) -> Iterator[list[object]]:
    for each in with_points_taken(violations).iterator(chunk_size=2_000):
        yield [
            *(each.reference, each.agency.code, each.agency.name, each.kind, each.state),
            *(each.occurred_on, each.decided_on, each.appeal_until, each.points),
            *(None if each.taken is None else -each.taken, each.summary),
        ]


@require_safe
@staff_required("agencies.view_violation")
def staff_violation(request: StaffRequest, pk: int) -> HttpResponse:
    """One case: facts, agency, evidence, measures, who did what, and the next steps."""
    return show_case(request, pk)


def show_case(request: StaffRequest, pk: int, **refused: Form) -> HttpResponse:
    """The page of a case; `refused` is a form to be shown again, by its name on the page."""
    case = get_object_or_404(desk_case(pk))
    looked(request, case)
    is_draft = case.state == ViolationState.DRAFT
    seen = digest_of_draft(case) if is_draft else ""  # before the rest is read, see there
    page = violation_page(case)
    today = timezone.localdate()
    removal = removals_proposed().filter(violation=case).first()
    incident_form = IncidentForm(violation=case)
    context = {
        "violation": case,
        "is_draft": is_draft,
        "seen": seen,
        "page": page,
        "steps": told_steps(page.steps),
        "balance": balances_on(today, [case.agency_id]).get(case.agency_id),
        "preview": preview(case.agency_id, points=case.points, on=today) if is_draft else None,
        "linked": linked_to(case.agency),
        "notices": case.notice_entries.select_related("notice"),
        "changes": changes_of(case, with_parts=True),
        "removal": removal,
        **stakes(request.user, [pk]),
        "takes_evidence": case.state in OPEN_TO_EVIDENCE,
        "revocable": case.state in (ViolationState.ISSUED, ViolationState.APPEALED),
        "groupable": case.state in GROUPABLE and incident_form.offers,
        "issue_form": IssueForm(),
        "evidence_form": EvidenceForm(),
        "incident_form": incident_form,
        "reason_form": ReasonForm(auto_id="revoke_%s"),
        "removal_form": ReasonForm(auto_id="removal_%s"),
        "refused": next(iter(refused.values()), None),
        **refused,
    }
    return render(request, "agencies/staff_violation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required("agencies.decide_violation")
def staff_violation_new(request: StaffRequest) -> HttpResponse:
    """Draft a violation: first whose and of which kind, then the form that the rules fill in."""
    policy = conduct_policy(timezone.localdate())
    begun = bool(request.GET.get("agency") and request.GET.get("kind"))
    begin = BeginForm(
        request.GET if begun else None, initial=request.GET.dict(), kinds=sorted(policy.kinds)
    )
    agency = _chosen(begin)
    if agency is None:
        return _choose(request, begin)
    kind = begin.cleaned_data["kind"]
    template = policy.template(kind)
    form = ViolationForm(
        *(request.POST or None, request.FILES or None),
        agency=agency,
        linked=linked_to(agency),
        initial=first_values(points=template.points, measures=template.measures),
    )
    if form.is_valid():
        try:
            violation = draft_case(
                agency=agency,
                kind=kind,
                request_key=form.cleaned_data["request_key"],
                by=request.user,
                **_facts(form),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The draft is kept. Nothing takes effect until issued."))
            return redirect("staff-violation", violation.pk)
    return _show_form(request, form, agency, kind)


def _chosen(begin: BeginForm) -> Agency | None:
    """The agency whose code was given whole."""
    if not begin.is_valid():
        return None
    return Agency.objects.filter(code=begin.cleaned_data["agency"].strip()).first()


def _choose(request: StaffRequest, begin: BeginForm) -> HttpResponse:
    """The first step, with the agencies that fit what was typed."""
    found: list[Agency] | None = None
    if begin.is_bound and begin.is_valid():
        text = begin.cleaned_data["agency"].strip()
        fitting = Agency.objects.filter(Q(code__istartswith=text) | Q(name__icontains=text))
        found = list(fitting.order_by("code")[:MOST_FOUND])
        looked(request, None, _("Agencies: %(text)s") % {"text": text})
    context = {"form": begin, "found": found, "most": MOST_FOUND}
    return render(request, "agencies/staff_violation_new.html", context)


def _facts(form: ViolationForm) -> dict[str, Any]:
    """What the form holds, as `draft_case` and `amend_case` take it."""
    given = form.cleaned_data
    return {
        **{name: given[name] for name in ("occurred_on", "summary", "points")},
        **{name: given[name] for name in ("incident", "incident_title")},
        "measures": form.measures(),
        "files": uploaded(given["evidence"]),
        "at": timezone.now(),
    }


def uploaded(files: list[UploadedFile]) -> list[NewFile]:
    """Uploads as the actions take them; `FilesField` saw to it that they are few and small."""
    return [NewFile(name=each.name or "", content=each.read()) for each in files]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required("agencies.decide_violation")
def staff_violation_edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a draft; what is issued stays as it is."""
    violation = get_object_or_404(Violation.objects.select_related("agency", "incident"), pk=pk)
    if violation.state != ViolationState.DRAFT:
        messages.error(request, _("This violation was issued: only drafts can be changed."))
        return redirect("staff-violation", pk)
    form = ViolationForm(
        *(request.POST or None, request.FILES or None),
        agency=violation.agency,
        linked=linked_to(violation.agency),
        draft=violation,
        initial=stored_values(violation),
    )
    if form.is_valid():
        try:
            amend_case(
                violation_id=pk,
                kind=violation.kind,
                seen=form.cleaned_data["seen"],
                by=request.user,
                **_facts(form),
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The draft was changed."))
            return redirect("staff-violation", pk)
    return _show_form(request, form, violation.agency, violation.kind, violation)


def _show_form(
    request: StaffRequest,
    form: ViolationForm,
    agency: Agency,
    kind: str,
    violation: Violation | None = None,
) -> HttpResponse:
    looked(request, violation or agency)
    today: date = timezone.localdate()
    context = {
        "form": form,
        "agency": agency,
        "kind": ViolationKind(kind).label,
        "violation": violation,
        "balance": balances_on(today, [agency.pk]).get(agency.pk),
    }
    return render(request, "agencies/staff_violation_form.html", context)
