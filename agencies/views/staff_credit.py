"""The credit ledger at the staff's desk, and awards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.actions.awards import award_credit
from agencies.exports import csv_response
from agencies.filters.cases import LedgerFilter
from agencies.forms.staff_cases import AgencyForm, AwardForm
from agencies.ledger import balances_on, running
from agencies.models import Agency
from agencies.policy import conduct_policy
from agencies.queries.desk import is_member, ledger_lines
from agencies.tables.cases import LedgerTable, reason_of
from agencies.views.lists import uncounted, wants_file
from agencies.views.staff_decisions import taken

COLUMNS = (
    *("agency_code", "agency_name", "line", "effective_on", "kind", "points_asked", "points"),
    *("balance", "case_number", "reason", "written_at", "by"),
)


@require_safe
@staff_required("agencies.view_creditentry")
def staff_ledger(request: StaffRequest) -> HttpResponse:
    """The lines of all ledgers, the last written first; of one agency with its balances."""
    chosen = LedgerFilter(request.GET, queryset=ledger_lines(), user=request.user)
    agency = chosen.agency_asked
    looked(request, agency, _("Credit ledger"))
    balances = _balances(agency) if agency else None
    if wants_file(request, chosen):
        return csv_response("credit.csv", COLUMNS, _rows(chosen.found, balances or {}))
    lines = chosen.found.order_by("-effective_on", "-number") if agency else chosen.found
    page = uncounted(lines, request)
    table = LedgerTable(page.object_list, today=timezone.localdate(), running=balances)
    context = {"filter": chosen, "table": table, "page": page, "agency": agency}
    return render(request, "agencies/staff_ledger.html", context)


def _balances(agency: Agency) -> dict[int, int]:
    """The balance after each line of one agency, by the line's number."""
    return {line.number: line.balance for line in running(agency.pk)}


def _rows(entries: QuerySet[Any], balances: dict[int, int]) -> Iterator[list[object]]:
    for each in entries.iterator(chunk_size=2_000):
        yield [
            *(each.agency.code, each.agency.name, each.number, each.effective_on, each.kind),
            *(None if each.asked is None else -each.asked, each.points),
            balances.get(each.number),
            *(each.violation and each.violation.reference, reason_of(each), each.created_at),
            each.actor,
        ]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required("agencies.grant_honour")
def staff_award(request: StaffRequest) -> HttpResponse:
    """Award credit to the agency that the address names; at most what fits below the cap."""
    begin = AgencyForm(request.GET if "agency" in request.GET else None)
    if not begin.is_valid():
        return render(request, "agencies/staff_award.html", {"agency": None, "begin": begin})
    agency = begin.cleaned_data["agency"]
    today = timezone.localdate()
    form = AwardForm(request.POST or None)
    if request.method == "POST" and taken(
        form,
        lambda: award_credit(
            agency=agency, **form.cleaned_data, at=timezone.now(), by=request.user
        ),
    ):
        messages.success(request, _("The credit is awarded and the agency is told."))
        return redirect(reverse("staff-ledger", query={"agency": agency.code}))
    looked(request, agency)
    balance = balances_on(today, [agency.pk]).get(agency.pk, 0)
    cap = conduct_policy(today).cap
    context = {
        "agency": agency,
        "form": form,
        "balance": balance,
        "cap": cap,
        "room": max(cap - balance, 0),
        "is_member": is_member(request.user, [agency.pk]),
    }
    return render(request, "agencies/staff_award.html", context)
