"""Charts under the strict policy: drawn where they can be, readable where they cannot."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from agencies.models import Agency
from tests.browser.test_sign_in_and_level import NARROW, sign_in
from tests.factories import AgencyFactory, CreatorFactory, MembershipFactory
from tests.factories.contributions import contributed_month

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = {
    "/score/": ["radar", "trend"],
    "/score/movement/": ["waterfall"],
    "/score/movement/settled_amount/": ["bars"],
}
# How many canvases show at least a few hundred pixels; read from copies, which the browser prefers.
DRAWN = """() => [...document.querySelectorAll(".chart-box canvas")].filter((canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height);
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, copy.width, copy.height);
  return data.filter((value, at) => at % 4 === 3 && value > 0).length > 300;
}).length"""


@pytest.fixture
def agency() -> Agency:
    agency = AgencyFactory.create(code="OWN", name="晴川文化传媒", joined_on=date(2025, 1, 1))
    MembershipFactory.create(agency=agency, user__email="owner@example.com")
    creators = CreatorFactory.create_batch(12)
    for month, orders in ((date(2026, 9, 1), 1_000), (date(2026, 10, 1), 900)):
        brought = {
            creator: {"settled_orders": orders + 40 * at, "settled_cents": orders * (at + 1) * 100}
            for at, creator in enumerate(creators)
        }
        contributed_month(agency, month, brought)
    return agency


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "reduced_motion": "reduce"}


def drawn(page: Page, count: int) -> None:
    page.wait_for_function(f"({DRAWN})() === {count}")


def test_charts_are_drawn_and_their_tables_folded(
    page: Page, live_server: Any, agency: Agency, complaints: list[str]
) -> None:
    sign_in(page, live_server)
    for path, kinds in PAGES.items():
        page.goto(f"{live_server.url}{path}")
        charts = page.locator("[data-chart]").evaluate_all("all => all.map(e => e.dataset.chart)")
        assert charts == kinds
        drawn(page, len(kinds))
        expect(page.locator(".chart-table[open]")).to_have_count(0)
    page.goto(f"{live_server.url}/score/")
    table = page.locator("[data-chart=trend] table")
    expect(table).to_be_hidden()
    page.locator("[data-chart=trend] summary").click()
    expect(table).to_contain_text("2026年9月")


def test_a_change_of_the_colour_scheme_draws_anew(
    page: Page, live_server: Any, agency: Agency, complaints: list[str]
) -> None:
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/score/movement/")
    drawn(page, 1)
    picture = "() => document.querySelector('.chart-box canvas').toDataURL()"
    light = page.evaluate(picture)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"light => ({picture})() !== light", arg=light)
    drawn(page, 1)


def test_axe_finds_nothing_and_nothing_is_wider_than_a_small_phone(
    page: Page, live_server: Any, agency: Agency, complaints: list[str]
) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(NARROW)
    sign_in(page, live_server)
    for path, kinds in PAGES.items():
        page.goto(f"{live_server.url}{path}")
        drawn(page, len(kinds))
        for folded in page.locator("main details").all():
            folded.locator("summary").first.click()
        report = Axe().run(page).response["violations"]
        assert [f"{path} {each['id']}: {each['nodes'][0]['target']}" for each in report] == []
        assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


def test_nothing_is_wider_than_a_tablet_and_rows_stack_on_a_phone(
    page: Page, live_server: Any, agency: Agency, complaints: list[str]
) -> None:
    sign_in(page, live_server)
    wide = (*PAGES, "/score/movement/showcase_share/", "/creators/", "/creators/preview/")
    for path in (*wide, "/guidance/simulator/?settled_amount=100"):
        page.goto(f"{live_server.url}{path}")
        for width in (768, 1024):
            page.set_viewport_size({"width": width, "height": 900})
            found = page.evaluate("document.documentElement.scrollWidth")
            assert (path, width, found) == (path, width, width)
    page.set_viewport_size(NARROW)
    for path in ("/score/movement/", "/score/movement/showcase_share/"):
        page.goto(f"{live_server.url}{path}")
        table = page.locator(".table-wrap:has(.movement)")
        assert table.evaluate("each => each.scrollWidth === each.clientWidth"), path


def test_without_javascript_the_tables_stand_open(
    browser: Any, live_server: Any, agency: Agency
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/score/")
    expect(page.locator("[data-chart=radar] table")).to_be_visible()
    expect(page.locator("[data-chart=trend] table")).to_be_visible()
    expect(page.locator(".chart-box").first).to_be_hidden()
    context.close()


def test_where_the_library_does_not_arrive_the_tables_open_again(
    page: Page, live_server: Any, agency: Agency
) -> None:
    def lost(route: Route) -> None:
        route.abort()

    page.route("**/vendor/echarts*", lost)
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/score/")
    expect(page.locator("[data-chart=trend] table")).to_be_visible()
    expect(page.locator(".chart-box").first).to_be_hidden()
