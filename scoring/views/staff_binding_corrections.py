"""The staff's page to put right what was recorded wrongly of a binding."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agencies.access import StaffRequest, looked, staff_required
from agencies.actions.binding_corrections import (
    correct_binding,
    correction_preview,
    days_of,
    remove_binding,
)
from agencies.forms.staff_bindings import CorrectBindingForm, written
from agencies.models import Binding
from agencies.refusals import Refused
from agencies.views.missing import missing_is_404
from scoring.queries.binding_corrections import (
    CorrectionShown,
    Stretch,
    correction_shown,
    others_of_creator,
)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required("agencies.manage_binding")
def staff_correct_binding(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct a binding's days: say what is right, look at what would change, confirm.

    The confirmation carries the recorded days that were looked at; others by now are refused.
    """
    binding = get_object_or_404(Binding.objects.select_related("agency", "creator"), pk=pk)
    recorded = Stretch.of(days_of(binding))
    initial = {"bound_from": recorded.first, "last_day": recorded.last}
    form = CorrectBindingForm(request.POST or None, initial=initial)
    shown: CorrectionShown | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["seen"]:
                _correct(request, pk, form)
                messages.success(request, _said(form))
                chosen = urlencode({"creator": binding.creator.creator_id})
                return redirect(f"{reverse('staff-bindings')}?{chosen}")
            shown = _preview(request, binding, form)
        except Refused as refused:
            form.add_error(None, str(refused))
            with missing_is_404():
                binding.refresh_from_db(fields=["bound_from", "bound_until"])
    looked(request, binding)
    context = {
        "binding": binding,
        "recorded": Stretch.of(days_of(binding)),
        "form": form,
        "shown": shown,
        "seen": written(days_of(binding)),
        "others": others_of_creator(binding),
    }
    return render(request, "scoring/staff_binding_correct.html", context)


def _preview(request: StaffRequest, binding: Binding, form: CorrectBindingForm) -> CorrectionShown:
    days = form.days
    changed = correction_preview(binding=binding, days=days, at=timezone.now(), by=request.user)
    return correction_shown(changed)


def _correct(request: StaffRequest, pk: int, form: CorrectBindingForm) -> None:
    days, given = form.days, form.cleaned_data
    with missing_is_404():
        if days is None:
            remove_binding(
                binding_id=pk,
                reason=given["reason"],
                at=timezone.now(),
                by=request.user,
                recorded=given["seen"],
            )
            return
        correct_binding(
            binding_id=pk,
            bound_from=days[0],
            bound_until=days[1],
            reason=given["reason"],
            at=timezone.now(),
            by=request.user,
            recorded=given["seen"],
        )


def _said(form: CorrectBindingForm) -> str:
    if form.days is None:
        return _("The binding was removed; what it was is kept in the log.")
    return _("The days of the binding are corrected; what they were is kept in the log.")
