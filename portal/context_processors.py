"""What every page of the house shows around its content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies.access import closed
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
# The pages of single cases and bindings lie beneath their lists.
DEEP = (
    *("/staff/", "/score/", "/guidance/", "/benefits/", "/creators/", "/conduct/", "/members/"),
    *("/rules/", "/disputes/", "/star-source/", "/events/", "/help/"),
    *("/public/notices/", "/public/consultations/"),
)
BOARD_ICONS = {BoardKind.STRENGTH: "trophy", BoardKind.GROWTH: "graph-up-arrow"}
# The agency's pages around the boards: name, address, icon.
BEFORE_BOARDS = (
    (_("Home"), "home", "house-door"),
    (_("Score"), "score", "bar-chart-line"),
    (_("Guidance"), "guidance", "signpost-split"),
    (_("Benefits"), "benefits", "gift"),
)
AFTER_BOARDS = (
    (_("Creators"), "creators", "people"),
    (_("Star Source plan"), "star-source", "stars"),
    (_("Violations and credit"), "conduct", "shield-check"),
    (_("Rules"), "rules", "book"),
    (_("Disputes"), "disputes", "question-diamond"),
    (_("Events"), "events", "calendar-event"),
    (_("Help"), "help", "life-preserver"),
    (_("Messages"), "messages", "envelope"),
    (_("Members"), "members", "person-badge"),
)
# What a removed agency and a barred account may still open; the rules are those for everybody.
OF_THE_CLOSED = (
    (_("Violations and credit"), "conduct", "shield-check"),
    (_("Rules"), "public-rules", "book"),
    (_("Help"), "help", "life-preserver"),
)
# The staff's work pages by what they are about, each with the right that it needs.
DESK_GROUPS = (
    (
        _("Service"),
        (
            (_("Questions"), "staff-questions", "inbox", "portal.view_question"),
            (_("Agencies"), "staff-agencies", "building", "agencies.view_agency"),
            (_("Star Source plan"), "staff-star-source", "stars", "agencies.view_binding"),
            (_("Events"), "staff-events", "calendar-event", "portal.view_event"),
        ),
    ),
    (
        _("Level"),
        (
            (_("Evaluations"), "staff-evaluations", "calendar-check", "scoring.view_evaluation"),
            (_("Imports"), "staff-imports", "cloud-arrow-up", "agencies.view_importedfile"),
            (_("Data coverage"), "staff-coverage", "calendar3", "agencies.view_importedfile"),
            (_("Disputes"), "staff-disputes", "question-diamond", "scoring.view_dispute"),
        ),
    ),
    (
        _("Conduct"),
        (
            (_("Violations"), "staff-violations", "exclamation-octagon", "agencies.view_violation"),
            (_("Removals"), "staff-removals", "person-x", "agencies.view_violation"),
            (_("Appeals"), "staff-appeals", "chat-left-text", "agencies.view_violation"),
            (_("Credit ledger"), "staff-ledger", "journal-text", "agencies.view_creditentry"),
            (_("Bindings"), "staff-bindings", "link-45deg", "agencies.view_binding"),
            (_("Wishes to part"), "staff-unbindings", "scissors", "agencies.view_binding"),
            (_("Titles"), "staff-titles", "award", "agencies.view_title"),
            (_("Public notices"), "staff-notices", "megaphone", "agencies.view_publicnotice"),
        ),
    ),
    (
        _("Rules"),
        (
            (_("Rulebooks"), "staff-rulebooks", "journal-code", "scoring.view_rulebookversion"),
            (
                _("Consultations"),
                "staff-consultations",
                "chat-square-quote",
                "scoring.view_consultation",
            ),
            (_("Back-tests"), "staff-backtests", "clock-history", "scoring.view_backtest"),
            (_("Unclear rules"), "staff-unclear-rules", "patch-question", "portal.view_question"),
        ),
    ),
    (
        _("The desk itself"),
        (
            (_("Figures"), "staff-question-figures", "bar-chart", "portal.view_question"),
            (_("Prepared answers"), "staff-canned-answers", "reply", "portal.view_cannedanswer"),
            (_("Public answers"), "staff-help-articles", "book-half", "portal.view_helparticle"),
            (_("Contacts"), "staff-contacts", "person-rolodex", "portal.view_contactperson"),
            (_("Hours and targets"), "staff-service", "clock", "portal.view_servicetarget"),
            (_("Mail"), "staff-mails", "envelope-exclamation", "portal.view_newsmail"),
            (_("Looks"), "staff-looks", "eye", "portal.view_stafflook"),
            (_("Component gallery"), "gallery", "palette", "agencies.view_agency"),
        ),
    ),
)
DESK = tuple(page for _label, pages in DESK_GROUPS for page in pages)
PUBLIC = (
    (_("Penalty notices"), "public-notices", "megaphone"),
    (_("Rules"), "public-rules", "book"),
    (_("Consultations"), "public-consultations", "chat-square-quote"),
    (_("Check a certificate"), "public-certificate", "patch-check"),
)
NAV_ICONS = {*BOARD_ICONS.values(), *(page[2] for page in (*BEFORE_BOARDS, *AFTER_BOARDS, *DESK))}


@dataclass(frozen=True)
class NavGroup:
    """Lines of the navigation that belong together; `label` may be empty."""

    label: str | Promise
    entries: list[NavEntry]


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
    def at_desk(self) -> bool:
        """Whether the page is one of the staff's work pages."""
        return self._request.path.startswith("/staff/") and self._request.user.is_staff

    @cached_property
    def nav(self) -> list[NavGroup]:
        """The agency's pages, for its members; at a work page, those of the staff."""
        if self.at_desk:
            administration = self._entry(_("Administration"), reverse("admin:index"), "gear")
            return [*self.desk, NavGroup("", [administration])]
        if not self.agency:
            return []
        if closed(self._request):  # type: ignore[arg-type] # the middleware made it one
            return [NavGroup("", self._pages(OF_THE_CLOSED))]
        pages = [*self._pages(BEFORE_BOARDS), *self._boards("board"), *self._pages(AFTER_BOARDS)]
        return [NavGroup("", pages)]

    @property
    def desk(self) -> list[NavGroup]:
        """The staff's work pages that this person may open."""
        user = self._request.user
        groups = (
            NavGroup(label, self._pages(page[:3] for page in pages if user.has_perm(page[3])))
            for label, pages in DESK_GROUPS
        )
        return [group for group in groups if group.entries]

    @property
    def public_nav(self) -> list[NavEntry]:
        """The pages that need no sign-in."""
        return [*self._boards("public-board"), *self._pages(PUBLIC)]

    @property
    def here(self) -> str | Promise:
        """The name of the page that is open, where the navigation has it."""
        entries = (entry for group in self.nav for entry in group.entries)
        return next((entry.label for entry in entries if entry.current), "")

    def _pages(self, pages: Iterable[tuple[str | Promise, str, str]]) -> list[NavEntry]:
        return [self._entry(label, reverse(name), icon) for label, name, icon in pages]

    def _boards(self, name: str) -> list[NavEntry]:
        return [
            self._entry(kind.label, reverse(name, args=[kind.value]), BOARD_ICONS[kind])
            for kind in BoardKind
        ]

    def _entry(self, label: str | Promise, url: str, icon: str) -> NavEntry:
        return NavEntry(label, url, icon, _is_within(self._request.path, url))


def _is_within(path: str, url: str) -> bool:
    """Whether the page is this one or, for pages with pages of their own, one beneath it."""
    return path == url or (path.startswith(url) and url.startswith(DEEP))


def house(request: HttpRequest) -> dict[str, Any]:
    """The frame around every page: navigation, agency, languages."""
    return {"house": House(request)}
