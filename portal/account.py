"""What people do with their own account: password, name, where they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from axes.utils import reset as forget_failures
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from agencies.refusals import Refused
from portal.account_mail import tell_address, tell_person
from portal.models import PortalSession, User
from portal.models.account_mail import MailKind
from portal.programs import program_name

MOST_SHOWN: Final = 50
# Whether a session still waits for the second factor (`portal.second_factor`), in its content.
FACTOR_STATE: Final = "second_factor"
FACTOR_DUE: Final = "due"


@dataclass(frozen=True)
class OwnSession:
    """A place where a person is signed in; `handle` names it without being its key.

    `waits`: the password was right, the second factor has not been given.
    """

    handle: str
    since: datetime | None
    program: str
    address: str
    current: bool
    waits: bool


def own_sessions(user: User, *, current: str | None, now: datetime) -> list[OwnSession]:
    """Where the person is signed in, this browser first, then the newest; at most 50.

    Sessions that ended with an earlier password are left out.
    """
    rows = PortalSession.objects.filter(user=user, expire_date__gt=now).order_by(
        "-signed_in_at", "session_key"
    )
    found = []
    for row in rows[:MOST_SHOWN]:
        content = row.get_decoded()
        mark = content.get(HASH_SESSION_KEY, "")
        if constant_time_compare(mark, user.get_session_auth_hash()):
            found.append(
                OwnSession(
                    handle=_handle(row.session_key),
                    since=row.signed_in_at,
                    program=program_name(row.program),
                    address=row.address or "",
                    current=row.session_key == current,
                    waits=content.get(FACTOR_STATE) == FACTOR_DUE,
                )
            )
    return sorted(found, key=lambda each: not each.current)


@transaction.atomic
def end_session(*, handle: str, keep: str | None, by: User) -> bool:
    """End one of the person's own sessions, not the one to `keep`; False where none is meant.

    Locks the person.
    """
    User.objects.hold(by.pk)
    keys = PortalSession.objects.filter(user=by).values_list("session_key", flat=True)
    for key in keys.order_by("session_key"):
        if key != keep and constant_time_compare(_handle(key), handle):
            return bool(PortalSession.objects.filter(session_key=key, user=by).delete()[0])
    return False


@transaction.atomic
def end_sessions(user: User, *, keep: str | None = None) -> int:
    """End all sessions of a person but the one to `keep`; how many ended. Locks the person."""
    User.objects.hold(user.pk)
    return PortalSession.objects.filter(user=user).exclude(session_key=keep or "").delete()[0]


@transaction.atomic
def change_password(*, password: str, keep: str | None, at: datetime, by: User) -> None:
    """Give oneself another password, which was validated before.

    The person's other sessions end, links for a forgotten password stop working, and a mail tells
    of it.
    """
    by.set_password(password)
    by.save(update_fields=["password"])
    password_was_set(by, keep=keep, at=at)


@transaction.atomic
def reset_password(*, user_id: int, token: str, password: str, at: datetime) -> None:
    """Set a new password by a mailed link; raises Refused where the link works no more.

    1. A link works once: the person's row is locked, and the token is looked at again.
    2. All sessions of the person end, refused attempts to sign in are forgotten, a mail tells.
    3. The second factor stays: whoever reads the person's mail still needs it. Its pause ends, so
       that wrong codes of somebody who knew the old password keep nobody out.
    """
    user = User.objects.select_for_update().filter(pk=user_id, is_active=True).first()
    if user is None or not default_token_generator.check_token(user, token):
        raise Refused(_("This link was used already, or it is older than an hour."), rule="link")
    user.set_password(password)
    user.save(update_fields=["password"])
    password_was_set(user, keep=None, at=at)
    forget_failures(username=user.email)
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).update(
            throttling_failure_count=0, throttling_failure_timestamp=None
        )


def password_was_set(user: User, *, keep: str | None, at: datetime) -> None:
    """What follows from every new password: other sessions end, the person is told by mail."""
    end_sessions(user, keep=keep)
    tell_person(kind=MailKind.PASSWORD_CHANGED, user=user, at=at)


@transaction.atomic
def address_was_changed(user: User, *, old: str, keep: str | None, at: datetime) -> None:
    """What follows where somebody else changed an address: sessions end, the old one is told."""
    end_sessions(user, keep=keep)
    tell_address(kind=MailKind.ADDRESS_CHANGED, email=old, at=at)


def rename(*, name: str, by: User) -> None:
    """Change the name under which others see oneself."""
    by.name = name
    by.save(update_fields=["name"])


def _handle(session_key: str) -> str:
    return salted_hmac("portal.account.session", session_key).hexdigest()[:24]
