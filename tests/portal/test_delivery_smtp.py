"""Over real SMTP each mail arrives once, or it says that it did not, or may not have."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection

from portal.account_mail import send_account_mail
from portal.models import AccountMail, NewsMail
from portal.outbox.news_mails import deliver_news
from portal.outbox.smtp import KnowingSMTP, KnowingSMTPS, OnceBackend
from tests.factories import UserFactory
from tests.factories.mails import NOW, account_mail, member, news_mail
from tests.portal.mail_server import MailServer

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def smtp(settings: Any) -> Iterator[MailServer]:
    with MailServer() as server:
        settings.EMAIL_BACKEND = "portal.outbox.smtp.OnceBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = settings.EMAIL_LAST_ANSWER_TIMEOUT = 0.3
        settings.PORTAL_URL = "https://portal.example.com"
        yield server


def mails(number: int) -> list[AccountMail]:
    return [
        account_mail(UserFactory.create(email=f"person{each}@example.com"))
        for each in range(number)
    ]


def stands(mail: AccountMail) -> tuple[str, int, str]:
    mail.refresh_from_db()
    return mail.state, mail.attempts, mail.last_error.partition(":")[0]


def test_several_mails_take_one_connection_and_each_goes_once(smtp: MailServer) -> None:
    sent = mails(3)
    assert send_account_mail(now=NOW) == ["Sent 3 mails about accounts."]
    assert send_account_mail(now=NOW + MINUTE) == []
    assert smtp.readers == [mail.email for mail in sent]
    assert smtp.connections == 1
    assert [stands(mail) for mail in sent] == [("sent", 1, "")] * 3
    assert len(set(smtp.names)) == 3
    assert all(name.endswith("@portal.example.com>") for name in smtp.names)


def test_an_address_that_is_refused_holds_up_no_other(smtp: MailServer) -> None:
    first, unknown, busy, last = mails(4)
    smtp.refused = {unknown.email: "550 Unknown", busy.email: "451 Later"}
    assert send_account_mail(now=NOW) == [
        "Sent 2 mails about accounts.",
        "Failed to send 1 mails about accounts.",
        "Gave up 1 mails about accounts that were refused.",
    ]
    assert smtp.readers == [first.email, last.email]
    assert smtp.connections == 1
    assert stands(unknown) == ("undelivered", 1, "SMTPRecipientsRefused")
    assert stands(busy) == ("waiting", 1, "SMTPRecipientsRefused")
    assert busy.next_attempt_at == NOW + MINUTE


@pytest.mark.parametrize(
    ("answer", "state"), [("451 Later", "waiting"), ("554 Spam", "undelivered")]
)
def test_a_whole_mail_that_is_refused_did_not_arrive(
    smtp: MailServer, answer: str, state: str
) -> None:
    smtp.how = answer
    (mail,) = mails(1)
    send_account_mail(now=NOW)
    assert stands(mail) == (state, 1, "SMTPDataError")


def test_a_mail_whose_text_is_not_taken_harms_no_other(smtp: MailServer) -> None:
    smtp.busy = 1
    busy, other = mails(2)
    send_account_mail(now=NOW)
    assert stands(busy) == ("waiting", 1, "SMTPDataError")
    assert stands(other) == ("sent", 1, "")
    assert smtp.connections == 1


@pytest.mark.parametrize("how", ["hang", "drop"])
def test_silence_after_the_whole_mail_leaves_it_to_a_person(smtp: MailServer, how: str) -> None:
    smtp.how = how
    (mail,) = mails(1)
    assert send_account_mail(now=NOW) == ["Gave up 1 mails about accounts that may have arrived."]
    assert stands(mail) == ("undelivered", 1, "MayHaveArrived")
    smtp.how = ""
    assert send_account_mail(now=NOW + timedelta(days=1)) == []
    assert smtp.readers == [mail.email]


def test_a_server_that_hangs_up_before_a_mail_has_nothing(smtp: MailServer) -> None:
    smtp.how = "away"
    (mail,) = mails(1)
    assert send_account_mail(now=NOW) == ["Failed to send 1 mails about accounts."]
    assert stands(mail) == ("waiting", 1, "SMTPServerDisconnected")
    smtp.how = ""
    assert send_account_mail(now=NOW + MINUTE) == ["Sent 1 mails about accounts."]
    assert smtp.readers == [mail.email]


def test_a_server_that_hangs_up_in_the_middle_has_nothing(settings: Any, smtp: MailServer) -> None:
    smtp.how = "half"
    settings.EMAIL_TIMEOUT = 5  # the mail is larger than what a connection holds on its way
    way = get_connection()
    way.open()
    with pytest.raises(SMTPServerDisconnected):
        way.send_messages([EmailMessage("Subject", "x" * 70 * 300_000, to=["a@example.com"])])
    assert (way.handed_over, way.connection) == (False, None)


def test_a_server_that_ends_the_connection_after_each_mail_is_called_again(
    smtp: MailServer,
) -> None:
    smtp.how = "once"
    with get_connection() as way:
        for number in range(3):
            to = f"person{number}@example.com"
            assert way.send_messages([EmailMessage("Subject", "Text", to=[to])]) == 1
            until_hung_up(way)
    assert smtp.readers == [f"person{number}@example.com" for number in range(3)]
    assert smtp.connections == 3


def until_hung_up(way: OnceBackend) -> None:
    """Wait for the other side's end, without taking it."""
    assert way.connection.sock.recv(1, socket.MSG_PEEK) == b""


