"""Wishes to part at the staff's desk: what the platform was called into, and what runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.actions.unbinding import decide
from agencies.enums import UnbindingState
from agencies.exports import csv_response
from agencies.filters.bindings import UnbindingFilter
from agencies.forms.staff_bindings import DecideUnbindingForm
from agencies.models import Unbinding
from agencies.queries.changes import changes_of
from agencies.queries.wishes import steps_of, wishes_due_first
from agencies.tables.bindings import UnbindingTable
from agencies.views.lists import paged, wants_file
from agencies.views.missing import missing_is_404
from agencies.views.staff_decisions import taken

COLUMNS = (
    *("agency_code", "creator_id", "asked_by", "state", "asked_at", "silent_on", "called_in_at"),
    *("reason", "reason_of_refusal"),
)


@require_safe
@staff_required("agencies.view_binding")
def staff_unbindings(request: StaffRequest) -> HttpResponse:
    """The open wishes to part, those before the platform first; also as CSV."""
    chosen = UnbindingFilter(request.GET, queryset=wishes_due_first(), user=request.user)
    looked(request, chosen.agency_asked, _("Wishes to part"))
    if wants_file(request, chosen):
        return csv_response("wishes-to-part.csv", COLUMNS, _rows(chosen.found))
    table = paged(UnbindingTable(chosen.found, today=timezone.localdate()), request)
    context = {"filter": chosen, "table": table}
    return render(request, "agencies/staff_unbindings.html", context)


def _rows(wishes: QuerySet[Any]) -> Iterator[list[object]]:
    for each in wishes.iterator(chunk_size=2_000):
        yield [
            *(each.binding.agency.code, each.binding.creator.creator_id, each.side, each.state),
            *(each.asked_at, each.silent_on, each.called_in_at, each.reason, each.objection),
        ]


@require_safe
@staff_required("agencies.view_binding")
def staff_unbinding(request: StaffRequest, pk: int) -> HttpResponse:
    """One wish to part, with both sides' words and what was done about it."""
    return _show(request, _wish(pk), DecideUnbindingForm())


@require_POST
@staff_required("agencies.manage_binding")
def staff_unbinding_decide(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep the binding, or end it, for a reason that both sides read."""
    wish = _wish(pk)
    form = DecideUnbindingForm(request.POST)
    if taken(form, lambda: _decide(request, pk, form)):
        messages.success(request, _("The decision is taken and both sides are told."))
        return redirect("staff-unbindings")
    return _show(request, _wish(wish.pk), form)


def _decide(request: StaffRequest, pk: int, form: DecideUnbindingForm) -> None:
    with missing_is_404():
        decide(
            unbinding_id=pk,
            keep=form.cleaned_data["verdict"] == form.KEEP,
            reason=form.cleaned_data["reason"],
            at=timezone.now(),
            by=request.user,
        )


def _wish(pk: int) -> Unbinding:
    related = ("binding__agency", "binding__creator", "asked_by")
    return get_object_or_404(Unbinding.objects.select_related(*related), pk=pk)


def _show(request: StaffRequest, wish: Unbinding, form: DecideUnbindingForm) -> HttpResponse:
    looked(request, wish.binding.agency, f"{_('Wish to part')}: {wish}")
    states = dict(UnbindingState.choices)
    context = {
        "wish": wish,
        "form": form,
        "may_decide": wish.state == UnbindingState.CALLED_IN
        and request.user.has_perm("agencies.manage_binding"),
        "steps": [(step, states.get(step.to_state, "–")) for step in steps_of(wish)],
        "changes": changes_of(wish),
    }
    return render(request, "agencies/staff_unbinding.html", context)
