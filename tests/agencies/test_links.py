"""Creators' links: who gets one, what it carries, and that it works once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.signing import Signer
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from agencies.actions.links import ask_leave_link, make_link, open_link, spend, token_of
from agencies.enums import LinkPurpose
from agencies.models import Creator, CreatorLink
from agencies.refusals import Refused
from agencies.signals import creator_link_made
from tests.agencies.beside import Beside
from tests.factories import BindingFactory, CreatorFactory
from tests.factories.requests import (
    NOON,
    BindingRequestFactory,
    CreatorLinkFactory,
    UnbindingFactory,
)

pytestmark = pytest.mark.django_db

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MAIL = "creator@example.com"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def made() -> Iterator[list[CreatorLink]]:
    """The links that whoever delivers was told of."""
    links: list[CreatorLink] = []

    def deliver(link: CreatorLink, **_: Any) -> None:
        links.append(link)

    creator_link_made.connect(deliver)
    yield links
    creator_link_made.disconnect(deliver)


def bound_creator(**fields: Any) -> Creator:
    binding = BindingFactory.create(creator=CreatorFactory.create(**{"contact": MAIL, **fields}))
    return binding.creator


def refused(token: str, at: Any = NOON) -> tuple[str, str]:
    with pytest.raises(Refused) as found:
        open_link(token, at=at)
    return found.value.rule, str(found.value)


class TestMaking:
    def test_whoever_delivers_is_told_once(self, made: list[CreatorLink]) -> None:
        creator = bound_creator()
        link = make_link(creator=creator, purpose=LinkPurpose.LEAVE, at=NOON)
        assert made == [link]
        assert (link.created_at, link.expires_at) == (NOON, NOON + 7 * DAY)
        assert link.used_at is None

    def test_a_creator_whom_nothing_reaches_gets_none(self, made: list[CreatorLink]) -> None:
        creator = bound_creator(creator_id="C7", nickname="", contact="")
        with pytest.raises(Refused, match="no contact of creator C7") as found:
            make_link(creator=creator, purpose=LinkPurpose.LEAVE, at=NOON)
        assert found.value.rule == "no_contact"
        assert made == []
        assert CreatorLink.objects.count() == 0

    def test_the_webhook_takes_it_in_place_of_a_contact(
        self, made: list[CreatorLink], settings: Any
    ) -> None:
        settings.CREATOR_WEBHOOK_URL = "https://platform.example/links"
        link = make_link(creator=bound_creator(contact=""), purpose=LinkPurpose.LEAVE, at=NOON)
        assert made == [link]


class TestOpening:
    def test_the_token_opens_it_and_nothing_is_used_up(self) -> None:
        link = CreatorLinkFactory.create()
        assert open_link(token_of(link), at=NOON) == link
        assert open_link(token_of(link), at=NOON).used_at is None

    def test_a_token_is_fit_for_an_address(self) -> None:
        token = token_of(CreatorLinkFactory.create())
        assert token.replace(".", "").replace("-", "").replace("_", "").isalnum()
        assert token.count(".") == 1

    @pytest.mark.parametrize("spoil", [str.upper, lambda t: t[:-1], lambda t: t[1:], lambda _: ""])
    def test_a_spoilt_token_is_none_of_ours(self, spoil: Any) -> None:
        assert refused(spoil(token_of(CreatorLinkFactory.create()))) == (
            "bad_link",
            "This is not a link of ours. Check that the address was copied as a whole.",
        )

    def test_the_number_alone_is_not_enough(self) -> None:
        link, other = CreatorLinkFactory.create_batch(2)
        signature = token_of(other).partition(".")[2]
        assert refused(link.nonce.hex)[0] == "bad_link"
        assert refused(f"{link.nonce.hex}.{signature}")[0] == "bad_link"

    def test_another_key_signs_nothing_here(self) -> None:
        link = CreatorLinkFactory.create()
        forged = Signer(key="guessed", sep=".", salt="creator-link").sign(link.nonce.hex)
        assert refused(forged)[0] == "bad_link"
        assert len(token_of(link).partition(".")[2]) == 43  # 256 bits

    def test_a_link_that_was_deleted(self) -> None:
        link = CreatorLinkFactory.create()
        token = token_of(link)
        link.delete()
        assert refused(token)[0] == "bad_link"

    def test_it_expires_to_the_second(self) -> None:
        link = CreatorLinkFactory.create()
        last = link.expires_at - timedelta(seconds=1)
        assert open_link(token_of(link), at=last) == link
        assert refused(token_of(link), at=link.expires_at) == (
            "expired_link",
            "This link has expired; links work for a limited time only. Nothing was done.",
        )

    def test_it_works_once(self) -> None:
        link = CreatorLinkFactory.create()
        spend(link, at=NOON)
        assert refused(token_of(link)) == (
            "used_link",
            "This link has been used already; each link works once. Nothing more was done.",
        )
        with pytest.raises(Refused) as found:
            spend(link, at=NOON)
        assert found.value.rule == "used_link"
        late = CreatorLinkFactory.create()
        with pytest.raises(Refused) as found:
            spend(late, at=late.expires_at)
        assert found.value.rule == "expired_link"


class TestAskingToLeave:
    def test_the_contact_on_file_gets_a_link_whatever_its_case(
        self, made: list[CreatorLink]
    ) -> None:
        creator = bound_creator(contact="Creator@Example.com")
        ask_leave_link(creator_id=f" {creator.creator_id} ", contact="cReator@example.COM", at=NOON)
        [link] = made
        assert (link.creator, link.purpose) == (creator, LinkPurpose.LEAVE)

    def test_another_contact_an_unknown_id_or_no_binding_get_none(
        self, made: list[CreatorLink]
    ) -> None:
        bound, free = bound_creator(), CreatorFactory.create(contact=MAIL)
        over = BindingFactory.create(
            creator=CreatorFactory.create(contact=MAIL), bound_until=NOON.date()
        ).creator
        for creator_id, contact in (
            (bound.creator_id, "other@example.com"),
            (bound.creator_id, ""),
            ("NOBODY", MAIL),
            (free.creator_id, MAIL),
            (over.creator_id, MAIL),
        ):
            ask_leave_link(creator_id=creator_id, contact=contact, at=NOON)
        assert made == []

    def test_a_creator_without_contact_is_nobody_s_prey(self, made: list[CreatorLink]) -> None:
        creator = bound_creator(contact="")
        ask_leave_link(creator_id=creator.creator_id, contact="", at=NOON)
        assert made == []

    @pytest.mark.parametrize("contact", ["", "whatever@example.com"])
    def test_a_creator_without_contact_is_reached_through_the_webhook(
        self, made: list[CreatorLink], settings: Any, contact: str
    ) -> None:
        settings.CREATOR_WEBHOOK_URL = "https://platform.example/links"
        creator = bound_creator(contact="")
        ask_leave_link(creator_id=creator.creator_id, contact=contact, at=NOON)
        assert [link.creator for link in made] == [creator]

    def test_the_webhook_is_no_way_around_a_contact_on_file(
        self, made: list[CreatorLink], settings: Any
    ) -> None:
        settings.CREATOR_WEBHOOK_URL = "https://platform.example/links"
        ask_leave_link(creator_id=bound_creator().creator_id, contact="", at=NOON)
        assert made == []

    def test_one_link_in_ten_minutes_unless_it_was_used(self, made: list[CreatorLink]) -> None:
        creator = bound_creator()

        def ask(at: Any) -> int:
            ask_leave_link(creator_id=creator.creator_id, contact=MAIL, at=at)
            return len(made)

        assert [ask(NOON), ask(NOON + 9 * MINUTE), ask(NOON + 10 * MINUTE)] == [1, 1, 2]
        spend(made[-1], at=NOON + 11 * MINUTE)
        assert ask(NOON + 12 * MINUTE) == 3

    def test_a_link_that_was_closed_is_not_on_its_way(self, made: list[CreatorLink]) -> None:
        creator = bound_creator()
        for _ in range(2):
            ask_leave_link(creator_id=creator.creator_id, contact=MAIL, at=NOON)
            CreatorLink.objects.update(expires_at=NOON + timedelta(microseconds=1))
        assert len(made) == 1
        late = NOON + MINUTE
        ask_leave_link(creator_id=creator.creator_id, contact=MAIL, at=late)
        assert len(made) == 2


@pytest.mark.django_db(transaction=True)
def test_who_asks_for_a_link_waits_for_nobody() -> None:
    creator = bound_creator()

    def ask(contact: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")  # a wait fails instead of hanging
        ask_leave_link(creator_id=creator.creator_id, contact=contact, at=NOON)

    with transaction.atomic():
        Creator.objects.filter(pk=creator.pk).update(nickname="import under way")
        for contact in (MAIL, "other@example.com"):
            assert Beside(partial(ask, contact)).start().end() is None
    assert CreatorLink.objects.count() == 0
    assert Beside(partial(ask, MAIL)).start().end() is None
    assert CreatorLink.objects.count() == 1


def _confirm_without_request() -> None:
    CreatorLinkFactory.create(purpose=LinkPurpose.CONFIRM)


def _answer_without_wish() -> None:
    CreatorLinkFactory.create(purpose=LinkPurpose.ANSWER, request=BindingRequestFactory.create())


def _leave_with_wish() -> None:
    CreatorLinkFactory.create(unbinding=UnbindingFactory.create())


def _unknown_purpose() -> None:
    CreatorLinkFactory.create(purpose="other")


@pytest.mark.parametrize(
    ("name", "violate"),
    [
        ("creator_link_for_its_purpose", _confirm_without_request),
        ("creator_link_for_its_purpose", _answer_without_wish),
        ("creator_link_for_its_purpose", _leave_with_wish),
        ("creator_link_for_its_purpose", _unknown_purpose),
        ("creator_link_expires_later", lambda: CreatorLinkFactory.create(expires_at=NOON)),
    ],
)
def test_the_database_refuses_a_link_that_cannot_be(name: str, violate: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        violate()
