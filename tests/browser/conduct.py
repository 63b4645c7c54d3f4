"""What the browser tests of conduct share: windows of people, clicks, how a page is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from agencies.actions.violations import PlannedMeasure
from agencies.enums import Measure, Stage
from agencies.models import Agency
from portal.models import User
from portal.outbox import deliver_due
from tests.factories import AgencyFactory, MembershipFactory

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
# Chromium says so of every page that is answered with 410, and dead links of creators are.
GONE = "Failed to load resource: the server responded with a status of 410 (Gone)"
# All rules of axe, those of good practice beyond WCAG 2.2 AA too; what unfolds is looked into.
RULES = """async () => {
    document.querySelectorAll("main details").forEach(each => { each.open = true });
    const {violations} = await axe.run(document, {resultTypes: ["violations"]});
    return violations.map(each => `${each.id}: ${each.nodes[0].target}`);
}"""
WIDTH = "document.documentElement.scrollWidth"

# Two test runs share two cores; nobody is slower for waiting longer at most.
expect.set_options(timeout=15_000)


class Windows:
    """Windows on the live server, each in a browser context of its own."""

    def __init__(self, browser: Browser, server: Any) -> None:
        self._browser, self._address = browser, server.url
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def open(
        self,
        person: User | None = None,
        *,
        locale: str = "en-US",
        viewport: Any = WIDE,
        axe: bool = False,
        **options: Any,
    ) -> Page:
        """A window in which the person, or nobody, is signed in; with `axe` pages can be judged."""
        context = self._browser.new_context(
            base_url=self._address, locale=locale, viewport=viewport, **options
        )
        self._contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if axe:
            page.add_init_script(AXE_SCRIPT)
        self.sign_in(page, person)
        return page

    def sign_in(self, page: Page, person: User | None) -> None:
        """From now on the window is this person's, or nobody's; it keeps what it has loaded."""
        page.context.clear_cookies()
        if person is None:
            return
        client = Client()
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        page.context.add_cookies([{"name": name, "value": value, "url": self._address}])

    def phone(self) -> Page:
        """A creator's phone: nobody is signed in."""
        return self.open(viewport=PHONE, has_touch=True, is_mobile=True)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and message.text != GONE:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@contextmanager
def opened(browser: Browser, server: Any) -> Iterator[Windows]:
    """Windows that are closed at the end; the test fails where a browser complained."""
    windows = Windows(browser, server)
    try:
        yield windows
    finally:
        windows.close()
    assert windows.complaints == []


def agency_with_owner(**fields: Any) -> tuple[Agency, User]:
    """An agency and its owner: level V1, at most 50 creators, each below 5 million followers."""
    ordinary = {
        "stage": Stage.ASSESSED,
        "level": "V1",
        "binding_cap": 50,
        "followers_below": 5_000_000,
    }
    agency = AgencyFactory.create(**{**ordinary, **fields})
    return agency, MembershipFactory.create(agency=agency).user


def suspension(until: date | None = None) -> PlannedMeasure:
    """A suspension of binding from the decision on."""
    return PlannedMeasure(kind=Measure.SUSPEND_BINDING, until=until)


def ask(page: Page, creator_id: str, message: str = "") -> None:
    """Ask a creator to be bound, on the agency's page."""
    page.goto("/creators/")
    send_request(page, creator_id, message)


def send_request(page: Page, creator_id: str, message: str = "") -> None:
    """Ask a creator on the agency's page, which is open already."""
    page.get_by_label("Creator ID", exact=True).fill(creator_id)
    page.get_by_label("Message to the creator (optional)").fill(message)
    press(page, "Send the request")


def press(page: Page | Locator, button: str) -> None:
    """Press the one button of this name in the page's own part."""
    within = page.get_by_role("main") if isinstance(page, Page) else page
    within.get_by_role("button", name=button, exact=True).click()


def reads(page: Page, sentence: str) -> None:
    """The page says so to whoever reads it: all of it, visibly, and once."""
    expect(page.get_by_role("main").get_by_text(sentence, exact=True)).to_be_visible()


def delivered_link(to: str) -> str:
    """Deliver what is due; the address in the one mail that this sends, to the creator alone."""
    before = len(mail.outbox)
    deliver_due(now=timezone.now())
    (letter,) = mail.outbox[before:]
    assert letter.recipients() == [to]
    addresses = set(re.findall(r"https?://\S+", str(letter.body)))
    (address,) = addresses
    return address


def judged(page: Page, *, other: Any) -> list[str]:
    """What is wrong with the open page: what axe finds in it, and where it scrolls sideways.

    Axe looks at it as it is; that it fits is also asked of the `other` size of the window.
    """
    page.wait_for_load_state()  # what is there before its styles measures otherwise
    found = list(page.evaluate(RULES))
    for viewport in (page.viewport_size, other):
        page.set_viewport_size(viewport)
        wide = page.evaluate(WIDTH)
        if wide != viewport["width"]:
            found.append(f"{wide} px wide in a window of {viewport['width']} px")
    return found
