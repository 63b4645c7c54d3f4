"""A creator and an agency, from the first request to the last day, each in their own window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from agencies.actions.links import token_of
from agencies.models import Binding, CreatorLink
from portal.models import OutboxEntry
from tests.browser.conduct import (
    Windows,
    agency_with_owner,
    ask,
    delivered_link,
    opened,
    press,
    reads,
)
from tests.factories import BindingFactory, CreatorFactory
from tests.factories.cases import AT, TODAY
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db(transaction=True)

MAIL = "xiaoyu@example.com"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def windows(browser: Any, live_server: Any, settings: Any) -> Iterator[Windows]:
    settings.PORTAL_URL = live_server.url
    with opened(browser, live_server) as windows:
        yield windows


def send_me_a_link(page: Page) -> None:
    """Ask, as a creator, for a link to the own binding."""
    page.goto("/creators/leave/")
    page.get_by_label("Your creator ID").fill("XIAOYU")
    page.get_by_label("Your contact e-mail on file").fill(MAIL)
    press(page, "Send me a link")


def test_an_agency_asks_and_the_creator_confirms_by_the_link_of_the_mail(windows: Windows) -> None:
    agency, owner = agency_with_owner(name="晴川文化", code="QINGCHUAN")
    CreatorFactory.create(creator_id="XIAOYU", nickname="小雨", contact=MAIL)
    page = windows.open(owner)
    ask(page, "XIAOYU", "我们专注美妆直播。")
    expect(page.get_by_role("status")).to_contain_text(
        "小雨 (XIAOYU) has been asked and gets a link to confirm with (valid until Nov. 29, 2026,"
        " 10 a.m.)."
    )
    expect(page.locator("#requests")).to_contain_text("小雨 (XIAOYU)")
    expect(page.locator("#bound")).to_contain_text("No creator is bound to this agency.")
    link = CreatorLink.objects.get()
    assert OutboxEntry.objects.get(creator_link__isnull=False).creator_link == link
    assert token_of(link) not in page.content()

    phone = windows.phone()
    phone.goto(delivered_link(to=MAIL))
    expect(phone.get_by_role("heading", level=1)).to_have_text("An agency asks to bind you")
    reads(phone, "晴川文化")
    reads(phone, "QINGCHUAN")
    reads(phone, "我们专注美妆直播。")
    reads(
        phone,
        "From today on your results count for this agency, and it sees them, day by day, as long"
        " as you are bound.",
    )
    reads(
        phone,
        "Whoever wants to part asks the other side. If it is silent for 14 days, you are unbound;"
        " if it refuses, it must say why, and the platform can be called in.",
    )
    press(phone, "Confirm the binding")
    reads(
        phone,
        "You are bound to the agency 晴川文化 (QINGCHUAN) from today, Nov. 22, 2026, on. To leave"
        " later, ask for a link on this page at any time.",
    )

    page.goto("/creators/")
    expect(page.locator("#requests")).to_have_count(0)
    expect(page.locator("#bound").get_by_role("row").nth(1)).to_contain_text("小雨")
    assert agency.bindings.get().bound_from == TODAY


def test_a_creator_leaves_against_the_agency_by_the_platforms_decision(windows: Windows) -> None:
    agency, owner = agency_with_owner(name="晴川文化", code="QINGCHUAN")
    creator = CreatorFactory.create(creator_id="XIAOYU", nickname="小雨", contact=MAIL)
    BindingFactory.create(agency=agency, creator=creator, bound_from=date(2026, 3, 1))

    phone = windows.phone()
    send_me_a_link(phone)
    reads(
        phone,
        "If the creator ID and the contact belong together, and there is a binding, a link is on"
        " its way to the contact on file. It can take a few minutes; a second one is sent after 10"
        " minutes at the earliest.",
    )
    phone.goto(delivered_link(to=MAIL))
    phone.get_by_label("Your reason (optional; the agency reads it)").fill("结算迟了两个月。")
    press(phone, "Ask to leave")
    reads(
        phone,
        "The agency 晴川文化 (QINGCHUAN) is told that you want to leave. It may answer until"
        " Dec. 5, 2026; if it does not, that is your last day with it. If it refuses, you get a"
        " new link, with the reason.",
    )

    page = windows.open(owner)
    page.goto("/creators/")
    wishes = page.locator("#wishes")
    expect(wishes).to_contain_text(
        "The creator wants to leave. Without an answer before Dec. 6, 2026 the binding ends."
    )
    expect(wishes).to_contain_text("Reason: 结算迟了两个月。")
    wishes.get_by_label("Reason of the refusal, for the creator to read").fill("合同到年底。")
    press(wishes, "Refuse unbinding")
    reads(page, "You refused to part; the creator may call the platform in.")

    phone.goto(delivered_link(to=MAIL))
    reads(phone, "You asked to leave; the agency refused, with this reason:")
    reads(phone, "合同到年底。")
    press(phone, "Call the platform in")
    reads(
        phone,
        "The platform is called in. It decides whether the binding ends, and sends you a link to"
        " the decision.",
    )

    _end_it(windows.open(operator()), reason="逾期结算属实。")
    assert Binding.objects.get().bound_until == TODAY + DAY
    phone.goto(delivered_link(to=MAIL))
    reads(phone, "Bound from March 1, 2026 on. The last day is Nov. 22, 2026.")
    reads(phone, "逾期结算属实。")
    page.goto("/messages/")
    reads(page, "小雨 (XIAOYU): the binding ends. Reason: 逾期结算属实。")


def _end_it(desk: Page, *, reason: str) -> None:
    """The platform reads both sides and ends the binding."""
    desk.goto("/staff/unbindings/")
    desk.get_by_role("main").get_by_role("link", name="小雨").click()
    words = desk.locator(".wish-words")
    expect(words).to_contain_text("结算迟了两个月。")
    expect(words).to_contain_text("合同到年底。")
    desk.get_by_label("End the binding").check()
    desk.get_by_label("Reason, for both sides to read").fill(reason)
    press(desk, "Decide")
    reads(desk, "The decision is taken and both sides are told.")
