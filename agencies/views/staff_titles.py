"""Titles at the staff's desk: the list, granting, withdrawing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.actions.honours import grant_title, honours_cancelled, withdraw_title
from agencies.exports import csv_response
from agencies.filters.notices import TitleFilter
from agencies.forms.notices import GrantTitleForm, WithdrawTitleForm
from agencies.models import Title
from agencies.queries.changes import changes_of
from agencies.tables.notices import TitleTable
from agencies.views.lists import paged, wants_file
from agencies.views.staff_decisions import taken

GRANT = "agencies.grant_honour"
COLUMNS = ("agency_code", "agency_name", "name_zh", "name_en", "granted_on", "withdrawn_on")


@require_safe
@staff_required("agencies.view_title")
def staff_titles(request: StaffRequest) -> HttpResponse:
    """All titles, newest first, with filters in the address; also as CSV."""
    today = timezone.localdate()
    titles = Title.objects.select_related("agency", "granted_by").order_by("-granted_on", "-pk")
    chosen = TitleFilter(request.GET, queryset=titles, user=request.user)
    looked(request, None, _("Titles"))
    if wants_file(request, chosen):
        return csv_response("titles.csv", COLUMNS, _rows(chosen.found))
    table = TitleTable(
        chosen.found,
        today=today,
        cancelled=honours_cancelled(today),
        may_act=request.user.has_perm(GRANT),
    )
    context = {"filter": chosen, "table": paged(table, request)}
    return render(request, "agencies/staff_titles.html", context)


def _rows(titles: QuerySet[Any]) -> Iterator[tuple[object, ...]]:
    columns = ("name_zh", "name_en", "granted_on", "withdrawn_on")
    return titles.values_list("agency__code", "agency__name", *columns).iterator(chunk_size=2_000)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(GRANT)
def staff_title_grant(request: StaffRequest) -> HttpResponse:
    """Grant a title to an agency."""
    initial = {"agency": request.GET.get("agency", ""), "on": timezone.localdate()}
    form = GrantTitleForm(request.POST or None, initial=initial)
    if request.method == "POST" and taken(
        form, lambda: grant_title(**form.cleaned_data, at=timezone.now(), by=request.user)
    ):
        messages.success(request, _("The title is granted and the agency is told."))
        return redirect("staff-titles")
    return render(request, "agencies/staff_title_grant.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(GRANT)
def staff_title_withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Withdraw a title, for a reason that the agency reads."""
    title = get_object_or_404(Title.objects.select_related("agency", "granted_by"), pk=pk)
    form = WithdrawTitleForm(request.POST or None)
    if request.method == "POST" and taken(
        form,
        lambda: withdraw_title(
            title_id=pk, **form.cleaned_data, at=timezone.now(), by=request.user
        ),
    ):
        messages.success(request, _("The title is withdrawn and the agency is told."))
        return redirect("staff-titles")
    looked(request, title)
    context = {"form": form, "title": title, "changes": changes_of(title)}
    return render(request, "agencies/staff_title_withdraw.html", context)
