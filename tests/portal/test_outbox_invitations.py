"""Invitations reach their address by mail: in both languages, later if need be, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import translation

from agencies.actions.invitations import accept, invite, token_of, withdraw
from agencies.enums import News, Role
from agencies.models import Agency, Invitation
from portal.logs import masked
from portal.models import OutboxEntry
from portal.outbox import deliver_due
from tests.factories import AgencyFactory, CreatorFactory, MembershipFactory, UserFactory
from tests.factories.invitations import InvitationFactory
from tests.factories.requests import CreatorLinkFactory
from tests.factories.staff import operator, signed_in

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
MAIL = "wang@example.com"
REFUSING = "tests.portal.test_outbox_links.RefusingBackend"
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


def invited(**fields: Any) -> Invitation:
    agency = fields.pop("agency", None) or AgencyFactory.create(code="OWN", name="A & B <机构>")
    given = {"email": MAIL, "role": Role.VIEWER, "at": NOW, "by": None}
    return invite(agency=agency, **{**given, **fields})


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_mail_says_it_all_in_both_languages(settings: Any, language: str) -> None:
    settings.PORTAL_URL = "https://portal.example.com"
    seat = MembershipFactory.create(
        agency__code="OWN",
        agency__name="A & B\r\n<机构>",
        user__email="owner@example.com",
        user__name="https://phishing.example.com",
    )
    one = invited(agency=seat.agency, role=Role.OWNER, by=seat.user)
    with translation.override(language):
        assert deliver_due(now=NOW) == ["Sent 1 invitations."]
    (letter,) = mail.outbox
    assert letter.to == [MAIL]
    assert (
        letter.subject == '邀请您加入机构“A & B <机构>” · Invitation to the agency "A & B <机构>"'
    )
    assert letter.body.count(f"https://portal.example.com/join/{token_of(one)}/") == 2
    assert "owner@example.com 邀请您加入机构“A & B <机构>”（OWN），角色为负责人" in letter.body
    assert "有效期至 2026年11月29日 12:00（北京时间）" in letter.body
    assert 'owner@example.com invites you to the agency "A & B <机构>" (OWN) as an owner' in (
        letter.body
    )
    assert "valid until 29 November 2026, 12:00 (Beijing time)" in letter.body
    assert "phishing" not in letter.body
    entry = OutboxEntry.objects.get()
    assert (entry.invitation, entry.sent_at, entry.attempts) == (one, NOW, 1)
    assert deliver_due(now=NOW + MINUTE) == []


@pytest.mark.django_db
def test_the_platforms_invitation_of_a_viewer_reads_so() -> None:
    invited()
    deliver_due(now=NOW)
    (letter,) = mail.outbox
    assert "平台邀请您加入机构“A & B <机构>”（OWN），角色为查看者" in letter.body
    assert 'the platform invites you to the agency "A & B <机构>" (OWN) as a viewer' in letter.body


@pytest.mark.django_db
def test_what_was_overtaken_is_never_sent() -> None:
    owner = MembershipFactory.create()
    taken_back = invited(agency=owner.agency, email="a@example.com")
    withdraw(agency=owner.agency, invitation_id=taken_back.pk, at=NOW, by=owner.user)
    answered = invited(agency=owner.agency, email="b@example.com")
    accept(invitation=answered, user=UserFactory.create(email="b@example.com"), at=NOW)
    expired = invited(agency=owner.agency, email="c@example.com", at=NOW - 7 * DAY)
    assert expired.expires_at == NOW
    left = invited(email="d@example.com")
    Agency.objects.filter(pk=left.agency_id).update(removed_on=NOW.date())
    assert deliver_due(now=NOW) == []
    assert mail.outbox == []


@pytest.mark.django_db
def test_of_two_invitations_of_an_address_the_newer_one_is_sent() -> None:
    agency = AgencyFactory.create()
    invited(agency=agency)
    second = invited(agency=agency)
    assert deliver_due(now=NOW) == ["Sent 1 invitations."]
    assert token_of(second) in mail.outbox[0].body


@pytest.mark.django_db
def test_a_failure_is_noted_without_the_link_and_tried_again(settings: Any) -> None:
    settings.EMAIL_BACKEND = REFUSING
    one = invited()
    assert deliver_due(now=NOW) == ["Failed to send 1 invitations."]
    entry = OutboxEntry.objects.get()
    assert (entry.attempts, entry.sent_at, entry.next_attempt_at) == (1, None, NOW + MINUTE)
    assert entry.last_error.startswith("OSError: refused: ")
    assert token_of(one) not in entry.last_error
    assert deliver_due(now=NOW) == []
    settings.EMAIL_BACKEND = LOCMEM
    assert deliver_due(now=NOW + MINUTE) == ["Sent 1 invitations."]
    entry.refresh_from_db()
    assert (entry.attempts, entry.last_error, entry.sent_at) == (2, "", NOW + MINUTE)


@pytest.mark.django_db
def test_links_and_invitations_share_the_limit_of_failures(settings: Any) -> None:
    settings.EMAIL_BACKEND = REFUSING
    for _ in range(2):
        invited(agency=AgencyFactory.create())
        link = CreatorLinkFactory.create(
            created_at=NOW, creator=CreatorFactory.create(contact="x@example.com")
        )
        OutboxEntry.objects.create(creator_link=link, at=NOW, next_attempt_at=NOW)
    assert deliver_due(now=NOW) == [
        "Failed to send 1 links to creators.",
        "Failed to send 2 invitations.",
    ]
    assert OutboxEntry.objects.filter(attempts=0).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        lambda: {"invitation": InvitationFactory.create(), "news": News.CREATOR_BOUND},
        lambda: {"invitation": InvitationFactory.create(), "agency": AgencyFactory.create()},
        lambda: {
            "invitation": InvitationFactory.create(),
            "creator_link": CreatorLinkFactory.create(),
        },
    ],
)
def test_an_entry_with_an_invitation_is_for_its_reader_only(
    fields: Callable[[], dict[str, Any]],
) -> None:
    with (
        pytest.raises(IntegrityError, match="outbox_entry_for_one_reader"),
        transaction.atomic(),
    ):
        OutboxEntry.objects.create(at=NOW, **fields())


@pytest.mark.django_db
def test_the_list_of_messages_shows_invitations_without_their_key() -> None:
    one = invited()
    page = signed_in(operator()).get("/admin/portal/outboxentry/").content.decode()
    assert MAIL in page
    assert one.nonce.hex not in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /join/abc.def/ 200", "GET /join/…/ 200"),
        ("/sign-in/?next=/join/abc.def/", "/sign-in/?next=/join/…/"),
        ("?next=%2Fjoin%2Fabc.def%2F&a=1", "?next=%2Fjoin%2F…%2F&a=1"),
        ("http://x/c/abc.def/", "http://x/c/…/"),
        (f"%2F{'a' * 32}.{'B' * 43}", "%2F…"),
        ("/joined/abc/", "/joined/abc/"),
    ],
)
def test_the_key_of_a_link_stays_out_of_the_logs(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.django_db(transaction=True)
def test_an_invitation_rings_the_worker_once_it_is_there(queue: Any) -> None:
    with transaction.atomic():
        invited()
        assert queue.exists("rq:job:reconcile") == 0
    assert queue.exists("rq:job:reconcile") == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("lost_queue")
def test_a_lost_queue_fails_no_invitation() -> None:
    invited()
    assert deliver_due(now=NOW) == ["Sent 1 invitations."]
