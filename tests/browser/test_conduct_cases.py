"""Cases at the staff's desk and at the agency: decided, appealed, revoked, removed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from playwright.sync_api import Page, expect

from agencies.actions.notices import draft_notice, publish_notice
from agencies.actions.violations import PlannedMeasure
from agencies.enums import Measure, ViolationState
from agencies.models import Appeal, PublicNotice, Violation
from agencies.queries.notices import digest_of, shown_entries
from portal.models import User
from tests.browser.conduct import Windows, agency_with_owner, opened, press, reads
from tests.factories import BindingFactory
from tests.factories.cases import AT, PDF, TODAY, issued
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def windows(browser: Any, live_server: Any) -> Iterator[Windows]:
    with opened(browser, live_server) as windows:
        yield windows


def published(by: User) -> PublicNotice:
    """A public notice of what was decided today."""
    notice = draft_notice(
        title="十一月违规处罚公示",
        introduction="",
        first_day=TODAY,
        last_day=TODAY,
        request_key=uuid4(),
        at=AT,
        by=by,
    )
    seen = digest_of(notice, shown_entries(notice))
    return publish_notice(notice_id=notice.pk, seen=seen, at=AT, by=by)


def draft(desk: Page) -> None:
    """Draft faked traffic of the agency, with what the rulebook proposes and 5 points more."""
    desk.goto("/staff/violations/")
    desk.get_by_role("link", name="New violation").click()
    desk.get_by_label("Agency: its code, or a part of its name").fill("QINGCHUAN")
    desk.get_by_label("Kind").select_option(label="Faked traffic or orders")
    press(desk, "Continue")
    points = desk.get_by_label("Credit points to deduct")
    expect(points).to_have_value("40")
    measures = ("Warning", "Binding suspended", "Honours cancelled", "Removal from the platform")
    ticked = [each for each in measures if desk.get_by_label(each, exact=True).is_checked()]
    assert ticked == ["Binding suspended", "Honours cancelled"]
    points.fill("45")
    desk.get_by_label("Occurred on").fill("2026-11-03")
    desk.get_by_label("What the agency did").fill("直播间刷单。")
    press(desk, "Keep as a draft")
    reads(desk, "The draft is kept. Nothing takes effect until issued.")


def test_a_case_from_the_draft_to_its_revocation(windows: Windows) -> None:
    agency, owner = agency_with_owner(name="晴川文化", code="QINGCHUAN")
    issuer, reviewer = operator(), operator()
    desk, page = windows.open(issuer), windows.open(owner)

    draft(desk)
    preview = desk.get_by_role("region", name="If it is issued today")
    expect(preview).to_contain_text("Credit 120 → 75 (45 points are taken)")
    expect(preview).to_contain_text(
        "Falls below 80: no new bindings for 30 days, again possible from Dec. 22, 2026."
    )
    assert agency.violations.get().state == ViolationState.DRAFT
    desk.get_by_label("I have checked the facts, the evidence and the measures.").check()
    press(desk, "Issue the decision")
    reads(desk, "The violation is issued and the agency is told.")
    notice = published(by=issuer)
    case = agency.violations.get()

    page.goto("/conduct/")
    reads(page, f"Decision {case.reference} may be appealed until the end of Dec. 7, 2026")
    page.get_by_role("link", name="Read it and appeal").click()
    reads(page, "直播间刷单。")
    facts = page.get_by_role("main").locator(".conduct-facts")
    expect(facts).to_have_text("Points asked 45 Points taken 45")
    page.get_by_label("Why the decision is wrong").fill("订单均为真实成交。")
    attached = {"name": "orders.pdf", "mimeType": "application/pdf", "buffer": PDF}
    page.get_by_label("Files that show it").set_input_files([attached])  # type: ignore[list-item]
    press(page, "File the appeal")
    reads(page, "Your appeal has been filed. The platform answers on this page.")
    reads(page, "The platform answers by Dec. 7, 2026.")
    expect(page.get_by_role("link", name="orders.pdf")).to_be_visible()

    _the_issuer_may_not_review(desk, case)
    _revoke(windows.open(reviewer), reason="平台数据有误。")

    page.reload()
    reads(page, "The decision was revoked: 45 points have been given back.")
    reads(page, "Revoked on Nov. 22, 2026")
    reads(page, "平台数据有误。")
    page.goto("/conduct/")
    expect(page.locator(".conduct-balance")).to_have_text("120")
    reads(page, "No measure is in force.")
    _is_struck(windows.open(), notice)


def _the_issuer_may_not_review(desk: Page, case: Violation) -> None:
    desk.goto(f"/staff/violations/{case.pk}/")
    reads(desk, "You had a hand in this decision: another person has to review it.")
    expect(desk.get_by_role("button", name="Revoke the decision")).to_have_count(0)
    desk.goto(f"/staff/appeals/{Appeal.objects.get().pk}/")
    reads(desk, "You had a hand in one of these decisions: another person has to review them.")
    expect(desk.get_by_role("button", name="Decide the appeal")).to_have_count(0)


def _revoke(desk: Page, *, reason: str) -> None:
    """Another person opens the appeal from the list and revokes."""
    desk.goto("/staff/appeals/")
    desk.get_by_role("main").locator("tbody a").first.click()
    reads(desk, "订单均为真实成交。")
    expect(desk.get_by_role("link", name="orders.pdf")).to_be_visible()
    desk.get_by_label("Revoke the decision").check()
    desk.get_by_label("Reason", exact=True).fill(reason)
    press(desk, "Decide the appeal")
    reads(desk, "The appeal is decided and the agency is told.")


def _is_struck(public: Page, notice: PublicNotice) -> None:
    """Everybody reads that the decision was revoked; what was published is still there, struck."""
    public.goto("/public/notices/")
    public.get_by_role("link", name=notice.title).click()
    entry = public.locator(".notice-entry")
    expect(entry).to_contain_text(
        "Revoked on Nov. 22, 2026 after review; the points were given back. What is struck below no"
        " longer stands."
    )
    expect(entry).to_contain_text("晴川文化")
    struck = [" ".join(each.split()) for each in entry.locator("del").all_inner_texts()]
    assert struck[0] == notice.entries.get().wording
    assert struck[-1] == "45 credit points deducted"


def test_an_appeal_that_is_sent_a_day_late(windows: Windows, clock: Any) -> None:
    agency, owner = agency_with_owner()
    case = issued(agency=agency)
    clock.shift(15 * DAY)
    page = windows.open(owner)
    page.goto(f"/conduct/violations/{case.reference}/")
    reads(page, "Today is the last day.")
    page.get_by_label("Why the decision is wrong").fill("事实不符。")
    clock.shift(DAY)
    press(page, "File the appeal")
    reads(
        page,
        f"The appeal against {case.reference} was possible until the end of Dec. 7, 2026.",
    )
    reads(page, "The time to appeal ended with Dec. 7, 2026.")
    assert not Appeal.objects.exists()


def test_a_removal_needs_a_second_person(windows: Windows) -> None:
    agency, owner = agency_with_owner(name="晴川文化", code="QINGCHUAN")
    BindingFactory.create_batch(3, agency=agency)
    issuer, second = operator(name="李审核"), operator(name="王复核")
    case = issued(agency=agency, by=issuer, measures=[PlannedMeasure(kind=Measure.REMOVAL)])

    desk = windows.open(issuer)
    desk.goto("/staff/removals/")
    desk.get_by_role("table").locator("tbody a").first.click()
    reads(
        desk,
        "You had a hand in this decision, so you may not confirm or decline its removal: another"
        " person must.",
    )
    expect(desk.get_by_role("button", name="Confirm the removal")).to_have_count(0)

    page = windows.open(owner)
    page.goto("/creators/")
    expect(page).to_have_url("/creators/")

    other = windows.open(second)
    other.goto(desk.url)
    expect(other.get_by_role("region", name="Whom it hits")).to_contain_text("Bindings that end 3")
    other.get_by_label("Reason", exact=True).fill("情节严重。")
    press(other, "Confirm the removal")
    reads(other, "The removal is in force.")

    page.reload()
    expect(page).to_have_url("/conduct/")
    reads(page, "This agency was removed from the platform on Nov. 22, 2026")
    page.get_by_role(
        "link", name=f"Read decision {case.reference} and appeal by the end of"
    ).click()
    expect(page.get_by_label("Why the decision is wrong")).to_be_visible()
    assert list(agency.bindings.values_list("bound_until", flat=True)) == [TODAY] * 3
