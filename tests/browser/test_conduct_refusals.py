"""Bindings that a rule refuses: what the owner reads, and what the creator reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import expect

from agencies.actions.binding_requests import ask_binding
from agencies.actions.bindings import end_binding
from agencies.actions.links import token_of
from agencies.enums import BindingRequestState
from agencies.models import Agency, Binding, BindingRequest, Creator
from portal.models import User
from tests.browser.conduct import (
    Windows,
    agency_with_owner,
    ask,
    opened,
    press,
    reads,
    send_request,
    suspension,
)
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory
from tests.factories.cases import AT, TODAY, issued
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
Rule = Callable[[Agency], tuple[Creator, str]]


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def windows(browser: Any, live_server: Any) -> Iterator[Windows]:
    with opened(browser, live_server) as windows:
        yield windows


def creator(**fields: Any) -> Creator:
    return CreatorFactory.create(nickname="小雨", contact="xiaoyu@example.com", **fields)


def at_its_cap(agency: Agency) -> tuple[Creator, str]:
    Agency.objects.filter(pk=agency.pk).update(binding_cap=2)
    BindingFactory.create_batch(2, agency=agency)
    return creator(), (
        "At its present level the agency may bind 2 creators, and it has 2. A place is free once a"
        " binding ends or the level rises; levels are set on the 3rd of each month."
    )


def five_million_followers(agency: Agency) -> tuple[Creator, str]:
    found = creator(followers=5_000_000, followers_on=date(2026, 11, 20))
    return found, (
        f"Creator {found} has 5,000,000 followers (as of Nov. 20, 2026). At its present level"
        " the agency may bind creators with fewer than 5,000,000; higher levels have no such limit,"
        " and levels are set on the 3rd of each month."
    )


def suspended(agency: Agency) -> tuple[Creator, str]:
    issued(agency=agency, points=0, measures=[suspension(date(2027, 1, 15))])
    return creator(), (
        "A penalty suspends the agency's binding of creators; it is possible again from"
        " Jan. 15, 2027."
    )


def below_80_points(agency: Agency) -> tuple[Creator, str]:
    issued(agency=agency, points=41)
    return creator(), (
        "The agency's credit fell below 80 points, which forbids new bindings for 30 days: it can"
        " bind creators again from Dec. 22, 2026."
    )


def below_40_points(agency: Agency) -> tuple[Creator, str]:
    issued(agency=agency, points=81)
    return creator(), (
        "The agency's credit fell below 40 points, which forbids new bindings for 60 days: it can"
        " bind creators again from Jan. 21, 2027."
    )


def bound_already(agency: Agency) -> tuple[Creator, str]:
    found = creator()
    BindingFactory.create(agency=agency, creator=found, bound_from=date(2026, 3, 1))
    return found, f"Creator {found} is already bound to this agency, since March 1, 2026."


RULES: list[Rule] = [
    at_its_cap,
    five_million_followers,
    suspended,
    below_80_points,
    below_40_points,
    bound_already,
]


def test_the_owner_reads_which_rule_refuses_and_until_when(windows: Windows) -> None:
    page, said, read = windows.open(), {}, {}
    for rule in RULES:
        agency, owner = agency_with_owner()
        windows.sign_in(page, owner)
        page.goto("/creators/")
        # only while the page stands open: where nobody can be bound, it has no form
        asked, said[rule.__name__] = rule(agency)
        send_request(page, asked.creator_id, "一起加油")
        read[rule.__name__] = page.locator(".field-error").inner_text()
        # what was typed is still there
        expect(page.get_by_label("Creator ID", exact=True)).to_have_value(asked.creator_id)
        expect(page.get_by_label("Message to the creator (optional)")).to_have_value("一起加油")
    assert read == said
    assert not BindingRequest.objects.exists()


def test_of_another_agency_the_owner_reads_the_day_and_nothing_else(windows: Windows) -> None:
    _agency, owner = agency_with_owner()
    other = AgencyFactory.create(name="暗河传媒", code="DARKRIVER")
    asked = creator(creator_id="XIAOYU")
    BindingFactory.create(agency=other, creator=asked, bound_from=date(2026, 5, 2))
    page = windows.open(owner)
    ask(page, "XIAOYU")
    expect(page.locator(".field-error")).to_have_text(
        "Creator 小雨 (XIAOYU) is bound to another agency since May 2, 2026. A creator has one"
        " agency at a time; the creator can ask to leave it."
    )
    assert "暗河" not in page.content()
    assert "DARKRIVER" not in page.content()


def test_the_owner_of_a_removed_agency_is_led_to_what_can_still_be_read(windows: Windows) -> None:
    _agency, owner = agency_with_owner(removed_on=date(2026, 11, 1))
    page = windows.open(owner)
    page.goto("/creators/")
    expect(page).to_have_url("/conduct/")
    reads(page, "This agency was removed from the platform on Nov. 1, 2026")
    expect(page.get_by_role("button", name="Send the request")).to_have_count(0)


def asked_by_link(agency: Agency, owner: User) -> str:
    """The address of the link by which the creator answers what the owner asked."""
    asked = ask_binding(agency=agency, creator_id=creator().creator_id, message="", at=AT, by=owner)
    return f"/c/{token_of(asked.links.get())}/"


def test_a_link_that_expired_while_its_page_was_open(windows: Windows, clock: Any) -> None:
    phone = windows.phone()
    phone.goto(asked_by_link(*agency_with_owner()))
    clock.shift(7 * DAY)
    press(phone, "Confirm the binding")
    reads(phone, "This link has expired; links work for a limited time only. Nothing was done.")
    assert not Binding.objects.exists()


def test_a_link_that_was_used_in_another_window(windows: Windows) -> None:
    agency, owner = agency_with_owner(name="晴川文化", code="QINGCHUAN")
    first, second, link = windows.phone(), windows.phone(), asked_by_link(agency, owner)
    first.goto(link)
    second.goto(link)
    press(first, "Confirm the binding")
    reads(
        first,
        "You are bound to the agency 晴川文化 (QINGCHUAN) from today, Nov. 22, 2026, on. To leave"
        " later, ask for a link on this page at any time.",
    )
    press(second, "Decline")
    reads(second, "This link has been used already; each link works once. Nothing more was done.")
    assert BindingRequest.objects.get().state == BindingRequestState.CONFIRMED
    assert Binding.objects.get().agency == agency


def test_an_agency_that_is_full_meanwhile_and_has_a_place_the_next_day(
    windows: Windows, clock: Any
) -> None:
    agency, owner = agency_with_owner(name="晴川文化", code="QINGCHUAN", binding_cap=1)
    phone = windows.phone()
    phone.goto(asked_by_link(agency, owner))
    last_place = BindingFactory.create(agency=agency)
    press(phone, "Confirm the binding")
    reads(
        phone,
        "At its present level the agency may bind 1 creators, and it has 1. A place is free once a"
        " binding ends or the level rises; levels are set on the 3rd of each month.",
    )
    end_binding(binding_id=last_place.pk, last_day=TODAY, reason="到期", at=AT, by=operator())
    clock.shift(DAY)
    press(phone, "Confirm the binding")
    reads(
        phone,
        "You are bound to the agency 晴川文化 (QINGCHUAN) from today, Nov. 23, 2026, on. To leave"
        " later, ask for a link on this page at any time.",
    )
    assert agency.bindings.filter(bound_from=TODAY + DAY, bound_until=None).count() == 1
