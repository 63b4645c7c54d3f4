"""The session engine of the house: Django's, in a table that knows whose session it is."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as StockStore
from django.db import transaction
from django.utils.dateparse import parse_datetime

from portal.models.session import PortalSession
from portal.models.user import User

# What sign-in puts into a session for the list of one's sessions.
SIGNED_IN_AT, PROGRAM, ADDRESS = "signed_in_at", "program", "address"
USER = SESSION_KEY
LONGEST_PROGRAM = 300


class SessionStore(StockStore):
    """Keeps a session in `PortalSession`; person and circumstances follow from its content."""

    @classmethod
    def get_model_class(cls) -> Any:
        return PortalSession

    @transaction.atomic
    def cycle_key(self) -> None:
        """Give the session another key; one that was ended meanwhile stays ended, and is emptied.

        1. Ending sessions locks the person first (`portal.account.end_sessions`), and so does
           this: no session slips through under its new key.
        2. The new row says at once whose session it is.
        """
        old = self.session_key
        if old:
            User.objects.hold(self.get(USER))
            if not PortalSession.objects.select_for_update().filter(session_key=old):
                self.flush()
                return
        super().cycle_key()
        self.save()

    def create_model_instance(self, data: dict[str, Any]) -> PortalSession:
        session = cast("PortalSession", super().create_model_instance(data))
        session.user_id = int(data[USER]) if data.get(USER) else None
        session.signed_in_at = parse_datetime(data[SIGNED_IN_AT]) if SIGNED_IN_AT in data else None
        session.program = data.get(PROGRAM, "")
        session.address = data.get(ADDRESS)
        return session


def remember_sign_in(session: SessionBase, *, program: str, address: str, at: datetime) -> None:
    """Note when, with which program and from which network address a person signed in.

    Both come from outside: what cannot be printed or is no address is left out.
    """
    session[SIGNED_IN_AT] = at.isoformat()
    session[PROGRAM] = "".join(filter(str.isprintable, program))[:LONGEST_PROGRAM]
    session[ADDRESS] = plain_address(address)


def plain_address(text: str) -> str | None:
    """A network address as the database takes it; None where the text is none."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return None if getattr(found, "scope_id", None) else str(found)