def test_a_refused_sender_is_the_platforms_fault(smtp: MailServer) -> None:
    smtp.sender = "550 Who are you?"
    sent = mails(4)
    assert send_account_mail(now=NOW) == ["Failed to send 3 mails about accounts."]
    assert [stands(mail)[:2] for mail in sent] == [("waiting", 1)] * 3 + [("waiting", 0)]


@pytest.mark.parametrize("listens", [True, False])
def test_a_server_that_is_away_or_says_nothing_is_left_alone_after_three(
    settings: Any, smtp: MailServer, listens: bool
) -> None:
    settings.EMAIL_TIMEOUT = 0.05
    sent = mails(5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT = silent.getsockname()[1]
        if not listens:
            silent.close()
        assert send_account_mail(now=NOW) == ["Failed to send 3 mails about accounts."]
    assert [mail.attempts for mail in AccountMail.objects.order_by("id")] == [1, 1, 1, 0, 0]
    settings.EMAIL_PORT = smtp.port
    assert send_account_mail(now=NOW + MINUTE) == ["Sent 5 mails about accounts."]
    assert sorted(smtp.readers) == sorted(mail.email for mail in sent)


def test_after_twelve_attempts_a_person_decides(smtp: MailServer) -> None:
    (mail,) = mails(1)
    smtp.refused = {mail.email: "451 Later"}
    now = NOW
    for attempt in range(1, 12):
        send_account_mail(now=now)
        assert stands(mail)[:2] == ("waiting", attempt)
        now = mail.next_attempt_at
    assert now - NOW == timedelta(minutes=511 + 2 * 360)
    assert send_account_mail(now=now) == ["Failed to send 1 mails about accounts."]
    assert stands(mail)[:2] == ("undelivered", 12)
    later = now + timedelta(days=30)
    assert send_account_mail(now=later) == []
    assert AccountMail.objects.filter(pk=mail.pk).exists()


def test_lines_reach_the_other_side_as_they_were(smtp: MailServer) -> None:
    with get_connection() as way:
        text = "one\n.\n..two\r\n.three\nMAIL FROM:<x@example.com>"
        way.send_messages([EmailMessage("Subject", text, to=["a@example.com"])])
    (raw,) = smtp.raw
    assert raw.partition(b"\r\n\r\n")[2] == (
        b"one\r\n.\r\n..two\r\n.three\r\nMAIL FROM:<x@example.com>\r\n"
    )


def test_news_reach_a_member_once_and_those_of_a_day_together(smtp: MailServer) -> None:
    seat = member()
    alone = news_mail(seat)
    day = [news_mail(seat, digest_on=NOW.date()) for _ in range(3)]
    assert deliver_news(now=NOW) == ["Sent 2 mails with news."]
    assert smtp.readers == ["owner@example.com"] * 2
    assert len(set(smtp.names)) == 2
    assert set(NewsMail.objects.values_list("state", "attempts")) == {("sent", 1)}
    assert len([alone, *day]) == NewsMail.objects.count()


def test_a_mail_that_goes_again_is_the_same_mail(smtp: MailServer) -> None:
    rows = [news_mail(member(), digest_on=NOW.date()).pk]
    rows.append(news_mail(member("other@example.com")).pk)
    again = {"state": "waiting", "sent_at": None, "next_attempt_at": NOW}
    for _ in range(2):
        deliver_news(now=NOW)
        NewsMail.objects.filter(pk__in=rows).update(**again)
    assert smtp.names[:2] == smtp.names[2:]


def test_what_joins_a_day_after_its_mail_went_is_another_mail(smtp: MailServer) -> None:
    seat = member()
    for _ in range(2):
        news_mail(seat, digest_on=NOW.date())
        deliver_news(now=NOW)
    assert len(set(smtp.names)) == 2


def test_a_secured_connection_knows_as_much() -> None:
    assert OnceBackend(use_ssl=True).connection_class is KnowingSMTPS
    assert OnceBackend(use_tls=True).connection_class is KnowingSMTP
    assert KnowingSMTPS.data is KnowingSMTP.data
