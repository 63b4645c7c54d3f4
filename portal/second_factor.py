"""The second factor: a code from the person's own device, asked for after the password."""

from __future__ import annotations

from binascii import unhexlify
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from agencies.refusals import Refused
from portal.account import FACTOR_DUE, FACTOR_STATE, end_sessions
from portal.account_mail import tell_person, was_told
from portal.models import User
from portal.models.account_mail import MailKind

log = structlog.get_logger(__name__)

FACTOR_DONE: Final = "done"
RECOVERY_CODES: Final = 10
DIGITS: Final = 6
# A code counts for its 30 seconds, and for those before and after.
TOLERANCE: Final = 1
# After a wrong code: 1, 2, 4 … seconds, the longest after more than so many in a row.
LONGEST_PAUSE: Final = timedelta(minutes=15)
MOST_DOUBLED: Final = 10
# So many wrong codes in a row are told, once a day.
MANY_WRONG: Final = 5


@dataclass(frozen=True)
class Factor:
    """A person's device: since when, and how many recovery codes are left."""

    since: datetime | None
    codes_left: int


def is_obliged(user: User | AnonymousUser) -> bool:
    """Whether this person may not do without a second factor: the platform's people."""
    return settings.STAFF_SECOND_FACTOR and (user.is_staff or user.is_superuser)


def factor_of(user: User) -> Factor | None:
    """The person's second factor; None without one. Two queries."""
    device = TOTPDevice.objects.filter(user=user, confirmed=True).first()
    if device is None:
        return None
    left = StaticDevice.objects.filter(user=user).aggregate(left=Count("token_set"))["left"]
    return Factor(since=device.created_at, codes_left=left)


