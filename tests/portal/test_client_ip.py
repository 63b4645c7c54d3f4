"""The sign-in throttle counts visitors, not the proxy in front of them and not what they claim."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from portal.client_ip import client_ip


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (0, "", "10.0.0.9"),
        (0, "203.0.113.7", "10.0.0.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7, 192.0.2.5", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, "203.0.113.7, <script>", "10.0.0.9"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_hop_before_the_trusted_proxies_is_counted(
    settings: Any, proxies: int, forwarded: str, counted: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get(
        "/sign-in/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR=forwarded
    )

    assert client_ip(request) == counted
