"""Bindings at the staff's desk: the list, binding, ending, moving with a preview."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.actions.bindings import TransferResult, bind, end_binding
from agencies.actions.transfers import (
    TransferOrder,
    TransferShown,
    show_transfer,
    transfer_as_shown,
)
from agencies.exports import csv_response
from agencies.filters.bindings import BindingFilter
from agencies.forms.staff_bindings import BindForm, EndBindingForm, TransferForm
from agencies.models import Binding
from agencies.queries.wishes import all_bindings
from agencies.refusals import Refused
from agencies.tables.bindings import BindingTable
from agencies.views.lists import uncounted, wants_file
from agencies.views.missing import missing_is_404
from agencies.views.staff_decisions import taken

MANAGE = "agencies.manage_binding"
COLUMNS = ("agency_code", "agency_name", "creator_id", "nickname", "bound_from", "bound_until")


@require_safe
@staff_required("agencies.view_binding")
def staff_bindings(request: StaffRequest) -> HttpResponse:
    """All bindings with filters in the address, never counted; also as CSV."""
    today = timezone.localdate()
    chosen = BindingFilter(request.GET, queryset=all_bindings(), user=request.user, today=today)
    looked(request, chosen.agency_asked, _("Bindings"))
    if wants_file(request, chosen):
        return csv_response("bindings.csv", COLUMNS, _rows(chosen.found))
    page = uncounted(chosen.found, request)
    table = BindingTable(page.object_list, today=today, may_act=request.user.has_perm(MANAGE))
    context = {"filter": chosen, "table": table, "page": page}
    return render(request, "agencies/staff_bindings.html", context)


def _rows(bindings: QuerySet[Any]) -> Iterator[tuple[object, ...]]:
    return bindings.values_list(
        *("agency__code", "agency__name", "creator__creator_id", "creator__nickname"),
        *("bound_from", "bound_until"),
    ).iterator(chunk_size=5_000)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(MANAGE)
def staff_bind(request: StaffRequest) -> HttpResponse:
    """Bind a creator by the platform, with a reason; the rules hold here too."""
    initial = {
        "agency": request.GET.get("agency", ""),
        "creator": request.GET.get("creator", ""),
        "on": timezone.localdate(),
    }
    form = BindForm(request.POST or None, initial=initial)
    if request.method == "POST" and taken(
        form, lambda: bind(**form.cleaned_data, at=timezone.now(), by=request.user)
    ):
        messages.success(request, _("The creator is bound and the agency is told."))
        return redirect(_bindings_of(form.cleaned_data["agency"].code))
    return render(request, "agencies/staff_binding_new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(MANAGE)
def staff_end_binding(request: StaffRequest, pk: int) -> HttpResponse:
    """End a binding by the platform, with a reason."""
    binding = get_object_or_404(Binding.objects.select_related("agency", "creator"), pk=pk)
    form = EndBindingForm(request.POST or None, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and taken(form, lambda: _end(request, pk, form)):
        messages.success(request, _("The end of the binding is set and the agency is told."))
        return redirect(_bindings_of(binding.agency.code))
    looked(request, binding)
    context = {"form": form, "binding": binding}
    return render(request, "agencies/staff_binding_end.html", context)


def _end(request: StaffRequest, pk: int, form: EndBindingForm) -> None:
    with missing_is_404():
        end_binding(binding_id=pk, **form.cleaned_data, at=timezone.now(), by=request.user)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(MANAGE)
def staff_transfer(request: StaffRequest) -> HttpResponse:
    """Move creators to another agency: choose, look at what would happen, confirm.

    The confirmation carries what was looked at; a changed situation is shown again instead.
    """
    form = TransferForm(request.POST or None, initial={"on": timezone.localdate()})
    shown = None
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["seen"]:
                done = _transfer(request, form)
                messages.success(request, _said(done))
                return redirect(_bindings_of(form.cleaned_data["to_agency"].code))
            shown = _show(form)
        except Refused as refused:
            form.add_error(None, str(refused))
            shown = _show_again(form) if refused.rule == "changed" else None
    if shown:
        looked(request, form.cleaned_data["to_agency"], _("Preview of a transfer"))
    context = {"form": form, "shown": shown}
    return render(request, "agencies/staff_transfer.html", context)


def _order(form: TransferForm) -> TransferOrder:
    given = form.cleaned_data
    return TransferOrder(
        to_agency=given["to_agency"],
        on=given["on"],
        creator_ids=tuple(given["creators"]) or None,
        from_agency=given["from_agency"],
    )


def _show(form: TransferForm) -> TransferShown:
    return show_transfer(_order(form), at=timezone.now())


def _show_again(form: TransferForm) -> TransferShown | None:
    try:
        return _show(form)
    except Refused as refused:
        form.add_error(None, str(refused))
        return None


def _transfer(request: StaffRequest, form: TransferForm) -> TransferResult:
    given: dict[str, Any] = form.cleaned_data
    return transfer_as_shown(
        _order(form),
        seen=given["seen"],
        reason=given["reason"],
        at=timezone.now(),
        by=request.user,
    )


def _said(done: TransferResult) -> str:
    moved, stayed = len(done.moved), len(done.refused)
    sentence = ngettext(
        "%(moved)d creator was moved and the agencies are told.",
        "%(moved)d creators were moved and the agencies are told.",
        moved,
    ) % {"moved": moved}
    if not stayed:
        return sentence
    more = ngettext(
        "%(stayed)d stayed where it was.", "%(stayed)d stayed where they were.", stayed
    ) % {"stayed": stayed}
    return f"{sentence} {more}"


def _bindings_of(code: str) -> str:
    return f"{reverse('staff-bindings')}?agency={code}"
