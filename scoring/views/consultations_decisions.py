"""What the staff decide on a version that was consulted on: two people schedule it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agencies.access import StaffRequest, staff_required
from agencies.refusals import Refused
from agencies.views.staff_decisions import taken
from scoring.forms.consultations import WithdrawForm
from scoring.models import RulebookVersion
from scoring.queries.consultations import instead_of, life_of
from scoring.rulebook_life import (
    approve_scheduling,
    propose_scheduling,
    take_back_proposal,
    withdraw_version,
)


@require_POST
@staff_required("scoring.manage_rulebook")
def staff_rulebook_propose(request: StaffRequest, pk: int) -> HttpResponse:
    """Propose to schedule a version."""
    told = _("Proposed. Another person has to approve it.")
    return _step(request, pk, propose_scheduling, told)


@require_POST
@staff_required("scoring.manage_rulebook")
def staff_rulebook_approve(request: StaffRequest, pk: int) -> HttpResponse:
    """Approve what another person proposed."""
    told = _("Approved: the version counts from its first month on, and every agency is told.")
    return _step(request, pk, approve_scheduling, told)


@require_POST
@staff_required("scoring.manage_rulebook")
def staff_rulebook_unpropose(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a proposal back."""
    return _step(request, pk, take_back_proposal, _("The proposal was taken back."))


def _step(request: StaffRequest, pk: int, step: Callable[..., object], told: str) -> HttpResponse:
    get_object_or_404(RulebookVersion, pk=pk)
    try:
        step(version_id=pk, at=timezone.now(), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, told)
    return redirect("staff-rulebook", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required("scoring.manage_rulebook")
def staff_rulebook_withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Give a version up before it counts, with a public reason."""
    version = get_object_or_404(RulebookVersion, pk=pk)
    form = WithdrawForm(request.POST) if request.method == "POST" else WithdrawForm()
    if request.method == "POST" and taken(
        form,
        lambda: withdraw_version(
            version_id=pk,
            reason_zh=form.cleaned_data["reason_zh"],
            reason_en=form.cleaned_data["reason_en"],
            at=timezone.now(),
            by=request.user,
        ),
    ):
        messages.success(request, _("The version was withdrawn. Its text stays public."))
        return redirect("staff-rulebook", pk)
    life = life_of(version, request.user, timezone.now())
    context = {"version": version, "form": form, "life": life, "instead": instead_of(version)}
    return render(request, "scoring/staff_consultation_withdraw.html", context)
