"""Seeing what an agency sees: for a while, in one session, by whoever has the right to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.contrib.sessions.backends.base import SessionBase

from agencies.access import Seeing
from agencies.models import Agency

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.models import User

KEY: Final = "seeing"
RIGHT: Final = "portal.see_as_agency"
# So long at a time; whoever needs longer begins again, which is written down again.
LASTS: Final = timedelta(minutes=30)


@dataclass(frozen=True)
class Ended:
    """A session that still names an agency which is not to be seen in it any more.

    `code` is the agency's where the time is simply over, else empty: there is nothing to tell.
    """

    code: str = ""


def begin_seeing(session: SessionBase, *, agency: Agency, by: User, at: datetime) -> None:
    """Let the person see what the agency sees, in this session, for 30 minutes.

    Whom the session belongs to is noted with it: it counts for nobody else who signs in there.
    """
    session[KEY] = {
        "agency": agency.pk,
        "code": agency.code,
        "by": by.pk,
        "ends_at": int((at + LASTS).timestamp()),
    }


def stop_seeing(session: SessionBase) -> None:
    """End it, if there is anything to end."""
    session.pop(KEY, None)


def seen_in(
    session: SessionBase, *, by: User | AnonymousUser, at: datetime
) -> Seeing | Ended | None:
    """What a person sees in an agency's place in this session; None where nothing is said of it.

    1. The person who began it, still of the platform, still with the right, asked each time.
    2. Until the 30 minutes are over; an agency that is removed is seen, one that is gone is not.

    Asks the database nothing where the session says nothing of it.
    """
    if not by.is_authenticated or KEY not in session:
        return None
    held = session[KEY]
    if held["by"] != by.pk or not (by.is_staff and by.has_perm(RIGHT)):
        return Ended()
    if at.timestamp() >= held["ends_at"]:
        return Ended(held["code"])
    agency = Agency.objects.filter(pk=held["agency"]).first()
    if agency is None:
        return Ended()
    return Seeing(agency, datetime.fromtimestamp(held["ends_at"], tz=at.tzinfo))
