"""A newcomer signs in and reads the level: both languages, no JavaScript."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from agencies.models import Agency
from rankings.models import BoardKind
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BoardFactory,
    EvaluationFactory,
    MembershipFactory,
    PlaceFactory,
)
from tests.factories.people import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

NARROW = {"width": 360, "height": 740}


@pytest.fixture
def agency() -> Agency:
    agency = AgencyFactory.create(code="OWN", name="晴川文化传媒", joined_on=date(2025, 1, 1))
    user = MembershipFactory.create(agency=agency, user__email="owner@example.com").user
    MembershipFactory.create(user=user, agency__code="SECOND")
    for month in (date(2026, 9, 1), date(2026, 10, 1)):
        evaluation = EvaluationFactory.create(month=month)
        AssessmentFactory.create(evaluation=evaluation, agency=agency)
        for kind in BoardKind:
            board = BoardFactory.create(evaluation=evaluation, kind=kind)
            PlaceFactory.create(board=board, agency=agency, rank=2, previous_rank=4)
            PlaceFactory.create(board=board, rank=1)
    return agency


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN"}


def sign_in(page: Page, server: Any) -> None:
    page.goto(f"{server.url}/sign-in/")
    page.get_by_label("邮箱").fill("owner@example.com")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="登录").click()
    page.wait_for_url("**/home/")


def test_sign_in_and_read_the_level_in_both_languages(
    page: Page, live_server: Any, agency: Agency, complaints: list[str]
) -> None:
    page.goto(live_server.url)
    expect(page.get_by_role("heading", level=1)).to_contain_text("机构现在是什么等级")
    sign_in(page, live_server)
    standing = page.get_by_role("region", name="等级与阶段")
    expect(standing).to_contain_text("V3")
    expect(standing).to_contain_text("考核期")
    expect(standing).to_contain_text("641.11")
    page.get_by_role("button", name="English").click()
    standing = page.get_by_role("region", name="Level and stage")
    expect(standing).to_contain_text("V3")
    expect(standing).to_contain_text("Assessed stage")
    expect(standing).to_contain_text("58.89 points to V4")


def test_the_working_of_an_indicator_opens_and_can_be_read(
    page: Page, live_server: Any, agency: Agency, complaints: list[str]
) -> None:
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/score/")
    formula = page.get_by_text("100 + (1,234,567.89 − 1,000,000)")
    expect(formula).to_be_hidden()
    page.get_by_text("102.93 分的由来").click()
    expect(formula).to_be_visible()


def test_everything_works_without_javascript(
    browser: Any, live_server: Any, agency: Agency
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    sign_in(page, live_server)
    expect(page.get_by_role("region", name="等级与阶段")).to_contain_text("V3")
    page.get_by_text("切换机构").click()
    other = page.locator(".side-agency button:not([aria-current])")
    other.click()
    expect(page.get_by_role("main")).to_contain_text("已切换到")
    context.close()
