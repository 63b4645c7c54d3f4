"""The Star Source plan at the staff's desk: the list, selecting, and the steps of one plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import StaffRequest, looked, staff_required
from agencies.actions import star_source
from agencies.enums import StarPhase
from agencies.exports import csv_response
from agencies.filters.star_source import PlanFilter
from agencies.forms.star_source import (
    CancelIncentiveForm,
    DoneForm,
    IncentiveForm,
    LeaveForm,
    MoveForm,
    SelectForm,
)
from agencies.models import Agency, StarIncentive, StarPlan, StarSupport
from agencies.refusals import Refused
from agencies.star_source.moving import MovedPhases, moved_phases
from agencies.star_source.plans import LEFT, agency_of, all_plans, by_what_is_next
from agencies.star_source.shown import PlanShown, shown_to_staff
from agencies.tables.star_source import PlanTable
from agencies.views.lists import uncounted, wants_file
from agencies.views.missing import missing_is_404
from agencies.views.staff_decisions import taken

SEE, MANAGE = "agencies.view_binding", "agencies.manage_star_source"
COLUMNS = (
    *("creator_id", "nickname", "agency_code", "agency_name", "phase", "first_live_on"),
    *("next_phase_from", "left_on"),
)


@require_safe
@staff_required(SEE)
def staff_star_source(request: StaffRequest) -> HttpResponse:
    """All plans with filters in the address, never counted; also as CSV."""
    today = timezone.localdate()
    rows = by_what_is_next(all_plans(today))
    chosen = PlanFilter(request.GET, queryset=rows, user=request.user, today=today)
    looked(request, chosen.agency_asked, _("Star Source plan"))
    if wants_file(request, chosen):
        return csv_response("star-source.csv", COLUMNS, _rows(chosen.found))
    page = uncounted(chosen.found, request)
    done = _done(plan.pk for plan in page.object_list)
    table = PlanTable(page.object_list, today=today, done=done)
    context = {"filter": chosen, "table": table, "page": page}
    return render(request, "agencies/staff_star_source.html", context)


def _done(plan_ids: Iterable[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    points = StarSupport.objects.filter(plan__in=list(plan_ids), undone_at=None).order_by("pk")
    for plan_id, item in points.values_list("plan_id", "item"):
        found.setdefault(plan_id, set()).add(item)
    return found


def _rows(plans: Any) -> Iterator[tuple[object, ...]]:
    columns = ("creator__creator_id", "creator__nickname", "agency_code", "agency_name")
    more = ("phase", "live_on", "until", "left_on")
    for row in plans.values_list(*columns, *more).iterator(chunk_size=5_000):
        *who, phase, live_on, until, left_on = row
        yield (*who, LEFT if left_on else phase, live_on, None if left_on else until, left_on)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(MANAGE)
def staff_star_select(request: StaffRequest) -> HttpResponse:
    """Let many creators join at once; the lines that were refused come back with their reasons."""
    form = SelectForm(request.POST or None)
    refused: tuple[tuple[star_source.Line, Refused], ...] = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            done = star_source.select_creators(
                lines=given["lines"], reason=given["reason"], at=timezone.now(), by=request.user
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            _say_selected(request, len(done.plans))
            if not done.refused:
                return redirect("staff-star-source")
            refused = done.refused
            form = SelectForm(initial={**given, "creators": _written(refused)})
    context = {"form": form, "refused": refused}
    return render(request, "agencies/staff_star_select.html", context)


def _say_selected(request: StaffRequest, number: int) -> None:
    if number:
        said = ngettext(
            "%(number)d creator joined the plan and the agency is told.",
            "%(number)d creators joined the plan and their agencies are told.",
            number,
        )
        messages.success(request, said % {"number": number})


def _written(refused: tuple[tuple[star_source.Line, Refused], ...]) -> str:
    return "\n".join(f"{line.creator_id} {line.first_live_on.isoformat()}" for line, _ in refused)


@require_safe
@staff_required(SEE)
def staff_star_plan(request: StaffRequest, pk: int) -> HttpResponse:
    """One plan: its phases and checklists, its traffic, its first live days."""
    return _show_plan(request, pk)


def _show_plan(
    request: StaffRequest, pk: int, *, incentive_form: IncentiveForm | None = None
) -> HttpResponse:
    shown, agency = _look_at(request, pk)
    context = {
        "shown": shown,
        "agency": agency,
        "acting": request.user.has_perm(MANAGE),
        "incentive_form": incentive_form or IncentiveForm.fresh(today=timezone.localdate()),
    }
    return render(request, "agencies/staff_star_plan.html", context)


def _look_at(request: StaffRequest, pk: int) -> tuple[PlanShown, Agency | None]:
    people = ("creator", "selected_by", "left_by")
    plan = get_object_or_404(StarPlan.objects.select_related(*people), pk=pk)
    today = timezone.localdate()
    agency = agency_of(plan.creator_id, today)
    looked(request, agency, _("Star Source plan of %(creator)s") % {"creator": plan.creator})
    return shown_to_staff(plan, today), agency


@require_POST
@staff_required(MANAGE)
def staff_star_done(request: StaffRequest, pk: int) -> HttpResponse:
    """Mark a point of a checklist as done."""
    form = DoneForm(request.POST)
    if not form.is_valid():
        faults = [str(fault) for each in form.errors.values() for fault in each]
        messages.error(request, " ".join(faults))
        return redirect("staff-star-plan", pk)
    given = form.cleaned_data
    return _stepped(
        request,
        pk,
        lambda: star_source.mark_done(plan_id=pk, **given, at=timezone.now(), by=request.user),
        _("The point is marked as done."),
    )


@require_POST
@staff_required(MANAGE)
def staff_star_undone(request: StaffRequest, pk: int) -> HttpResponse:
    """Say that a point was not done after all."""
    item = request.POST.get("item", "")
    return _stepped(
        request,
        pk,
        lambda: star_source.take_back(plan_id=pk, item=item, at=timezone.now(), by=request.user),
        _("The point is open again; that it was marked is kept."),
    )


@require_POST
@staff_required(MANAGE)
def staff_star_incentive(request: StaffRequest, pk: int) -> HttpResponse:
    """Record traffic that was given."""
    get_object_or_404(StarPlan, pk=pk)
    form = IncentiveForm(request.POST)
    if taken(
        form,
        lambda: star_source.record_incentive(
            plan_id=pk, **form.cleaned_data, at=timezone.now(), by=request.user
        ),
    ):
        messages.success(request, _("The traffic is recorded."))
        return redirect("staff-star-plan", pk)
    return _show_plan(request, pk, incentive_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(MANAGE)
def staff_star_cancel(request: StaffRequest, pk: int, incentive: int) -> HttpResponse:
    """Cancel recorded traffic with a reason."""
    given = get_object_or_404(StarIncentive, pk=incentive, plan=pk)
    shown, _agency = _look_at(request, pk)
    form = CancelIncentiveForm(request.POST or None)
    if request.method == "POST" and taken(
        form,
        lambda: star_source.cancel_incentive(
            incentive_id=given.pk, **form.cleaned_data, at=timezone.now(), by=request.user
        ),
    ):
        messages.success(request, _("The traffic is cancelled; it stays to be read."))
        return redirect("staff-star-plan", pk)
    context = {"form": form, "given": given, "shown": shown, "phase": StarPhase(given.phase)}
    return render(request, "agencies/staff_star_cancel.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(MANAGE)
def staff_star_move(request: StaffRequest, pk: int) -> HttpResponse:
    """Move the first live day: choose, look at what changes, confirm what was looked at."""
    shown, _agency = _look_at(request, pk)
    form = MoveForm(request.POST or None, initial={"first_live_on": shown.anchor.first_live_on})
    preview = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if given["seen"] is None:
            preview = _preview(form, shown)
        elif taken(form, lambda: _move(request, pk, form)):
            messages.success(request, _("The first live day is moved and the agency is told."))
            return redirect("staff-star-plan", pk)
    context = {"form": form, "shown": shown, "preview": preview}
    return render(request, "agencies/staff_star_move.html", context)


def _preview(form: MoveForm, shown: PlanShown) -> MovedPhases | None:
    day, today = form.cleaned_data["first_live_on"], timezone.localdate()
    try:
        star_source.check_move(shown.anchor, day, today)
    except Refused as refused:
        form.add_error("first_live_on", str(refused))
        return None
    return moved_phases(shown.anchor, day, today)


def _move(request: StaffRequest, pk: int, form: MoveForm) -> None:
    star_source.move_anchor(plan_id=pk, **form.cleaned_data, at=timezone.now(), by=request.user)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(MANAGE)
def staff_star_leave(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a creator out of the plan, with a reason."""
    shown, _agency = _look_at(request, pk)
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and taken(
        form,
        lambda: star_source.leave_plan(
            plan_id=pk, **form.cleaned_data, at=timezone.now(), by=request.user
        ),
    ):
        messages.success(request, _("The creator has left the plan and the agency is told."))
        return redirect("staff-star-plan", pk)
    return render(request, "agencies/staff_star_leave.html", {"form": form, "shown": shown})


def _stepped(
    request: StaffRequest, pk: int, step: Callable[[], object], success: str
) -> HttpResponse:
    """Take a step of a plan and say so, or say why not."""
    try:
        with missing_is_404():
            step()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, success)
    return redirect("staff-star-plan", pk)
