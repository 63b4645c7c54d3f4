"""Whom the sign-in throttle counts."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The visitor's address: as many hops from the right as there are trusted proxies.

    What stands further left in X-Forwarded-For was written by the visitor and is not believed.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    if not 0 < proxies <= len(hops):
        return direct
    try:
        return str(ip_address(hops[-proxies].strip()))
    except ValueError:
        return direct
