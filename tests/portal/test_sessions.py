"""Where people are signed in, and that no old cookie and no other person gets in there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from portal import second_factor
from portal.account import end_sessions
from portal.models import PortalSession, User
from portal.reconcile import reconcile
from portal.sessions import USER, SessionStore, plain_address
from portal.views.account.pages import stay_signed_in
from tests.agencies.beside import race
from tests.factories import MembershipFactory, UserFactory
from tests.factories.people import PASSWORD
from tests.factories.second_factor import with_factor
from tests.factories.staff import signed_in

pytestmark = pytest.mark.django_db

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36"
)


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password is hashed."""

    algorithm = "md5"
    times = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).times += 1
        return super().encode(password, salt)


@pytest.fixture
def hashed(settings: Any) -> type[CountingHasher]:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    return CountingHasher


@pytest.fixture
def user() -> User:
    return MembershipFactory.create(user__email="owner@example.com").user


def sign_in(user: User, client: Client | None = None, **extra: Any) -> Client:
    client = client or Client(headers={"accept-language": "en"})
    sent = {"username": user.email, "password": PASSWORD}
    assert client.post("/sign-in/", sent, **extra).status_code == 302
    return client


def handles(client: Client) -> list[str]:
    text = client.get("/account/").content.decode()
    return re.findall(r"/account/sessions/([0-9a-f]+)/end/", text)


def shown(client: Client) -> str:
    return " ".join(client.get("/account/").content.decode().split())


def test_a_session_knows_person_time_program_and_address(user: User) -> None:
    with time_machine.travel("2026-11-22T04:00:00+00:00", tick=False):
        sign_in(user, REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT=CHROME)
        row = PortalSession.objects.get()
        assert (row.user, row.signed_in_at) == (user, timezone.now())
        assert (row.program, row.address) == (CHROME, "192.0.2.7")


def test_what_a_browser_claims_is_kept_in_bounds(user: User) -> None:
    sign_in(user, REMOTE_ADDR="", HTTP_USER_AGENT="a\tb" + "x" * 400)
    row = PortalSession.objects.get()
    assert (row.program, row.address) == ("ab" + "x" * 298, None)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8::1", "2001:db8::1"),
        ("fe80::1%eth0", None),
        ("unix:", None),
        ("", None),
    ],
)
def test_only_an_address_is_an_address(text: str, address: str | None) -> None:
    assert plain_address(text) == address


def test_signing_in_fixes_the_session_to_no_old_cookie(user: User) -> None:
    client = Client()
    session = client.session
    session["planted"] = "before"
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    sign_in(user, client)
    assert client.session.session_key != planted
    assert not PortalSession.objects.filter(session_key=planted).exists()
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/home/").headers["location"] == "/sign-in/?next=/home/"


def test_nothing_of_the_person_before_stays_in_the_session(user: User) -> None:
    client = signed_in(UserFactory.create())
    session = client.session
    session["theirs"] = "secret"
    session.save()
    client.force_login(user)
    assert "theirs" not in client.session


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookies_are_closed(user: User, settings: Any, secure: bool) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = secure
    settings.LANGUAGE_COOKIE_SECURE = secure
    client = Client()
    client.get("/sign-in/")
    client.post("/language/", {"language": "en", "next": "/"})
    sign_in(user, client)
    for name in ("sessionid", "csrftoken", "django_language"):
        cookie = client.cookies[name]
        assert cookie["httponly"] is True
        assert cookie["samesite"] == "Lax"
        assert bool(cookie["secure"]) is secure


def test_sign_in_works_as_hard_for_an_address_that_nobody_has(
    user: User, hashed: type[CountingHasher]
) -> None:
    UserFactory.create(email="gone@example.com", is_active=False)
    work = []
    for email in ("owner@example.com", "nobody@example.com", "gone@example.com"):
        before = hashed.times
        Client().post("/sign-in/", {"username": email, "password": "wrong"})
        work.append(hashed.times - before)
    assert work[0] > 0
    assert work == [work[0]] * 3


def test_a_paused_address_is_refused_before_anything_is_hashed(
    user: User, settings: Any, hashed: type[CountingHasher]
) -> None:
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 1
    client = Client()
    client.post("/sign-in/", {"username": user.email, "password": "wrong"})
    before = hashed.times
    answer = client.post("/sign-in/", {"username": user.email, "password": PASSWORD})
    assert (answer.status_code, hashed.times) == (429, before)


def test_one_attacker_does_not_lock_the_owner_out(user: User, settings: Any) -> None:
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 1
    for password in ("a", "b"):
        sent = {"username": user.email, "password": password}
        Client().post("/sign-in/", sent, REMOTE_ADDR="192.0.2.66")
    sign_in(user, REMOTE_ADDR="192.0.2.7")


