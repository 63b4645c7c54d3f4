"""The page behind the link of an invitation: for whoever got it, signed in or not."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from agencies.access import SESSION_KEY
from agencies.actions.invitations import accept, join_with_new_account, open_invitation
from agencies.forms.members import MAY, NewAccountForm
from agencies.models import Invitation, Membership
from agencies.queries.members import has_account
from agencies.refusals import Refused
from agencies.views.private import kept_private

if TYPE_CHECKING:
    from portal.models import User

# Of the two backends the one that keeps people signed in; the other one only throttles.
BACKEND = "django.contrib.auth.backends.ModelBackend"


@sensitive_post_parameters("password", "repeated")
@login_not_required
@kept_private
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What the invitation is to, and the one step to accept it; only a POST takes it.

    1. Signed in with the invited address: one button. With another: sign out first.
    2. Not signed in: sign in where the address has an account, else make one.
    """
    now = timezone.now()
    try:
        invitation = open_invitation(token, at=now)
        if request.user.is_authenticated:
            return _as_member(request, invitation, now)
        if has_account(invitation.email):
            return _page(request, invitation, "sign_in")
        return _as_stranger(request, invitation, now)
    except Refused as refused:
        status = 404 if refused.rule == "bad_link" else 410
        context = {"rule": refused.rule, "reason": str(refused)}
        return render(request, "agencies/join_gone.html", context, status=status)


def _as_member(request: HttpRequest, invitation: Invitation, now: datetime) -> HttpResponse:
    """Accept with the account that is signed in, where it is the invited one."""
    user = cast("User", request.user)
    if user.email.lower() != invitation.email:
        return _page(request, invitation, "other")
    if request.method != "POST":
        return _page(request, invitation, "accept")
    return _welcome(request, accept(invitation=invitation, user=user, at=now))


def _as_stranger(request: HttpRequest, invitation: Invitation, now: datetime) -> HttpResponse:
    """Make the account, become a member and be signed in, in one step."""
    form = NewAccountForm(
        request.POST if request.method == "POST" else None, email=invitation.email
    )
    if not form.is_valid():
        return _page(request, invitation, "create", form=form)
    try:
        seat = join_with_new_account(
            invitation=invitation,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password"],
            at=now,
        )
    except Refused as refused:
        if refused.rule != "account_exists":
            raise
        return _page(request, invitation, "sign_in")
    login(request, seat.user, backend=BACKEND)
    return _welcome(request, seat)


def _welcome(request: HttpRequest, seat: Membership) -> HttpResponse:
    """On to the pages of the agency that was joined."""
    request.session[SESSION_KEY] = seat.agency_id
    messages.success(
        request,
        _("Welcome! You are now a member of the agency %(agency)s. Your role: %(role)s.")
        % {"agency": seat.agency.name, "role": seat.get_role_display()},
    )
    return redirect("home")


def _page(request: HttpRequest, invitation: Invitation, step: str, **more: Any) -> HttpResponse:
    """The invitation with its next step: "accept", "other", "sign_in" or "create"."""
    context = {"invitation": invitation, "step": step, "may": MAY[invitation.role], **more}
    return render(request, "agencies/join.html", context)
