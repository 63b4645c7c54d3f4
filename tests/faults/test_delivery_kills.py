"""Fault 12: whatever is killed, each mail arrives once or is visibly undelivered."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from agencies.actions.links import make_link
from agencies.enums import LinkPurpose
from portal.account_mail import send_account_mail
from portal.models import AccountMail, NewsMail, OutboxEntry
from portal.models.carried import Carried
from portal.outbox import deliver_due
from portal.outbox.news_mails import deliver_news
from tests.factories import CreatorFactory, UserFactory
from tests.factories.mails import NOW, account_mail, member, news_of
from tests.faults.processes import start, until_noticed
from tests.portal.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)
KILLED = -signal.SIGKILL
READER = "owner@example.com"
Deliver = Callable[..., list[str]]


class Deliverers:
    """Processes beside this one that deliver, and are killed while they do."""

    def __init__(self, port: int) -> None:
        url = f"smtp://127.0.0.1:{port}"
        script = "tests.faults.killed_delivery"
        self._loaded = start("-m", script, given=subprocess.PIPE, EMAIL_URL=url)

    def run(self, lane: str, *, fatal: int = 0, copies: int = 1) -> list[int]:
        """How so many processes ended: 0 when they were done, KILLED at the fatal point."""
        given, answered = self._loaded.stdin, self._loaded.stdout
        assert given is not None
        assert answered is not None
        given.write(f"{lane} {fatal} {copies}\n")
        given.flush()
        return [int(end) for end in answered.readline().split()]

    def end(self) -> None:
        """Let them end; fails on whatever they complained of."""
        _out, err = self._loaded.communicate()
        assert err == ""


@pytest.fixture(scope="module")
def listening() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def deliverers(listening: MailServer, django_db_setup: None) -> Iterator[Deliverers]:
    """They are loaded once, which takes longer than all they do."""
    processes = Deliverers(listening.port)
    yield processes
    processes.end()


@pytest.fixture
def server(listening: MailServer, settings: Any) -> MailServer:
    settings.EMAIL_BACKEND = "portal.outbox.smtp.OnceBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listening.port
    listening.taken.clear()
    return listening


def a_piece_of_news() -> type[Carried]:
    news_of(member(READER).agency)
    return NewsMail


def a_link() -> type[Carried]:
    creator = CreatorFactory.create(contact=READER)
    make_link(creator=creator, purpose=LinkPurpose.LEAVE, at=NOW)
    return OutboxEntry


def a_mail_about_an_account() -> type[Carried]:
    account_mail(UserFactory.create(email=READER))
    return AccountMail


LANES: dict[str, tuple[Callable[[], type[Carried]], Deliver]] = {
    "news": (a_piece_of_news, deliver_news),
    "links": (a_link, deliver_due),
    "account": (a_mail_about_an_account, send_account_mail),
}


def later(moments: int) -> datetime:
    return NOW.replace(minute=moments)


@pytest.mark.parametrize(
    "lane",
    [
        "news",
        pytest.param("links", marks=pytest.mark.soak),
        pytest.param("account", marks=pytest.mark.soak),
    ],
)
def test_a_mail_whose_carrier_is_killed_arrives_once_or_says_that_it_may_not(
    lane: str, server: MailServer, deliverers: Deliverers
) -> None:
    write, deliver = LANES[lane]
    table, seen = write(), set()
    for fatal in range(1, 200, 1 if os.environ.get("SOAK") else 3):
        server.taken.clear()
        (end,) = deliverers.run(lane, fatal=fatal)
        until_noticed()
        for moments in (1, 2):
            deliver(now=later(moments))
        (row,) = table._base_manager.all()
        arrived, state = len(server.taken), str(row.state)
        assert (arrived, state) in {(1, "sent"), (0, "undelivered"), (1, "undelivered")}, fatal
        assert (row.last_error[:14] == "MayHaveArrived") == (state == "undelivered")
        seen.add((end == KILLED, arrived, state))
        if end != KILLED:
            break
        _waiting_again(table, row)
    assert seen == {
        (False, 1, "sent"),  # nobody was killed
        (True, 1, "sent"),  # before the claim, or after the note
        (True, 0, "undelivered"),  # between the claim and the last byte
        (True, 1, "undelivered"),  # after it
    }
    assert fatal > 20


def _waiting_again(table: type[Carried], row: Carried) -> None:
    """As if the mail had just been written; news have not become mails yet."""
    waiting = {"state": "waiting", "claimed_at": None, "sent_at": None, "next_attempt_at": NOW}
    if isinstance(row, NewsMail):
        row.delete()
        table = OutboxEntry
    table._base_manager.update(**waiting, attempts=0, last_error="")


def test_several_processes_send_each_mail_once(server: MailServer, deliverers: Deliverers) -> None:
    seats = [member(f"person{number}@example.com") for number in range(12)]
    for seat in seats:
        news_of(seat.agency)
        news_of(seat.agency)
    assert deliverers.run("news", copies=3) == [0, 0, 0]
    assert sorted(server.readers) == sorted(seat.user.email for seat in seats for _ in range(2))
    assert len(set(server.names)) == 24
    assert set(NewsMail.objects.values_list("state", "attempts")) == {("sent", 1)}