def has_device(user: User) -> bool:
    """Whether the person has a second factor."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def begin(session: SessionBase, user: User) -> None:
    """Note, after the password was right, whether the second factor is due."""
    session.pop(FACTOR_STATE, None)
    if is_obliged(user) or has_device(user):
        session[FACTOR_STATE] = FACTOR_DUE


def let_in(session: SessionBase) -> None:
    """Note that the second factor was given; the session gets a new key, or stays ended."""
    session.cycle_key()
    if SESSION_KEY in session:
        session[FACTOR_STATE] = FACTOR_DONE


def awaited(request: HttpRequest) -> User | None:
    """The person whose second factor is due in this session; None for everybody else.

    1. Due: noted at sign-in, or the person has become one of the platform's people since.
    2. Asks the database nothing that the page would not ask anyway.
    """
    state = request.session.get(FACTOR_STATE)
    if state == FACTOR_DUE or (settings.STAFF_SECOND_FACTOR and state != FACTOR_DONE):
        user = request.user
        if user.is_authenticated and (state == FACTOR_DUE or is_obliged(user)):
            return user
    return None


def new_key() -> str:
    """A fresh secret for a device, as hexadecimal digits."""
    return str(random_hex(20))


def address_of(key: str, *, user: User) -> str:
    """What the QR code says to an authenticator app (an `otpauth:` address)."""
    return str(TOTPDevice(user=user, key=key).config_url)


def check_code(*, code: str, at: datetime, by: User) -> None:
    """Use up a code of the person's device, or one of their recovery codes.

    1. Six digits are a code of the device, anything else is a recovery code; spaces and hyphens
       are left out.
    2. Each code works once. After every wrong one the pause until the next try doubles, up to 15
       minutes, for device and recovery codes apart; during it nothing is looked at.
    3. After five wrong ones in a row the person is told by mail, at most once a day: somebody
       knows their password.

    Locks the device. Raises Refused: rule "pause", or "code".
    """
    token = "".join(code.split()).replace("-", "").lower()
    model = TOTPDevice if len(token) == DIGITS and token.isdecimal() else StaticDevice
    with transaction.atomic():
        devices = model.objects.select_for_update().filter(user=by, confirmed=True)
        device = devices.order_by("pk").first()
        _cap(device, at)
        allowed, why = device.verify_is_allowed() if device else (True, {})
        right = bool(device and allowed and device.verify_token(token))
        if device and allowed and not right:
            _tell_of_wrong_codes(device, at, by)
    if not allowed:
        raise Refused(_pause(device, why), rule="pause")
    if not right:
        raise Refused(
            _(
                "This code is not right, or it was used already. Enter the one that the app shows"
                " now, or a recovery code."
            ),
            rule="code",
        )


def _cap(device: TOTPDevice | StaticDevice | None, at: datetime) -> None:
    """The library doubles without end: after the longest pause go on as with a shorter one."""
    since = device.throttling_failure_timestamp if device else None
    if device and since and at - since >= LONGEST_PAUSE:
        device.throttling_failure_count = min(device.throttling_failure_count, MOST_DOUBLED)


def _tell_of_wrong_codes(device: TOTPDevice | StaticDevice, at: datetime, by: User) -> None:
    told = was_told(kind=MailKind.CODES_REFUSED, user=by, since=at - timedelta(days=1))
    if device.throttling_failure_count >= MANY_WRONG and not told:
        tell_person(kind=MailKind.CODES_REFUSED, user=by, at=at)


def _pause(device: Any, why: dict[str, Any]) -> str:
    wait = why["locked_until"] - device.throttling_failure_timestamp
    seconds = int(min(wait, LONGEST_PAUSE).total_seconds())
    if seconds < 60:
        return ngettext(
            "The last code was wrong. Wait %(number)d second after it, then try again.",
            "The last code was wrong. Wait %(number)d seconds after it, then try again.",
            seconds,
        ) % {"number": seconds}
    minutes = -(-seconds // 60)
    return ngettext(
        "The last code was wrong. Wait %(number)d minute after it, then try again.",
        "The last code was wrong. Wait %(number)d minutes after it, then try again.",
        minutes,
    ) % {"number": minutes}


def set_up(
    *, key: str, code: str, current_code: str, keep: str | None, at: datetime, by: User
) -> list[str]:
    """Give oneself a device, or another in place of the one there is; the recovery codes.

    1. The new device shows that it works by a code of the key.
    2. Where there is a device already, a code of it, or a recovery code, is needed too.
    3. Recovery codes are made anew, the person's other sessions end, a mail tells of it.

    Locks the person. Raises Refused: rule "new_code", "code", "pause", or "meanwhile".
    """
    totp = TOTP(unhexlify(key))
    shown = "".join(code.split())
    if not (shown.isdecimal() and totp.verify(int(shown), TOLERANCE)):
        raise Refused(
            _(
                "This code does not belong to the key above. Enter the one that the app shows now;"
                " the phone's clock must be right."
            ),
            rule="new_code",
        )
    replaces = has_device(by)
    if replaces:
        check_code(code=current_code, at=at, by=by)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        if has_device(by) != replaces:
            raise Refused(
                _("Your second factor was changed elsewhere meanwhile. Open this page anew."),
                rule="meanwhile",
            )
        TOTPDevice.objects.filter(user=by).delete()
        TOTPDevice.objects.create(
            user=by, name="app", key=key, last_t=totp.t(), drift=totp.drift, last_used_at=at
        )
        codes = _new_codes(by)
        end_sessions(by, keep=keep)
        tell_person(kind=MailKind.FACTOR_ADDED, user=by, at=at)
    return codes


@transaction.atomic
def renew_codes(*, by: User) -> list[str]:
    """Make ten new recovery codes; the old ones stop working. Raises Refused without a device."""
    User.objects.select_for_update().get(pk=by.pk)
    if not has_device(by):
        raise _nothing_there()
    return _new_codes(by)


def remove(*, code: str, keep: str | None, at: datetime, by: User) -> None:
    """Do without a second factor from now on; needs a code of it, or a recovery code.

    The person's other sessions end, a mail tells of it. Raises Refused: rule "obliged", "none",
    "code", or "pause".
    """
    if is_obliged(by):
        raise Refused(
            _("The platform's people need a second factor; set up another device instead."),
            rule="obliged",
        )
    if not has_device(by):
        raise _nothing_there()
    check_code(code=code, at=at, by=by)
    _drop(by, keep=keep, at=at)


def take_away(*, user: User, at: datetime, by: User | None) -> None:
    """Remove the second factor of somebody who lost it, codes and all; `by` None at the console.

    1. All their sessions end, a mail tells them.
    2. Nobody takes away their own this way: that needs a code.

    Raises Refused: rule "own", or "none".
    """
    if by is not None and by.pk == user.pk:
        raise Refused(
            _("Your own second factor is changed on your account page, with a code of it."),
            rule="own",
        )
    if not has_device(user):
        raise Refused(_("%(person)s has no second factor.") % {"person": user}, rule="none")
    _drop(user, keep=None, at=at)
    log.warning("second_factor_taken_away", person=user.pk, by=by.pk if by else None)


@transaction.atomic
def _drop(user: User, *, keep: str | None, at: datetime) -> None:
    User.objects.select_for_update().get(pk=user.pk)
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    end_sessions(user, keep=keep)
    tell_person(kind=MailKind.FACTOR_REMOVED, user=user, at=at)


def _new_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery")
    tokens = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=each) for each in tokens)
    return [f"{each[:4]}-{each[4:]}" for each in tokens]


def _nothing_there() -> Refused:
    return Refused(_("There is no second factor to change: set one up first."), rule="none")
