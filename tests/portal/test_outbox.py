"""News in words, and links that reach their creators: once, at last, or not at all."""

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
from django.core.mail.backends.locmem import EmailBackend
from django.core.mail.message import sanitize_address
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from redis import Redis

from agencies.actions.binding_requests import ask_binding, decline_binding, withdraw_request
from agencies.actions.links import make_link, token_of
from agencies.actions.transitions import tell
from agencies.enums import LinkPurpose, News, Side
from agencies.models import CreatorLink
from portal.models import OutboxEntry
from portal.outbox import deliver_due, pause_after, words
from tests.agencies.beside import race
from tests.factories import AgencyFactory, BindingFactory, CreatorFactory, MembershipFactory
from tests.factories.requests import BindingRequestFactory, CreatorLinkFactory, UnbindingFactory

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CREATOR = {"creator_id": "C1", "nickname": "小明"}
TITLE = {"title_id": 1, "name_zh": "年度机构", "name_en": "Agency of the year", "day": "2026-11-01"}
MEASURE = {
    "measure": "suspend_binding",
    "starts_on": "2026-11-22",
    "until": "2026-12-22",
    "reference": "R-1",
}
CASE = {"reference": "R-1", "kind": "dispute", "balance": 100}

# What the actions put in `about`, the English sentence, and where it leads.
RULES = {"name_zh": "2027年规则", "name_en": "Level rules 2027"}
ASKED = {"consultation": 7, **RULES}
DECIDED = {"version": "2027.1", "effective_from": "2027-01-01", **RULES}
TOLD: dict[News, tuple[dict[str, Any], str, str]] = {
    News.VIOLATION_ISSUED: (
        {**CASE, "asked": 20, "applied": 0, "appeal_until": "2026-12-07", "measures": [MEASURE]},
        "Disputes with merchants or creators, case R-1. Points asked: 20, taken: 0; balance 100."
        " You may appeal until the end of Dec. 7, 2026.",
        "/conduct/violations/R-1/",
    ),
    News.VIOLATION_REVOKED: (
        {**CASE, "returned": 20, "reason": "Wrong"},
        "Disputes with merchants or creators, case R-1. Points given back: 20; balance 100."
        " Its measures are lifted.",
        "/conduct/violations/R-1/",
    ),
    News.APPEAL_FILED: (
        {"references": ["R-1", "R-2"], "due_on": "2026-12-07", "files": 1},
        "Against R-1, R-2. The platform answers by Dec. 7, 2026.",
        "/conduct/",
    ),
    News.APPEAL_DECIDED: (
        {"verdicts": {"R-1": "upheld", "R-2": "revoked"}, "reason": "100% clear"},
        "R-1: Upheld, R-2: Revoked. Reason: 100% clear",
        "/conduct/",
    ),
    News.PENALTY_STARTED: (
        {**MEASURE, "unbound": 3},
        "Binding suspended, from Nov. 22, 2026; over on Dec. 22, 2026.",
        "/conduct/violations/R-1/",
    ),
    News.PENALTY_ENDED: (
        MEASURE,
        "Binding suspended: over since Dec. 22, 2026.",
        "/conduct/violations/R-1/",
    ),
    News.PENALTY_LIFTED: (
        {"measure": "linked_agencies", "starts_on": "2026-11-22", "until": None},
        "Linked agency: binding suspended: it no longer holds.",
        "/conduct/",
    ),
    News.CREDIT_AWARDED: (
        {"points": 5, "asked": 9, "balance": 150, "reason": "2026-11-11"},
        "Points: 5, for 2026-11-11. Balance: 150.",
        "/conduct/",
    ),
    News.CREDIT_RESTORED: (
        {"points": 10, "balance": 110},
        "Nothing was deducted for long enough. Points: 10. Balance: 110.",
        "/conduct/",
    ),
    News.TITLE_GRANTED: (TITLE, "“Agency of the year”, dated Nov. 1, 2026.", "/home/"),
    News.TITLE_WITHDRAWN: (
        {**TITLE, "reason": "Wrong"},
        "“Agency of the year”. Reason: Wrong",
        "/home/",
    ),
    News.CREATOR_BOUND: (
        {**CREATOR, "on": "2026-11-22"},
        "小明 (C1), from Nov. 22, 2026.",
        "/creators/",
    ),
    News.CREATOR_UNBOUND: (
        {**CREATOR, "last_day": "2026-11-22"},
        "小明 (C1); the last day was Nov. 22, 2026.",
        "/creators/",
    ),
    News.REQUEST_DECLINED: (
        {"creator_id": "C1", "nickname": ""},
        "C1 does not want to be bound.",
        "/creators/",
    ),
    News.REQUEST_EXPIRED: (
        CREATOR,
        "小明 (C1) did not answer in time. You may ask again after a day.",
        "/creators/",
    ),
    News.UNBINDING_ASKED: (
        {**CREATOR, "silent_on": "2026-12-06"},
        "小明 (C1). Answer before Dec. 6, 2026: silence counts as consent.",
        "/creators/",
    ),
    News.UNBINDING_OBJECTED: (
        CREATOR,
        "小明 (C1) gave a reason. You may call the platform in, or withdraw.",
        "/creators/",
    ),
    News.UNBINDING_DECIDED: (
        {**CREATOR, "kept": False},
        "小明 (C1): the binding ends.",
        "/creators/",
    ),
    News.UNBINDING_CALLED_IN: (
        CREATOR,
        "小明 (C1) insists on leaving; the platform decides.",
        "/creators/",
    ),
    News.UNBINDING_WITHDRAWN: (CREATOR, "小明 (C1) stays with the agency.", "/creators/"),
    News.NOTICE_PUBLISHED: (
        {"notice_id": 7, "title": "October", "references": ["R-1"]},
        "“October” names R-1.",
        "/public/notices/7/",
    ),
    News.LEVEL_CHANGED: (
        {
            "month": "2026-10-01",
            "corrected": False,
            "level": "V2",
            "stage": "assessed",
            "level_before": "",
            "stage_before": "novice",
        },
        "Result of October 2026: V2; the month before: Novice stage.",
        "/score/movement/?month=2026-10",
    ),
    News.RESULT_CORRECTED: (
        {"month": "2026-10-01", "total": "612.30", "total_before": "600.00", "cause": "facts"},
        "The result of October 2026 was corrected: 612.30 points instead of 600.00. Level and stage"
        " stay. Reason: Promotion data arrived late or was corrected.",
        "/score/?month=2026-10",
    ),
    News.DISPUTE_ANSWERED: (
        {
            "dispute": 7,
            "month": "2026-10-01",
            "creator_code": "C1",
            "verdict": "rejected",
            "answer": "The days are right.",
        },
        "Creator C1 in October 2026: Rejected. The days are right.",
        "/disputes/7/",
    ),
    News.DISPUTE_CORRECTED: (
        {"dispute": 7, "month": "2026-10-01", "creator_code": "C1"},
        "Creator C1 in October 2026: the data are as they should be now.",
        "/disputes/7/",
    ),
    News.CONSULTATION_OPENED: (
        {**ASKED, "closes_on": "2026-12-06"},
        "“Level rules 2027”: read what would change, see your own results under the draft, and"
        " comment until Dec. 6, 2026.",
        "/rules/consultations/7/",
    ),
    News.CONSULTATION_CLOSED: (
        ASKED,
        "“Level rules 2027”: the summary and the answers are published.",
        "/rules/consultations/7/",
    ),
    News.COMMENT_ANSWERED: (
        ASKED,
        "Your comment on “Level rules 2027” has an answer.",
        "/rules/consultations/7/",
    ),
    News.RULES_SCHEDULED: (
        DECIDED,
        "“Level rules 2027” counts from the data month January 2027 on.",
        "/rules/?version=2027.1",
    ),
    News.RULES_WITHDRAWN: (
        DECIDED,
        "“Level rules 2027” does not come into force in January 2027 after all.",
        "/rules/?version=2027.1",
    ),
}


