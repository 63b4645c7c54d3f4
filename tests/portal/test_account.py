"""A person's account: what the page shows, name and password, and who may open it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from agencies.enums import Role
from portal.account_mail import send_account_mail
from portal.models import PortalSession, User
from tests.factories import AgencyFactory, MembershipFactory, UserFactory
from tests.factories.people import PASSWORD
from tests.factories.second_factor import with_factor
from tests.factories.staff import operator, signed_in, superuser, supporter

pytestmark = pytest.mark.django_db

NEW = {"new_password1": "another horse battery", "new_password2": "another horse battery"}
PAGES = ["/account/", "/account/password/", "/account/second-factor/"]
FORMS = ["/account/second-factor/remove/", "/account/second-factor/codes/"]
ACTS = ["/account/name/", "/account/sessions/end-others/"]


@pytest.fixture
def user() -> User:
    return MembershipFactory.create(user__email="owner@example.com", user__name="Owner").user


def text(client: Client, path: str = "/account/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("path", [*PAGES, *FORMS, *ACTS])
def test_a_stranger_is_asked_to_sign_in(path: str) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)(path)
        assert answer.headers["location"] == f"/sign-in/?next={path}"


@pytest.mark.parametrize("path", [*PAGES, *FORMS])
def test_every_role_opens_its_own(path: str) -> None:
    people = [
        UserFactory.create(),
        MembershipFactory.create(role=Role.VIEWER).user,
        MembershipFactory.create(agency__removed_on=timezone.localdate()).user,
        supporter(),
        operator(),
        superuser(),
    ]
    assert [signed_in(each).get(path).status_code for each in people] == [200] * 6


@pytest.mark.parametrize("path", ACTS)
def test_what_acts_is_posted(path: str, user: User) -> None:
    assert signed_in(user).get(path).status_code == 405


def test_pages_are_not_put(user: User) -> None:
    client = signed_in(user)
    for path in (*PAGES, *FORMS, "/account/forgotten/"):
        assert client.put(path).status_code == 405


def test_the_page_is_reached_from_the_menu_of_every_page(user: User) -> None:
    assert 'href="/account/"' in text(signed_in(user), "/home/")


def test_the_page_tells_of_the_person_and_of_nobody_else(user: User) -> None:
    other = UserFactory.create(email="canary@example.com", name="Canary")
    signed_in(other)
    shown = text(signed_in(user))
    assert "owner@example.com" in shown
    assert 'value="Owner"' in shown
    assert "canary" not in shown.lower()
    assert "Signing in needs your password only." in shown


def test_the_page_tells_of_the_second_factor(user: User) -> None:
    with_factor(user)
    shown = text(_past_the_code(user))
    assert "signing in asks for a code of your authenticator app. 10 recovery codes" in shown
    assert "Few recovery codes" not in shown
    user.staticdevice_set.get().token_set.filter(
        pk__in=user.staticdevice_set.get().token_set.values("pk")[:9]
    ).delete()
    shown = text(_past_the_code(user))
    assert "1 recovery code is left." in shown
    assert "Few recovery codes are left" in shown


def test_the_language_is_switched_here_too(user: User) -> None:
    client = signed_in(user)
    assert "<span>English</span>" in text(client)
    client.post("/language/", {"language": "zh-hans", "next": "/account/"})
    assert 'lang="zh-hans"' in text(client)


def test_as_many_queries_for_one_session_as_for_thirty(
    user: User, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(user)
    with_one = _queries(client)
    for _ in range(29):
        signed_in(user)
    assert _queries(client) == with_one
    assert with_one <= 10


def test_the_name_is_changed(user: User) -> None:
    answer = signed_in(user).post("/account/name/", {"name": " New Name "}, follow=True)
    assert "Your name is changed." in answer.content.decode()
    assert User.objects.get(pk=user.pk).name == "New Name"


def test_a_name_too_long_is_refused_with_the_form(user: User) -> None:
    answer = signed_in(user).post("/account/name/", {"name": "x" * 101})
    assert answer.status_code == 200
    assert "at most 100 characters" in answer.content.decode()
    assert User.objects.get(pk=user.pk).name == "Owner"


def test_a_new_password_ends_the_other_sessions_and_is_told(user: User) -> None:
    client, other = signed_in(user), signed_in(user)
    before = client.session.session_key
    answer = client.post("/account/password/", {"password": PASSWORD, **NEW})
    assert answer.headers["location"] == "/account/"
    assert User.objects.get(pk=user.pk).check_password("another horse battery")
    assert client.get("/home/").status_code == 200
    assert other.get("/home/").status_code == 302
    assert client.session.session_key != before
    assert PortalSession.objects.filter(user=user).count() == 1
    send_account_mail(now=timezone.now())
    [told] = mail.outbox
    assert told.to == ["owner@example.com"]
    assert told.subject == "登录密码已修改 · Your password was changed"
    assert "the password of the account owner@example.com was changed" in told.body
    assert "http://localhost:8000/account/forgotten/" in told.body
    assert "another horse" not in told.body


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "wrong"}, "This is not your password."),
        ({"password": ""}, "This field is required."),
        ({"new_password2": "different horse"}, "The two password fields didn’t match."),
        ({"new_password1": "12345678", "new_password2": "12345678"}, "entirely numeric"),
        ({"new_password1": "short", "new_password2": "short"}, "too short: it needs at least 8"),
        (
            {"new_password1": "owner@example", "new_password2": "owner@example"},
            "too similar to the e-mail",
        ),
    ],
)
def test_a_password_is_refused_with_the_form(user: User, change: Any, said: str) -> None:
    client, other = signed_in(user), signed_in(user)
    answer = client.post("/account/password/", {"password": PASSWORD, **NEW, **change})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)
    assert other.get("/home/").status_code == 200


def test_somebody_elses_password_does_not_count(user: User) -> None:
    other = UserFactory.create()
    other.set_password("foreign horse battery")
    other.save()
    client = signed_in(user)
    sent = {"username": other.email, "password": "foreign horse battery", **NEW}
    assert client.post("/account/password/", sent).status_code == 200
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_a_hash_made_stronger_on_the_way_signs_nobody_out(settings: Any, user: User) -> None:
    client = signed_in(user)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    with_factor(user)
    session = client.session
    session["second_factor"] = "done"
    session.save()
    client.cookies["sessionid"] = session.session_key
    client = _past_the_code(user)
    shown = client.post("/account/second-factor/codes/", {"password": PASSWORD})
    assert "Keep these recovery codes" in shown.content.decode()
    assert User.objects.get(pk=user.pk).password.startswith("pbkdf2")
    assert client.get("/home/").status_code == 200


def test_an_agency_is_not_needed() -> None:
    AgencyFactory.create(name="Canary")
    assert "Canary" not in text(signed_in(UserFactory.create()))


def _past_the_code(user: User) -> Client:
    client = signed_in(user)
    session = client.session
    session["second_factor"] = "done"
    session.save()
    return client


def _queries(client: Client) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        assert client.get("/account/").status_code == 200
    return len(captured)
