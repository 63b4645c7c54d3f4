"""News become one mail for each member who wants one, when the person wants it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agencies.enums import News
from agencies.models import Membership
from portal.enums import MailMode, Topic
from portal.models import MailPreference, NewsMail, OutboxEntry, User
from portal.outbox import everyone, spreading
from portal.outbox.news_mails import deliver_news
from portal.outbox.spreading import gathered_on, spread_news
from tests.agencies.beside import race
from tests.factories import AgencyFactory, MembershipFactory
from tests.factories.mails import NOW, SPREAD, member, news_mail, news_of

pytestmark = pytest.mark.django_db
# 8 o'clock in Shanghai on the day after NOW, which is noon there
MORNING = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def made() -> list[tuple[str, date | None, datetime]]:
    rows = NewsMail.objects.order_by("user__email", "pk")
    return list(rows.values_list("user__email", "digest_on", "next_attempt_at"))


def test_each_member_gets_a_mail_of_each_piece_by_the_topics_default() -> None:
    seat = member("a@example.com")
    member("b@example.com", agency=seat.agency)
    member("stranger@example.com")
    news_of(seat.agency, News.CREDIT_RESTORED)
    news_of(seat.agency, News.CREATOR_BOUND)
    assert spread_news(now=NOW) == 4
    assert made() == [
        ("a@example.com", None, NOW),
        ("a@example.com", date(2026, 11, 23), MORNING),
        ("b@example.com", None, NOW),
        ("b@example.com", date(2026, 11, 23), MORNING),
    ]
    entries = OutboxEntry.objects.values_list("state", "sent_at", "next_attempt_at")
    assert set(entries) == {("sent", NOW, None)}
    assert spread_news(now=NOW) == 0


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (MailMode.AT_ONCE, [("owner@example.com", None, NOW)]),
        (MailMode.DIGEST, [("owner@example.com", date(2026, 11, 23), MORNING)]),
        (MailMode.NEVER, []),
    ],
)
def test_what_a_person_chose_counts_for_that_topic(mode: MailMode, expected: list[Any]) -> None:
    seat = member()
    MailPreference.objects.create(user=seat.user, topic=Topic.BINDINGS, mode=mode)
    news_of(seat.agency, News.CREATOR_BOUND)
    spread_news(now=NOW)
    assert made() == expected


def test_who_cannot_sign_in_gets_none_and_the_news_are_settled() -> None:
    seat = member(user__is_active=False)
    news_of(seat.agency)
    assert spread_news(now=NOW) == 0
    assert OutboxEntry.objects.get().state == "sent"


def test_news_wait_for_their_time() -> None:
    news_of(member().agency, next_attempt_at=NOW + timedelta(seconds=1))
    assert spread_news(now=NOW) == 0
    assert OutboxEntry.objects.get().state == "waiting"


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 23, 0, 0, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_a_day_is_gathered_at_eight_in_shanghai(now: datetime, day: date) -> None:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert gathered_on(now) == (day, at)


def test_many_news_take_one_statement_per_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "BATCH", 2)
    seat = member()
    for _ in range(5):
        news_of(seat.agency)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert spread_news(now=NOW) == 5
    assert len(queries) == 3


@pytest.mark.django_db(transaction=True)
def test_several_processes_make_each_mail_once() -> None:
    seat = member()
    for _ in range(20):
        news_of(seat.agency)
    done, _refused = race([lambda: spread_news(now=NOW)] * 3)
    assert sum(done) == 20
    assert NewsMail.objects.count() == 20


def test_news_for_everyone_become_mails() -> None:
    for email in ("a@example.com", "b@example.com"):
        member(email)
    everyone.tell_everyone(News.RULES_SCHEDULED, about={}, at=NOW)
    assert spread_news(now=NOW) == 2


def test_a_days_news_go_together_in_the_morning() -> None:
    seat = member()
    for _ in range(3):
        news_of(seat.agency, News.CREATOR_BOUND)
    assert deliver_news(now=NOW) == ["Put 3 news on their way by mail."]
    assert mail.outbox == []
    assert deliver_news(now=MORNING) == ["Sent 1 mails with news."]
    assert [sent.to for sent in mail.outbox] == [["owner@example.com"]]


@pytest.mark.parametrize("reason", ["left", "inactive", "stopped"])
def test_what_is_not_wanted_any_more_is_dropped(reason: str) -> None:
    seat = member()
    row = news_mail(seat)
    if reason == "left":
        seat.delete()
    elif reason == "inactive":
        User.objects.filter(pk=seat.user_id).update(is_active=False)
    else:
        MailPreference.objects.create(user=seat.user, topic=Topic.CONDUCT, mode=MailMode.NEVER)
    assert deliver_news(now=NOW) == []
    row.refresh_from_db()
    assert (row.state, row.sent_at) == ("dropped", None)
    assert mail.outbox == []


def test_of_a_days_mail_only_what_is_wanted_goes() -> None:
    seat = member()
    other = MembershipFactory.create(user=seat.user, agency__name="Left agency")
    kept = news_mail(seat, digest_on=NOW.date())
    left = news_mail(other, digest_on=NOW.date())
    Membership.objects.filter(pk=other.pk).delete()
    assert deliver_news(now=NOW) == ["Sent 1 mails with news."]
    states = dict(NewsMail.objects.values_list("pk", "state"))
    assert states == {kept.pk: "sent", left.pk: "dropped"}
    assert "Left agency" not in mail.outbox[0].body


@pytest.mark.parametrize(
    ("name", "dropped", "fields"),
    [
        ("newsmail_delivery_dated", "", {"sent_at": NOW}),
        ("newsmail_delivery_known", "newsmail_delivery_dated", {"state": "lost"}),
    ],
)
def test_a_mail_stands_somewhere_with_its_times(
    name: str, dropped: str, fields: dict[str, Any]
) -> None:
    if dropped:  # which says as much of what is known
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE portal_newsmail DROP CONSTRAINT {dropped}")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        news_mail(member(), **fields)


def test_a_piece_of_news_is_mailed_once_to_a_person() -> None:
    row = news_mail(member())
    with pytest.raises(IntegrityError, match="news_mail_once"), transaction.atomic():
        NewsMail.objects.create(entry=row.entry, user=row.user, at=NOW)


@pytest.mark.parametrize(
    ("name", "dropped", "fields"),
    [
        ("outboxentry_delivery_dated", "", {"state": "sent"}),
        ("outboxentry_delivery_known", "outboxentry_delivery_dated", {"state": "lost"}),
    ],
)
def test_an_entry_stands_somewhere_with_its_times(
    name: str, dropped: str, fields: dict[str, Any]
) -> None:
    if dropped:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE portal_outboxentry DROP CONSTRAINT {dropped}")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        news_of(AgencyFactory.create(), **fields)


def test_an_agency_is_told_a_single_time_what_is_told_once() -> None:
    agency = AgencyFactory.create()
    news_of(agency, once="2026-11 fall", **SPREAD)
    news_of(AgencyFactory.create(), once="2026-11 fall", **SPREAD)
    with pytest.raises(IntegrityError, match="outbox_entry_told_once"), transaction.atomic():
        news_of(agency, once="2026-11 fall", **SPREAD)
