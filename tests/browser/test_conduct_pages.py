"""Every page of conduct: WCAG 2.2 AA and no sideways scrolling, small and wide, both languages.

Axe looks at the small window in Chinese and dark, at the wide one in English and light: at each
page in turn, and in the long form at every page in both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from playwright.sync_api import Page, expect

from agencies.actions.appeals import decide_appeal, file_appeal
from agencies.actions.binding_requests import ask_binding
from agencies.actions.case_files import NewFile
from agencies.actions.links import make_link, token_of
from agencies.actions.notices import draft_notice, publish_notice
from agencies.actions.unbinding import ask_unbinding_by_agency
from agencies.actions.violations import PlannedMeasure, group_incident
from agencies.enums import LinkPurpose, Measure, UnbindingState
from agencies.models import Agency, Binding, CreatorLink, NoticeEntry, Penalty, PublicNotice
from agencies.queries.notices import digest_of, shown_entries
from portal.models import User
from tests.browser.conduct import (
    PHONE,
    WIDE,
    Windows,
    agency_with_owner,
    ask,
    judged,
    opened,
    press,
    suspension,
)
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory
from tests.factories.cases import AT, PDF, TODAY, CaseFileFactory, drafted, issued
from tests.factories.honours import TitleFactory
from tests.factories.requests import CreatorLinkFactory, UnbindingFactory
from tests.factories.staff import operator

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
SIGHTS: Any = [("zh-CN", "dark", PHONE, WIDE), ("en-US", "light", WIDE, PHONE)]
NAME = "杭州晴川文化传媒有限公司上海第一分公司"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def windows(browser: Any, live_server: Any) -> Iterator[Windows]:
    with opened(browser, live_server) as windows:
        yield windows


@dataclass
class House:
    """An agency to which everything happened, one that is removed, and the platform's people."""

    agency: Agency
    owner: User
    removed_owner: User
    issuer: User
    reviewer: User
    pages: dict[str, list[str]] = field(default_factory=dict)

    def of(self, person: str, *paths: str) -> None:
        self.pages.setdefault(person, []).extend(paths)


@pytest.fixture
def house() -> House:
    """Every page of conduct has something to show."""
    agency, owner = agency_with_owner(
        name=NAME, code="QINGCHUAN-CULTURE-HANGZHOU-00001", contact_email="office@example.com"
    )
    AgencyFactory.create(name=f"{NAME}分部", code="NEXT", contact_email="office@example.com")
    _gone, removed_owner = agency_with_owner(removed_on=date(2026, 11, 1))
    house = House(agency, owner, removed_owner, operator(name="李审核"), operator(name="王复核"))
    cases(house)
    removals(house)
    bindings(house)
    titles_and_notices(house)
    house.of("owner", "/conduct/", "/creators/", "/messages/")
    house.of("removed", "/conduct/")
    house.of(
        "staff",
        *("/staff/violations/", "/staff/violations/new/"),
        "/staff/violations/new/?agency=%E6%99%B4&kind=dispute",
        f"/staff/violations/new/?agency={agency.code}&kind=fake_traffic",
        *("/staff/appeals/", f"/staff/credit/?agency={agency.code}"),
        f"/staff/credit/award/?agency={agency.code}",
    )
    house.of("nobody", "/creators/leave/", "/public/notices/?agency=%E6%99%B4")
    return house


def cases(house: House) -> None:
    """A draft, two decisions on one incident, an open appeal, a revoked decision."""
    agency, by = house.agency, house.issuer
    measures = [
        PlannedMeasure(kind=Measure.WARNING),
        suspension(date(2027, 1, 15)),
        PlannedMeasure(kind=Measure.CANCEL_HONOURS),
    ]
    draft = drafted(agency=agency, by=by, points=60, measures=measures)
    first = issued(agency=agency, by=by, points=45, measures=measures)
    second, third, fourth = (issued(agency=agency, by=by, points=1) for _ in range(3))
    CaseFileFactory.create(violation=first, name="一份名字很长很长很长很长很长的证据截图合集.pdf")
    CaseFileFactory.create(violation=draft)
    group_incident(violation_ids=[first.pk, second.pk], title="双十一直播间事件", at=AT, by=by)
    appeals = [
        file_appeal(
            agency=agency,
            violation_ids=[case.pk],
            text="事实不符。" * 40,
            files=[NewFile("orders.pdf", PDF)],
            at=AT,
            by=house.owner,
        )
        for case in (third, fourth)
    ]
    decide_appeal(
        appeal_id=appeals[1].pk,
        verdicts={fourth.pk: "revoke"},
        reason="平台数据有误。",
        at=AT,
        by=house.reviewer,
    )
    house.of(
        "owner", *(f"/conduct/violations/{each.reference}/" for each in (first, third, fourth))
    )
    house.of("staff", *(f"/staff/violations/{each.pk}/" for each in (draft, first)))
    house.of("staff", f"/staff/violations/{draft.pk}/edit/")
    house.of("staff", f"/staff/appeals/{appeals[0].pk}/")
    house.of("issuer", f"/staff/appeals/{appeals[0].pk}/")


def removals(house: House) -> None:
    """A removal that awaits a second person."""
    case = issued(by=house.issuer, measures=[PlannedMeasure(kind=Measure.REMOVAL)])
    proposed = Penalty.objects.get(violation=case)
    house.of("staff", "/staff/removals/", f"/staff/removals/{proposed.pk}/")
    house.of("issuer", f"/staff/removals/{proposed.pk}/")


