"""Releasing a held publication on the web: one person proposes, another confirms."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agencies.access import StaffRequest, staff_required
from agencies.refusals import Refused
from scoring.evaluation.release import (
    confirm_release,
    decline_release,
    propose_release,
    withdraw_release,
)
from scoring.forms.evaluations import DeclineForm, ReleaseForm
from scoring.models import Evaluation, GateRelease
from scoring.views.staff_evaluations import computed_anew, show_evaluation


@require_POST
@staff_required("scoring.publish_evaluation")
def staff_evaluation_propose(request: StaffRequest, pk: int) -> HttpResponse:
    """Propose to publish what the gate holds; another person confirms it."""
    evaluation = get_object_or_404(Evaluation, pk=pk)
    form = ReleaseForm(request.POST)
    if form.is_valid() and form.cleaned_data["digest"] != evaluation.result_digest:
        form.add_error(None, computed_anew())
    if form.is_valid():
        try:
            propose_release(
                evaluation_id=pk,
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
                by=request.user,
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Proposed. Another person has to confirm it."))
            return redirect("staff-evaluation", pk)
    return show_evaluation(request, pk, release_form=form)


@require_POST
@staff_required("scoring.publish_evaluation")
def staff_release_confirm(request: StaffRequest, pk: int) -> HttpResponse:
    """Publish what another person proposed; the form carries what the gate was seen to find."""
    release = get_object_or_404(GateRelease, pk=pk)
    seen = request.POST.get("seen", "")
    return _decided(
        request,
        release,
        lambda: confirm_release(release_id=pk, seen=seen, at=timezone.now(), by=request.user),
        _("The release is confirmed and the month is published."),
    )


@require_POST
@staff_required("scoring.publish_evaluation")
def staff_release_decline(request: StaffRequest, pk: int) -> HttpResponse:
    """Decline another person's proposal, with a reason."""
    release = get_object_or_404(GateRelease, pk=pk)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return show_evaluation(request, release.evaluation_id, decline_form=form)
    note = form.cleaned_data["note"]
    return _decided(
        request,
        release,
        lambda: decline_release(release_id=pk, note=note, at=timezone.now(), by=request.user),
        _("The release is declined; the month stays unpublished."),
    )


@require_POST
@staff_required("scoring.publish_evaluation")
def staff_release_withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take one's own proposal back."""
    release = get_object_or_404(GateRelease, pk=pk)
    return _decided(
        request,
        release,
        lambda: withdraw_release(release_id=pk, at=timezone.now(), by=request.user),
        _("The proposal is withdrawn."),
    )


def _decided(
    request: StaffRequest, release: GateRelease, step: Callable[[], object], done: str
) -> HttpResponse:
    """Take the step and say what came of it, on the page of the revision."""
    try:
        step()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect("staff-evaluation", release.evaluation_id)
