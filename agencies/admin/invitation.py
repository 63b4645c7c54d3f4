"""Invitations, and the step by which operations invites an owner."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agencies.actions.invitations import invite
from agencies.admin.base import LookedAtAdmin, ReadOnlyAdmin
from agencies.enums import Role
from agencies.forms.members import AddressForm
from agencies.models import Agency, Invitation
from agencies.refusals import Refused


@admin.register(Invitation)
class InvitationAdmin(LookedAtAdmin, ReadOnlyAdmin):
    """Who was invited to which agency, and what became of it; not what the link carries."""

    list_display = [
        *("email", "agency", "role", "invited_at", "expires_at", "accepted_at", "withdrawn_at"),
    ]
    list_select_related = ["agency"]
    list_filter = ["role"]
    search_fields = ["email__exact", "agency__code__exact"]
    search_help_text = gettext_lazy("The whole e-mail address or code of an agency")
    ordering = ["-id"]
    list_per_page = 50
    fields = [
        *("agency", "email", "role", "invited_by", "invited_at", "expires_at"),
        *("accepted_at", "accepted_by", "withdrawn_at"),
    ]


def may_invite(request: HttpRequest) -> bool:
    """Whether this person may invite members of agencies."""
    return request.user.has_perm("agencies.add_membership")


@require_http_methods(["GET", "POST"])
def invite_view(request: HttpRequest, pk: int, model_admin: LookedAtAdmin) -> HttpResponse:
    """Invite an owner of an agency in the platform's name.

    The invitation names no inviter; the kept change names whoever is signed in.
    """
    if not may_invite(request):
        raise PermissionDenied
    agency = get_object_or_404(Agency, pk=pk)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            invited = invite(
                agency=agency,
                email=form.cleaned_data["email"],
                role=Role.OWNER,
                at=timezone.now(),
                by=None,
            )
        except Refused as refused:
            form.add_error("email", str(refused))
        else:
            sentence = _("%(email)s is invited as owner of %(agency)s; the mail is on its way.")
            told = {"email": invited.email, "agency": agency}
            messages.success(request, sentence % told)
            return redirect("admin:agencies_agency_change", pk)
    model_admin.record_look(request, agency)
    context: dict[str, Any] = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Invite an owner"),
        "agency": agency,
        "form": form,
    }
    return TemplateResponse(request, "admin/agencies/agency/invite.html", context)
