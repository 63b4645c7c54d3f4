"""News as mails: what stands in them, in whose language, and where their links lead."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from agencies.enums import News
from agencies.models import Agency
from portal.enums import Topic
from portal.models import OutboxEntry, User
from portal.outbox.news_letters import news_message
from portal.outbox.stopping import Stop, stop_of
from tests.factories import AgencyFactory, AssessmentFactory, MembershipFactory
from tests.factories.requests import CreatorLinkFactory
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)
CHANGE = {
    "month": "2026-10-01",
    "level": "V3",
    "stage": "assessed",
    "level_before": "V4",
    "stage_before": "assessed",
    "reason": "indicator",
    "indicator": "showcase_share",
    "points": "-29.50",
}
SAID = (
    "Result of October 2026: V3; the month before: V4. What moved most: Showcase share, points"
    " −29.50."
)


@pytest.fixture(autouse=True)
def _address(settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example.com"


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory.create(code="MARS", name="Mars Agency")


@pytest.fixture
def user(agency: Agency) -> User:
    return MembershipFactory.create(
        agency=agency, user__email="owner@example.com", user__mail_language="en"
    ).user


def entry(agency: Agency, news: News = News.LEVEL_CHANGED, **about: Any) -> OutboxEntry:
    return OutboxEntry.objects.create(agency=agency, news=news, about=about or CHANGE, at=NOW)


def html(message: EmailMultiAlternatives) -> str:
    ((content, kind),) = message.alternatives
    assert kind == "text/html"
    return str(content)


def stops(text: str) -> list[Stop | None]:
    found = re.findall(r"https://portal\.example\.com/mail/stop/([^/\s\"]+)/", text)
    return [stop_of(token) for token in dict.fromkeys(found)]


def test_one_piece_says_what_happened_to_whom_and_why(agency: Agency, user: User) -> None:
    message = news_message(user, [entry(agency)])
    assert message.subject == "The level or stage changed: Mars Agency"
    assert message.to == ["owner@example.com"]
    assert message.body.startswith(
        f"Mars Agency (MARS)\n\nThe level or stage changed\n{SAID}\n\n"
        "Read it in the portal: https://portal.example.com/score/movement/?month=2026-10\n\n-- \n"
    )
    assert "language: https://portal.example.com/account/mail/\nNo more mails about" in message.body
    page = html(message)
    assert f"<p>{SAID}</p>" in page
    assert 'href="https://portal.example.com/score/movement/?month=2026-10"' in page
    assert "style=" not in page
    assert "<img" not in page


def test_it_is_in_the_language_of_the_persons_mails(agency: Agency, user: User) -> None:
    user.mail_language = "zh-hans"
    message = news_message(user, [entry(agency)])
    assert "2026年10月" in message.body
    assert '<html lang="zh-hans">' in html(message)


def test_mail_programs_find_how_to_stop_it(agency: Agency, user: User) -> None:
    message = news_message(user, [entry(agency)])
    headers = message.message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Auto-Submitted"] == "auto-generated"
    link = str(headers["List-Unsubscribe"])
    assert (link[0], link[-1]) == ("<", ">")
    assert stops(link) == stops(message.body) == [Stop(user.pk, (Topic.LEVEL,))]
    path = link[1:-1].removeprefix("https://portal.example.com")
    assert Client().post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200


def test_a_day_is_gathered_by_agency_topic_and_time(agency: Agency, user: User) -> None:
    other = AgencyFactory.create(code="ABEL", name="Abel Agency")
    MembershipFactory.create(agency=other, user=user)
    entries = [
        entry(agency, News.CREATOR_BOUND, creator_id="C2", on="2026-11-21"),
        entry(agency, News.RULES_SCHEDULED, name_en="Rules 2027", effective_from="2027-01-01"),
        entry(agency, News.CREATOR_BOUND, creator_id="C1", on="2026-11-22"),
        entry(other, News.CREATOR_BOUND, creator_id="C3", on="2026-11-22"),
    ]
    message = news_message(user, entries, digest_on=DAY)
    assert message.subject == "4 messages, Nov. 23, 2026"
    order = [
        "Abel Agency (ABEL)",
        "C3",
        "Mars Agency (MARS)",
        "C2",
        "C1",
        "Rules and",
        "Rules 2027",
    ]
    places = [message.body.index(each) for each in order]
    assert places == sorted(places)
    both = Stop(user.pk, (Topic.BINDINGS, Topic.RULES))
    assert stops(str(message.message()["List-Unsubscribe"])) == [both]
    assert stops(message.body) == [Stop(user.pk, (Topic.BINDINGS,)), Stop(user.pk, (Topic.RULES,))]
    assert html(message).count("<h3>") == 4


def test_the_agency_is_named_where_a_person_has_several(agency: Agency, user: User) -> None:
    assert news_message(user, [entry(agency)], digest_on=DAY).subject == "1 message, Nov. 23, 2026"
    MembershipFactory.create(user=user)
    message = news_message(user, [entry(agency)], digest_on=DAY)
    assert message.subject == "1 message, Nov. 23, 2026: Mars Agency"
    gathered = news_message(user, [entry(agency), entry(agency)])
    assert gathered.subject == "2 messages: Mars Agency"


def test_no_name_or_reason_makes_a_header_or_a_line_of_its_own(agency: Agency, user: User) -> None:
    Agency.objects.filter(pk=agency.pk).update(
        name="Mars\r\nBcc: all@example.com\u202e <b>bold</b>" + "x" * 90
    )
    agency.refresh_from_db()
    reason = "Wrong.\n\nRead it in the portal: https://evil.example.com/\n<script>alert(1)</script>"
    message = news_message(
        user,
        [entry(agency, News.TITLE_WITHDRAWN, name_en="Best & <i>only</i>", reason=reason)],
    )
    assert len(message.subject) < 100
    parsed = message_from_bytes(message.message().as_bytes(), policy=default)
    assert parsed["Bcc"] is None
    assert "\n" not in message.subject
    lines = message.body.splitlines()
    assert [line for line in lines if line.startswith("Read it in the portal:")] == [
        "Read it in the portal: https://portal.example.com/home/"
    ]
    assert "\u202e" not in message.body
    page = html(message)
    assert "<script>" not in page
    assert "<b>" not in page
    assert "Best &amp; &lt;i&gt;only&lt;/i&gt;" in page


def test_a_link_is_no_news(user: User) -> None:
    link = OutboxEntry.objects.create(creator_link=CreatorLinkFactory.create(), at=NOW)
    with pytest.raises(ValueError, match="A link is no news"):
        news_message(user, [link])


def test_a_link_of_a_mail_leads_to_the_agency_it_tells_of(agency: Agency, user: User) -> None:
    other = AgencyFactory.create(code="ABEL", name="Abel Agency")
    MembershipFactory.create(agency=other, user=user)
    AssessmentFactory.create(agency=agency)
    mars = entry(agency)
    body = news_message(user, [mars]).body
    assert f"https://portal.example.com/messages/{mars.pk}/" in body
    client = signed_in(user)
    client.post("/agencies/switch/", {"agency": "ABEL"})
    path = f"/messages/{mars.pk}/"
    page = " ".join(client.get(path).content.decode().split())
    assert "You see the pages of Abel Agency now." in page
    assert SAID in page
    switched = client.post("/agencies/switch/", {"agency": "MARS", "next": path})
    assert switched.headers["location"] == path
    assert client.get(path).headers["location"] == "/score/movement/?month=2026-10"


def test_nobody_is_led_to_messages_of_others_or_elsewhere(agency: Agency, user: User) -> None:
    foreign = entry(AgencyFactory.create())
    link = OutboxEntry.objects.create(creator_link=CreatorLinkFactory.create(), at=NOW)
    client = signed_in(user)
    for pk in (foreign.pk, link.pk, 999_999_999):
        assert client.get(f"/messages/{pk}/").status_code == 404
    assert client.post(f"/messages/{entry(agency).pk}/").status_code == 405
    assert Client().get("/messages/1/").headers["location"] == "/sign-in/?next=/messages/1/"
    for elsewhere in ("https://evil.example.com/", "//evil.example.com/", ""):
        sent = {"agency": "MARS", "next": elsewhere}
        assert client.post("/agencies/switch/", sent).headers["location"] == "/home/"
