"""Refuses what is too large, keeps pages private, asks for a second factor, knows the agency."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from pghistory.middleware import HistoryMiddleware

from agencies.access import SESSION_KEY, Seeing
from agencies.enums import Role
from agencies.models import Agency, Membership, Penalty
from portal.logs import masked
from portal.second_factor import awaited
from portal.support.seeing import Ended, seen_in, stop_seeing


class BodyLimitMiddleware:
    """Refuses requests that are larger than what any form of the house may send.

    Before anything of the body is read: five files of 10 MB, and the fields beside them. The import
    centre takes a file as large as the commands do; it reads nothing before it knows who sends it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > _most_bytes(request):
            return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.get_response(request)


def _most_bytes(request: HttpRequest) -> int:
    beside: int = settings.REQUEST_MAX_BYTES
    if request.method == "POST" and request.path == reverse("staff-upload"):
        most: int = settings.IMPORT_MAX_BYTES
        return most + beside
    return beside


class PrivateMiddleware:
    """Keeps what signed-in people see out of caches; what a view says itself about that holds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and request.user.is_authenticated:
            response.headers["Cache-Control"] = "private, no-store"
        return response


class SecondFactorMiddleware:
    """Keeps whoever knows a password, but has not given the second factor yet, out of everything.

    1. Every address leads to the page that asks for the code; there it goes on to where the person
       wanted to go.
    2. On that page, and on those for setting up a first device, for a forgotten password and for
       the language, the person is a stranger: the frame of the page tells nothing of them. Who is
       awaited is in `half_signed_in`.
    3. Signing out is allowed. Health is answered without looking at a session, to a stranger.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in _health():
            request.user = AnonymousUser()
            return self.get_response(request)
        if request.path == reverse("sign-out"):
            return self.get_response(request)
        person = awaited(request)
        if person is None:
            return self.get_response(request)
        if request.path.startswith(_doors()):
            request.half_signed_in = person  # type: ignore[attr-defined]
            request.user = AnonymousUser()
            return self.get_response(request)
        door = reverse("sign-in-second-factor")
        if request.headers.get("HX-Request") == "true":
            return HttpResponseClientRedirect(door)
        wanted = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("front")
        return redirect_to_login(wanted, door)


@cache
def _health() -> tuple[str, ...]:
    """The addresses that answer whoever watches over the processes."""
    return (reverse("health-live"), reverse("health-ready"))


@cache
def _doors() -> tuple[str, ...]:
    """How the addresses begin that are open before the second factor was given."""
    names = ("sign-in-second-factor", "password-reset", "set-language")
    return (*map(reverse, names), settings.STATIC_URL)


class CurrentAgencyMiddleware:
    """Sets `seeing`, `memberships`, `membership`, `agency`, `barred`, each once a page looks.

    1. The memberships are the person's own, in the order of the agencies' codes.
    2. The current one is that of the agency chosen in the session, else the first.
    3. An agency id in the session that is no longer among them counts for nothing.
    4. Somebody of the platform who sees what an agency sees has one seat only, a viewer's in that
       agency, which is stored nowhere: their own seats give them nothing meanwhile.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.seeing = SimpleLazyObject(lambda: _seeing(request))  # type: ignore[attr-defined]
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


def _seeing(request: HttpRequest) -> Seeing | None:
    """What the person sees in an agency's place; a session that says so no longer forgets it."""
    seen = seen_in(request.session, by=request.user, at=timezone.now())
    if isinstance(seen, Ended):
        stop_seeing(request.session)
        if seen.code:
            text = _(
                "Your time in the place of the agency %(code)s is over. Open it again to go on."
            )
            messages.info(request, text % {"code": seen.code})
        return None
    return seen


def _memberships(request: HttpRequest) -> list[Membership]:
    if not request.user.is_authenticated:
        return []
    seeing: Seeing | None = request.seeing  # type: ignore[attr-defined]
    if seeing:
        seat = Membership(agency=seeing.agency, user_id=request.user.pk, role=Role.VIEWER)
        seat.barred = False  # type: ignore[attr-defined] # what closes is the agency's, not theirs
        return [seat]
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
