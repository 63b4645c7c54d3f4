"""The members of an agency: who belongs to it, who is invited, who comes and goes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agencies.access import AgencyRequest, agency_required, owner_required
from agencies.actions import invitations
from agencies.actions import members as seats
from agencies.enums import Role
from agencies.forms.members import InviteForm, RoleForm
from agencies.models import Invitation
from agencies.queries.members import is_last_owner, members_of, open_invitations
from agencies.refusals import Refused
from agencies.tables.members import MemberTable
from agencies.views.lists import paged
from agencies.views.missing import missing_is_404


@require_safe
@agency_required
def members(request: AgencyRequest) -> HttpResponse:
    """Who belongs to the agency and who is invited; owners act here."""
    return _list(request, InviteForm(initial={"role": Role.VIEWER}))


@require_POST
@agency_required
@owner_required
def invite(request: AgencyRequest) -> HttpResponse:
    """Invite somebody by e-mail, or send an invitation again."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    try:
        invited = invitations.invite(
            agency=request.agency, **form.cleaned_data, at=timezone.now(), by=request.user
        )
    except Refused as refused:
        form.add_error("email", str(refused))
        return _list(request, form)
    messages.success(request, _invited(invited))
    return redirect("members")


@require_POST
@agency_required
@owner_required
def withdraw_invitation(request: AgencyRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    try:
        with missing_is_404():
            taken_back = invitations.withdraw(
                agency=request.agency, invitation_id=pk, at=timezone.now(), by=request.user
            )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request,
            _("The invitation of %(email)s is withdrawn; its link opens nothing any more.")
            % {"email": taken_back.email},
        )
    return redirect("members")


@require_http_methods(["GET", "HEAD", "POST"])
@agency_required
@owner_required
def member_role(request: AgencyRequest, pk: int) -> HttpResponse:
    """Give a member another role."""
    seat = get_object_or_404(members_of(request.agency), pk=pk)
    form = RoleForm(request.POST if request.method == "POST" else None, initial={"role": seat.role})
    if form.is_valid():
        try:
            with missing_is_404():
                seat = seats.change_role(
                    agency=request.agency,
                    membership_id=pk,
                    role=form.cleaned_data["role"],
                    at=timezone.now(),
                    by=request.user,
                )
        except Refused as refused:
            form.add_error("role", str(refused))
        else:
            messages.success(
                request,
                _("The role of %(person)s is now: %(role)s.")
                % {"person": seat.user, "role": seat.get_role_display()},
            )
            return redirect("members")
    return render(request, "agencies/members_role.html", {"seat": seat, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@agency_required
@owner_required
def remove_member(request: AgencyRequest, pk: int) -> HttpResponse:
    """Say what removing somebody means, then do it; one's own seat is left, not removed."""
    seat = get_object_or_404(members_of(request.agency), pk=pk)
    if seat == request.membership:
        return redirect("leave-agency")
    if request.method == "POST":
        try:
            with missing_is_404():
                seats.remove_member(
                    agency=request.agency, membership_id=pk, at=timezone.now(), by=request.user
                )
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(
                request,
                _("%(person)s is no longer a member; the access ended at once.")
                % {"person": seat.user},
            )
        return redirect("members")
    return render(request, "agencies/members_remove.html", {"seat": seat})


@require_http_methods(["GET", "HEAD", "POST"])
@agency_required
def leave_agency(request: AgencyRequest) -> HttpResponse:
    """Say what leaving means, then give up one's own seat; the last owner is told why not."""
    if request.method == "POST":
        try:
            with missing_is_404():
                seats.leave(membership=request.membership, at=timezone.now())
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("members")
        messages.success(
            request, _("You left the agency %(agency)s.") % {"agency": request.agency.name}
        )
        return redirect("home")
    last_owner = is_last_owner(request.membership, today=timezone.localdate())
    return render(request, "agencies/members_leave.html", {"last_owner": last_owner})


def _list(request: AgencyRequest, form: InviteForm) -> HttpResponse:
    acting = request.membership.role == Role.OWNER
    table = MemberTable(members_of(request.agency), acting=acting)
    return render(
        request,
        "agencies/members.html",
        {
            "table": paged(table, request),
            "form": form,
            "acting": acting,
            "invitations": open_invitations(request.agency, now=timezone.now()),
        },
    )


def _invited(invited: Invitation) -> str:
    until = date_format(timezone.localtime(invited.expires_at), "DATETIME_FORMAT")
    return _(
        "%(email)s is invited; the mail with the link is on its way. The link is valid until:"
        " %(until)s"
    ) % {"email": invited.email, "until": until}
