"""What comes by mail: chosen on a page, stopped by a link, kept as the constraints say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from agencies.enums import Role
from portal.enums import MailMode, Topic
from portal.logs import masked
from portal.models import MailPreference, User
from portal.outbox.stopping import Stop, stop_of, stop_token
from portal.outbox.topics import DEFAULT_MODES, TOPIC_OF, news_on
from portal.preferences import choose_mail, modes_of, stop_mail
from tests.factories import MembershipFactory, UserFactory
from tests.factories.staff import operator, signed_in, supporter

pytestmark = pytest.mark.django_db

PAGE = "/account/mail/"
ALL_DAILY = {topic.value: "digest" for topic in Topic}


@pytest.fixture
def user() -> User:
    return MembershipFactory.create(user__email="owner@example.com").user


def stop_path(user: User, *topics: Topic) -> str:
    return f"/mail/stop/{stop_token(user, topics)}/"


def text(client: Client, path: str = PAGE) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_without_a_choice_the_defaults_hold(user: User) -> None:
    assert modes_of(user) == DEFAULT_MODES
    assert list(modes_of(user)) == list(Topic)


def test_every_news_has_a_topic_that_lists_it() -> None:
    assert sorted(news for topic in Topic for news in news_on(topic)) == sorted(TOPIC_OF)


def test_a_choice_is_kept_and_the_rest_stays(user: User) -> None:
    choose_mail(modes={Topic.LEVEL: MailMode.NEVER}, language="en", by=user)
    choose_mail(modes={Topic.LEVEL: MailMode.DIGEST}, language="en", by=user)
    assert modes_of(user) == {**DEFAULT_MODES, Topic.LEVEL: MailMode.DIGEST}
    user.refresh_from_db()
    assert user.mail_language == "en"
    assert MailPreference.objects.count() == 1


def test_a_language_without_mails_is_refused(user: User) -> None:
    with pytest.raises(ValueError, match="'fr'"):
        choose_mail(modes={}, language="fr", by=user)


def test_the_page_shows_and_saves_the_choice(user: User) -> None:
    client = signed_in(user)
    page = text(client)
    assert 'name="level" value="at_once" id="id_level_0" required checked' in page
    assert "owner@example.com" in page
    answer = client.post(PAGE, {**ALL_DAILY, "language": "en"}, follow=True)
    assert "Your choice is saved." in answer.content.decode()
    assert set(modes_of(user).values()) == {MailMode.DIGEST}
    assert 'name="level" value="digest" id="id_level_1" required checked' in text(client)


@pytest.mark.parametrize(
    "sent", [{**ALL_DAILY, "language": "fr"}, {**ALL_DAILY, "level": "hourly", "language": "en"}]
)
def test_what_is_no_choice_is_refused_and_nothing_kept(user: User, sent: dict[str, str]) -> None:
    answer = signed_in(user).post(PAGE, sent)
    assert answer.status_code == 200
    assert "is not one of the available choices" in answer.content.decode()
    assert MailPreference.objects.count() == 0


def test_everybody_chooses_for_themselves(user: User) -> None:
    people = [
        UserFactory.create(),
        MembershipFactory.create(role=Role.VIEWER).user,
        MembershipFactory.create(agency__removed_on=timezone.localdate()).user,
        supporter(),
        operator(),
    ]
    for person in people:
        assert signed_in(person).get(PAGE).status_code == 200
        signed_in(person).post(PAGE, {**ALL_DAILY, "language": "en"})
    assert modes_of(user) == DEFAULT_MODES
    assert "You belong to no agency now." in text(signed_in(people[0]))
    assert "You belong to no agency now." not in text(signed_in(user))


def test_a_stranger_signs_in_first_and_nobody_puts(user: User) -> None:
    assert Client().get(PAGE).headers["location"] == f"/sign-in/?next={PAGE}"
    assert Client().post(PAGE).headers["location"] == f"/sign-in/?next={PAGE}"
    assert signed_in(user).put(PAGE).status_code == 405


def test_the_page_is_found_from_account_and_messages(user: User) -> None:
    client = signed_in(user)
    for path in ("/account/", "/messages/"):
        assert f'href="{PAGE}"' in text(client, path)


@pytest.mark.parametrize("kept", [1, 3])
def test_few_queries_however_much_was_chosen(
    user: User, kept: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    topics = list(Topic)[:kept]
    choose_mail(modes=dict.fromkeys(topics, MailMode.NEVER), language="en", by=user)
    client = signed_in(user)
    text(client)
    with django_assert_num_queries(4):
        text(client)


def test_a_link_asks_and_a_post_stops(user: User) -> None:
    stranger = Client(headers={"accept-language": "en"})
    path = stop_path(user, Topic.LEVEL)
    page = text(stranger, path)
    assert "Stop these mails?" in page
    assert "Level and results" in page
    assert "owner@example.com" not in page
    assert modes_of(user) == DEFAULT_MODES
    assert "You get no more of these mails" in stranger.post(path).content.decode()
    assert modes_of(user) == {**DEFAULT_MODES, Topic.LEVEL: MailMode.NEVER}


def test_a_mail_program_stops_in_one_click_again_and_again(user: User) -> None:
    program = Client(enforce_csrf_checks=True)
    path = stop_path(user, Topic.BINDINGS, Topic.EVENTS)
    for _ in range(2):
        answer = program.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert answer.cookies == {}
    stopped = {Topic.BINDINGS: MailMode.NEVER, Topic.EVENTS: MailMode.NEVER}
    assert modes_of(user) == {**DEFAULT_MODES, **stopped}
    assert MailPreference.objects.count() == 2


def test_a_link_stops_its_own_person_only_whoever_is_signed_in(user: User) -> None:
    other = MembershipFactory.create().user
    signed_in(other).post(stop_path(user, Topic.LEVEL))
    assert modes_of(other) == DEFAULT_MODES
    assert modes_of(user)[Topic.LEVEL] == MailMode.NEVER


def test_what_is_not_signed_by_us_stops_nothing(user: User) -> None:
    path = stop_path(user, Topic.LEVEL)
    forged = [path[:-2] + "/", "/mail/stop/x/", stop_path(User(pk=999_999_999), Topic.LEVEL)]
    for each in forged:
        answer = Client(headers={"accept-language": "en"}).post(each)
        assert answer.status_code == 404
        assert "This link is not complete" in answer.content.decode()
    assert Client().get(forged[0]).status_code == 404
    assert Client().put(path).status_code == 405
    assert MailPreference.objects.count() == 0
    assert not stop_mail(Stop(999_999_999, (Topic.LEVEL,)))


def test_a_token_says_whose_and_which_topics(user: User) -> None:
    token = stop_token(user, {Topic.EVENTS, Topic.LEVEL})
    assert stop_of(token) == Stop(user.pk, (Topic.LEVEL, Topic.EVENTS))


def test_the_link_is_private_and_leaves_no_key_in_a_log(user: User) -> None:
    path = stop_path(user, Topic.LEVEL)
    answer = Client().get(path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert masked(f"GET {path}") == "GET /mail/stop/…/"


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("mail_preference_once", {"topic": "level", "mode": "never"}),
        ("mail_preference_known", {"topic": "gossip", "mode": "never"}),
        ("mail_preference_known", {"topic": "events", "mode": "hourly"}),
    ],
)
def test_one_known_choice_for_a_topic(user: User, constraint: str, fields: dict[str, Any]) -> None:
    MailPreference.objects.create(user=user, topic=Topic.LEVEL, mode=MailMode.DIGEST)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        MailPreference.objects.create(user=user, **fields)


def test_mails_come_in_a_language_of_the_portal(user: User) -> None:
    with pytest.raises(IntegrityError, match="user_mail_language_known"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(mail_language="fr")
