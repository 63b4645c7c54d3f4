"""Which program somebody signed in with, in plain words."""

from __future__ import annotations

import re
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# The first that matches counts: most programs also call themselves Chrome or Safari.
BROWSERS: Final[tuple[tuple[str, str | Promise], ...]] = (
    (r"MicroMessenger/", gettext_lazy("WeChat")),
    (r"DingTalk", gettext_lazy("DingTalk")),
    (r"Lark/|Feishu/", gettext_lazy("Feishu")),
    (r"QQBrowser/", gettext_lazy("QQ Browser")),
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera/", "Opera"),
    (r"UCBrowser/", "UC"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/", "Chrome"),
    (r"Version/\S+.*Safari/", "Safari"),
)
SYSTEMS: Final = (
    (r"HarmonyOS", "HarmonyOS"),
    (r"Android", "Android"),
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"CrOS", "ChromeOS"),
    (r"Linux|X11", "Linux"),
)
LONGEST: Final = 60


def program_name(user_agent: str) -> str:
    """What a `User-Agent` header stands for: “Chrome on Windows”.

    1. Where only the program or only the system is known, that one alone.
    2. Where neither is, the header itself, cut after 60 characters; without one, that.
    """
    browser = _first(BROWSERS, user_agent)
    system = _first(SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or user_agent[:LONGEST] or _("A program that gives no name")


def _first(names: tuple[tuple[str, str | Promise], ...], user_agent: str) -> str:
    return next((str(name) for pattern, name in names if re.search(pattern, user_agent)), "")
