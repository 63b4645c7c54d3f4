"""Every page of an agency and of the public: WCAG 2.2 AA, fits the window, nobody complains.

Each page is seen once, small or wide, light or dark, in one language and by one kind of agency, so
that any two of these meet somewhere; whether it fits is asked of both widths. The long form (`make
soak`) shows every page to every kind; `SCREENSHOTS=folder` keeps pictures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page

from scoring.certificates import issue_certificate
from tests.browser.conduct import Windows, judged, opened
from tests.kinds import NOW, Kind, build_kinds

pytestmark = pytest.mark.django_db(transaction=True)

SMALL, WIDE = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
# Any two of size, scheme and language meet in these four.
SIGHTS = (
    ("zh-CN", "dark", "small"),
    ("en-US", "light", "small"),
    ("zh-CN", "light", "wide"),
    ("en-US", "dark", "wide"),
)
SIZES: Mapping[str, Any] = {"small": SMALL, "wide": WIDE}
PAGES = (
    *("/home/", "/score/", "/score/movement/", "/score/movement/settled_amount/"),
    *("/score/movement/reputation/", "/score/receipt/", "/guidance/"),
    *("/guidance/simulator/?settled_amount=x&settled_orders=9000", "/guidance/levers/"),
    *("/benefits/", "/boards/strength/", "/boards/growth/?q=nobody", "/creators/"),
    *("/creators/of/{creator}/", "/creators/preview/", "/conduct/", "/rules/", "/messages/"),
    *("/members/", "/members/leave/", "/certificate/", "/account/", "/account/second-factor/"),
)
PUBLIC = (
    *("/", "/sign-in/", "/public/boards/strength/", "/public/rules/", "/public/certificate/"),
    *("/public/certificate/?code={code}", "/public/notices/", "/account/forgotten/"),
)


@dataclass(frozen=True)
class Sight:
    """One look at one page; nobody looks at a public one."""

    path: str
    kind: str | None
    locale: str
    scheme: str
    size: str

    def __str__(self) -> str:
        return f"{self.path} {self.kind} {self.locale} {self.scheme} {self.size}"

    @property
    def picture(self) -> str:
        """A name for the file of its picture."""
        place = self.path.strip("/").replace("/", "-").partition("?")[0] or "front"
        return f"{place}_{self.kind}_{self.locale}_{self.scheme}_{self.size}.png"


def sights(kinds: Mapping[str, Kind]) -> Iterator[Sight]:
    """Each page once, the sights in turn; in the long form every page by every kind."""
    ways = cycle((SIGHTS[:1], SIGHTS[3:], SIGHTS[1:2], SIGHTS[2:3]))
    members = cycle(name for name in kinds if name != "removed")
    yield Sight("/conduct/", "removed", *SIGHTS[0])
    for path in (*PAGES, *PUBLIC):
        (first,) = next(ways)
        if path in PUBLIC:
            yield Sight(path, None, *first)
        elif os.environ.get("SOAK"):
            for at, kind in enumerate(kinds):
                yield Sight(path, kind, *SIGHTS[(at + SIGHTS.index(first)) % 4])
        else:
            yield Sight(path, next(members), *first)


@pytest.fixture
def kinds() -> Iterator[dict[str, Kind]]:
    with time_machine.travel(NOW, tick=False):
        yield build_kinds()


@pytest.fixture
def windows(browser: Any, live_server: Any) -> Iterator[Windows]:
    with opened(browser, live_server) as windows:
        yield windows


def looked_at(page: Page, sight: Sight, address: str) -> list[str]:
    """What is wrong with the page as it is seen."""
    page.set_viewport_size(SIZES[sight.size])
    response = page.goto(address)
    if folder := os.environ.get("SCREENSHOTS"):
        page.wait_for_load_state("networkidle")
        page.screenshot(path=Path(folder) / sight.picture, full_page=True)
    found = judged(page, other=SIZES["wide" if sight.size == "small" else "small"])
    if response is None or response.status != 200:
        found.append(f"answers {response and response.status}")
    return found


def test_every_page_is_accessible_and_fits(windows: Windows, kinds: dict[str, Kind]) -> None:
    best = kinds["v5"]
    certificate = issue_certificate(agency=best.agency, at=NOW, by=best.owner)
    pages: dict[tuple[str, str], Page] = {}
    faults = {}
    for sight in sights(kinds):
        kind = kinds[sight.kind] if sight.kind else None
        creator = kind.creators[0].creator_id if kind and kind.creators else "nobody"
        address = sight.path.format(creator=creator, code=certificate.code)
        if creator == "nobody" and "{creator}" in sight.path:
            continue
        window = (sight.locale, sight.scheme)
        if window not in pages:
            pages[window] = windows.open(
                locale=sight.locale,
                color_scheme=sight.scheme,
                viewport=SIZES[sight.size],
                axe=True,
            )
        windows.sign_in(pages[window], kind.owner if kind else None)
        if found := looked_at(pages[window], sight, address):
            faults[str(sight)] = found
    assert faults == {}


def test_pages_work_without_javascript(browser: Any, live_server: Any, kinds: Any) -> None:
    with opened(browser, live_server) as windows:
        page = windows.open(kinds["falling"].owner, java_script_enabled=False)
        page.goto("/guidance/simulator/")
        page.get_by_label("Settled orders").fill("999999")
        page.get_by_role("main").get_by_role("button").first.click()
        page.wait_for_url("**settled_orders=999999**")
        page.goto("/score/")
        page.get_by_role("main").get_by_role("table").first.wait_for(state="visible")
