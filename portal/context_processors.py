"""What every page of the house shows around its content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency, Membership
from rankings.models import BoardKind


@dataclass(frozen=True)
class NavEntry:
    """A line of the navigation; `current` marks the page that is open."""

    label: str | Promise
    url: str
    icon: str
    current: bool


@dataclass(frozen=True)
class Language:
    """A language of the portal, named in itself."""

    code: str
    name: str
    current: bool


OWN_NAMES = {"zh-hans": "简体中文", "en": "English"}
BOARD_ICONS = {BoardKind.STRENGTH: "trophy", BoardKind.GROWTH: "graph-up-arrow"}


class House:
    """Lazy, so that a page asks the database only for what its template uses."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def memberships(self) -> list[Membership]:
        return list(getattr(self._request, "memberships", []))

    @cached_property
    def membership(self) -> Membership | None:
        return self._request.membership if self.memberships else None  # type: ignore[attr-defined]

    @cached_property
    def agency(self) -> Agency | None:
        return self.membership.agency if self.membership else None

    @property
    def languages(self) -> list[Language]:
        current = get_language()
        return [
            Language(code, OWN_NAMES[code], code == current) for code, _name in settings.LANGUAGES
        ]

    @property
    def nav(self) -> list[NavEntry]:
        """The agency's pages, for its members only."""
        if not self.agency:
            return []
        return [
            self._entry(_("Home"), reverse("home"), "house-door"),
            self._entry(_("Score"), reverse("score"), "bar-chart-line"),
            *self._boards("board"),
        ]

    @property
    def public_nav(self) -> list[NavEntry]:
        """The pages that need no sign-in."""
        return self._boards("public-board")

    def _boards(self, name: str) -> list[NavEntry]:
        return [
            self._entry(kind.label, reverse(name, args=[kind.value]), BOARD_ICONS[kind])
            for kind in BoardKind
        ]

    def _entry(self, label: str | Promise, url: str, icon: str) -> NavEntry:
        return NavEntry(label, url, icon, self._request.path == url)


def house(request: HttpRequest) -> dict[str, Any]:
    """The frame around every page: navigation, agency, languages."""
    return {"house": House(request)}