@pytest.mark.parametrize("news", list(News))
def test_every_news_has_a_sentence_and_a_way(news: News) -> None:
    about, sentence, url = TOLD[news]
    with translation.override("en"):
        said = words(OutboxEntry(news=news, about=about))
    assert (said.title, said.sentence, said.url) == (news.label, sentence, url)


@pytest.mark.parametrize("news", list(News))
def test_news_without_any_value_still_have_a_title(news: News) -> None:
    with translation.override("en"):
        said = words(OutboxEntry(news=news, about={}))
        assert said.title == news.label
    assert "%" not in said.sentence
    assert said.url.startswith("/")


@pytest.mark.parametrize("news", list(News))
def test_news_fail_for_no_value_that_is_missing_or_empty(news: News) -> None:
    about = TOLD[news][0]
    for key in about:
        for broken in ({k: v for k, v in about.items() if k != key}, {**about, key: None}):
            assert "%(" not in words(OutboxEntry(news=news, about=broken)).sentence


def test_a_kept_binding_and_a_single_appeal_are_said() -> None:
    with translation.override("en"):
        kept = words(OutboxEntry(news=News.UNBINDING_DECIDED, about={**CREATOR, "kept": True}))
        assert kept.sentence == "小明 (C1): the binding is kept."
    one = words(OutboxEntry(news=News.APPEAL_DECIDED, about={"verdicts": {"R/1": "upheld"}}))
    assert one.url == "/conduct/violations/R~s1/"