def bindings(house: House) -> None:
    """Creators who stay, who want to leave, who called the platform in, who are asked."""
    first, second, third, fourth = (bound(house.agency, name) for name in ("甲", "乙", "丙", "丁"))
    asked = CreatorFactory.create(nickname="戊", contact="asked@example.com")
    other, other_owner = agency_with_owner()
    ask_binding(
        agency=other, creator_id=asked.creator_id, message="一起加油", at=AT, by=other_owner
    )
    words = {"reason": "结算迟了两个月。" * 8, "objection": "合同到年底。" * 8}
    dates = {"asked_at": AT, "silent_on": TODAY + 14 * DAY}
    UnbindingFactory.create(binding=first, **dates, reason=words["reason"])
    UnbindingFactory.create(binding=second, state=UnbindingState.OBJECTED, **dates, **words)
    called_in = UnbindingFactory.create(
        binding=third, state=UnbindingState.CALLED_IN, called_in_at=AT, **dates, **words
    )
    ask_unbinding_by_agency(
        agency=house.agency, binding_id=fourth.pk, reason=words["reason"], at=AT, by=house.owner
    )
    stays = bound(house.agency, "己")
    for binding in (second, stays):
        make_link(creator=binding.creator, purpose=LinkPurpose.LEAVE, at=AT)
    CreatorLinkFactory.create(creator=stays.creator, created_at=AT - 8 * DAY)
    house.of("nobody", *(f"/c/{token_of(link)}/" for link in CreatorLink.objects.all()))
    house.of("owner", f"/creators/{stays.pk}/unbind/")
    house.of(
        "staff",
        *("/staff/bindings/", "/staff/bindings/new/", f"/staff/bindings/{stays.pk}/end/"),
        *("/staff/bindings/transfer/", "/staff/unbindings/", f"/staff/unbindings/{called_in.pk}/"),
    )


def bound(agency: Agency, nickname: str) -> Binding:
    creator = CreatorFactory.create(nickname=nickname, contact=f"{uuid4()}@example.com")
    return BindingFactory.create(agency=agency, creator=creator)


def titles_and_notices(house: House) -> None:
    """A title, a notice with a struck entry, and a draft that leaves one decision out."""
    by = house.issuer
    title = TitleFactory.create(agency=house.agency)
    public = gathered("十一月违规处罚公示", by)
    seen = digest_of(public, shown_entries(public))
    publish_notice(notice_id=public.pk, seen=seen, at=AT, by=by)
    NoticeEntry.objects.filter(pk=public.entries.latest("applied").pk).update(corrected_on=TODAY)
    draft = gathered("十一月违规处罚公示（补充）", by)
    draft.entries.latest("pk").delete()
    entry = draft.entries.latest("pk")
    house.of("nobody", f"/public/notices/{public.pk}/")
    house.of(
        "staff",
        *("/staff/titles/", "/staff/titles/grant/", f"/staff/titles/{title.pk}/withdraw/"),
        *("/staff/notices/", "/staff/notices/new/", f"/staff/notices/{public.pk}/"),
        *(f"/staff/notices/{draft.pk}/{step}" for step in ("", "amend/", "preview/")),
        f"/staff/notices/entries/{entry.pk}/",
    )


def gathered(title: str, by: User) -> PublicNotice:
    return draft_notice(
        title=title,
        introduction="为维护平台秩序，现将有关处理结果公示如下。",
        first_day=TODAY,
        last_day=TODAY,
        request_key=uuid4(),
        at=AT,
        by=by,
    )


def test_every_page_is_accessible_and_fits(windows: Windows, house: House) -> None:
    people = {
        "owner": house.owner,
        "removed": house.removed_owner,
        "staff": house.reviewer,
        "issuer": house.issuer,
        "nobody": None,
    }
    faults: dict[str, list[str]] = {}
    every = 1 if os.environ.get("SOAK") else len(SIGHTS)
    for at, (locale, scheme, size, other) in enumerate(SIGHTS):
        page = windows.open(axe=True, locale=locale, viewport=size, color_scheme=scheme)
        for person, paths in house.pages.items():
            windows.sign_in(page, people[person])
            for path in paths[at % every :: every]:
                page.set_viewport_size(size)
                response = page.goto(path)
                faults[f"{locale} {person} {path}"] = judged(page, other=other)
                if response is None or response.status not in {200, 410}:
                    faults[f"{locale} {person} {path}"].append("does not open")
    faults["a refused request"] = refused_request(windows.open(agency_with_owner()[1], axe=True))
    desk = windows.open(house.reviewer, axe=True)
    faults["a transfer before it is done"] = looked_at_transfer(desk, house)
    assert {page: found for page, found in faults.items() if found} == {}


def refused_request(page: Page) -> list[str]:
    ask(page, "NOBODY")
    expect(page.locator(".field-error")).to_be_visible()
    return judged(page, other=PHONE)


def looked_at_transfer(desk: Page, house: House) -> list[str]:
    desk.goto("/staff/bindings/transfer/")
    desk.get_by_label("or everybody of the agency (code)").fill(house.agency.code)
    desk.get_by_label("To the agency (code)").fill("NEXT")
    desk.get_by_label("First day at the new agency").fill("2026-11-23")
    desk.get_by_label("Reason").fill("合并")
    press(desk, "Show what will happen")
    expect(desk.get_by_role("region", name="Will move")).to_be_visible()
    return judged(desk, other=PHONE)
