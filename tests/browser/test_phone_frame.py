"""The frame of the pages on a phone: menus open inside the window, every entry can be seen."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conduct import PHONE, WIDTH, opened
from tests.factories import AgencyFactory, MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)


def inside(page: Page, selector: str) -> bool:
    """Whether everything that the selector finds lies within the width of the window."""
    boxes = [each.bounding_box() for each in page.locator(selector).all()]
    return bool(boxes) and all(
        box is not None and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
        for box in boxes
    )


@pytest.mark.parametrize("name", ["星河", "星河之上文化传媒（杭州）有限公司第一分公司"])
def test_the_choice_of_agencies_opens_inside_the_window(
    browser: Browser, live_server: Any, name: str
) -> None:
    seat = MembershipFactory.create(agency__code="A", agency__name=name)
    other = AgencyFactory.create(code="B", name="另一家文化传媒有限公司")
    MembershipFactory.create(agency=other, user=seat.user)
    with opened(browser, live_server) as windows:
        page = windows.open(seat.user, viewport=PHONE)
        page.goto("/conduct/")
        page.locator(".side-agency summary").click()
        assert inside(page, ".side-agency .menu-panel, .side-agency .menu-panel button")
        assert page.evaluate(WIDTH) == PHONE["width"]


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_every_public_page_can_be_reached_from_the_header(
    browser: Browser, live_server: Any, locale: str
) -> None:
    with opened(browser, live_server) as windows:
        page = windows.open(locale=locale, viewport=PHONE)
        page.goto("/public/certificate/")
        assert inside(page, ".house-header nav a")
        assert inside(page, '.house-header nav a[aria-current="page"]')
