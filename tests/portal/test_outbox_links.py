"""Links reach their creators: once, at last, or visibly not at all."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.locmem import EmailBackend
from django.core.mail.message import sanitize_address
from django.db import connection, transaction
from redis import Redis

from agencies.actions.binding_requests import ask_binding, decline_binding, withdraw_request
from agencies.actions.links import make_link, token_of
from agencies.enums import LinkPurpose, News, Side
from agencies.models import CreatorLink
from portal.models import OutboxEntry
from portal.outbox import deliver_due, pause_after
from tests.agencies.beside import race
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, MembershipFactory
from tests.factories.requests import BindingRequestFactory, CreatorLinkFactory, UnbindingFactory

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# instead of an answer: hang up
SILENCE = 0


def leave_link(**fields: Any) -> CreatorLink:
    creator = fields.pop("creator", None) or CreatorFactory.create(
        creator_id="C1", nickname="小明", contact="ming@example.com"
    )
    return make_link(creator=creator, purpose=LinkPurpose.LEAVE, at=NOW, **fields)


@pytest.mark.django_db
def test_a_link_goes_by_mail_in_both_languages_and_once(settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example.com"
    link = leave_link()
    assert deliver_due(now=NOW) == ["Sent 1 links to creators."]
    assert deliver_due(now=NOW + MINUTE) == []
    (sent,) = mail.outbox
    url = f"https://portal.example.com/c/{token_of(link)}/"
    assert sent.to == ["ming@example.com"]
    assert sent.body.count(url) == 2
    assert sent.body.index("小明，您好") < sent.body.index("Hello 小明,")
    assert "有效期至 2026年11月29日 12:00（北京时间）" in sent.body
    assert "valid until 29 November 2026, 12:00 (Beijing time)" in sent.body
    entry = OutboxEntry.objects.get()
    assert (entry.sent_at, entry.attempts, entry.next_attempt_at) == (NOW, 1, None)


@pytest.mark.django_db
def test_the_mail_says_what_is_asked() -> None:
    agency = AgencyFactory.create(name="A & B <机构>")
    creator = CreatorFactory.create(contact="a@example.com")
    ask_binding(
        agency=agency,
        creator_id=creator.creator_id,
        message="https://phishing.example.com",
        at=NOW,
        by=MembershipFactory.create(agency=agency).user,
    )
    wish = UnbindingFactory.create(
        binding=BindingFactory.create(agency=agency), side=Side.AGENCY, asked_at=NOW
    )
    CreatorFactory._meta.model.objects.filter(pk=wish.binding.creator_id).update(
        contact="b@example.com"
    )
    wish.refresh_from_db()
    make_link(
        creator=wish.binding.creator, purpose=LinkPurpose.ANSWER, unbinding=wish, at=NOW, days=14
    )
    assert deliver_due(now=NOW) == ["Sent 2 links to creators."]
    confirm, answer = mail.outbox
    assert 'the agency "A & B <机构>" asks to bind your account' in confirm.body
    assert "phishing" not in confirm.body
    assert "请确认" in confirm.subject
    assert "Without an answer before 6 December 2026 the binding ends." in answer.body
    assert "2026年12月6日前未答复" in answer.body


@pytest.mark.django_db
def test_used_expired_and_overtaken_links_are_never_sent() -> None:
    used, expired = leave_link(), leave_link(creator=CreatorFactory.create(contact="x@example.com"))
    CreatorLink.objects.filter(pk=used.pk).update(used_at=NOW)
    CreatorLink.objects.filter(pk=expired.pk).update(expires_at=NOW + MINUTE)
    request = BindingRequestFactory.create(asked_at=NOW)
    make_link(creator=request.creator, purpose=LinkPurpose.CONFIRM, request=request, at=NOW)
    withdraw_request(agency=request.agency, request_id=request.pk, at=NOW, by=request.asked_by)
    assert deliver_due(now=NOW + MINUTE) == []
    assert mail.outbox == []


@pytest.mark.django_db
def test_a_link_is_not_sent_before_its_time() -> None:
    leave_link()
    assert deliver_due(now=NOW - MINUTE) == []


@pytest.mark.django_db
def test_a_failure_is_noted_without_the_link_and_tried_again_later(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.portal.test_outbox_links.RefusingBackend"
    link = leave_link()
    assert deliver_due(now=NOW) == ["Failed to send 1 links to creators."]
    entry = OutboxEntry.objects.get()
    assert (entry.attempts, entry.sent_at, entry.next_attempt_at) == (1, None, NOW + MINUTE)
    assert entry.last_error.startswith("OSError: refused: ")
    assert token_of(link) not in entry.last_error
    assert len(entry.last_error) <= 300
    assert deliver_due(now=NOW) == []
    deliver_due(now=NOW + MINUTE)
    entry.refresh_from_db()
    assert (entry.attempts, entry.next_attempt_at) == (2, NOW + 3 * MINUTE)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert deliver_due(now=NOW + 3 * MINUTE) == ["Sent 1 links to creators."]
    entry.refresh_from_db()
    assert (entry.attempts, entry.last_error) == (3, "")


@pytest.mark.django_db
@pytest.mark.parametrize("contact", ["x@[#b.c", "(@x.c", "a@[b.c", ""])
def test_a_letter_that_cannot_be_written_keeps_back_no_other(contact: str, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.portal.test_outbox_links.ParsingBackend"
    bad, good = CreatorFactory.create(contact="x@example.com"), leave_link().creator
    leave_link(creator=bad)
    type(bad).objects.filter(pk=bad.pk).update(contact=contact)
    OutboxEntry.objects.filter(creator_link__creator=good).update(next_attempt_at=NOW + MINUTE)
    later = NOW + 2 * MINUTE
    assert deliver_due(now=later) == [
        "Sent 1 links to creators.",
        "Failed to send 1 links to creators.",
    ]
    assert [letter.to for letter in mail.outbox] == [[good.contact]]
    entry = OutboxEntry.objects.get(creator_link__creator=bad)
    assert (entry.attempts, entry.sent_at) == (1, None)
    assert entry.next_attempt_at == later + MINUTE
    assert entry.last_error != ""


@pytest.mark.django_db
def test_whatever_a_letter_dies_of_is_noted(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.portal.test_outbox_links.BrokenBackend"
    link = leave_link()
    assert deliver_due(now=NOW) == ["Failed to send 1 links to creators."]
    entry = OutboxEntry.objects.get()
    assert (entry.attempts, entry.next_attempt_at) == (1, NOW + MINUTE)
    assert entry.last_error.startswith("DataError: ")
    assert token_of(link) not in entry.last_error


class ParsingBackend(EmailBackend):
    """Takes addresses apart before it sends anything, as the one for SMTP does."""

    def send_messages(self, messages: list[Any]) -> int:
        for message in messages:
            for recipient in message.recipients():
                sanitize_address(recipient, "utf-8")
        return super().send_messages(messages)


class BrokenBackend(BaseEmailBackend):
    """A backend that keeps its letters in the database, and fails there."""

    def send_messages(self, letters: list[Any]) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return len(letters)


class RefusingBackend(BaseEmailBackend):
    """A mail server that says no, and repeats the letter while it does."""

    def send_messages(self, letters: list[Any]) -> int:
        raise OSError(f"refused: {letters[0].body}")


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 360), (1000, 360)]
)
def test_pauses_double_up_to_six_hours(attempts: int, minutes: int) -> None:
    assert pause_after(attempts) == minutes * MINUTE


@pytest.mark.django_db
def test_three_failures_in_a_row_leave_the_rest_to_the_next_run(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.portal.test_outbox_links.RefusingBackend"
    for _ in range(5):
        leave_link(creator=CreatorFactory.create(contact="x@example.com"))
    assert deliver_due(now=NOW) == ["Failed to send 3 links to creators."]
    assert OutboxEntry.objects.filter(attempts=0).count() == 2


@pytest.fixture
def hook() -> Iterator[Any]:
    """A webhook of the platform: what it heard, and what it answers next."""

    class Hook(BaseHTTPRequestHandler):
        heard: list[tuple[dict[str, str], bytes]] = []
        answers: list[int] = []

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.heard.append((dict(self.headers), body))
            answer = self.answers.pop(0) if self.answers else 204
            if answer == SILENCE:
                return
            self.send_response(answer)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Hook, f"http://127.0.0.1:{server.server_port}/links"
        server.shutdown()
        thread.join()


@pytest.fixture
def without_contact(settings: Any, hook: Any) -> Callable[[], CreatorLink]:
    settings.CREATOR_WEBHOOK_URL = hook[1]
    settings.CREATOR_WEBHOOK_SECRET = "shared secret"
    settings.PORTAL_URL = "https://portal.example.com"
    return lambda: leave_link(creator=CreatorFactory.create(creator_id="C1", contact=""))


@pytest.mark.django_db
def test_without_a_contact_the_webhook_gets_a_signed_letter(
    hook: Any, without_contact: Callable[[], CreatorLink]
) -> None:
    link = without_contact()
    assert deliver_due(now=NOW) == ["Sent 1 links to creators."]
    ((headers, body),) = hook[0].heard
    assert json.loads(body) == {
        "creator_id": "C1",
        "purpose": "leave",
        "url": f"https://portal.example.com/c/{token_of(link)}/",
        "expires_at": "2026-11-29T04:00:00+00:00",
    }
    signature = hmac.new(b"shared secret", body, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == f"sha256={signature}"
    assert headers["Content-Type"] == "application/json"
    assert mail.outbox == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (500, "Undeliverable: the webhook answered 500"),
        (302, "Undeliverable: the webhook answered 302"),
    ],
)
def test_a_webhook_that_does_not_take_it_is_asked_again(
    hook: Any, without_contact: Callable[[], CreatorLink], answer: int, error: str
) -> None:
    without_contact()
    hook[0].answers = [answer]
    assert deliver_due(now=NOW) == ["Failed to send 1 links to creators."]
    assert OutboxEntry.objects.get().last_error == error
    assert deliver_due(now=NOW + MINUTE) == ["Sent 1 links to creators."]
    assert len(hook[0].heard) == 2


@pytest.mark.django_db
def test_a_webhook_that_hangs_up_on_all_of_it_may_have_it(
    hook: Any, without_contact: Callable[[], CreatorLink]
) -> None:
    without_contact()
    hook[0].answers = [SILENCE]
    assert deliver_due(now=NOW) == ["Gave up 1 links to creators that may have arrived."]
    entry = OutboxEntry.objects.get()
    assert (entry.state, entry.last_error.partition(":")[0]) == ("undelivered", "MayHaveArrived")
    assert deliver_due(now=NOW + timedelta(days=1)) == []
    assert len(hook[0].heard) == 1


@pytest.mark.django_db
def test_a_link_that_goes_again_is_known_to_the_webhook(
    hook: Any, without_contact: Callable[[], CreatorLink]
) -> None:
    without_contact()
    hook[0].answers = [500]
    deliver_due(now=NOW)
    deliver_due(now=NOW + MINUTE)
    names = [headers["X-Message-Id"] for headers, _body in hook[0].heard]
    assert names[0] == names[1]
    assert names[0].endswith("@portal.example.com")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "secret", "error"),
    [
        ("file:///etc/hosts", "s", "CREATOR_WEBHOOK_URL is no http or https address"),
        ("http://127.0.0.1:1/", "", "CREATOR_WEBHOOK_SECRET is not set"),
        ("http://127.0.0.1:1/", "s", "the webhook does not answer"),
        ("", "", "the creator has no contact and no webhook is set"),
    ],
)
def test_what_cannot_be_delivered_says_why(
    settings: Any,
    without_contact: Callable[[], CreatorLink],
    address: str,
    secret: str,
    error: str,
) -> None:
    without_contact()
    settings.CREATOR_WEBHOOK_URL, settings.CREATOR_WEBHOOK_SECRET = address, secret
    assert deliver_due(now=NOW) == ["Failed to send 1 links to creators."]
    assert error in OutboxEntry.objects.get().last_error


@pytest.mark.django_db
def test_a_webhook_that_is_away_holds_up_no_mail(settings: Any) -> None:
    settings.CREATOR_WEBHOOK_URL, settings.CREATOR_WEBHOOK_SECRET = "http://127.0.0.1:1/", "s"
    for _ in range(4):
        leave_link(creator=CreatorFactory.create(contact=""))
    leave_link()
    assert deliver_due(now=NOW) == [
        "Sent 1 links to creators.",
        "Failed to send 3 links to creators.",
    ]
    (sent,) = mail.outbox
    assert sent.to == ["ming@example.com"]


@pytest.mark.django_db(transaction=True)
def test_a_made_link_rings_the_worker_once_it_is_there(queue: Redis) -> None:
    with transaction.atomic():
        leave_link()
        assert queue.exists("rq:job:reconcile") == 0
    assert queue.exists("rq:job:reconcile") == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("lost_queue")
def test_a_lost_queue_fails_nothing() -> None:
    leave_link()
    assert deliver_due(now=NOW) == ["Sent 1 links to creators."]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_send_each_link_once() -> None:
    for _ in range(6):
        link = CreatorLinkFactory.create(created_at=NOW)
        OutboxEntry.objects.create(creator_link=link, at=NOW, next_attempt_at=NOW)
    _done, refused = race([lambda: deliver_due(now=NOW)] * 3)
    assert refused == []
    assert len(mail.outbox) == 6
    assert OutboxEntry.objects.filter(sent_at=NOW, attempts=1).count() == 6


@pytest.mark.django_db
def test_an_answered_request_sends_no_link_but_news() -> None:
    request = BindingRequestFactory.create(asked_at=NOW)
    link = make_link(creator=request.creator, purpose=LinkPurpose.CONFIRM, request=request, at=NOW)
    decline_binding(link=CreatorLink.objects.select_related("request").get(pk=link.pk), at=NOW)
    assert OutboxEntry.objects.get(agency=request.agency).news == News.REQUEST_DECLINED
    assert deliver_due(now=NOW) == []
