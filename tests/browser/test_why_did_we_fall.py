"""An agency asks why it fell; support answers in a few clicks, with the figures of its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from agencies.enums import Stage
from agencies.models import Agency
from portal.enums import QuestionState
from portal.models import Question, StaffLook, User
from tests.browser.conduct import PHONE, Windows, judged, opened
from tests.factories import MembershipFactory
from tests.factories.people import PASSWORD
from tests.factories.questions import QuestionFactory
from tests.factories.staff import supporter
from tests.factories.why import fallen

pytestmark = pytest.mark.django_db(transaction=True)

# a Monday, noon of the platform
AT = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
WHY = "Why did we fall to V2?"
MOST_CLICKS = 8
MOVED = re.compile(r"· (?P<name>[^:\n]+): (?P<points>[+−]\d+\.\d\d) points \(")


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def windows(browser: Any, live_server: Any) -> Iterator[Windows]:
    with opened(browser, live_server) as windows:
        yield windows


@pytest.fixture
def agency() -> Agency:
    return fallen(stage=Stage.ASSESSED, level="V2")


@pytest.fixture
def owner(agency: Agency) -> User:
    return MembershipFactory.create(agency=agency, user__mail_language="en").user


@pytest.fixture
def question(agency: Agency, owner: User) -> Question:
    return QuestionFactory.create(agency=agency, asked_by=owner, subject=WHY)


class Hand:
    """Whoever clicks, and how often."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def link(self, name: str | re.Pattern[str]) -> None:
        self._click(self.page.get_by_role("main").get_by_role("link", name=name))

    def button(self, name: str) -> None:
        self._click(self.page.get_by_role("main").get_by_role("button", name=name))

    def _click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1


def signed_in_by_hand(windows: Windows, person: User) -> Hand:
    """A support person at the sign-in page, then in the inbox."""
    page = windows.open()
    hand = Hand(page)
    page.goto("/sign-in/?next=/staff/questions/")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    hand.button("Sign in")
    page.wait_for_url("**/staff/questions/")
    return hand


def test_support_answers_with_the_figures_of_the_score_page(
    windows: Windows, agency: Agency, owner: User, question: Question
) -> None:
    person = supporter()
    hand = signed_in_by_hand(windows, person)
    hand.link(re.compile(re.escape(WHY)))
    hand.link("Why this level")
    letter = hand.page.locator(".why-letter[lang=en]")
    expect(letter).to_contain_text("that of September 2026 was V3 with 567.40")
    hand.link(f"Answer in English Q{question.pk}")
    answer = hand.page.get_by_role("textbox", name=re.compile("Answer|Text", re.IGNORECASE)).first
    expect(answer).to_have_value(re.compile("The result of October 2026 is V2 with 408.13 points"))
    hand.button("Send the answer")
    expect(hand.page.locator(".notices").first).to_contain_text("The answer is sent")
    assert hand.clicks <= MOST_CLICKS
    question.refresh_from_db()
    assert (question.state, question.first_answered_by) == (QuestionState.ANSWERED, person)
    assert StaffLook.objects.filter(agency=agency, actor=person).exists()

    member = windows.open(owner)
    member.goto("/help/")
    member.get_by_role("main").get_by_role("link", name=re.compile(re.escape(WHY))).click()
    thread = member.get_by_role("main")
    expect(thread).to_contain_text("The level fell because the total is below the 550 points")
    moved = [(each["name"], each["points"]) for each in MOVED.finditer(thread.inner_text())]
    assert [name for name, _points in moved] == [
        "Settled amount",
        "Good-goods share",
        "Worry-free service orders",
    ]
    agrees_with_the_score_page(member, moved)


def agrees_with_the_score_page(member: Page, moved: list[tuple[str, str]]) -> None:
    """Every figure of the answer stands beside its name on the page that it leads to."""
    member.goto("/score/?month=2026-10")
    main = member.get_by_role("main")
    for figure in ("V2", "408.13", "−159.27"):
        expect(main.get_by_text(figure).first).to_be_visible()
    for name, points in moved:
        indicator = main.locator(".indicator", has=member.get_by_text(name, exact=True))
        expect(indicator).to_have_count(1)
        expect(indicator).to_contain_text(points)


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-US", "dark")])
def test_the_page_is_read_by_everybody(
    windows: Windows, agency: Agency, question: Question, locale: str, scheme: Any
) -> None:
    page = windows.open(supporter(), locale=locale, axe=True, color_scheme=scheme)
    page.goto(f"/staff/agencies/{agency.code}/why/")
    assert judged(page, other=PHONE) == []
