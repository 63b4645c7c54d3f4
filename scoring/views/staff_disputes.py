"""Disputes at the staff's desk: the list, and one with what the data say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.exports import csv_response
from agencies.models import Membership
from agencies.views.downloads import download
from agencies.views.lists import paged, wants_file
from agencies.views.staff_decisions import taken
from scoring.disputes import accept_dispute, mark_corrected, reject_dispute
from scoring.enums import DisputeKind, DisputeState
from scoring.filters import DisputeFilter
from scoring.forms.disputes import ACCEPT, AnswerForm, CorrectedForm
from scoring.models import Dispute, DisputeFile
from scoring.queries.disputed_data import corrections, disputed_data
from scoring.queries.disputes import all_disputes, waiting, with_files
from scoring.tables import DisputeTable

VIEW, ANSWER = "scoring.view_dispute", "scoring.answer_dispute"
COLUMNS = (
    *("dispute", "agency_code", "agency_name", "month", "kind", "creator_id", "first_day"),
    *("last_day", "state", "filed_at", "filed_by", "what_is_wrong", "answer", "answered_at"),
    "corrected_at",
)
FIELDS = (
    *("pk", "agency__code", "agency__name", "month", "kind", "creator_code", "first_day"),
    *("last_day", "state", "filed_at", "filed_by__email", "text", "answer", "answered_at"),
    "corrected_at",
)


@require_safe
@staff_required(VIEW)
def staff_disputes(request: StaffRequest) -> HttpResponse:
    """All disputes, those that wait first; filters in the address, also as CSV."""
    chosen = DisputeFilter(request.GET, queryset=all_disputes(), user=request.user)
    looked(request, None, _("Disputes"))
    if wants_file(request, chosen):
        return csv_response("disputes.csv", COLUMNS, _rows(chosen.found))
    table = paged(DisputeTable(chosen.found, today=timezone.localdate()), request)
    context = {"filter": chosen, "table": table, "waiting": waiting()}
    return render(request, "scoring/staff_disputes.html", context)


def _rows(disputes: QuerySet[Any]) -> Iterator[tuple[object, ...]]:
    return disputes.values_list(*FIELDS).iterator(chunk_size=1_000)


@require_safe
@staff_required(VIEW)
def staff_dispute(request: StaffRequest, pk: int) -> HttpResponse:
    """One dispute: what the agency says, what the data say, and the steps that are left."""
    return _show(request, pk)


@require_POST
@staff_required(ANSWER)
def staff_dispute_decide(request: StaffRequest, pk: int) -> HttpResponse:
    """Accept or reject a dispute, with an answer."""
    dispute = get_object_or_404(Dispute, pk=pk)
    form = AnswerForm(request.POST, decided=dispute.state == DisputeState.ACCEPTED)

    def answer() -> None:
        accepted = form.cleaned_data["verdict"] == ACCEPT
        (accept_dispute if accepted else reject_dispute)(
            dispute_id=pk,
            answer=form.cleaned_data["answer"],
            at=timezone.now(),
            by=request.user,
        )

    if taken(form, answer):
        messages.success(request, _("The dispute is answered and the agency is told."))
        return redirect("staff-dispute", pk)
    return _show(request, pk, answer_form=form)


@require_POST
@staff_required(ANSWER)
def staff_dispute_corrected(request: StaffRequest, pk: int) -> HttpResponse:
    """Say by which import the data of an accepted dispute were corrected."""
    dispute = get_object_or_404(Dispute, pk=pk)
    form = _corrected_form(dispute, request.POST)
    if taken(
        form,
        lambda: mark_corrected(
            dispute_id=pk,
            imported_file_id=form.cleaned_data["imported"],
            at=timezone.now(),
            by=request.user,
        ),
    ):
        messages.success(request, _("The dispute is marked as corrected and the agency is told."))
        return redirect("staff-dispute", pk)
    return _show(request, pk, corrected_form=form)


@require_safe
@staff_required(VIEW)
def staff_dispute_file(request: StaffRequest, pk: int) -> HttpResponse:
    """A file of a dispute, to be saved."""
    file = get_object_or_404(DisputeFile.objects.select_related("dispute"), pk=pk)
    looked(request, file.dispute, f"{file.dispute}: {file.name}")
    return download(file)


def _corrected_form(dispute: Dispute, data: Any = None) -> CorrectedForm:
    attribution = dispute.kind == DisputeKind.ATTRIBUTION
    return CorrectedForm(data, imports=corrections(dispute), others=attribution)


def _show(
    request: StaffRequest,
    pk: int,
    *,
    answer_form: AnswerForm | None = None,
    corrected_form: CorrectedForm | None = None,
) -> HttpResponse:
    people = ("agency", "filed_by", "answered_by", "corrected_by")
    seat = Membership.objects.filter(user=request.user, agency=OuterRef("agency"))
    disputes = with_files(Dispute.objects.select_related(*people))
    dispute = get_object_or_404(disputes.annotate(of_reader=Exists(seat)), pk=pk)
    looked(request, dispute)
    accepted = dispute.state == DisputeState.ACCEPTED
    context: dict[str, Any] = {
        "dispute": dispute,
        "data": disputed_data(dispute),
        "is_open": dispute.state == DisputeState.OPEN,
        "is_accepted": accepted,
        "form": answer_form or AnswerForm(decided=accepted),
        "corrected_form": None,
    }
    if accepted:
        context["corrected_form"] = corrected_form or _corrected_form(dispute)
    return render(request, "scoring/staff_dispute.html", context)
