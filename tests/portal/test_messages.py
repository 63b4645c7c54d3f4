"""What an agency was told: all of it on a page, the newest at home with what is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from agencies.actions.transitions import tell
from agencies.enums import Measure, News, PenaltyState, Role, Side
from agencies.models import Agency, Penalty, Title
from portal.models import OutboxEntry
from tests.factories import (
    AgencyFactory,
    AssessmentFactory,
    BindingFactory,
    MembershipFactory,
    UserFactory,
    ViolationFactory,
)
from tests.factories.requests import CreatorLinkFactory, UnbindingFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="OWN", name="Own Agency", joined_on=date(2025, 1, 1))


@pytest.fixture
def member(agency: Agency) -> Client:
    return signed_in(MembershipFactory.create(agency=agency).user)


def text(client: Client, path: str = "/messages/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def told(agency: Agency, count: int, first: int = 1) -> None:
    for number in range(first, first + count):
        at = NOW + timedelta(minutes=number)
        tell(agency.pk, News.CREDIT_AWARDED, at=at, points=number, reason=f"rank {number}")


def test_messages_are_newest_first_with_day_and_way(agency: Agency, member: Client) -> None:
    told(agency, 2)
    page = text(member)
    assert page.index("for rank 2.") < page.index("for rank 1.")
    assert '<a href="/conduct/">Credit was awarded</a>' in page
    assert "Nov. 22, 2026, 12:01 p.m." in page


def test_without_messages_the_page_says_what_will_come(member: Client) -> None:
    assert "There are no messages yet" in text(member)


def test_messages_are_paged(agency: Agency, member: Client) -> None:
    told(agency, 31)
    page = text(member)
    assert "1–30 of 31" in page
    assert "for rank 1." not in page
    assert 'href="?page=2"' in page
    assert "for rank 1." in text(member, "/messages/?page=2")
    assert "for rank 1." in text(member, "/messages/?page=99")
    assert "for rank 31." in text(member, "/messages/?page=first")


def test_messages_of_one_topic(agency: Agency, member: Client) -> None:
    told(agency, 31)
    tell(agency.pk, News.STAR_LEFT, at=NOW, creator_id="C1", on="2026-11-01")
    page = text(member, "/messages/?topic=star_source")
    assert "C1, on Nov. 1, 2026." in page
    assert "for rank" not in page
    assert '<a href="?topic=star_source" aria-current="page">Star Source plan</a>' in page
    assert 'href="?topic=conduct&amp;page=2"' in text(member, "/messages/?topic=conduct")
    assert "for rank 1." in text(member, "/messages/?topic=conduct&page=2")
    assert "There are no messages of this topic yet" in text(member, "/messages/?topic=rules")
    assert "1–30 of 32" in text(member, "/messages/?topic=gossip")


def test_nobody_reads_messages_of_others_or_links_of_creators(member: Client) -> None:
    told(AgencyFactory.create(), 1)
    OutboxEntry.objects.create(creator_link=CreatorLinkFactory.create(), at=NOW)
    assert "There are no messages yet" in text(member)


def test_a_viewer_reads_them_and_nobody_posts(agency: Agency, member: Client) -> None:
    told(agency, 1)
    viewer = MembershipFactory.create(agency=agency, role=Role.VIEWER).user
    assert "for rank 1." in text(signed_in(viewer))
    assert member.post("/messages/").status_code == 405


def test_a_removed_agency_is_led_to_the_decision(agency: Agency, member: Client) -> None:
    Agency.objects.filter(pk=agency.pk).update(removed_on=date(2026, 11, 22))
    assert member.get("/messages/").headers["location"] == "/conduct/"


def test_messages_take_as_many_queries_for_three_as_for_one(
    agency: Agency, member: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    told(agency, 1)
    text(member)
    with django_assert_num_queries(5):
        text(member)
    told(agency, 2)
    with django_assert_num_queries(5):
        text(member)


@pytest.mark.parametrize("assessed", [True, False])
def test_home_shows_the_five_newest(agency: Agency, member: Client, assessed: bool) -> None:
    if assessed:
        AssessmentFactory.create(agency=agency)
    told(agency, 6)
    page = text(member, "/home/")
    assert [f"for rank {number}." in page for number in range(1, 7)] == [False, *[True] * 5]
    assert '<a href="/messages/">All messages</a>' in page


@pytest.mark.parametrize("assessed", [True, False])
def test_home_says_what_is_due(agency: Agency, member: Client, assessed: bool) -> None:
    if assessed:
        AssessmentFactory.create(agency=agency)
    ViolationFactory.create(agency=agency, reference="OPEN", appeal_until=date(2026, 11, 22))
    ViolationFactory.create(agency=agency, reference="LATE", appeal_until=date(2026, 11, 21))
    ViolationFactory.create(reference="FOREIGN", appeal_until=date(2026, 11, 30))
    for side, name in ((Side.CREATOR, "Leaving"), (Side.AGENCY, "Asked")):
        binding = BindingFactory.create(agency=agency, creator__nickname=name)
        UnbindingFactory.create(binding=binding, side=side)
    page = text(member, "/home/")
    assert "Appeal against OPEN" in page
    assert "possible until the end of Nov. 22, 2026" in page
    assert "Leaving (" in page
    assert "answer before Dec. 6, 2026: silence counts as consent" in page
    for absent in ("LATE", "FOREIGN", "Asked ("):
        assert absent not in page


def test_home_with_nothing_due_says_nothing_of_it(agency: Agency, member: Client) -> None:
    AssessmentFactory.create(agency=agency)
    page = text(member, "/home/")
    assert "What is due" not in page
    assert "Nothing yet: decisions, credit and bindings are told here." in page


def test_home_shows_titles_beside_the_level_unless_cancelled(
    agency: Agency, member: Client
) -> None:
    AssessmentFactory.create(agency=agency)
    Title.objects.create(
        agency=agency,
        name_zh="年度机构",
        name_en="Agency of the year",
        granted_on=date(2026, 11, 1),
        granted_by=UserFactory.create(),
    )
    assert "Agency of the year" in text(member, "/home/")
    Penalty.objects.create(
        violation=ViolationFactory.create(agency=agency),
        agency=agency,
        kind=Measure.CANCEL_HONOURS,
        state=PenaltyState.ACTIVE,
        starts_on=date(2026, 11, 22),
    )
    assert "Agency of the year" not in text(member, "/home/")


def test_home_takes_as_many_queries_for_three_of_each_as_for_one(
    agency: Agency, member: Client, django_assert_num_queries: Callable[..., Any]
) -> None:
    AssessmentFactory.create(agency=agency)

    def one_more() -> None:
        told(agency, 1)
        ViolationFactory.create(agency=agency, appeal_until=date(2026, 11, 30))
        UnbindingFactory.create(binding=BindingFactory.create(agency=agency))

    one_more()
    text(member, "/home/")
    with django_assert_num_queries(10):
        text(member, "/home/")
    one_more()
    one_more()
    with django_assert_num_queries(10):
        text(member, "/home/")
