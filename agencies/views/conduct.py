"""What an agency sees of its conduct: credit, decisions, appeals."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import AgencyRequest, agency_required, closed, owner_required
from agencies.actions.appeals import file_appeal
from agencies.actions.case_files import NewFile
from agencies.enums import PenaltyState, Role, ViolationState
from agencies.forms.agency import AppealForm
from agencies.models import CaseFile, Violation
from agencies.queries.cases import violation_page
from agencies.queries.credit import credit_page
from agencies.queries.own_conduct import (
    appealable,
    closure,
    days_left,
    kind_title,
    measures_on,
    own_siblings,
    steps_in_words,
    violations_of,
)
from agencies.refusals import Refused
from agencies.tables.agency import LedgerTable, ViolationTable
from agencies.views.lists import paged

VIOLATIONS_PER_PAGE = 10
LINES_PER_PAGE = 20


@require_safe
@agency_required(open_to_removed=True)
def conduct(request: AgencyRequest) -> HttpResponse:
    """Credit with its bands and ledger, measures, violations; why a workplace is or may be closed.

    The decision behind a closure or a proposed removal is told with it, not once more.
    """
    today = timezone.localdate()
    agency = request.agency
    credit = credit_page(agency, today=today)
    shut = closure(agency, account_id=request.user.pk, today=today) if closed(request) else None
    measures = measures_on(agency, today=today)
    removal = next((each for each in measures if each.state == PenaltyState.PROPOSED), None)
    told = [shut and shut.case, removal and removal.violation]
    open_cases = list(appealable(agency, today=today))
    return render(
        request,
        "agencies/conduct.html",
        {
            "credit": credit,
            "closure": shut,
            "removed": agency.is_removed(today),
            "removal": removal,
            "measures": measures,
            "open_cases": open_cases,
            "appealable": [each for each in open_cases if each not in told],
            "violations": paged(
                ViolationTable(violations_of(agency), today=today, prefix="case-"),
                request,
                per_page=VIOLATIONS_PER_PAGE,
            ),
            "ledger": paged(
                LedgerTable(credit.lines, prefix="line-"),
                request,
                per_page=LINES_PER_PAGE,
                counted=credit.entries,
            ),
        },
    )


@require_safe
@agency_required(open_to_removed=True)
def violation(request: AgencyRequest, reference: str) -> HttpResponse:
    """A decision: what, why, with what effect, and what can be done about it."""
    return _decision(request, _found(request, reference))


@require_POST
@agency_required(open_to_removed=True)
@owner_required
def appeal(request: AgencyRequest, reference: str) -> HttpResponse:
    """File an appeal against a decision, and the others of its incident that were ticked."""
    found = _found(request, reference)
    form = AppealForm(request.POST, request.FILES, others=_others(request, found))
    if not form.is_valid():
        return _decision(request, found, form=form)
    try:
        file_appeal(
            agency=request.agency,
            violation_ids=[found.pk, *(each.pk for each in form.chosen)],
            text=form.cleaned_data["text"],
            files=[NewFile(each.name, each.read()) for each in form.cleaned_data["attachments"]],
            at=timezone.now(),
            by=request.user,
        )
    except Refused as refused:
        return _decision(request, _found(request, reference), form=form, refusal=str(refused))
    messages.success(request, _("Your appeal has been filed. The platform answers on this page."))
    return redirect("violation", reference=reference)


@require_safe
@agency_required(open_to_removed=True)
def case_file(request: AgencyRequest, pk: int) -> HttpResponse:
    """A file of one of the agency's own cases, as a download."""
    own = Q(violation__in=request.agency.violations.decided()) | Q(
        appeal__in=request.agency.appeals.all()
    )
    file = get_object_or_404(CaseFile.objects.filter(own), pk=pk)
    response = HttpResponse(bytes(file.content), content_type=file.content_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name)
    response["Cache-Control"] = "private, no-store"
    return response


def _found(request: AgencyRequest, reference: str) -> Violation:
    if "\x00" in reference:
        raise Http404  # the database takes no such text
    decided = request.agency.violations.decided().select_related("incident", "appeal")
    return get_object_or_404(decided, reference=reference)


def _others(request: AgencyRequest, found: Violation) -> list[Violation]:
    """The decisions of the same incident that could be appealed with this one."""
    if found.incident_id is None:
        return []
    today = timezone.localdate()
    open_ones = appealable(request.agency, today=today)
    return list(open_ones.filter(incident_id=found.incident_id).exclude(pk=found.pk))


def _decision(
    request: AgencyRequest, found: Violation, *, form: AppealForm | None = None, refusal: str = ""
) -> HttpResponse:
    today = timezone.localdate()
    left = days_left(found, today=today)
    page = violation_page(found)
    context: dict[str, Any] = {
        "violation": found,
        "kind_title": kind_title(found),
        "page": page,
        "siblings": own_siblings(page),
        "steps": steps_in_words(page),
        "today": today,
        "days_left": left,
        "late": found.state == ViolationState.ISSUED and left is None,
        "is_owner": request.membership.role == Role.OWNER,
        "refusal": refusal,
    }
    if left is not None and context["is_owner"]:
        context["form"] = form or AppealForm(others=_others(request, found))
    return render(request, "agencies/violation.html", context)
