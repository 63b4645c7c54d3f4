"""The second factor at sign-in, and how people set it up, change it and do without."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from portal.account import reset_password
from portal.account_mail import send_account_mail
from portal.models import AccountMail, PortalSession, User
from tests.factories import MembershipFactory, UserFactory
from tests.factories.people import PASSWORD
from tests.factories.second_factor import code_of, device_of, with_factor, wrong_code
from tests.factories.staff import signed_in, superuser

pytestmark = pytest.mark.django_db

DOOR = "/sign-in/second-factor/"
SET_UP = "/sign-in/second-factor/set-up/"
FACTOR = "/account/second-factor/"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel("2026-11-22T04:00:00+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def member() -> User:
    return MembershipFactory.create(agency__name="Canary Agency", agency__code="CANARY").user


@pytest.fixture
def codes(member: User, clock: Any) -> list[str]:
    """The member has a device since a minute ago; the recovery codes."""
    made = with_factor(member)
    clock.shift(60)
    return made


def sign_in(user: User, client: Client | None = None, next_page: str = "") -> Client:
    """A browser that has given the right password."""
    client = client or Client(headers={"accept-language": "en"})
    query = f"?next={next_page}" if next_page else ""
    sent = {"username": user.email, "password": PASSWORD, "next": next_page}
    assert client.post(f"/sign-in/{query}", sent).status_code == 302
    return client


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def is_in(client: Client) -> bool:
    return client.get("/home/").status_code == 200


def key_on(text: str) -> str:
    """The sealed key of a set-up page."""
    found = re.search(r'name="key" value="([^"]+)"', text)
    assert found
    return found[1]


def secret_on(text: str) -> str:
    """The key that the page shows for typing, as hexadecimal digits."""
    from base64 import b32decode

    found = re.search(r'class="account-key">([A-Z2-7 ]+)<', text)
    assert found
    return b32decode(found[1].replace(" ", "")).hex()


def test_without_a_device_the_password_is_enough(member: User) -> None:
    client = sign_in(member)
    assert "second_factor" not in client.session
    assert is_in(client)


@pytest.mark.parametrize(
    "path", ["/", "/home/", "/account/", "/public/boards/strength/", "/nowhere/", "/admin/", FACTOR]
)
def test_with_a_device_every_address_leads_to_the_code(
    member: User, codes: list[str], path: str
) -> None:
    answer = sign_in(member).get(path)
    assert (answer.status_code, answer.headers["location"]) == (302, f"{DOOR}?next={path}")


def test_what_would_change_something_leads_there_without_happening(
    member: User, codes: list[str]
) -> None:
    client = sign_in(member)
    answer = client.post("/account/name/", {"name": "Somebody else"})
    assert answer.headers["location"] == f"{DOOR}?next=/"
    member.refresh_from_db()
    assert member.name != "Somebody else"


def test_a_part_of_a_page_sends_the_whole_page_there(member: User, codes: list[str]) -> None:
    answer = sign_in(member).get("/home/", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, DOOR)


def test_the_page_of_the_code_tells_nothing_of_the_person(member: User, codes: list[str]) -> None:
    client = sign_in(member)
    for path in (DOOR, "/static/nowhere.css", "/account/forgotten/"):
        text = client.get(path).content.decode()
        assert "CANARY" not in text.upper()
        assert member.email not in text
        assert member.name not in text


def test_language_and_leaving_work_before_the_code(member: User, codes: list[str]) -> None:
    client = sign_in(member)
    client.post("/language/", {"language": "zh-hans", "next": DOOR})
    assert 'lang="zh-hans"' in page(client, DOOR)
    client.post("/sign-out/")
    assert client.get("/home/").headers["location"] == "/sign-in/?next=/home/"


def test_health_is_answered_all_the_same(member: User, codes: list[str]) -> None:
    client = sign_in(member)
    for path in ("/health/live", "/health/ready"):
        assert client.get(path).status_code in {200, 503}
        assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/health/", "/health/nope", "/health/live/", "/sign-out/x"])
def test_what_only_begins_like_an_open_address_is_not_open(
    member: User, codes: list[str], path: str
) -> None:
    answer = sign_in(member).get(path)
    assert (answer.status_code, answer.headers["location"]) == (302, f"{DOOR}?next={path}")


def test_the_code_opens_and_leads_to_where_one_was_going(member: User, codes: list[str]) -> None:
    client = sign_in(member, next_page="/account/")
    before = client.session.session_key
    answer = client.get("/account/")
    text = page(client, answer.headers["location"])
    assert '<input type="hidden" name="next" value="/account/">' in text
    code = code_of(device_of(member).key)
    answer = client.post(DOOR, {"code": f"{code[:3]} {code[3:]}", "next": "/account/"})
    assert answer.headers["location"] == "/account/"
    assert client.session.session_key != before
    assert not PortalSession.objects.filter(session_key=before).exists()
    assert is_in(client)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_a_foreign_address_is_not_gone_to(member: User, codes: list[str], target: str) -> None:
    code = code_of(device_of(member).key)
    answer = sign_in(member).post(DOOR, {"code": code, "next": target})
    assert answer.headers["location"] == "/"


def test_a_code_works_once(member: User, codes: list[str]) -> None:
    code = code_of(device_of(member).key)
    assert sign_in(member).post(DOOR, {"code": code}).status_code == 302
    again = sign_in(member).post(DOOR, {"code": code})
    assert "This code is not right, or it was used already." in again.content.decode()


def test_a_recovery_code_works_once(member: User, codes: list[str]) -> None:
    first, second = sign_in(member), sign_in(member)
    assert first.post(DOOR, {"code": codes[3].upper()}).status_code == 302
    assert is_in(first)
    assert second.post(DOOR, {"code": codes[3]}).status_code == 200
    assert not is_in(second)
    assert StaticToken.objects.filter(device__user=member).count() == 9


def test_somebody_elses_code_does_not_open(member: User, codes: list[str], clock: Any) -> None:
    other = UserFactory.create()
    foreign = with_factor(other)
    clock.shift(60)
    client = sign_in(member)
    assert client.post(DOOR, {"code": foreign[0]}).status_code == 200
    assert client.post(DOOR, {"code": code_of(device_of(other).key)}).status_code == 200
    assert not is_in(client)


def test_after_wrong_codes_even_the_right_one_waits(
    member: User, codes: list[str], clock: Any
) -> None:
    client = sign_in(member)
    key = device_of(member).key
    for pause in (1, 2, 4):
        refused = client.post(DOOR, {"code": wrong_code(key)}).content.decode()
        assert "This code is not right" in refused
        refused = client.post(DOOR, {"code": code_of(key)}).content.decode()
        unit = "second" if pause == 1 else "seconds"
        assert f"Wait {pause} {unit} after it" in refused
        clock.shift(pause)
    assert client.post(DOOR, {"code": code_of(key)}).status_code == 302


def test_long_pauses_are_told_in_minutes(member: User, codes: list[str]) -> None:
    TOTPDevice.objects.update(
        throttling_failure_count=8, throttling_failure_timestamp=timezone.now()
    )
    refused = sign_in(member).post(DOOR, {"code": code_of(device_of(member).key)})
    assert "Wait 3 minutes after it" in refused.content.decode()


def test_the_longest_pause_is_a_quarter_of_an_hour(
    member: User, codes: list[str], clock: Any
) -> None:
    TOTPDevice.objects.update(
        throttling_failure_count=40, throttling_failure_timestamp=timezone.now()
    )
    client, key = sign_in(member), device_of(member).key
    clock.shift(899)
    assert "Wait 15 minutes after it" in client.post(DOOR, {"code": code_of(key)}).content.decode()
    clock.shift(1)
    refused = client.post(DOOR, {"code": wrong_code(key)}).content.decode()
    assert "This code is not right" in refused
    assert "Wait 15 minutes after it" in client.post(DOOR, {"code": code_of(key)}).content.decode()
    clock.shift(900)
    assert client.post(DOOR, {"code": code_of(key)}).status_code == 302
    assert device_of(member).throttling_failure_count == 0


def test_a_new_password_ends_the_pause(member: User, codes: list[str], clock: Any) -> None:
    for model in (TOTPDevice, StaticDevice):
        model.objects.update(
            throttling_failure_count=11, throttling_failure_timestamp=timezone.now()
        )
    token = default_token_generator.make_token(member)
    reset_password(user_id=member.pk, token=token, password=PASSWORD, at=timezone.now())
    client = sign_in(member)
    assert client.post(DOOR, {"code": codes[0]}).status_code == 302
    assert sign_in(member).post(DOOR, {"code": code_of(device_of(member).key)}).status_code == 302


def test_the_person_is_told_of_five_wrong_codes_once_a_day(
    member: User, codes: list[str], clock: Any
) -> None:
    client, told = sign_in(member), []
    for _ in range(7):
        client.post(DOOR, {"code": wrong_code(device_of(member).key)})
        told.append(AccountMail.objects.filter(kind="codes_refused").count())
        clock.shift(900)
    assert told == [0, 0, 0, 0, 1, 1, 1]
    AccountMail.objects.filter(kind="factor_added").delete()
    send_account_mail(now=timezone.now())
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (
        [member.email],
        "多次输入错误的验证码 · Several wrong codes",
    )
    assert "several wrong codes after it, the last on 22 November 2026, 13:01" in letter.body
    clock.shift(24 * 3600)
    client.post(DOOR, {"code": wrong_code(device_of(member).key)})
    assert AccountMail.objects.filter(kind="codes_refused").count() == 2


@pytest.mark.parametrize("code", ["", "12345", "abcd-efgh", "１２３４５６", "²²²²²²", "x" * 40])
def test_anything_else_is_refused_with_a_sentence(
    member: User, codes: list[str], code: str
) -> None:
    answer = sign_in(member).post(DOOR, {"code": code})
    assert answer.status_code == 200
    assert "field-error" in answer.content.decode()


def test_the_page_of_the_code_is_for_nobody_else(member: User) -> None:
    for client in (Client(), signed_in(member)):
        for path in (DOOR, SET_UP):
            target = client.get(path).headers["location"]
            assert target == "/sign-in/"
            assert client.post(path, {"code": "123456"}).headers["location"] == "/sign-in/"


def test_whoever_knows_the_password_cannot_set_up_a_device_of_their_own(
    member: User, codes: list[str]
) -> None:
    client = sign_in(member)
    key = device_of(member).key
    for path in (SET_UP, FACTOR):
        assert client.get(path).headers["location"].startswith(DOOR)
        assert client.post(path, {"password": PASSWORD}).headers["location"].startswith(DOOR)
    assert device_of(member).key == key


def test_signing_in_anew_asks_anew(member: User, codes: list[str], clock: Any) -> None:
    client = sign_in(member)
    client.post(DOOR, {"code": code_of(device_of(member).key)})
    client.post("/sign-out/")
    sign_in(member, client)
    assert not is_in(client)


def test_another_person_in_the_same_browser_is_asked_for_theirs(
    member: User, codes: list[str], clock: Any
) -> None:
    client = signed_in(UserFactory.create())
    session = client.session
    session["second_factor"] = "done"
    session.save()
    client.force_login(member)
    assert client.session["second_factor"] == "due"
    assert not is_in(client)


def test_staff_do_without_in_the_demo() -> None:
    assert sign_in(superuser()).get("/admin/").status_code == 200


@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_superuser": True}])
def test_staff_outside_the_demo_set_up_a_device_first(settings: Any, rights: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    client = sign_in(UserFactory.create(**rights))
    assert client.get("/admin/?a=b").headers["location"] == f"{DOOR}?next=/admin/%3Fa%3Db"
    answer = client.get(f"{DOOR}?next=/admin/%3Fa%3Db")
    assert answer.headers["location"] == f"{SET_UP}?next=%2Fadmin%2F%3Fa%3Db"
    text = page(client, answer.headers["location"])
    assert "Platform staff sign in with password and code." in text
    assert '<input type="hidden" name="next" value="/admin/?a=b">' in text


def test_staff_get_in_with_their_first_device(settings: Any, clock: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    chief = superuser()
    client = sign_in(chief)
    text = page(client, SET_UP)
    secret = secret_on(text)
    sent = {"key": key_on(text), "code": code_of(secret), "password": PASSWORD, "next": "/admin/"}
    refused = client.post(SET_UP, {**sent, "password": "wrong"})
    assert "This is not your password" in refused.content.decode()
    assert secret_on(refused.content.decode()) == secret
    shown = client.post(SET_UP, sent)
    assert shown.content.decode().count("<li>") == 10
    assert 'href="/admin/"' in shown.content.decode()
    assert client.get("/admin/").status_code == 200
    clock.shift(60)
    other = sign_in(chief)
    assert other.get(SET_UP).headers["location"] == DOOR
    other.post(DOOR, {"code": code_of(secret)})
    assert other.get("/admin/").status_code == 200


def test_who_becomes_staff_is_asked_at_the_next_page(settings: Any, member: User) -> None:
    settings.STAFF_SECOND_FACTOR = True
    client = sign_in(member)
    assert is_in(client)
    User.objects.filter(pk=member.pk).update(is_staff=True)
    assert client.get("/home/").headers["location"].startswith(DOOR)


def test_the_sign_in_of_the_admin_asks_for_the_code_too(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    client = Client()
    door = client.get("/admin/login/?next=/admin/portal/user/").headers["location"]
    assert door == "/sign-in/?next=%2Fadmin%2Fportal%2Fuser%2F"
    sign_in(superuser(), client)
    for path in ("/admin/login/", "/admin/portal/user/", "/admin/password_change/"):
        assert client.get(path).headers["location"] == f"{DOOR}?next={path}"


def test_a_page_costs_no_query_more_with_a_factor(
    member: User, codes: list[str], settings: Any, django_assert_num_queries: Any
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    plain = signed_in(MembershipFactory.create().user)
    client = sign_in(member)
    client.post(DOOR, {"code": code_of(device_of(member).key)})
    with django_assert_num_queries(3):
        assert plain.get("/account/password/").status_code == 200
    with django_assert_num_queries(3):
        assert client.get("/account/password/").status_code == 200


def test_a_member_sets_up_a_device(member: User) -> None:
    client, other = sign_in(member), sign_in(member)
    before = client.session.session_key
    text = page(client, FACTOR)
    assert 'href="otpauth://totp/' in text
    assert '<svg class="qr-code"' in text
    assert not TOTPDevice.objects.exists()
    secret = secret_on(text)
    sent = {"key": key_on(text), "code": code_of(secret), "password": PASSWORD}
    shown = client.post(FACTOR, sent)
    listed = re.findall(r"<li>([a-z2-7]{4}-[a-z2-7]{4})</li>", shown.content.decode())
    assert len(set(listed)) == 10
    assert "no-store" in shown.headers["cache-control"]
    assert device_of(member).key == secret
    assert is_in(client)
    assert client.session.session_key != before
    assert other.get("/home/").headers["location"] == "/sign-in/?next=/home/"
    send_account_mail(now=timezone.now())
    assert mail.outbox[0].to == [member.email]
    assert mail.outbox[0].subject == "二次验证已设置 · Your second factor was set up"


def test_the_code_that_set_a_device_up_opens_nothing_more(member: User) -> None:
    with_factor(member)
    client = sign_in(member)
    assert client.post(DOOR, {"code": code_of(device_of(member).key)}).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "12"}, "This code does not belong to the key above."),
        ({"password": "wrong"}, "This is not your password."),
        ({"key": "forged"}, "This page was open for more than an hour"),
        ({"key": ""}, "This page was open for more than an hour"),
    ],
)
def test_a_wrong_entry_sets_nothing_up(member: User, change: Any, said: str) -> None:
    client = sign_in(member)
    text = page(client, FACTOR)
    sent = {"key": key_on(text), "code": code_of(secret_on(text)), "password": PASSWORD}
    answer = client.post(FACTOR, {**sent, **change})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not TOTPDevice.objects.exists()


def test_a_key_is_one_persons_and_lasts_an_hour(member: User, clock: Any) -> None:
    text = page(sign_in(UserFactory.create()), FACTOR)
    foreign = {"key": key_on(text), "code": code_of(secret_on(text)), "password": PASSWORD}
    client = sign_in(member)
    late = key_on(page(client, FACTOR))
    answer = client.post(FACTOR, foreign).content.decode()
    assert "more than an hour" in answer
    assert secret_on(answer) != secret_on(text)
    clock.shift(3601)
    answer = client.post(FACTOR, {**foreign, "key": late}).content.decode()
    assert "more than an hour" in answer
    assert key_on(answer) != late
    assert not TOTPDevice.objects.exists()


def test_another_device_needs_a_code_of_the_present_one(
    member: User, codes: list[str], clock: Any
) -> None:
    client = sign_in(member)
    old = device_of(member).key
    client.post(DOOR, {"code": code_of(old)})
    clock.shift(60)
    text = page(client, FACTOR)
    secret = secret_on(text)
    sent = {"key": key_on(text), "code": code_of(secret), "password": PASSWORD}
    assert client.post(FACTOR, sent).status_code == 200
    answer = client.post(FACTOR, {**sent, "current_code": wrong_code(old)})
    assert "This code is not right" in answer.content.decode()
    assert device_of(member).key == old
    lost = client.post(FACTOR, {**sent, "current_code": codes[0]})
    assert "Keep these recovery codes" in lost.content.decode()
    assert device_of(member).key == secret
    assert StaticDevice.objects.filter(user=member).count() == 1
    assert not StaticToken.objects.filter(token=codes[1].replace("-", "")).exists()


def test_removing_needs_password_and_code_and_ends_other_sessions(
    member: User, codes: list[str], clock: Any
) -> None:
    client, other = sign_in(member), sign_in(member)
    key = device_of(member).key
    client.post(DOOR, {"code": code_of(key)})
    clock.shift(60)
    remove = "/account/second-factor/remove/"
    right = {"password": PASSWORD, "code": code_of(key)}
    for wrong in ({"password": "wrong"}, {"code": wrong_code(key)}, {"password": ""}):
        assert client.post(remove, {**right, **wrong}).status_code == 200
        assert TOTPDevice.objects.exists()
        clock.shift(timedelta(seconds=30))
        right["code"] = code_of(key)
    assert client.post(remove, right).headers["location"] == "/account/"
    assert not TOTPDevice.objects.exists()
    assert not StaticDevice.objects.exists()
    assert is_in(client)
    assert other.get(DOOR).headers["location"] == "/sign-in/"
    assert is_in(sign_in(member))
    send_account_mail(now=timezone.now())
    assert mail.outbox[-1].subject == "二次验证已关闭 · Your second factor was removed"


def test_staff_cannot_do_without_while_it_is_obligatory(settings: Any, clock: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    chief = superuser()
    codes = with_factor(chief)
    client = sign_in(chief)
    client.post(DOOR, {"code": codes[0]})
    sent = {"password": PASSWORD, "code": codes[1]}
    answer = client.post("/account/second-factor/remove/", sent)
    assert "The platform&#x27;s people need a second factor" in answer.content.decode()
    assert device_of(chief)
    text = page(client, "/account/")
    assert "Platform staff cannot do without it." in text
    assert "/account/second-factor/remove/" not in text


@pytest.mark.parametrize("path", ["remove/", "codes/"])
def test_nothing_to_change_without_a_device(member: User, path: str) -> None:
    sent = {"password": PASSWORD, "code": "123456"}
    answer = sign_in(member).post(f"{FACTOR}{path}", sent)
    assert answer.status_code == 200
    assert "There is no second factor to change" in answer.content.decode()


def test_new_recovery_codes_need_the_password_and_end_the_old_ones(
    member: User, codes: list[str]
) -> None:
    client = sign_in(member)
    client.post(DOOR, {"code": codes[0]})
    path = "/account/second-factor/codes/"
    assert "not your password" in client.post(path, {"password": "wrong"}).content.decode()
    shown = client.post(path, {"password": PASSWORD}).content.decode()
    renewed = re.findall(r"<li>([a-z2-7]{4}-[a-z2-7]{4})</li>", shown)
    assert len(set(renewed)) == 10
    assert not set(renewed) & set(codes)
    assert is_in(client)
    other = sign_in(member)
    assert other.post(DOOR, {"code": codes[1]}).status_code == 200
    assert other.post(DOOR, {"code": renewed[0]}).status_code == 200
    StaticDevice.objects.update(throttling_failure_count=0)
    assert other.post(DOOR, {"code": renewed[0]}).status_code == 302


def test_wrong_passwords_are_throttled_as_at_sign_in(settings: Any, member: User) -> None:
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 2
    client = sign_in(member)
    text = page(client, FACTOR)
    sent = {"key": key_on(text), "code": "123456", "password": "guess"}
    assert [client.post(FACTOR, sent).status_code for _ in range(2)] == [200, 429]
    assert client.post(FACTOR, {**sent, "password": PASSWORD}).status_code == 429


def test_what_the_throttle_keeps_has_no_secret_in_it(settings: Any, member: User) -> None:
    from axes.models import AccessAttempt

    settings.AXES_ENABLED = True
    client = sign_in(member)
    sealed = key_on(page(client, FACTOR))
    sent = {"key": sealed, "code": "123456", "current_code": "abcd-efgh", "password": "guess"}
    client.post(f"{FACTOR}?next=/join/x/", sent)
    new = {"new_password1": "secret horse", "new_password2": "secret horse"}
    client.post("/account/password/", {"password": "guess", **new})
    kept = AccessAttempt.objects.get()
    assert (kept.get_data, kept.post_data, kept.failures_since_start) == ("", "", 2)