def test_the_list_tells_this_browser_from_the_others(user: User) -> None:
    sign_in(user, HTTP_USER_AGENT="curl/8.9", REMOTE_ADDR="192.0.2.66")
    client = sign_in(user, HTTP_USER_AGENT=CHROME, REMOTE_ADDR="192.0.2.7")
    text = shown(client)
    assert text.index("Chrome on Windows") < text.index("this browser") < text.index("curl/8.9")
    assert "from 192.0.2.66" in text
    assert text.count("this browser") == 1
    assert len(handles(client)) == 1


def test_no_key_of_a_session_is_on_the_page(user: User) -> None:
    sign_in(user)
    text = shown(sign_in(user))
    for key in PortalSession.objects.values_list("session_key", flat=True):
        assert key not in text


def test_a_session_that_waits_for_its_code_is_told(user: User) -> None:
    codes = with_factor(user)
    client = sign_in(user)
    client.post("/sign-in/second-factor/", {"code": codes[0]})
    assert "code still due" not in shown(client)
    sign_in(user)
    assert "password given, code still due" in shown(client)


def test_sessions_that_ended_are_not_listed(user: User) -> None:
    for _ in range(2):
        sign_in(user)
    row = PortalSession.objects.first()
    assert row is not None
    PortalSession.objects.filter(pk=row.pk).update(expire_date=timezone.now() - timedelta(days=1))
    assert len(handles(sign_in(user))) == 1
    user.set_password("another horse battery")
    user.save()
    user.set_password(PASSWORD)
    user.save()
    assert handles(sign_in(user)) == []


def test_ending_one_session_ends_that_one(user: User) -> None:
    first, second, client = sign_in(user), sign_in(user), sign_in(user)
    [one, _two] = handles(client)
    answer = client.post(f"/account/sessions/{one}/end/")
    assert answer.headers["location"] == "/account/"
    alive = [each.get("/home/").status_code == 200 for each in (first, second, client)]
    assert sorted(alive) == [False, True, True]
    assert alive[2]


def test_ending_all_others_keeps_this_one(user: User) -> None:
    others, client = [sign_in(user), sign_in(user)], sign_in(user)
    stranger = sign_in(UserFactory.create())
    answer = client.post("/account/sessions/end-others/", follow=True)
    assert "2 other browsers are signed out." in answer.content.decode()
    assert [each.get("/home/").status_code for each in others] == [302, 302]
    assert client.get("/home/").status_code == 200
    assert stranger.get("/home/").status_code == 200


def test_sessions_of_others_are_not_found(user: User) -> None:
    other = sign_in(UserFactory.create())
    sign_in(user)
    client = sign_in(user)
    [foreign] = handles(client)
    own_current = PortalSession.objects.order_by("signed_in_at").last()
    assert own_current is not None
    for handle in (foreign, "0" * 24, "x", own_current.session_key):
        assert other.post(f"/account/sessions/{handle}/end/").status_code == 404
    assert len(PortalSession.objects.filter(user=user)) == 2


def test_sessions_are_ended_by_a_form_only(user: User) -> None:
    sign_in(user)
    client = sign_in(user)
    [handle] = handles(client)
    for path in (f"/account/sessions/{handle}/end/", "/account/sessions/end-others/"):
        assert client.get(path).status_code == 405
        assert Client().post(path).headers["location"].startswith("/sign-in/")
    assert len(handles(client)) == 1


@pytest.mark.parametrize("renew", [second_factor.let_in, None])
def test_a_session_that_was_ended_does_not_come_back_under_another_key(
    user: User, rf: Any, renew: Any
) -> None:
    client = sign_in(user)
    request = rf.get("/")
    request.session = SessionStore(client.session.session_key)
    assert request.session["_auth_user_id"] == str(user.pk)
    end_sessions(user)
    renew(request.session) if renew else stay_signed_in(request, user)
    assert request.session.is_empty()
    assert not PortalSession.objects.exists()


def test_a_session_under_another_key_is_its_persons_at_once(user: User) -> None:
    session = SessionStore(sign_in(user).session.session_key)
    before = session.session_key
    session.cycle_key()
    row = PortalSession.objects.get()
    assert (row.session_key, row.user) == (session.session_key, user)
    assert row.session_key != before
    assert end_sessions(user) == 1


@pytest.mark.django_db(transaction=True)
def test_whichever_comes_first_an_ended_session_is_ended(user: User) -> None:
    for _ in range(5):
        session = SessionStore(sign_in(user).session.session_key)
        assert session[USER] == str(user.pk)
        race([session.cycle_key, lambda: end_sessions(user)])
        assert not PortalSession.objects.filter(user=user).exists()


def test_expired_sessions_are_removed() -> None:
    now = timezone.now()
    PortalSession.objects.create(session_key="old", session_data="", expire_date=now)
    reconcile(now=now + timedelta(seconds=1))
    assert not PortalSession.objects.exists()


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "portal", check=True, dry_run=True, verbosity=0)
