"""The certificate of an agency, and the page where anybody checks one."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agencies.access import AgencyRequest, agency_required, owner_required
from agencies.enums import Role
from agencies.refusals import Refused
from scoring.certificates import OBSTACLES, issue_certificate
from scoring.queries.certificates import checked_certificate, grouped, own_certificate
from scoring.views.qr_codes import qr_path

LONGEST_SHOWN = 40


@require_safe
@agency_required
def certificate(request: AgencyRequest) -> HttpResponse:
    """The agency's certificate, ready to be printed, or why there is none."""
    own = own_certificate(request.agency, now=timezone.now())
    context = {"own": own, "owner": request.membership.role == Role.OWNER}
    if own.obstacle:
        context["obstacle"] = OBSTACLES[own.obstacle]
    if own.checked:
        code = own.checked.certificate.code
        check = f"{settings.PORTAL_URL}{reverse('public-certificate')}"
        context |= {
            "code": grouped(code),
            "check": check,
            "qr": qr_path(f"{check}?code={code}"),
        }
    return render(request, "scoring/certificate.html", context)


@require_POST
@agency_required
@owner_required
def issue(request: AgencyRequest) -> HttpResponse:
    """Issue the certificate of the newest published month."""
    try:
        issue_certificate(agency=request.agency, at=timezone.now(), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The certificate is issued. Print it or pass on its code."))
    return redirect("certificate")


@login_not_required
@never_cache
@require_safe
def public_certificate(request: HttpRequest) -> HttpResponse:
    """Whether a certificate is valid, by its code; one answer for all codes that are none."""
    text = request.GET.get("code", "")
    checked = checked_certificate(text, now=timezone.now()) if text else None
    context = {
        "text": grouped(checked.certificate.code) if checked else text[:LONGEST_SHOWN],
        "asked": bool(text.strip()),
        "checked": checked,
    }
    return render(request, "scoring/public_certificate.html", context)
