"""Programs by their plain names."""

from __future__ import annotations

import pytest

from portal.programs import program_name

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (WINDOWS, "Chrome on Windows"),
        (f"{WINDOWS} Edg/140.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} OPR/120.0.0.0", "Opera on Windows"),
        (f"{WINDOWS} QQBrowser/13.0", "QQ Browser on Windows"),
        (f"{PHONE} Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{PHONE} CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"{PHONE} Mobile/15E148 MicroMessenger/8.0.50", "WeChat on iPhone"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 15; SM-S9) {WEBKIT} Chrome/140.0 Mobile",
            "Chrome on Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "macOS"),
        ("curl/8.9.1", "curl/8.9.1"),
        ("x" * 100, "x" * 60),
        ("", "A program that gives no name"),
    ],
)
def test_the_header_becomes_a_name(header: str, name: str) -> None:
    assert program_name(header) == name
