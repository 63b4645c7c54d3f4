"""Who a request acts for: an agency page carries no agency id, only a seat in the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Final, overload

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from agencies.enums import Role
from agencies.models import Agency, Membership
from agencies.signals import staff_looked

if TYPE_CHECKING:
    from portal.models import User

SESSION_KEY = "agency_id"
READING: Final = frozenset({"GET", "HEAD"})
View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Seeing:
    """What somebody of the platform sees for a while: the pages of an agency, read only."""

    agency: Agency
    ends_at: datetime


class AgencyRequest(HttpRequest):
    """A request of a member; `CurrentAgencyMiddleware` filled in whose page it is.

    `barred` says that a measure closes the workplace to this account. While somebody of the
    platform sees what an agency sees, `seeing` says so, and their only seat is a viewer's in it,
    which is stored nowhere.
    """

    user: User
    agency: Agency
    membership: Membership
    memberships: list[Membership]
    barred: bool
    seeing: Seeing | None


class StaffRequest(HttpRequest):
    """A request of somebody of the platform, who may be seeing what an agency sees."""

    user: User
    seeing: Seeing | None


@overload
def agency_required(view: View) -> View: ...


@overload
def agency_required(*, open_to_removed: bool = False) -> Callable[[View], View]: ...


def agency_required(
    view: View | None = None, *, open_to_removed: bool = False
) -> View | Callable[[View], View]:
    """Let only members of an agency in; the others are led home, which says what to do.

    1. The view finds its agency in `request.agency` and reaches every object through it.
    2. Members of a removed agency and barred accounts get in only where a page is
       `open_to_removed`: the decision and its appeal (S, docs/rules.md §8). Elsewhere they are led
       there and told why.
    3. Somebody of the platform who sees what an agency sees reads its pages and changes nothing:
       see `as_seen`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: AgencyRequest, *args: object, **kwargs: object) -> HttpResponse:
            refuse_writing(request)
            if not request.memberships:
                return _led_to("home", request)
            if not open_to_removed and closed(request):
                messages.info(request, _why_closed(request))
                return _led_to("conduct", request)
            return as_seen(view, request, *args, **kwargs)

        guarded.agency_scoped = True  # type: ignore[attr-defined] # read by the URL guard test
        guarded.open_to_removed = open_to_removed  # type: ignore[attr-defined] # likewise
        return guarded

    return decorate if view is None else decorate(view)


def _led_to(name: str, request: AgencyRequest) -> HttpResponse:
    """Another page; the whole of it, not within the page that asked for a part of itself."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(reverse(name))
    return redirect(name)


def refuse_writing(request: AgencyRequest) -> None:
    """Raise PermissionDenied where whoever only sees an agency's pages sends anything to them."""
    if request.seeing and request.method not in READING:
        raise PermissionDenied(
            _("You see the pages of this agency to read them; nothing was changed.")
        )


def as_seen(view: View, request: AgencyRequest, *args: object, **kwargs: object) -> HttpResponse:
    """The answer of a view to a member; to whoever sees what a member sees, recorded, read only.

    1. Whatever is neither GET nor HEAD is refused before the view runs (PermissionDenied).
    2. The look is written down before the page is made, and stays if the page fails; where it
       cannot be written down, there is no page.
    3. The view runs in a transaction in which the database itself refuses to write.
    """
    if not request.seeing:
        return view(request, *args, **kwargs)
    refuse_writing(request)
    looked(request, request.agency)
    with read_only():
        return view(request, *args, **kwargs)


@contextmanager
def read_only() -> Iterator[None]:
    """A transaction that cannot write: the database raises, whoever tries."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


def closed(request: AgencyRequest) -> bool:
    """Whether the workplace is closed to this person: removed agency, or barred account."""
    return request.barred or _removed(request)


def _removed(request: AgencyRequest) -> bool:
    return request.agency.is_removed(timezone.localdate())


def _why_closed(request: AgencyRequest) -> str:
    if _removed(request):
        return _("This page is closed to removed agencies.")
    return _("This page is closed to you while your account is barred.")


def owner_required(view: View) -> View:
    """Let only owners of the agency act; beneath `agency_required`."""

    @wraps(view)
    def guarded(request: AgencyRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.membership.role != Role.OWNER:
            raise PermissionDenied(_("Only an owner of the agency may do this; you may read it."))
        return view(request, *args, **kwargs)

    guarded.owner_only = True  # type: ignore[attr-defined] # read by the URL guard test
    return guarded


def staff_required(permission: str) -> Callable[[View], View]:
    """Let only the platform's people in, with the right that the page needs; 403 for others.

    Asked before anything is looked up, so that what exists and what does not look the same.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: StaffRequest, *args: object, **kwargs: object) -> HttpResponse:
            if not (request.user.is_staff and request.user.has_perm(permission)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.staff_permission = permission  # type: ignore[attr-defined] # read by the guard test
        return guarded

    return decorate


def looked(request: StaffRequest | AgencyRequest, what: Model | None, label: str = "") -> None:
    """Send the news that a member of the staff looks at something of an agency.

    `what` is an agency or a row with `agency_id`; None, with a label, stands for a list.
    """
    agency_id = what.pk if isinstance(what, Agency) else getattr(what, "agency_id", None)
    staff_looked.send(
        type(what),
        actor=request.user,
        path=request.get_full_path(),
        label=label or str(what),
        agency_id=agency_id,
        at=timezone.now(),
    )
