"""What carrying decides: fates, claims, carriers that died, names of mails."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, connection, transaction

from portal.account_mail import AccountLane, send_account_mail
from portal.models import AccountMail
from portal.outbox.carrying import UNCERTAIN, _lock, message_name
from portal.outbox.road import Fate, NoAnswer, Undeliverable, fate_of, said_by
from portal.outbox.smtp import MayHaveArrived
from tests.agencies.beside import Beside, race
from tests.factories import UserFactory
from tests.factories.mails import NOW, account_mail

TEN_MINUTES = timedelta(minutes=10)


def refused(code: int) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"a@example.com": (code, b"no")})


@pytest.mark.parametrize(
    ("fault", "fate", "dead"),
    [
        (ConnectionRefusedError(111, "refused"), Fate.REFUSED, True),
        (TimeoutError(), Fate.REFUSED, True),
        (smtplib.SMTPServerDisconnected("gone"), Fate.REFUSED, True),
        (smtplib.SMTPConnectError(554, b"no"), Fate.REFUSED, True),
        (smtplib.SMTPAuthenticationError(535, b"no"), Fate.REFUSED, True),
        (smtplib.SMTPSenderRefused(550, b"no", "p@example.com"), Fate.REFUSED, True),
        (smtplib.SMTPSenderRefused(552, b"big", "p@example.com"), Fate.REFUSED_FOR_GOOD, False),
        (smtplib.SMTPSenderRefused(421, b"bye", "p@example.com"), Fate.REFUSED, True),
        (refused(550), Fate.REFUSED_FOR_GOOD, False),
        (refused(451), Fate.REFUSED, False),
        (refused(421), Fate.REFUSED, True),
        (smtplib.SMTPDataError(554, b"spam"), Fate.REFUSED_FOR_GOOD, False),
        (smtplib.SMTPDataError(452, b"full"), Fate.REFUSED, False),
        (MayHaveArrived("silence"), Fate.UNCERTAIN, True),
        (ValueError("no address"), Fate.REFUSED, False),
        (Undeliverable("no contact"), Fate.REFUSED, False),
        (NoAnswer("webhook"), Fate.REFUSED, True),
    ],
)
def test_what_a_fault_says_of_a_mail(fault: Exception, fate: Fate, dead: bool) -> None:
    assert fate_of(fault) == (fate, dead)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (refused(550), "SMTPRecipientsRefused: 550 no"),
        (smtplib.SMTPDataError(554, b"two\nlines"), "SMTPDataError: 554 two lines"),
        (smtplib.SMTPDataError(554, b"a\0b\x1b[31m"), "SMTPDataError: 554 a b [31m"),
        (OSError("away"), "OSError: away"),
    ],
)
def test_a_fault_is_said_in_one_line(fault: Exception, said: str) -> None:
    assert said_by(fault) == said


def test_whatever_comes_after_the_whole_mail_leaves_it_uncertain() -> None:
    assert fate_of(ValueError("job timeout"), handed_over=True) == (Fate.UNCERTAIN, False)


def test_the_name_of_a_mail_is_its_own_and_tells_nothing(settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example.com:8443"
    one, other = message_name("account mails 1"), message_name("account mails 2")
    assert one == message_name("account mails 1") != other
    assert one.endswith("@portal.example.com")
    assert "account" not in one


@pytest.mark.django_db
def test_what_a_dead_carrier_had_is_undelivered_and_stays_so() -> None:
    mail = account_mail(UserFactory.create())
    AccountMail.objects.update(state="sending", next_attempt_at=None, claimed_at=NOW, attempts=1)
    assert send_account_mail(now=NOW) == ["Gave up 1 mails about accounts whose carrier ended."]
    assert send_account_mail(now=NOW + timedelta(days=1)) == []
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.sent_at) == ("undelivered", 1, None)
    assert mail.last_error.startswith(UNCERTAIN)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("after", "state"), [(TEN_MINUTES, "sending"), (TEN_MINUTES * 1.01, "undelivered")]
)
def test_a_carrier_at_work_keeps_its_mail_for_ten_minutes(after: timedelta, state: str) -> None:
    account_mail(UserFactory.create())
    AccountMail.objects.update(state="sending", next_attempt_at=None, claimed_at=NOW, attempts=1)
    with _lock(AccountLane(), NOW) as claimed_at:
        assert claimed_at == NOW
        Beside(lambda: send_account_mail(now=NOW + after)).start().end()
    assert AccountMail.objects.get().state == state


@pytest.mark.django_db(transaction=True)
def test_who_lost_the_lock_with_the_session_begins_no_other_mail(
    mailoutbox: list[Any], monkeypatch: Any
) -> None:
    for email in ("a@example.com", "b@example.com"):
        account_mail(UserFactory.create(email=email))

    def losing(_lane: AccountLane, _rows: Any, _now: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as lost:
        lost.setattr(AccountLane, "post", losing)
        assert send_account_mail(now=NOW) == ["Failed to send 1 mails about accounts."]
    assert list(AccountMail.objects.order_by("pk").values_list("state", "attempts")) == [
        ("waiting", 1),
        ("waiting", 0),
    ]
    assert send_account_mail(now=NOW + TEN_MINUTES) == ["Sent 2 mails about accounts."]


class Interrupting(BaseEmailBackend):
    """While a mail goes, the row is taken from its carrier."""

    def send_messages(self, letters: list[Any]) -> int:
        AccountMail.objects.update(state="undelivered", claimed_at=None)
        return len(letters)


@pytest.mark.django_db
def test_who_lost_a_mail_writes_nothing_about_it(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.portal.test_carrying.Interrupting"
    account_mail(UserFactory.create())
    send_account_mail(now=NOW)
    assert AccountMail.objects.get().state == "undelivered"


@pytest.mark.django_db
def test_a_run_without_time_leaves_everything_to_the_next() -> None:
    account_mail(UserFactory.create())
    assert send_account_mail(now=NOW, seconds=0) == []
    assert AccountMail.objects.get().state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_nothing_leaves_inside_a_transaction() -> None:
    account_mail(UserFactory.create())
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        send_account_mail(now=NOW)
    assert AccountMail.objects.get().state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_several_carriers_carry_each_mail_once(mailoutbox: list[Any]) -> None:
    for number in range(9):
        account_mail(UserFactory.create(email=f"person{number}@example.com"))
    _done, refusals = race([lambda: send_account_mail(now=NOW)] * 3)
    assert refusals == []
    assert sorted(sent.to[0] for sent in mailoutbox) == [
        f"person{number}@example.com" for number in range(9)
    ]
    assert set(AccountMail.objects.values_list("state", "attempts")) == {("sent", 1)}


@pytest.mark.django_db
def test_a_mail_about_an_account_stands_somewhere() -> None:
    with connection.cursor() as cursor:  # which says as much of what is known
        cursor.execute("ALTER TABLE portal_accountmail DROP CONSTRAINT accountmail_delivery_dated")
    with pytest.raises(IntegrityError, match="accountmail_delivery_known"), transaction.atomic():
        account_mail(UserFactory.create(), state="lost")
