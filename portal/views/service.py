"""When support works and how soon it answers, as the desk sets it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agencies.access import StaffRequest, staff_required
from agencies.views.staff_decisions import taken
from portal.forms.service import DayForm, HoursForm, TargetsForm
from portal.models import ServiceDay
from portal.support.calendar import remove_day, set_day, set_hours, set_targets, target_lines
from portal.support.clock import is_open, opens_next
from portal.support.targets import service_hours

READ, WRITE = "portal.view_servicetarget", "portal.manage_service"
# The newest days by date; older ones changed hours that nobody counts in any more.
DAYS_SHOWN = 60


@require_safe
@staff_required(READ)
def staff_service(request: StaffRequest) -> HttpResponse:
    """The hours of the week, single days, and the targets."""
    return _page(request)


@require_POST
@staff_required(WRITE)
def staff_service_hours(request: StaffRequest) -> HttpResponse:
    """Set the hours of the week."""
    form = HoursForm(request.POST, hours={})
    if taken(form, lambda: set_hours(hours=form.hours, by=request.user)):
        messages.success(
            request, _("The hours are set. Questions that wait keep the time they were promised.")
        )
        return redirect("staff-service")
    return _page(request, hours_form=form)


@require_POST
@staff_required(WRITE)
def staff_service_day(request: StaffRequest) -> HttpResponse:
    """Give a single day other hours."""
    form = DayForm(request.POST, auto_id="day_%s")
    if taken(form, lambda: set_day(**form.cleaned_data, by=request.user)):
        messages.success(request, _("The day is set."))
        return redirect("staff-service")
    return _page(request, day_form=form)


@require_POST
@staff_required(WRITE)
def staff_service_day_remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Let a day follow its weekday again."""
    remove_day(day_id=pk, by=request.user)
    messages.success(request, _("The day follows its weekday again."))
    return redirect("staff-service")


@require_POST
@staff_required(WRITE)
def staff_service_targets(request: StaffRequest) -> HttpResponse:
    """Set how soon each level is answered."""
    form = TargetsForm(request.POST, targets=target_lines(timezone.now()))
    if taken(form, lambda: set_targets(minutes=form.minutes, by=request.user)):
        messages.success(
            request, _("The targets are set. Questions that wait keep the time they were promised.")
        )
        return redirect("staff-service")
    return _page(request, targets_form=form)


def _page(request: StaffRequest, **forms: Any) -> HttpResponse:
    """The page with the form that was refused, the others fresh."""
    now = timezone.now()
    hours = service_hours()
    context = {
        "hours_form": HoursForm(hours=hours.weekdays),
        "day_form": DayForm(auto_id="day_%s"),
        "targets_form": TargetsForm(targets=target_lines(now)),
        "days": ServiceDay.objects.order_by("-day")[:DAYS_SHOWN],
        "open": is_open(hours, now),
        "opens_next": opens_next(hours, now),
        "may_write": request.user.has_perm(WRITE),
        **forms,
    }
    return render(request, "portal/staff_service.html", context)
