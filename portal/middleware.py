"""Refuses what is too large, and puts the member's agency on the request."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from pghistory.middleware import HistoryMiddleware

from agencies.access import SESSION_KEY
from agencies.models import Agency, Membership, Penalty
from portal.logs import masked


class BodyLimitMiddleware:
    """Refuses requests that are larger than what any form of the house may send.

    Before anything of the body is read: five files of 10 MB, and the fields beside them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.REQUEST_MAX_BYTES:
            return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.get_response(request)


class CurrentAgencyMiddleware:
    """Sets `memberships`, `membership`, `agency`, `barred`; nothing is asked until a page looks.

    1. The memberships are the person's own, in the order of the agencies' codes.
    2. The current one is that of the agency chosen in the session, else the first.
    3. An agency id in the session that is no longer among them counts for nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.memberships = SimpleLazyObject(lambda: _memberships(request))  # type: ignore[attr-defined]
        request.membership = SimpleLazyObject(lambda: _current(request))  # type: ignore[attr-defined]
        request.agency = SimpleLazyObject(lambda: _agency(request))  # type: ignore[attr-defined]
        request.barred = SimpleLazyObject(lambda: _barred(request))  # type: ignore[attr-defined]
        return self.get_response(request)


class KeylessHistoryMiddleware(HistoryMiddleware):
    """Notes who changed a row and at which address, without the key of a creator's link."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().get_context(request)
        return {**context, "url": masked(context["url"])}


def _memberships(request: HttpRequest) -> list[Membership]:
    if not request.user.is_authenticated:
        return []
    barring = Penalty.objects.in_effect_on(timezone.localdate()).filter(account=OuterRef("user"))
    return list(
        request.user.memberships.select_related("agency")
        .annotate(barred=Exists(barring))
        .order_by("agency__code")
    )


def _current(request: HttpRequest) -> Membership | None:
    memberships: list[Membership] = request.memberships  # type: ignore[attr-defined]
    chosen = request.session.get(SESSION_KEY)
    for membership in memberships:
        if membership.agency_id == chosen:
            return membership
    return memberships[0] if memberships else None


def _agency(request: HttpRequest) -> Agency | None:
    membership: Membership | None = request.membership  # type: ignore[attr-defined]
    return membership.agency if membership else None


def _barred(request: HttpRequest) -> bool:
    """Whether a measure closes the workplace to this account (docs/rules.md §8)."""
    membership = request.membership  # type: ignore[attr-defined]
    return bool(membership and membership.barred)