def test_a_corrected_level_is_told_as_a_correction() -> None:
    about = {**TOLD[News.LEVEL_CHANGED][0], "corrected": True, "level_before": "V3"}
    with translation.override("en"):
        said = words(OutboxEntry(news=News.LEVEL_CHANGED, about=about)).sentence
    assert said == "The result of October 2026 was corrected: V2 instead of V3."


def test_the_reader_gets_the_own_language() -> None:
    entry = OutboxEntry(news=News.TITLE_GRANTED, about=TITLE)
    with translation.override("zh-hans"):
        assert "年度机构" in words(entry).sentence
        assert "2026年11月1日" in words(entry).sentence


@pytest.mark.django_db
def test_news_are_kept_with_what_happened_or_not_at_all() -> None:
    agency = AgencyFactory.create()
    tell(agency.pk, News.CREDIT_RESTORED, at=NOW, points=10)
    entry = OutboxEntry.objects.get()
    assert (entry.agency, entry.news, entry.about, entry.at) == (
        agency,
        News.CREDIT_RESTORED,
        {"points": 10},
        NOW,
    )
    with transaction.atomic():
        tell(agency.pk, News.CREDIT_RESTORED, at=NOW)
        transaction.set_rollback(True)
    assert OutboxEntry.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("outbox_entry_for_one_reader", {"news": News.CREATOR_BOUND}),
        ("outbox_entry_for_one_reader", {}),
        ("outbox_entry_news_known", {"news": "gossip"}),
    ],
)
def test_an_entry_is_for_one_reader_and_known(constraint: str, fields: dict[str, Any]) -> None:
    if fields.get("news") == "gossip":
        fields["agency"] = AgencyFactory.create()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OutboxEntry.objects.create(at=NOW, **fields)


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
    settings.EMAIL_BACKEND = "tests.portal.test_outbox.RefusingBackend"
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
    settings.EMAIL_BACKEND = "tests.portal.test_outbox.ParsingBackend"
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
    settings.EMAIL_BACKEND = "tests.portal.test_outbox.BrokenBackend"
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


class BrokenBackend:
    """A backend that keeps its letters in the database, and fails there."""

    def __init__(self, **_options: Any) -> None:
        pass

    def send_messages(self, letters: list[Any]) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return len(letters)


class RefusingBackend:
    """A mail server that says no, and repeats the letter while it does."""

    def __init__(self, **_options: Any) -> None:
        pass

    def send_messages(self, letters: list[Any]) -> int:
        raise OSError(f"refused: {letters[0].body}")


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 360), (1000, 360)]
)
def test_pauses_double_up_to_six_hours(attempts: int, minutes: int) -> None:
    assert pause_after(attempts) == minutes * MINUTE


@pytest.mark.django_db
def test_three_failures_in_a_row_leave_the_rest_to_the_next_run(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.portal.test_outbox.RefusingBackend"
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
            self.send_response(self.answers.pop(0) if self.answers else 204)
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
