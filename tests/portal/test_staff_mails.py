"""The staff see what did not arrive, why, and decide whether it goes again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agencies.actions.invitations import invite, token_of
from agencies.enums import Role
from agencies.refusals import Refused
from portal.models import AccountMail, NewsMail, OutboxEntry, StaffLook, User
from portal.outbox.dead_letters import undelivered_number
from portal.outbox.news_mails import deliver_news
from portal.outbox.settling import send_again, settle
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.mails import NOW, UNDELIVERED, account_mail, member, news_mail
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db
REFUSED = {**UNDELIVERED, "last_error": "SMTPRecipientsRefused: {'x': (550, b'Unknown')}"}
UNCERTAIN = {**UNDELIVERED, "last_error": "MayHaveArrived: no answer to the end of the mail"}
DAY = date(2026, 11, 23)


@pytest.fixture
def staff() -> User:
    return operator(email="operator@example.com")


@pytest.fixture
def desk(staff: User) -> Client:
    return signed_in(staff)


def words(response: HttpResponse, status: int = 200) -> str:
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def invitation(email: str = "new@example.com", **fields: Any) -> tuple[OutboxEntry, str]:
    """An undelivered invitation, and the key that it carries."""
    asked = invite(
        agency=AgencyFactory.create(code="INV"), email=email, role=Role.VIEWER, at=NOW, by=None
    )
    OutboxEntry.objects.filter(invitation=asked).update(**{**REFUSED, **fields})
    return OutboxEntry.objects.get(invitation=asked), token_of(asked)


def test_an_empty_list_says_that_everything_was_delivered(desk: Client) -> None:
    assert "Everything was delivered" in words(desk.get("/staff/mails/"))


def test_the_list_names_what_did_not_arrive_and_why(desk: Client) -> None:
    seat = member(agency__code="OWN")
    news_mail(seat, **UNCERTAIN)
    account_mail(UserFactory.create(email="person@example.com"), **REFUSED)
    _entry, key = invitation()
    news_mail(seat)
    page = words(desk.get("/staff/mails/"))
    for said in ("owner@example.com", "person@example.com", "new@example.com", "OWN", "INV"):
        assert said in page
    assert page.count("did not arrive</span>") == 2
    assert page.count("may have arrived</span>") == 1
    assert "Invitation to join" in page
    assert "Password was changed" in page
    assert "550" in page
    assert key not in page
    assert page.count('name="chosen"') == 3
    assert undelivered_number() == 3


def test_a_days_news_are_one_line(desk: Client) -> None:
    seat = member()
    for _ in range(3):
        news_mail(seat, digest_on=DAY, **REFUSED)
    page = words(desk.get("/staff/mails/"))
    assert "3 messages, Nov. 23, 2026" in page
    assert page.count('name="chosen"') == 1
    assert undelivered_number() == 1


@pytest.mark.parametrize(
    ("where", "fields", "said"),
    [
        (
            "sending",
            {"state": "sending", "next_attempt_at": None, "claimed_at": NOW, "attempts": 1},
            "on its way</span>",
        ),
        ("waiting", {"attempts": 2, "last_error": "OSError: away"}, "waits</span>"),
        ("waiting", {"next_attempt_at": NOW - timedelta(days=30)}, "waits</span>"),
    ],
)
def test_what_is_on_its_way_or_waits_is_shown_without_choices(
    desk: Client, where: str, fields: dict[str, Any], said: str
) -> None:
    account_mail(UserFactory.create(email="person@example.com"), **fields)
    assert "person@example.com" not in words(desk.get("/staff/mails/"))
    page = words(desk.get("/staff/mails/", {"where": where}))
    assert "person@example.com" in page
    assert said in page
    assert 'name="chosen"' not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "account"}, {"person@example.com"}),
        ({"kind": "news"}, {"owner@example.com"}),
        ({"kind": "invitation"}, {"new@example.com"}),
        ({"kind": "link"}, set()),
        ({"words": "OWNER"}, {"owner@example.com"}),
        ({"words": "INV"}, {"new@example.com"}),
        ({"kind": "gossip"}, set()),
    ],
)
def test_the_list_is_narrowed(desk: Client, query: dict[str, str], found: set[str]) -> None:
    news_mail(member(), **REFUSED)
    account_mail(UserFactory.create(email="person@example.com"), **REFUSED)
    invitation()
    page = words(desk.get("/staff/mails/", query)).partition("</h1>")[2].partition("<table")[2]
    shown = {
        each
        for each in ("owner@example.com", "person@example.com", "new@example.com")
        if each in page
    }
    assert shown == found


def test_one_mail_says_everything_but_its_key(desk: Client, staff: User) -> None:
    entry, key = invitation()
    page = words(desk.get(f"/staff/mails/invitation/{entry.pk}/"))
    assert "It did not arrive" in page
    assert "Nobody decided anything about this mail yet." in page
    assert "@localhost" in page
    assert key not in page
    row = news_mail(member(agency__code="OWN"), **UNCERTAIN)
    page = words(desk.get(f"/staff/mails/news/{row.pk}/"))
    assert "It may have arrived" in page
    assert "What it tells" in page
    look = StaffLook.objects.order_by("-pk").first()
    assert look is not None
    assert (look.actor, look.agency) == (staff, row.entry.agency)
    person = account_mail(UserFactory.create(), **REFUSED)
    assert desk.get(f"/staff/mails/account/{person.pk}/").status_code == 200


@pytest.mark.parametrize("path", ["account/1/", "news/1/", "gossip/1/", "link/1/"])
def test_what_is_not_there_is_missing(desk: Client, path: str) -> None:
    assert desk.get(f"/staff/mails/{path}").status_code == 404


def test_a_mail_goes_again_once_somebody_confirms_it(desk: Client, staff: User) -> None:
    row = news_mail(member(), **UNCERTAIN)
    asked = words(desk.post("/staff/mails/again/", {"chosen": f"news-{row.pk}"}))
    assert "Of these, 1 may have arrived already: its reader may get it twice." in asked
    row.refresh_from_db()
    assert row.state == "undelivered"
    sent = {"chosen": f"news-{row.pk}", "confirmed": "1"}
    page = words(desk.post("/staff/mails/again/", sent, follow=True))
    assert "1 mail goes again from now on." in page
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 1)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (
        staff,
        str(row.pk),
        "Sent again on request.",
    )
    page = words(desk.post("/staff/mails/again/", sent, follow=True))
    assert "None of these mails is undelivered any more" in page
    assert LogEntry.objects.count() == 1
    assert deliver_news(now=row.next_attempt_at) == ["Sent 1 mails with news."]
    assert len(mail.outbox) == 1


def test_a_mail_is_settled_with_a_reason_that_is_kept(desk: Client) -> None:
    seat = member()
    rows = [news_mail(seat, digest_on=DAY, **REFUSED) for _ in range(2)]
    key = f"news-{rows[0].pk}"
    assert "Reason" in words(desk.post("/staff/mails/settle/", {"chosen": key}))
    empty = desk.post("/staff/mails/settle/", {"chosen": key, "confirmed": "1", "reason": " "})
    assert "Say why" in words(empty)
    sent = {"chosen": key, "confirmed": "1", "reason": "Told by phone"}
    assert "1 mail is settled." in words(desk.post("/staff/mails/settle/", sent, follow=True))
    assert set(NewsMail.objects.values_list("state", flat=True)) == {"dropped"}
    page = words(desk.get(f"/staff/mails/news/{rows[0].pk}/"))
    assert "Settled without delivery: Told by phone" in page
    assert "operator@example.com" in page


def test_all_that_a_list_finds_go_again(desk: Client) -> None:
    for number in range(3):
        account_mail(UserFactory.create(email=f"p{number}@example.com"), **REFUSED)
    kept = news_mail(member(), **REFUSED)
    sent = {"everything": "1", "kind": "account", "where": "undelivered", "words": ""}
    assert "3 mails go again" in words(desk.post("/staff/mails/again/", sent))
    page = words(desk.post("/staff/mails/again/", {**sent, "confirmed": "1"}, follow=True))
    assert "3 mails go again from now on." in page
    assert set(AccountMail.objects.values_list("state", flat=True)) == {"waiting"}
    kept.refresh_from_db()
    assert kept.state == "undelivered"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"chosen": ["news-1", "gossip-2", "news-x", f"news-{'9' * 30}", "news"]},
        {"everything": "1", "where": "waiting"},
        {"everything": "1", "kind": "gossip"},
    ],
)
@pytest.mark.parametrize("path", ["/staff/mails/again/", "/staff/mails/settle/"])
def test_what_means_no_undelivered_mail_does_nothing(
    desk: Client, path: str, sent: dict[str, Any]
) -> None:
    account_mail(UserFactory.create(), attempts=3)
    fields = {**sent, "confirmed": "1", "reason": "x"}
    page = words(desk.post(path, fields, follow=True))
    assert "None of these mails is undelivered any more; tick some." in page
    assert AccountMail.objects.get().state == "waiting"


def test_what_is_settled_already_is_refused(staff: User) -> None:
    row = news_mail(member(), state="dropped", next_attempt_at=None)
    for step in (send_again, settle):
        more = {} if step is send_again else {"reason": "x"}
        with pytest.raises(Refused, match="undelivered any more"):
            step(keys=[f"news-{row.pk}"], at=NOW, by=staff, **more)


def test_a_mail_sent_again_has_twelve_attempts_more(settings: Any, staff: User) -> None:
    settings.EMAIL_BACKEND = "tests.portal.test_outbox_links.RefusingBackend"
    row = news_mail(member(), **{**REFUSED, "attempts": 12})
    send_again(keys=[f"news-{row.pk}"], at=NOW, by=staff)
    deliver_news(now=NOW)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 13)
    assert row.next_attempt_at == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("path", ["", "news/{pk}/"])
def test_only_people_with_the_right_see_it(path: str) -> None:
    seat = MembershipFactory.create()
    address = f"/staff/mails/{path.format(pk=news_mail(seat, **REFUSED).pk)}"
    for user in (seat.user, supporter()):
        assert signed_in(user).get(address).status_code == 403
    assert Client().get(address).status_code == 302
    assert signed_in(operator()).post(address).status_code == 405


@pytest.mark.parametrize("path", ["again/", "settle/"])
def test_only_people_with_the_right_act(desk: Client, path: str) -> None:
    row = news_mail(member(), **REFUSED)
    sent = {"chosen": f"news-{row.pk}", "confirmed": "1", "reason": "x"}
    for user in (row.user, supporter()):
        assert signed_in(user).post(f"/staff/mails/{path}", sent).status_code == 403
    assert desk.get(f"/staff/mails/{path}").status_code == 405
    row.refresh_from_db()
    assert row.state == "undelivered"


def test_three_mails_need_no_more_queries_than_one(desk: Client) -> None:
    counts = []
    for number in range(3):
        news_mail(member(f"p{number}@example.com"), **REFUSED)
        account_mail(UserFactory.create(email=f"q{number}@example.com"), **REFUSED)
        desk.get("/staff/mails/")
        with CaptureQueriesContext(connection) as queries:
            desk.get("/staff/mails/")
        counts.append(len(queries))
    assert counts[0] == counts[2] <= 14
