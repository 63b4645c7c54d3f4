"""The session engine of the house: Django's, in a table that knows whose session it is."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.sessions.backends.db import SessionStore as StockStore
from django.utils.dateparse import parse_datetime

from portal.models.session import PortalSession

# What sign-in puts into a session for the list of one's sessions.
SIGNED_IN_AT, PROGRAM, ADDRESS = "signed_in_at", "program", "address"
USER = "_auth_user_id"


class SessionStore(StockStore):
    """Keeps a session in `PortalSession`; person and circumstances follow from its content."""

    @classmethod
    def get_model_class(cls) -> Any:
        return PortalSession

    def create_model_instance(self, data: dict[str, Any]) -> PortalSession:
        session = cast(PortalSession, super().create_model_instance(data))
        session.user_id = int(data[USER]) if data.get(USER) else None
        session.signed_in_at = parse_datetime(data[SIGNED_IN_AT]) if SIGNED_IN_AT in data else None
        session.program = data.get(PROGRAM, "")
        session.address = data.get(ADDRESS)
        return session
