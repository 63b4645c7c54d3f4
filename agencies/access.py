"""Who a request acts for: an agency page carries no agency id, only a seat in the session."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from agencies.models import Agency, Membership

SESSION_KEY = "agency_id"


class AgencyRequest(HttpRequest):
    """A request of a member; `CurrentAgencyMiddleware` filled in whose page it is."""

    agency: Agency
    membership: Membership
    memberships: list[Membership]


def agency_required(
    view: Callable[..., HttpResponse],
) -> Callable[..., HttpResponse]:
    """Let only members of an agency in; the others are led home, which says what to do.

    The view finds its agency in `request.agency` and reaches every object through it.
    """

    @wraps(view)
    def guarded(request: AgencyRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.memberships:
            return redirect("home")
        return view(request, *args, **kwargs)

    guarded.agency_scoped = True  # type: ignore[attr-defined] # read by the URL guard test
    return guarded
