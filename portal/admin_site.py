"""The site of the platform's staff: the stock admin behind our own sign-in, with warnings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from portal.models import Heartbeat
from portal.models.heartbeat import Role
from portal.outbox.dead_letters import undelivered_number
from scoring.enums import EvaluationState
from scoring.models import Evaluation


@dataclass(frozen=True)
class Warnings:
    """What needs somebody; the three lists are of evaluations, the newest month first.

    `undelivered` is how many mails await a person.
    """

    worker_missing: bool
    scheduler_missing: bool
    stale: list[Evaluation] = field(default_factory=list)
    failed: list[Evaluation] = field(default_factory=list)
    held: list[Evaluation] = field(default_factory=list)
    undelivered: int = 0

    @property
    def any(self) -> bool:
        return any(vars(self).values())


def house_warnings(now: datetime, *, evaluations: bool = True, mails: bool = False) -> Warnings:
    """What needs somebody at `now`.

    1. No worker or no scheduler gave a sign of life lately.
    2. A published month whose inputs changed since.
    3. A month whose newest revision failed, or is computed and held by the gate; these need the
       right to see evaluations.
    4. Mails that were not delivered; for those who may look at them (`mails`).
    """
    missing = Heartbeat.objects.missing(now)
    newest: dict[Any, Evaluation] = {}
    stale = []
    if evaluations:
        # a dozen rows a year: deciding here is one query and plainer than three
        for evaluation in Evaluation.objects.order_by("-month", "-revision"):
            newest.setdefault(evaluation.month, evaluation)
            if evaluation.state == EvaluationState.PUBLISHED and evaluation.stale_since:
                stale.append(evaluation)
    return Warnings(
        worker_missing=Role.WORKER in missing,
        scheduler_missing=Role.SCHEDULER in missing,
        stale=stale,
        failed=[e for e in newest.values() if e.state == EvaluationState.FAILED],
        held=[
            e
            for e in newest.values()
            if e.state == EvaluationState.COMPUTED and e.gate.get("passed") is False
        ],
        undelivered=undelivered_number() if mails else 0,
    )


class PortalAdminSite(AdminSite):
    site_title = _("Platform operations")
    site_header = _("Platform operations")
    index_title = _("Overview")
    index_template = "admin/portal_index.html"
    site_url = "/"

    @method_decorator(never_cache)
    @login_not_required
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send everybody to the one sign-in of the portal.

        Whoever is signed in and still arrives here has no right to these pages: they are told so
        instead of being sent in a circle.
        """
        target = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        if request.user.is_authenticated:
            raise PermissionDenied
        query = urlencode({REDIRECT_FIELD_NAME: target})
        return HttpResponseRedirect(f"{reverse('sign-in')}?{query}")

    def password_change(  # type: ignore[override] # it leads elsewhere
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Everybody changes their password on their account page."""
        return HttpResponseRedirect(reverse("change-password"))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        warnings = house_warnings(
            timezone.now(),
            evaluations=request.user.has_perm("scoring.view_evaluation"),
            mails=request.user.has_perm("portal.view_newsmail"),
        )
        return super().index(request, {**(extra_context or {}), "warnings": warnings})
