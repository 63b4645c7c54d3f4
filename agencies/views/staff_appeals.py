"""Appeals at the staff's desk: the queue, and one appeal with its verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.actions.appeals import decide_appeal
from agencies.enums import Subject, ViolationState
from agencies.exports import csv_response
from agencies.filters.cases import AppealFilter
from agencies.forms.staff_cases import VerdictForm
from agencies.models import Appeal, ConductEvent
from agencies.queries.cases import appeal_figures, overdue_appeals
from agencies.queries.desk import (
    appeals_due_first,
    case_files,
    stakes,
    violations_of,
)
from agencies.tables.cases import AppealTable, countdown
from agencies.views.lists import paged, wants_file
from agencies.views.staff_decisions import taken
from agencies.wording import told_steps

COLUMNS = (
    *("appeal", "agency_code", "agency_name", "filed_at", "filed_by", "answer_due_on"),
    *("decided_at", "case_number", "kind", "state", "points_asked", "reason_of_the_review"),
)


@require_safe
@staff_required("agencies.view_violation")
def staff_appeals(request: StaffRequest) -> HttpResponse:
    """Appeals, undecided ones by the day the answer is due, with figures per kind; also as CSV."""
    today = timezone.localdate()
    chosen = AppealFilter(request.GET, queryset=appeals_due_first(), user=request.user)
    looked(request, None, _("Appeals"))
    if wants_file(request, chosen):
        return csv_response("appeals.csv", COLUMNS, _rows(chosen.found))
    table = paged(AppealTable(chosen.found, today=today), request)
    context = {
        "filter": chosen,
        "table": table,
        "figures": appeal_figures(),
        "overdue": overdue_appeals(today=today),
    }
    return render(request, "agencies/staff_appeals.html", context)


def _rows(appeals: QuerySet[Any]) -> Iterator[list[object]]:
    """One row for each violation that an appeal names."""
    for appeal in appeals.prefetch_related("violations").iterator(chunk_size=1_000):
        for each in appeal.violations.all():
            yield [
                *(appeal.pk, appeal.agency.code, appeal.agency.name, appeal.filed_at),
                *(appeal.filed_by, appeal.due_on, appeal.decided_at),
                *(each.reference, each.kind, each.state, each.points, each.review_reason),
            ]


@require_safe
@staff_required("agencies.view_violation")
def staff_appeal(request: StaffRequest, pk: int) -> HttpResponse:
    """One appeal: what the agency says, what was decided, and a verdict on each violation."""
    return _show(request, pk, None)


def _show(request: StaffRequest, pk: int, form: VerdictForm | None) -> HttpResponse:
    appeal = get_object_or_404(
        Appeal.objects.select_related("agency", "filed_by").prefetch_related(
            Prefetch("files", case_files())
        ),
        pk=pk,
    )
    looked(request, appeal)
    violations = list(violations_of(appeal))
    waiting = [each for each in violations if each.state == ViolationState.APPEALED]
    steps = ConductEvent.objects.filter(subject=Subject.APPEAL, subject_id=pk)
    context = {
        "appeal": appeal,
        "violations": violations,
        "is_open": appeal.decided_at is None,
        "countdown": countdown(appeal.due_on, timezone.localdate()),
        "steps": told_steps(steps.select_related("actor").order_by("pk")),
        **stakes(request.user, [each.pk for each in violations]),
        "form": form or VerdictForm(violations=waiting),
    }
    return render(request, "agencies/staff_appeal.html", context)


@require_POST
@staff_required("agencies.review_appeal")
def staff_appeal_decide(request: StaffRequest, pk: int) -> HttpResponse:
    """Decide an appeal: a verdict on each violation, one reason for all."""
    appeal = get_object_or_404(Appeal, pk=pk)
    waiting = appeal.violations.filter(state=ViolationState.APPEALED).order_by("pk")
    form = VerdictForm(request.POST, violations=list(waiting))
    if taken(
        form,
        lambda: decide_appeal(
            appeal_id=pk,
            verdicts=form.verdicts(),
            reason=form.cleaned_data["reason"],
            at=timezone.now(),
            by=request.user,
        ),
    ):
        messages.success(request, _("The appeal is decided and the agency is told."))
        return redirect("staff-appeal", pk)
    return _show(request, pk, form)
