"""People with a second factor, and the codes that their devices show."""

from __future__ import annotations

from binascii import unhexlify

from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from portal.models import User
from portal.second_factor import new_key, set_up


def code_of(key: str, steps: int = 0) -> str:
    """What a device with this key shows now, or so many times 30 seconds later."""
    totp = TOTP(unhexlify(key), drift=steps)
    return f"{totp.token():06d}"


def wrong_code(key: str) -> str:
    """Six digits that the device does not show around now."""
    shown = {code_of(key, steps) for steps in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222") if code not in shown)


def device_of(user: User) -> TOTPDevice:
    return TOTPDevice.objects.get(user=user)


def with_factor(user: User) -> list[str]:
    """Give the person a device; the recovery codes. Its code of this moment is used up."""
    key = new_key()
    return set_up(
        key=key,
        code=code_of(key),
        current_code="",
        keep=None,
        at=timezone.now(),
        by=user,
    )
